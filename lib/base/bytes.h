// The words for bytes: a borrowed view and an owned buffer. Compared bytewise as unsigned, which is also
// LevelDB's order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shale {

using Bytes = std::string_view;   // borrowed
using Buffer = std::string;       // owned

inline Bytes MakeBytes(const void* data, size_t size) {
  return Bytes(static_cast<const char*>(data), size);
}

// The smallest key above every key that starts with `prefix`; empty when there is none (prefix is all 0xFF).
inline Buffer PrefixEnd(Bytes prefix) {
  Buffer end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}   // namespace shale
