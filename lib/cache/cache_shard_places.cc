// The part of a shard that remembers where values lie that it does not hold: when a value leaves, and when a
// reader brings one that there is no room for.
#include "base/check.h"
#include "cache/cache_shard.h"

namespace shale {

Lookup CacheShard::ReadPlace(Bucket* home, ItemRef ref, const CacheQuery& query, CacheRead* out) {
  const Place* place = places_.At(ref);
  out->deadline_ms = place->deadline_ms();
  if (query.IsOver(out->deadline_ms)) {
    if (!query.IsGone(out->deadline_ms)) return Lookup::kExpired;
    CountRemoval(Removal::kExpired);
    ErasePlace(home, ref);
    return Lookup::kExpired;
  }
  out->value_len = place->value_len;
  out->version = place->version;
  if (query.mode == ReadMode::kMeta) return Lookup::kHit;
  out->where = place->where;
  out->token = FillToken{home->version, true};
  return Lookup::kPlace;
}

void CacheShard::ErasePlace(Bucket* home, ItemRef ref) {
  table_.Erase(home, ref);
  places_.MarkDead(ref);
}

bool CacheShard::MakePlaceRoom(size_t record_bytes) {
  if (!places_.CanHold(record_bytes)) return false;
  while (!places_.HasRoom(record_bytes)) {
    const ItemRef oldest = places_.PopOldest();
    if (oldest != kNoItem) table_.Erase(table_.Home(places_.At(oldest)->hash), oldest);
  }
  return true;
}

bool CacheShard::LeavePlace(ItemRef ref) {
  Item* item = arena_.At(ref);
  if (!item->Has(kHasWhere) || !MakePlaceRoom(Place::BytesFor(item->key_len, item->Has(kHasDeadline))))
    return false;
  Place place{};
  uint64_t where;
  std::memcpy(&where, item->where_bytes(), sizeof where);
  place.where = where;
  place.version = item->version;
  place.hash = item->hash;
  place.value_len = static_cast<uint32_t>(item->value_len());
  const ItemRef by = places_.Append(place, item->key(), item->deadline_ms());
  if (item->Has(kHasDeadline)) wheel_.Remove(ref);
  if (item->Has(kExternal)) external_.Remove(ref);
  table_.Replace(table_.Home(item->hash), ref, by);
  return true;
}

void CacheShard::Leave(ItemRef ref) {
  NoteRemoval(Removal::kEvicted, arena_.At(ref));
  if (!LeavePlace(ref)) Unlink(ref);
  Free(ref);
}

bool CacheShard::Admits(const KeyRef& key, const CacheItem& item, uint64_t one_in) {
  if (item.where == 0 || place_percent_ == 0 || one_in == 1) return true;
  if (ExternalBytesFor(key.key.size(), item.value.size()) != 0) return true;
  return !ArenaIsFull() || OneOf(one_in);
}

bool CacheShard::ArenaIsFull() const {
  const size_t limit = arena_.limit_bytes();
  return arena_.used_bytes() >= limit - limit / 16 && Lease() + chunk_bytes_ > budget_->LeaseMax();
}

bool CacheShard::OneOf(uint64_t n) {
  admissions_ = admissions_ * 6364136223846793005u + 1442695040888963407u;   // an even spread is all it needs
  return (admissions_ >> 33) % n == 0;
}

void CacheShard::FillPlace(const KeyRef& key, const CacheItem& item, FillToken token) {
  if (token.at_place) {
    // The value has moved since the place was noted, or nothing has changed.
    places_.At(table_.Find(table_.Home(key.hash), key))->where = item.where;
    return;
  }
  (void)PutPlace(key, item);
}

bool CacheShard::PutPlace(const KeyRef& key, const CacheItem& item) {
  GrowTables();
  Bucket* home = table_.Home(key.hash);
  if (table_.InsertNeedsPage(home) && !(TakeTableBytes(kPageBytes) && table_.AddOverflowPage())) return false;
  if (!MakePlaceRoom(Place::BytesFor(key.key.size(), item.deadline_ms != kNoDeadline))) return false;
  Place place{};
  place.where = item.where;
  place.version = item.version;
  place.hash = static_cast<uint32_t>(key.hash);
  place.value_len = static_cast<uint32_t>(item.value.size());
  table_.Insert(home, key.hash, places_.Append(place, key.key, item.deadline_ms));
  return true;
}

void CacheShard::GrowPlaces() {
  if (place_percent_ == 0 || !places_.WantsGrowth(kPageBytes)) return;
  if (places_.bytes() + kPageBytes > budget_->LeaseMax() / 100 * place_percent_) return;
  if (!TakeTableBytes(kPageBytes)) return;
  // The page may have come from the arena: what had to leave it for that has left its places, and the ring
  // may have wrapped by them.
  if (!places_.WantsGrowth(kPageBytes) || !places_.Grow(kPageBytes)) table_spare_bytes_ += kPageBytes;
}

size_t CacheShard::ReleasePlaces() {
  std::vector<ItemRef> refs;
  refs.reserve(places_.live());
  places_.ForEachLive([&](ItemRef ref) { refs.push_back(ref); });
  for (const ItemRef ref : refs) ErasePlace(table_.Home(places_.At(ref)->hash), ref);
  const size_t bytes = places_.bytes();
  places_.Release();
  return bytes;
}

}   // namespace shale
