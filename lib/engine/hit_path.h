// Engine::TryHit: the whole way of a read that the memory tier answers, as part of its caller; see
// table_look.h.
#pragma once

#include "base/hash_short.h"
#include "cache/cache_hit.h"
#include "engine/engine.h"

namespace shale {

[[gnu::always_inline]] inline KeyRef Engine::RefHere(Bytes key) const {
  return KeyRef{key, HashKeyHere(secret_, key)};
}

[[gnu::always_inline]] inline bool Engine::TryHit(const KeyRef& key, ReadMode mode, void* buf, size_t cap,
                                                  CacheHit* hit) noexcept {
  if (in_flight_.closed() || latency_ != nullptr) [[unlikely]]
    return false;
  return cache_->TryHit(key, mode, buf, cap, hit);
}

}   // namespace shale
