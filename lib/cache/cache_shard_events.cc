// The part of a shard that tells others what it holds and what has left it.
#include <algorithm>

#include "base/coding.h"
#include "cache/cache_shard.h"

namespace shale {

void CacheShard::CountRemoval(Removal reason) {
  switch (reason) {
    case Removal::kEvicted:
      stats_.evictions++;
      return;
    case Removal::kExpired:
      stats_.expirations++;
      return;
    case Removal::kDeleted:
      stats_.erasures++;
      stats_.deletions++;
      return;
    case Removal::kOverwritten:
      stats_.erasures++;
      stats_.overwrites++;
      return;
  }
}

void CacheShard::NoteRemoval(Removal reason, const Item* item) {
  CountRemoval(reason);
  if (removals_.on()) removals_.Add(reason, item->version, item->key());
}

Status CacheShard::StartEvents(size_t bytes) {
  MutexLock lock(&mu_);
  return removals_.Start(bytes);
}

size_t CacheShard::TakeEvents(char* buf, size_t cap, size_t* rows, size_t* next_bytes) {
  MutexLock lock(&mu_);
  return removals_.Take(buf, cap, rows, next_bytes);
}

namespace {

// Later queues before the first, where new items come in, and marks inside each: what every policy that has
// them means by hot.
size_t HotRank(const Item* item) {
  static_assert(2 * (kMarkMax + 1) == kHotRanks);
  const size_t mark = std::min<size_t>(item->mark(), kMarkMax);
  return item->queue != 0 ? kMarkMax + 1 + mark : mark;
}

}   // namespace

void CacheShard::CollectHot(Buffer* by_rank) {
  MutexLock lock(&mu_);
  TakeHits();
  table_.ForEach([&](ItemRef ref) {
    // Runs under the lock above; the analysis does not see into lambdas.
    mu_.AssertHeld();
    if (IsPlace(ref)) return;
    CollectMark(&table_, &arena_, ref);
    const Item* item = arena_.At(ref);
    Buffer* const keys = &by_rank[HotRank(item)];
    PutFixed<uint16_t>(keys, item->key_len);
    keys->append(item->key());
  });
}

}   // namespace shale
