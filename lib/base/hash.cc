#include "base/hash.h"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/coding.h"

namespace shale {

static_assert(HashSecret::kBytes >= XXH3_SECRET_SIZE_MIN);

void DeriveSecret(const unsigned char seed[32], HashSecret* secret) {
  // Counter mode over 128-bit XXH3 of (seed, counter): the seed is secret, so the blocks are as unknown as it
  // is.
  unsigned char input[40];
  std::memcpy(input, seed, 32);
  for (uint64_t i = 0; i < HashSecret::kBytes / 16; i++) {
    StoreLE<uint64_t>(input + 32, i);
    const XXH128_hash_t block = XXH3_128bits(input, sizeof input);
    StoreLE<uint64_t>(secret->bytes + 16 * i, block.low64);
    StoreLE<uint64_t>(secret->bytes + 16 * i + 8, block.high64);
  }
}

uint64_t HashKey(const HashSecret& secret, Bytes key) {
  return XXH3_64bits_withSecret(key.data(), key.size(), secret.bytes, HashSecret::kBytes);
}

uint64_t Checksum64(Bytes data) {
  return XXH3_64bits(data.data(), data.size());
}

}   // namespace shale
