// Numbers as bytes: little-endian fixed and LEB128 varint, and big-endian where byte order must be number
// order. Readers return false at the end of the input or on a malformed varint; nothing is read past the end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace shale {

static_assert(std::endian::native == std::endian::little, "formats are written by copying native integers");

template <typename T>
inline T LoadLE(const void* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <typename T>
inline void StoreLE(void* p, T v) {
  std::memcpy(p, &v, sizeof v);
}
template <typename T>
inline void PutFixed(Buffer* out, T v) {
  out->append(reinterpret_cast<const char*>(&v), sizeof v);
}
template <typename T>
inline bool GetFixed(Bytes* in, T* v) {
  if (in->size() < sizeof *v) return false;
  std::memcpy(v, in->data(), sizeof *v);
  in->remove_prefix(sizeof *v);
  return true;
}

inline void PutVarint64(Buffer* out, uint64_t v) {
  char bytes[10];
  size_t n = 0;
  while (v >= 0x80) {
    bytes[n++] = static_cast<char>(v | 0x80);
    v >>= 7;
  }
  bytes[n++] = static_cast<char>(v);
  out->append(bytes, n);
}
inline bool GetVarint64(Bytes* in, uint64_t* v) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift <= 63 && !in->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in->front());
    in->remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    result |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *v = result;
      return true;
    }
  }
  return false;
}

// A u32 length, then that many bytes.
inline bool GetSized32(Bytes* in, Bytes* part) {
  uint32_t size;
  if (!GetFixed(in, &size) || in->size() < size) return false;
  *part = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

inline void PutBE64(Buffer* out, uint64_t v) {
  v = __builtin_bswap64(v);
  out->append(reinterpret_cast<const char*>(&v), sizeof v);
}
inline uint64_t LoadBE64(const void* p) {
  return __builtin_bswap64(LoadLE<uint64_t>(p));
}

}   // namespace shale
