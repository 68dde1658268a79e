// One hash per operation, made at the door and carried down. Its bits are frozen by golden vectors, because
// they decide in which disk shard a key lives:
//   bits 63..56 memory shard | bits 63..58 disk shard | middle 16 bits tag | low bits bucket
// Keyed with a secret drawn when the store is created, so that nobody outside can aim keys at one shard; a
// seed alone would not do (inputs that collide for most seeds are known), a random secret does.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/limits.h"

namespace shale {

struct HashSecret {
  static constexpr size_t kBytes = 192;
  unsigned char bytes[kBytes];
};

// Expands 32 random bytes to a secret. Frozen: a store keeps only the 32 bytes and must route the same for
// ever.
void DeriveSecret(const unsigned char seed[32], HashSecret* secret);

uint64_t HashKey(const HashSecret& secret, Bytes key);

// A key with its hash: what every room below the ABI takes.
struct KeyRef {
  Bytes key;
  uint64_t hash = 0;
};

inline int DiskShardOf(uint64_t hash) {
  return static_cast<int>(hash >> (64 - kDiskShardBits));
}

// Unkeyed checksum of stored bytes.
uint64_t Checksum64(Bytes data);

}   // namespace shale
