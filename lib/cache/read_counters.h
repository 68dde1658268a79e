// How often reads were answered, counted without a store that two threads share: each thread counts in a line of
// its own. Totals are exact once the threads are still; while they run, as of some moment each.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/racy.h"
#include "base/thread_number.h"
#include "cache/cache_stats.h"

namespace shale {

class ReadCounters {
 public:
  enum Kind { kHit, kMiss, kPlaceHit, kKinds };

  void Count(Kind kind) {
    const uint32_t number = ThreadNumber();
    if (number != 0) [[likely]] {
      lines_[number].counts[kind]++;
      return;
    }
    shared_[kind].fetch_add(1, std::memory_order_relaxed);   // a number by itself
  }
  void AddTo(CacheStats* stats) const {
    uint64_t sums[kKinds];
    for (int kind = 0; kind < kKinds; kind++) {
      sums[kind] = shared_[kind].load(std::memory_order_relaxed);   // as above
      for (const Line& line : lines_) sums[kind] += line.counts[kind];
    }
    stats->hits += sums[kHit];
    stats->misses += sums[kMiss] + sums[kPlaceHit];
    stats->place_hits += sums[kPlaceHit];
  }

 private:
  struct alignas(64) Line {
    Racy<uint64_t> counts[kKinds] = {};
  };
  std::array<Line, kThreadNumbers> lines_;
  std::atomic<uint64_t> shared_[kKinds] = {};
};

}   // namespace shale
