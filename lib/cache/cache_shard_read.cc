// The read in full: looks without the lock (table_look.h), then under it; and a place asked for ahead.
#include "cache/cache_shard.h"
#include "cache/table_look.h"

namespace shale {

namespace {
constexpr int kLooks = 3;   // before the lock is taken
}   // namespace

void CacheShard::PrefetchPlace(ItemRef ref) const NO_THREAD_SAFETY_ANALYSIS {
  __builtin_prefetch(places_.At(ref));
}

// False: it is the place of another key with this tag, or something changes.
bool CacheShard::LookAtPlace(const Glance& glance, ItemRef ref, const CacheQuery& query, CacheRead* out,
                             Lookup* lookup) const NO_THREAD_SAFETY_ANALYSIS {
  const Place* place = places_.At(ref);
  const Bytes key = query.key.key;
  if (place->key_len != key.size() || !Still(table_.head(), glance)) return false;
  if (!racy::Equal(place->data(), key.data(), key.size())) return false;
  const int64_t deadline_ms = place->deadline_ms();
  const uint64_t where = place->where;
  out->value_len = place->value_len;
  out->version = place->version;
  if (!Still(table_.head(), glance)) return false;
  if (deadline_ms != kNoDeadline && Expired(deadline_ms, query.clock->NowMs())) return false;
  out->deadline_ms = deadline_ms;
  *lookup = Lookup::kHit;
  if (query.mode == ReadMode::kMeta) return true;
  out->where = where;
  out->token = FillToken{glance.version, true};
  *lookup = Lookup::kPlace;
  return true;
}

Sight CacheShard::LookOnce(const Glance& glance, const CacheQuery& query) NO_THREAD_SAFETY_ANALYSIS {
  const TableHead& head = table_.head();
  Sight sight = Look(head, glance, query);
  if (sight.result == LookResult::kHit && head.hit_note == HitNote::kRing)
    NoteInRing(sight.ref, query.key.hash);
  if (sight.result != LookResult::kMiss) return sight;
  // Even: at this instant no key was on its way from one place to another; and if the chain is still the same
  // behind it, it was what has been seen at this instant.
  if (query.alone && (changing_ & 1) != 0) {
    sight.result = LookResult::kNeedsLock;
  } else if (!Still(head, glance)) {
    sight.result = LookResult::kChanged;
  }
  return sight;
}

bool CacheShard::ReadWithoutLock(const CacheQuery& query, CacheRead* out,
                                 Lookup* lookup) NO_THREAD_SAFETY_ANALYSIS {
  for (int look = 0; look < kLooks; look++) {
    const Glance glance = GlanceAt(table_.head(), query.key.hash);
    const Sight sight = LookOnce(glance, query);
    switch (sight.result) {
      case LookResult::kHit:
        out->value_len = sight.value_len;
        out->version = sight.version;
        out->deadline_ms = sight.deadline_ms;
        out->copied = sight.copied;
        *lookup = Lookup::kHit;
        return true;
      case LookResult::kMiss:
        out->token = FillToken{glance.version, false};
        *lookup = Lookup::kMiss;
        return true;
      case LookResult::kPlace:
        return LookAtPlace(glance, sight.ref, query, out, lookup);
      case LookResult::kOtherKey:
      case LookResult::kChanged:
        break;
      case LookResult::kNeedsLock:
        return false;
    }
  }
  return false;
}

// Whoever is the one to take them out does so if the lock is free; else who has it does, soon.
void CacheShard::NoteInRing(ItemRef ref, uint64_t hash) NO_THREAD_SAFETY_ANALYSIS {
  if (!hit_ring_->Note(ref, static_cast<uint32_t>(hash))) return;
  if (!mu_.TryLock()) return;
  TakeHits();
  mu_.Unlock();
}

void CacheShard::TakeHits() {
  HitRing* ring = hit_ring_.get();
  if (ring == nullptr) return;
  ring->Take([&](ItemRef ref, uint32_t hash) {
    // Runs under the lock above; the analysis does not see into lambdas.
    mu_.AssertHeld();
    if (table_.Holds(ref, hash)) policy_->OnHit(ref);
  });
}

Lookup CacheShard::Read(const CacheQuery& query, CacheRead* out) {
  // A pin of an earlier read may be one of this shard, and letting it go takes the lock.
  out->pin.Reset();
  out->copied = false;
  out->where = 0;
  Lookup lookup;
  if (query.mode != ReadMode::kPin && ReadWithoutLock(query, out, &lookup)) [[likely]]
    return lookup;
  return ReadWithLock(query, out);
}

}   // namespace shale
