// One timed stretch of the same work on many threads.
//
//  1. Threads are made before the clock starts and wait for one signal.
//  2. A thread reads the clock once a batch, and every thread does at least one batch.
//  3. The wall time ends with the last operation of the last thread, and every operation counts: a thread
//     that was held up in the engine makes the phase longer, not the result better.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

// What one thread does. Used by that thread alone while the phase runs.
class Load {
 public:
  Load() = default;
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  virtual ~Load() = default;
  // A fixed number of operations: batch_ops() of them. False ends the phase for all, with one line in *why.
  virtual bool RunBatch(std::string* why) = 0;
  virtual int64_t batch_ops() const = 0;
};

struct PhaseResult {
  int64_t ops = 0;
  double wall_s = 0;
  double cpu_s = 0;      // of the whole process: the engine's background threads too
  std::string failure;   // empty if all went well
};

// ops_per_thread > 0: each thread does that many (rounded up to batches), however long it takes.
PhaseResult RunPhase(const std::vector<std::unique_ptr<Load>>& loads, double seconds,
                     int64_t ops_per_thread = 0);

}   // namespace bench
