// One timed stretch of the same work on many threads, and what the process and its directory looked like at
// its end.
//
//  1. Threads are made before the clock starts and wait for one signal. The wall time ends with the last
//  operation of the
//     last thread, and every operation counts.
//  2. Timed is the call of the store alone; choosing a key and looking at a value are outside.
//  3. An operation that fails, or whose value is wrong, is counted and told once on stderr; the phase goes
//  on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "latency_histogram.h"

namespace bench {

// What one thread does. Used by that thread alone while the phase runs.
class PeerLoad {
 public:
  PeerLoad() = default;
  PeerLoad(const PeerLoad&) = delete;
  PeerLoad& operator=(const PeerLoad&) = delete;
  virtual ~PeerLoad() = default;

  // Chooses the operation and makes what it needs.
  virtual void Prepare() = 0;
  virtual void Act() = 0;
  // Of the operation just done: false if it failed or what it gave is wrong.
  virtual bool Judge() = 0;
  // One operation in so many is timed: 1 where it takes microseconds, 8 where reading a clock would be a part
  // of the result.
  virtual int sample() const { return 1; }
  // True if the operation just done was a write that is to be told apart from the reads.
  virtual bool was_write() const { return false; }
  // What went wrong, for a person.
  virtual std::string why() const { return ""; }
};

using PeerLoads = std::vector<std::unique_ptr<PeerLoad>>;

struct PeerLimits {
  double seconds = 0;           // 0: no limit
  int64_t ops_per_thread = 0;   // 0: no limit
};

struct PeerPhase {
  int64_t ops = 0;
  int64_t write_ops = 0;
  int64_t errors = 0;
  double wall_s = 0;
  double cpu_s = 0;   // of the whole process: background threads too
  LatencyHistogram latency;
  LatencyHistogram write_latency;   // those of was_write()
};

// others: loads that run as long as the phase does and are not counted.
void RunPeerPhase(const PeerLoads& loads, const PeerLoads& others, const PeerLimits& limits,
                  PeerPhase* phase);

// Bytes that this process handed to the disk (write_bytes of /proc/self/io); -1 if that cannot be read.
int64_t WrittenBytes();
// What the files in a directory, and below it, occupy.
int64_t DirectoryBytes(const std::string& path);

}   // namespace bench
