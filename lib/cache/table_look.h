// How a table is looked at without its shard's lock. Everything that a look takes from the
// table, an item or a place is worth something only if the chain's version was the same before and after it
// (bucket.h): then no item of the chain was changed, and its memory not given to another. Until that has been
// asked, a length may be nonsense: nothing is done with one that has not been checked.
//  (1) no store that another thread sees, but a mark that changes (Bucket::RaiseMark)
//  (2) no waiting: what a look cannot answer, or meets in the middle of a change, goes to the lock
//  (3) what a look has seen leaves by values that the compiler keeps in registers: no call here is given an
//      address of any of them
// In a header, because a hit costs tens of nanoseconds in all: it is compiled into the calls of the C
// interface that are called most, and into CacheShard::Read. It needs the table's head and nothing of the
// shard.
#pragma once

#include <algorithm>
#include <bit>

#include "base/hash.h"
#include "cache/lookup.h"
#include "cache/place_ring.h"
#include "cache/table_head.h"

namespace shale {

// Longer chains exist only in a table that may not grow; and a reader that is late may walk in circles.
inline constexpr int kLookChainMax = 8;

enum class LookResult { kHit, kMiss, kPlace, kOtherKey, kChanged, kNeedsLock };

// What a look began with.
struct Glance {
  Bucket* home;
  uint64_t version;
  size_t buckets;
};

// And what it has seen. kMiss: nothing in the chain as it was walked, which Still has to confirm.
struct Sight {
  LookResult result = LookResult::kNeedsLock;
  size_t value_len = 0;
  int64_t version = 0;
  int64_t deadline_ms = kNoDeadline;
  bool copied = false;
  ItemRef ref = kNoItem;   // of the place, or of the item that was hit
};

[[gnu::always_inline]] inline bool Still(const TableHead& head, const Glance& glance) {
  return head.StillSeen(glance.home, glance.version, glance.buckets);
}

[[gnu::always_inline]] inline LookResult LookAtItem(const TableHead& head, const Glance& glance, ItemRef ref,
                                                    const CacheQuery& query, Sight* sight) {
  const Item* item = head.ItemAt(ref);
  const Bytes key = query.key.key;
  // The tag says that this is nearly surely it: the value's lines are asked for while the key is compared.
  const size_t ahead = std::min<size_t>(query.cap, head.ahead_bytes);
  for (size_t at = 64; at <= ahead; at += 64) __builtin_prefetch(item->At(at));
  if (item->key_len != key.size()) return LookResult::kOtherKey;
  const uint32_t word = item->word;
  const uint32_t flags = BlockWord::Flags::Of(word);
  const size_t offset = Item::DataOffset(flags);
  const size_t value_len = Item::ValueLenIn(word, flags, offset + key.size());
  const int64_t version = item->version;
  if (!Still(head, glance)) [[unlikely]]
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
  if (!Still(head, glance)) [[unlikely]]
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

[[gnu::always_inline]] inline Glance GlanceAt(const TableHead& head, uint64_t hash) {
  Glance glance;
  glance.buckets = head.SeenBuckets();
  glance.home = head.HomeAmong(glance.buckets, hash);
  glance.version = glance.home->SeenVersion();
  return glance;
}

[[gnu::always_inline]] inline Sight Look(const TableHead& head, const Glance& glance,
                                         const CacheQuery& query) {
  Sight sight;
  if ((glance.version & 1) != 0) [[unlikely]]
    return sight;
  const uint16_t tag = TagOf(query.key.hash);
  int hops = 0;
  for (Bucket* b = glance.home; b != nullptr; b = head.Next(b)) {
    if (++hops > kLookChainMax) return sight;
    for (uint32_t mask = MatchTags(*b, tag); mask != 0; mask &= mask - 1) {
      const int slot = std::countr_zero(mask);
      const ItemRef ref = b->refs[slot];
      if (ref == kNoItem) continue;
      sight.ref = ref;
      if (IsPlace(ref)) {
        sight.result = LookResult::kPlace;
        return sight;
      }
      sight.result = LookAtItem(head, glance, ref, query, &sight);
      if (sight.result == LookResult::kOtherKey) continue;
      if (sight.result == LookResult::kHit && head.hit_note == HitNote::kMark) [[likely]]
        b->RaiseMark(slot);
      return sight;
    }
  }
  sight.result = LookResult::kMiss;
  return sight;
}

}   // namespace shale
