// The part of a shard that lets a whole range of keys go. There is no order among items, so each is looked
// at.
#include "cache/cache_shard.h"

namespace shale {

void CacheShard::StartRange(Bytes from, Bytes to) {
  MutexLock lock(&mu_);
  open_ranges_++;
  std::vector<ItemRef> refs;
  table_.ForEach([&](ItemRef ref) {
    // Runs under the lock above; the analysis does not see into lambdas.
    mu_.AssertHeld();
    const Bytes key = KeyOf(ref);
    if (key >= from && (to.empty() || key < to)) refs.push_back(ref);
  });
  for (const ItemRef ref : refs) (void)TakeOut(ref, Removal::kDeleted);
}

// A fill of a key that was not here has a version of before, of whatever bucket.
void CacheShard::EndRange() {
  MutexLock lock(&mu_);
  open_ranges_--;
  table_.BumpAll();
}

}   // namespace shale
