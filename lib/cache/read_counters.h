// How often reads were answered, counted without a store that two threads share: each thread counts in lines
// of its own, hits by the disk shard that the key belongs to (which shows a load that lies uneven, at the
// price of one count). Totals are exact once the threads are still; while they run, as of some moment each.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/hash.h"
#include "base/limits.h"
#include "base/racy.h"
#include "base/status.h"
#include "base/thread_number.h"
#include "cache/cache_stats.h"
#include "cache/vm_region.h"

namespace shale {

class ReadCounters {
 public:
  enum Kind { kMiss = kDiskShards, kPlaceHit, kKinds };   // below kDiskShards: a hit of that shard

  // Takes address space only: lines of threads that there are not cost no memory.
  Status Init() {
    SHALE_RETURN_IF_NOT_OK(region_.Reserve(kBytes));
    if (!region_.CommitTo(kBytes)) return Code::E_NO_MEMORY;
    lines_ = reinterpret_cast<Line*>(region_.base());
    return Status::Ok();
  }

  // Whether Count will do without taking a number for this thread, for which there may be no memory.
  static bool ThreadIsKnown() { return thread_number_plus_1 != 0; }
  void Count(int kind) {
    const uint32_t number = ThreadNumber();
    if (number != 0) [[likely]] {
      lines_[number].counts[kind]++;
      return;
    }
    lines_[0].counts[kind].AddShared(1);
  }
  void AddTo(CacheStats* stats, std::array<uint64_t, kDiskShards>* shard_hits) const {
    std::array<uint64_t, kKinds> sums{};
    for (uint32_t number = 0; number < kThreadNumbers; number++) {
      for (size_t kind = 0; kind < kKinds; kind++) sums[kind] += lines_[number].counts[kind];
    }
    for (size_t shard = 0; shard < kDiskShards; shard++) {
      (*shard_hits)[shard] = sums[shard];
      stats->hits += sums[shard];
    }
    stats->misses += sums[kMiss] + sums[kPlaceHit];
    stats->place_hits += sums[kPlaceHit];
  }

 private:
  struct alignas(64) Line {
    Racy<uint64_t> counts[kKinds];
  };
  static constexpr size_t kBytes = RoundUpTo(kThreadNumbers * sizeof(Line), kPageBytes);

  VmRegion region_;   // zeros
  Line* lines_ = nullptr;
};

}   // namespace shale
