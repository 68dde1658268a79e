// The part of a shard that looks at itself: figures, text, and whether every invariant holds.
#include "cache/cache_shard.h"

namespace shale {

CacheStats CacheShard::Stats() const {
  MutexLock lock(&mu_);
  CacheStats stats = stats_;
  stats.items = table_.items() - places_.live();
  stats.places = places_.live();
  stats.place_bytes = places_.bytes();
  stats.table_bytes = table_.bytes() + policy_->ExtraBytes();
  stats.bytes = arena_.used_bytes() + stats.table_bytes + stats.place_bytes + stats.external_bytes;
  stats.committed_bytes = Lease() + stats.external_bytes;
  stats.dropped_events = removals_.dropped();
  stats.event_bytes = removals_.bytes();
  return stats;
}

std::string CacheShard::Dump() {
  MutexLock lock(&mu_);
  TakeHits();
  // Hits that still lie in the buckets come into the items, where the queues show them.
  for (ItemRef ref = arena_.FirstUsed(); ref != kNoItem; ref = arena_.NextUsed(ref)) {
    if (!arena_.At(ref)->Has(kRemoved)) CollectMark(&table_, &arena_, ref);
  }
  return policy_->Dump();
}

bool CacheShard::PlacesAreInTable(std::string* why) const {
  bool all = true;
  places_.ForEachLive([&](ItemRef ref) {
    mu_.AssertHeld();
    const Place* place = places_.At(ref);
    bool found = false;
    table_.ForEachIn(place->hash, [&](ItemRef in_table) { found = found || in_table == ref; });
    all = all && found;
  });
  if (!all) *why = "shard: a place is not in the table";
  return all;
}

bool CacheShard::Validate(std::string* why) const {
  MutexLock lock(&mu_);
  if (!arena_.Validate(why) || !table_.Validate(why)) return false;
  if (!places_.Validate(why) || !PlacesAreInTable(why)) return false;
  if (!policy_->Validate(why) || !wheel_.Validate(why)) return false;
  size_t kept = 0;
  size_t timed = 0;
  size_t external = 0;
  size_t external_bytes = 0;
  size_t pinned_bytes = 0;
  for (ItemRef ref = arena_.FirstUsed(); ref != kNoItem; ref = arena_.NextUsed(ref)) {
    const Item* item = arena_.At(ref);
    if (item->Has(kExternal)) external_bytes += ChargeOf(ref) - arena_.BlockBytes(ref);
    if (item->Has(kRemoved)) {
      if (item->pins() == 0) return *why = "shard: a removed item without pins", false;
      pinned_bytes += ChargeOf(ref);
      continue;
    }
    kept++;
    if (item->Has(kExternal)) external++;
    if (item->Has(kHasDeadline) && item->due_ms() < TimerWheel::kHorizonMs) timed++;
  }
  if (kept + places_.live() != table_.items() || kept != policy_->items()) {
    return *why = "shard: blocks, table and policy differ", false;
  }
  if (timed != wheel_.count()) return *why = "shard: items with a deadline and the wheel differ", false;
  if (external != external_.count()) return *why = "shard: external items and their list differ", false;
  if (external_bytes != stats_.external_bytes) return *why = "shard: external bytes", false;
  if (pinned_bytes != stats_.pinned_bytes) return *why = "shard: pinned bytes", false;
  return true;
}

}   // namespace shale
