// The checksum in LevelDB's files: CRC-32C, masked so that a checksum over data that holds checksums stays a
// good one. LevelDB's own is not part of its interface.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace shale {

inline constexpr std::array<uint32_t, 256> kIndexCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
    table[i] = crc;
  }
  return table;
}();

// Over bytes one at a time, so that every length of a piece of unknown length can be tried at the cost of
// one.
class IndexCrc {
 public:
  void Add(char byte) {
    state_ = kIndexCrcTable[(state_ ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (state_ >> 8);
  }
  void Add(Bytes bytes) {
    for (const char byte : bytes) Add(byte);
  }
  uint32_t Masked() const {
    const uint32_t crc = ~state_;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
  }

 private:
  uint32_t state_ = ~0u;
};

}   // namespace shale
