// What a look needs of a shard's table: half a cache line. Those of all shards lie side by side
// (table_rows.h), so that they stay near while the shards themselves, kilobytes each, are touched by changes
// only.
//  (1) `buckets` is written under the shard's lock, with release when a bucket has come; what is behind it
//      then is whole
//  (2) `ahead_bytes` is a guess, of any age; all else is constant once the table is made
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/racy.h"
#include "cache/bucket.h"
#include "cache/item.h"

namespace shale {

// Who is told of a hit.
enum class HitNote : uint8_t {
  kNobody,
  kMark,   // the bucket: Bucket::RaiseMark
  kRing,   // the shard's HitRing
};

struct alignas(32) TableHead {
  std::atomic<uint32_t> buckets{0};
  Racy<uint16_t> ahead_bytes = 0;   // length of a late value, in whole lines: a guess at the next one's
  uint8_t stride_shift = 0;         // bucket i is first[i << stride_shift]
  HitNote hit_note = HitNote::kNobody;
  Bucket* first = nullptr;
  Bucket* overflow = nullptr;
  char* items = nullptr;   // what references to items count from

  Bucket* BucketAt(size_t i) const { return first + (i << stride_shift); }
  // `among`: from SeenBuckets(), which must still be the same when a reader without the lock has looked
  // (StillSeen).
  Bucket* HomeAmong(size_t among, uint64_t hash) const {
    const uint64_t wide_mask = ~uint64_t{0} >> std::countl_zero(among);   // 2^(level+1) - 1
    // The narrower mask if that bucket does not exist; without a branch, which would go the wrong way half
    // the time.
    return BucketAt(hash & wide_mask >> static_cast<int>((hash & wide_mask) >= among));
  }
  size_t SeenBuckets() const {
    return buckets.load(std::memory_order_acquire);   // what a split wrote: pairs with its end
  }
  // Whether a chain is what it was when `home->version` was `version` and SeenBuckets() was `among`.
  bool StillSeen(const Bucket* home, uint64_t version, size_t among) const {
    // Keeps the loads before it before it: pairs with the fences of BucketChange.
    std::atomic_thread_fence(std::memory_order_acquire);
    return home->version == version && buckets.load(std::memory_order_relaxed) == among;   // behind the fence
  }
  Bucket* Next(const Bucket* b) const {
    const uint32_t next = b->overflow;
    return next != 0 ? &overflow[next - 1] : nullptr;
  }
  Item* ItemAt(ItemRef ref) const {
    return reinterpret_cast<Item*>(items + size_t{ref} * BlockWord::kUnitBytes);
  }
};
static_assert(sizeof(TableHead) == 32);

}   // namespace shale
