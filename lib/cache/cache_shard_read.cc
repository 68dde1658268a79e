// How a shard is read, without its lock wherever that is possible. Everything that a look takes from the
// table, an item or a place is worth something only if the chain's version was the same before and after it
// (bucket.h): then no item of the chain was changed, and its memory not given to another. Until that has been
// asked, a length may be nonsense: nothing is done with one that has not been checked.
//  (1) no store that another thread sees, but a mark that changes (Bucket::RaiseMark)
//  (2) no waiting: what a look cannot answer, or meets in the middle of a change, goes to the lock
// One function to the compiler, for what costs tens of nanoseconds in all.
#include <algorithm>
#include <bit>

#include "cache/cache_shard.h"

namespace shale {

namespace {
constexpr int kLooks = 3;   // before the lock is taken
// Longer chains exist only in a table that may not grow; and a reader that is late may walk in circles.
constexpr int kChainMax = 8;
}   // namespace

// What a look began with.
struct CacheShard::Glance {
  Bucket* home;
  uint64_t version;
  size_t buckets;
};

void CacheShard::Prefetch(uint64_t hash) const NO_THREAD_SAFETY_ANALYSIS {
  __builtin_prefetch(table_.HomeAmong(table_.SeenBuckets(), hash));
}

// The analysis cannot know that the following are meant to go without the lock.
[[gnu::always_inline]] inline bool CacheShard::Still(const Glance& glance) const NO_THREAD_SAFETY_ANALYSIS {
  return table_.StillSeen(glance.home, glance.version, glance.buckets);
}

[[gnu::always_inline]] inline CacheShard::LookResult CacheShard::LookAtItem(
    const Glance& glance, ItemRef ref, const CacheQuery& query,
    CacheRead* out) const NO_THREAD_SAFETY_ANALYSIS {
  const Item* item = arena_.At(ref);
  const Bytes key = query.key.key;
  // The tag says that this is nearly surely it: the value's lines are asked for while the key is compared.
  const size_t ahead = std::min<size_t>(query.cap, ahead_bytes_);
  for (size_t at = 64; at <= ahead; at += 64) __builtin_prefetch(item->At(at));
  if (item->key_len != key.size()) return LookResult::kOtherKey;
  const uint8_t flags = item->flags;
  const size_t value_len = item->value_len;
  const int64_t version = item->version;
  if (!Still(glance)) return LookResult::kChanged;
  if ((flags & kExternal) != 0) return LookResult::kNeedsLock;
  const char* data = item->At(Item::DataOffset(flags));
  if (!racy::Equal(data, key.data(), key.size())) return LookResult::kOtherKey;
  if (query.mode == ReadMode::kCopyOrPin && value_len > query.cap) return LookResult::kNeedsLock;
  const int64_t due_ms = (flags & kHasDeadline) != 0 ? item->deadline_part()->deadline_ms.Get() : kNoDeadline;
  const int64_t deadline_ms =
      (flags & kHasIdle) != 0
          ? reinterpret_cast<const IdlePart*>(item->At(Item::IdleOffset(flags)))->deadline_ms.Get()
          : due_ms;
  const bool copies = query.mode != ReadMode::kMeta && value_len <= query.cap;
  if (copies) racy::CopyOut(query.buf, data + key.size(), value_len);
  if (!Still(glance)) return LookResult::kChanged;
  // Who is over is taken out, under the lock.
  if (due_ms != kNoDeadline) {
    const int64_t now_ms = query.clock->NowMs();
    if (Expired(due_ms, now_ms)) return LookResult::kNeedsLock;
    if ((flags & kHasIdle) != 0 && !query.UseIsNoted(due_ms, deadline_ms, now_ms))
      return LookResult::kNeedsLock;
  }
  out->deadline_ms = deadline_ms;
  out->value_len = value_len;
  out->version = version;
  out->copied = copies;
  return LookResult::kAnswered;
}

CacheShard::LookResult CacheShard::LookAtPlace(const Glance& glance, ItemRef ref, const CacheQuery& query,
                                               CacheRead* out,
                                               Lookup* lookup) const NO_THREAD_SAFETY_ANALYSIS {
  const Place* place = places_.At(ref);
  const Bytes key = query.key.key;
  if (place->key_len != key.size()) return LookResult::kOtherKey;
  if (!Still(glance)) return LookResult::kChanged;
  if (!racy::Equal(place->data(), key.data(), key.size())) return LookResult::kOtherKey;
  const int64_t deadline_ms = place->deadline_ms();
  const uint64_t where = place->where;
  out->value_len = place->value_len;
  out->version = place->version;
  if (!Still(glance)) return LookResult::kChanged;
  if (deadline_ms != kNoDeadline && Expired(deadline_ms, query.clock->NowMs())) return LookResult::kNeedsLock;
  out->deadline_ms = deadline_ms;
  *lookup = Lookup::kHit;
  if (query.mode == ReadMode::kMeta) return LookResult::kAnswered;
  out->where = where;
  out->token = FillToken{glance.version, true};
  *lookup = Lookup::kPlace;
  return LookResult::kAnswered;
}

[[gnu::always_inline]] inline CacheShard::LookResult CacheShard::Look(
    const CacheQuery& query, CacheRead* out, Lookup* lookup) const NO_THREAD_SAFETY_ANALYSIS {
  Glance glance;
  glance.buckets = table_.SeenBuckets();
  glance.home = table_.HomeAmong(glance.buckets, query.key.hash);
  glance.version = glance.home->SeenVersion();
  if ((glance.version & 1) != 0) return LookResult::kNeedsLock;
  const uint16_t tag = TagOf(query.key.hash);
  int hops = 0;
  for (Bucket* b = glance.home; b != nullptr; b = table_.Next(b)) {
    if (++hops > kChainMax) return LookResult::kNeedsLock;
    for (uint32_t mask = MatchTags(*b, tag); mask != 0; mask &= mask - 1) {
      const int slot = std::countr_zero(mask);
      const ItemRef ref = b->refs[slot];
      if (ref == kNoItem) continue;
      if (IsPlace(ref)) {
        const LookResult result = LookAtPlace(glance, ref, query, out, lookup);
        if (result == LookResult::kOtherKey) continue;
        return result;
      }
      const LookResult result = LookAtItem(glance, ref, query, out);
      if (result == LookResult::kOtherKey) continue;
      *lookup = Lookup::kHit;
      if (result == LookResult::kAnswered && hit_action_ == HitAction::kMark) b->RaiseMark(slot);
      return result;
    }
  }
  // Even: at this instant no key was on its way from one place to another; and if the chain is still the same
  // behind it, it was what has been seen at this instant.
  if (query.alone && (changing_ & 1) != 0) return LookResult::kNeedsLock;
  if (!Still(glance)) return LookResult::kChanged;
  out->token = FillToken{glance.version, false};
  *lookup = Lookup::kMiss;
  return LookResult::kAnswered;
}

Lookup CacheShard::Read(const CacheQuery& query, CacheRead* out) {
  // A pin of an earlier read may be one of this shard, and letting it go takes the lock.
  out->pin.Reset();
  out->copied = false;
  out->where = 0;
  if (optimistic_ && query.mode != ReadMode::kPin) {
    for (int look = 0; look < kLooks; look++) {
      Lookup lookup;
      const LookResult result = Look(query, out, &lookup);
      if (result == LookResult::kAnswered) [[likely]]
        return lookup;
      if (result == LookResult::kNeedsLock) break;
    }
  }
  return ReadWithLock(query, out);
}

}   // namespace shale
