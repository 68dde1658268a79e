// How long operations take: one histogram per kind of operation and thread, so that no two threads share a
// store. Buckets are a quarter of a power of two wide: a quantile is wrong by an eighth of itself at most.
// Only made when asked for, because taking the time twice costs more than a read that the memory tier
// answers.
//  (1) Record neither allocates nor waits
//  (2) totals are exact once the threads are still
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/racy.h"
#include "base/status.h"
#include "base/thread_number.h"
#include "cache/vm_region.h"

namespace shale {

enum class LatencyOp : int {
#define LATENCY_OP(id, name, doc) id,
#include "engine/latency_ops.def"
#undef LATENCY_OP
};

class LatencyStats {
 public:
#define LATENCY_OP(id, name, doc) +1
  static constexpr size_t kOps = 0
#include "engine/latency_ops.def"
      ;
#undef LATENCY_OP
  static constexpr size_t kOctaves = 36;   // up to 137 seconds; longer ones are counted with those
  static constexpr size_t kBuckets = kOctaves * 4;

  struct Summary {
    std::array<uint64_t, kBuckets> counts{};
    uint64_t count = 0;
    uint64_t sum_nanos = 0;
    uint64_t max_nanos = 0;

    // Middle of the bucket in which that part of all lies, not above the longest; 0 if there are none.
    uint64_t QuantileNanos(double part) const;
    uint64_t CountBelow(uint64_t nanos) const;   // nanos: a power of two
  };
  using Summaries = std::array<Summary, kOps>;

  static Status Create(std::unique_ptr<LatencyStats>* out);
  LatencyStats(const LatencyStats&) = delete;
  LatencyStats& operator=(const LatencyStats&) = delete;

  void Record(LatencyOp op, uint64_t nanos);
  void Read(Summaries* out) const;

  static uint64_t NowNanos() {
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                 std::chrono::nanoseconds(1));
  }

 private:
  struct Histogram {
    Racy<uint64_t> counts[kBuckets];
    Racy<uint64_t> sum_nanos;
    Racy<uint64_t> max_nanos;
  };
  struct alignas(64) PerThread {
    Histogram ops[kOps];
  };

  LatencyStats() = default;
  static size_t BucketOf(uint64_t nanos) {
    if (nanos < 4) return static_cast<size_t>(nanos);
    const auto octave = static_cast<size_t>(std::bit_width(nanos)) - 2;   // 4 to 7: 1
    if (octave >= kOctaves) return kBuckets - 1;
    return octave * 4 + (nanos >> (octave - 1) & 3);
  }
  // Least value of a bucket.
  static uint64_t FloorOf(size_t bucket) {
    if (bucket < 4) return bucket;
    return (4 + bucket % 4) << (bucket / 4 - 1);
  }

  VmRegion region_;   // zeros: costs memory only for threads that there are
  PerThread* threads_ = nullptr;
};

// Times a scope; without statistics it does nothing.
class LatencyTimer {
 public:
  LatencyTimer(LatencyStats* stats, LatencyOp op)
      : stats_(stats), op_(op), start_(stats != nullptr ? LatencyStats::NowNanos() : 0) {}
  ~LatencyTimer() {
    if (stats_ != nullptr) stats_->Record(op_, LatencyStats::NowNanos() - start_);
  }
  LatencyTimer(const LatencyTimer&) = delete;
  LatencyTimer& operator=(const LatencyTimer&) = delete;
  // What it turned out to be.
  void SetOp(LatencyOp op) { op_ = op; }

 private:
  LatencyStats* const stats_;
  LatencyOp op_;
  const uint64_t start_;
};

}   // namespace shale
