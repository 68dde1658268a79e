// Keys made to collide in XXH3 for whoever knows its secret, or hopes: what a flood of keys from outside
// looks like. The first two work against the default secret (https://github.com/Cyan4973/xxHash/issues/180),
// the third against any seed with a chance of 2^-10 (issue 1127).
//  (1) short: 17 to 240 bytes are hashed 16 at a time by a product; a first word that is the secret's makes
//  it
//      zero, whatever the second word is
//  (2) long: of more than 240 bytes, one half of a lane picked so that its product is zero, the other half
//  only
//      added: two stripes whose halves have the same sum hash the same
//  (3) pairs: 16 bytes of which one word is the complement of the other, and their complement
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace bench {

// Where the block of 16 bytes collides with its complement.
inline constexpr uint64_t kFloodedSeed = 0x2468b3bc26a44073;

inline std::vector<std::string> ShortFlood(size_t count) {
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; i++) {
    std::string key(32, 'f');
    std::memcpy(key.data(), XXH3_kSecret, 8);
    const uint64_t second = i * 0x9E3779B97F4A7C15;
    std::memcpy(key.data() + 8, &second, 8);
    keys.push_back(std::move(key));
  }
  return keys;
}

inline std::vector<std::string> LongFlood(size_t count) {
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; i++) {
    std::string key(512, 'f');
    const auto half = static_cast<uint32_t>(i * 0x9E3779B1);
    const uint32_t other = 0 - half;
    for (size_t stripe = 0; stripe < 2; stripe++) {
      char* const lane = key.data() + 64 * stripe;
      std::memcpy(lane, XXH3_kSecret + 8 * stripe, 4);   // its low half becomes zero, and so does the product
      std::memcpy(lane + 4, stripe == 0 ? &half : &other, 4);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

inline std::vector<std::string> PairFlood(size_t count) {
  constexpr unsigned char kBlock[16] = {0x51, 0x15, 0x12, 0x10, 0x40, 0x44, 0x00, 0x00,
                                        0x00, 0x00, 0x00, 0x82, 0x04, 0x00, 0x01, 0x05};
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; i++) {
    std::string key(32, '\0');
    const uint64_t pair = i / 2;
    std::memcpy(key.data(), &pair, 8);
    for (size_t b = 0; b < 16; b++) key[16 + b] = static_cast<char>(i % 2 == 0 ? kBlock[b] : ~kBlock[b]);
    keys.push_back(std::move(key));
  }
  return keys;
}

}   // namespace bench
