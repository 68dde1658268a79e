// Bytes as a reader of a format sees them: golden dumps in tests are compared in this form, so that a failure
// shows which byte differs.
#pragma once

#include <string>

#include "base/bytes.h"

namespace shale {

// Two digits a byte, a blank after every fourth, a line of 16.
inline std::string HexDump(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i++) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i != 0) out += i % 16 == 0 ? "\n" : i % 4 == 0 ? " " : "";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

inline Buffer FlippedBit(Bytes bytes, size_t bit) {
  Buffer out(bytes);
  out[bit / 8] = static_cast<char>(out[bit / 8] ^ (1 << bit % 8));
  return out;
}

}   // namespace shale
