// The keys of the benchmarks in memory: "key_mem_" and eight letters for the 32 bits of the number, made in a
// few instructions, since a get is a few dozen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bench {

inline constexpr size_t kMemoryKeyBytes = 16;

inline void WriteMemoryKey(uint32_t number, char* out) {
  uint64_t x = number;
  x = (x | x << 16) & 0x0000FFFF0000FFFFu;
  x = (x | x << 8) & 0x00FF00FF00FF00FFu;
  x = (x | x << 4) & 0x0F0F0F0F0F0F0F0Fu;
  x += 0x6161616161616161u;   // a nibble becomes a letter from a to p
  std::memcpy(out, "key_mem_", 8);
  std::memcpy(out + 8, &x, 8);
}

}   // namespace bench
