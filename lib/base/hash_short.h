// HashKey as part of its caller, for keys up to 16 bytes; longer ones are worth a call. Only for who is
// called very often: what it includes is large.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hash.h"

namespace shale {

[[gnu::always_inline]] inline uint64_t HashKeyHere(const HashSecret& secret, Bytes key) {
  if (key.size() > 16) return HashKey(secret, key);
  return XXH3_len_0to16_64b(reinterpret_cast<const xxh_u8*>(key.data()), key.size(), secret.bytes, 0);
}

}   // namespace shale
