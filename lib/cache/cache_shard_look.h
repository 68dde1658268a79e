// How a shard is read, without its lock wherever that is possible. Everything that a look takes from the
// table, an item or a place is worth something only if the chain's version was the same before and after it
// (bucket.h): then no item of the chain was changed, and its memory not given to another. Until that has been
// asked, a length may be nonsense: nothing is done with one that has not been checked.
//  (1) no store that another thread sees, but a mark that changes (Bucket::RaiseMark) or, for a policy
//      that wants to know each hit, a note of it (hit_ring.h)
//  (2) no waiting: what a look cannot answer, or meets in the middle of a change, goes to the lock
//  (3) what a look has seen leaves by values that the compiler keeps in registers: no call here is given an
//      address of any of them
// In a header, because a hit costs tens of nanoseconds in all: it is compiled into the calls of the C
// interface that are called most, and into CacheShard::Read.
#pragma once

#include <algorithm>
#include <bit>

#include "cache/cache_shard.h"

namespace shale {

// Longer chains exist only in a table that may not grow; and a reader that is late may walk in circles.
inline constexpr int kLookChainMax = 8;

// What a look began with.
struct CacheShard::Glance {
  Bucket* home;
  uint64_t version;
  size_t buckets;
};

// And what it has seen.
struct CacheShard::Sight {
  LookResult result = LookResult::kNeedsLock;
  size_t value_len = 0;
  int64_t version = 0;
  int64_t deadline_ms = kNoDeadline;
  bool copied = false;
  ItemRef place = kNoItem;
};

// The analysis cannot know that the following are meant to go without the lock.
[[gnu::always_inline]] inline bool CacheShard::Still(const Glance& glance) const NO_THREAD_SAFETY_ANALYSIS {
  return table_.StillSeen(glance.home, glance.version, glance.buckets);
}

[[gnu::always_inline]] inline CacheShard::LookResult CacheShard::LookAtItem(
    const Glance& glance, ItemRef ref, const CacheQuery& query,
    Sight* sight) const NO_THREAD_SAFETY_ANALYSIS {
  const Item* item = table_.ItemAt(ref);
  const Bytes key = query.key.key;
  // The tag says that this is nearly surely it: the value's lines are asked for while the key is compared.
  const size_t ahead = std::min<size_t>(query.cap, table_.hints().ahead_bytes);
  for (size_t at = 64; at <= ahead; at += 64) __builtin_prefetch(item->At(at));
  if (item->key_len != key.size()) return LookResult::kOtherKey;
  const uint32_t word = item->word;
  const uint32_t flags = BlockWord::Flags::Of(word);
  const size_t offset = Item::DataOffset(flags);
  const size_t value_len = Item::ValueLenIn(word, flags, offset + key.size());
  const int64_t version = item->version;
  if (!Still(glance)) [[unlikely]]
    return LookResult::kChanged;
  if ((flags & kExternal) != 0) return LookResult::kNeedsLock;
  const char* data = item->At(offset);
  if (!racy::Equal(data, key.data(), key.size())) return LookResult::kOtherKey;
  if (query.mode == ReadMode::kCopyOrPin && value_len > query.cap) return LookResult::kNeedsLock;
  int64_t due_ms = kNoDeadline;
  int64_t deadline_ms = kNoDeadline;
  if ((flags & kHasDeadline) != 0) {
    due_ms = deadline_ms = item->deadline_part()->deadline_ms;
    if ((flags & kHasIdle) != 0)
      deadline_ms = reinterpret_cast<const IdlePart*>(item->At(Item::IdleOffset(flags)))->deadline_ms;
  }
  const bool copies = query.mode != ReadMode::kMeta && value_len <= query.cap;
  if (copies) racy::CopyOut(query.buf, data + key.size(), value_len);
  if (!Still(glance)) [[unlikely]]
    return LookResult::kChanged;
  // Who is over is taken out, under the lock.
  if (due_ms != kNoDeadline) {
    const int64_t now_ms = query.clock->NowMs();
    if (Expired(due_ms, now_ms)) return LookResult::kNeedsLock;
    if ((flags & kHasIdle) != 0 && !query.UseIsNoted(due_ms, deadline_ms, now_ms))
      return LookResult::kNeedsLock;
  }
  sight->deadline_ms = deadline_ms;
  sight->value_len = value_len;
  sight->version = version;
  sight->copied = copies;
  return LookResult::kHit;
}

[[gnu::always_inline]] inline CacheShard::Glance CacheShard::GlanceAt(uint64_t hash) const
    NO_THREAD_SAFETY_ANALYSIS {
  Glance glance;
  glance.buckets = table_.SeenBuckets();
  glance.home = table_.HomeAmong(glance.buckets, hash);
  glance.version = glance.home->SeenVersion();
  return glance;
}

[[gnu::always_inline]] inline CacheShard::Sight CacheShard::Look(
    const Glance& glance, const CacheQuery& query) NO_THREAD_SAFETY_ANALYSIS {
  Sight sight;
  if ((glance.version & 1) != 0) [[unlikely]]
    return sight;
  const uint16_t tag = TagOf(query.key.hash);
  int hops = 0;
  for (Bucket* b = glance.home; b != nullptr; b = table_.Next(b)) {
    if (++hops > kLookChainMax) return sight;
    for (uint32_t mask = MatchTags(*b, tag); mask != 0; mask &= mask - 1) {
      const int slot = std::countr_zero(mask);
      const ItemRef ref = b->refs[slot];
      if (ref == kNoItem) continue;
      if (IsPlace(ref)) {
        sight.place = ref;
        sight.result = LookResult::kPlace;
        return sight;
      }
      sight.result = LookAtItem(glance, ref, query, &sight);
      if (sight.result == LookResult::kOtherKey) continue;
      if (sight.result == LookResult::kHit) {
        if (table_.hints().marks) [[likely]] {
          b->RaiseMark(slot);
        } else if (table_.hints().ring != nullptr) {
          NoteInRing(ref, query.key.hash);
        }
      }
      return sight;
    }
  }
  // Even: at this instant no key was on its way from one place to another; and if the chain is still the same
  // behind it, it was what has been seen at this instant.
  if (query.alone && (changing_ & 1) != 0) {
    sight.result = LookResult::kNeedsLock;
  } else {
    sight.result = Still(glance) ? LookResult::kMiss : LookResult::kChanged;
  }
  return sight;
}

[[gnu::always_inline]] inline bool CacheShard::TryHit(const CacheQuery& query,
                                                      CacheHit* hit) NO_THREAD_SAFETY_ANALYSIS {
  const Sight sight = Look(GlanceAt(query.key.hash), query);
  if (sight.result != LookResult::kHit) [[unlikely]]
    return false;
  hit->value_len = sight.value_len;
  hit->version = sight.version;
  return true;
}

}   // namespace shale
