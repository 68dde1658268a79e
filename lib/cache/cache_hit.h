// Cache::TryHit: see cache_shard_look.h for why it is in a header.
#pragma once

#include "cache/cache.h"
#include "cache/cache_shard_look.h"

namespace shale {

[[gnu::always_inline]] inline bool Cache::TryHit(const KeyRef& key, ReadMode mode, void* buf, size_t cap,
                                                 CacheHit* hit) noexcept {
  if (!ReadCounters::ThreadIsKnown()) [[unlikely]]
    return false;
  if (!ShardOf(key.hash)->TryHit(QueryFor(key, mode, buf, cap, false), hit)) [[unlikely]]
    return false;
  counters_.Count(DiskShardOf(key.hash));
  return true;
}

}   // namespace shale
