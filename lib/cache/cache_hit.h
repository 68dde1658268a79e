// Cache::TryHit: see table_look.h for why it is in a header.
#pragma once

#include "cache/cache.h"
#include "cache/cache_shard.h"
#include "cache/table_look.h"

namespace shale {

[[gnu::always_inline]] inline bool Cache::TryHit(const KeyRef& key, ReadMode mode, void* buf, size_t cap,
                                                 CacheHit* hit) noexcept {
  if (!ReadCounters::ThreadIsKnown()) [[unlikely]]
    return false;
  const size_t shard = ShardNumber(key.hash);
  const TableHead& head = heads_[shard];
  const Sight sight = Look(head, GlanceAt(head, key.hash), QueryFor(key, mode, buf, cap, false));
  if (sight.result != LookResult::kHit) [[unlikely]]
    return false;
  if (head.hit_note == HitNote::kRing) [[unlikely]]
    shards_[shard]->NoteInRing(sight.ref, key.hash);
  hit->value_len = sight.value_len;
  hit->version = sight.version;
  counters_.Count(DiskShardOf(key.hash));
  return true;
}

}   // namespace shale
