// What a caller may pass, each rule once. The good case is inline and allocates nothing; the bad one builds
// its message out of line.
//  (1) a key is 1..kKeyBytesMax bytes: none is E_INVALID, more is E_TOO_LARGE
//  (2) bytes are (pointer, length); a NULL pointer with a length is E_INVALID, whatever the length
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/limits.h"
#include "base/status.h"
#include "shale/shale.h"

namespace shale {

// What each call takes.
inline constexpr uint32_t kNoFlags = 0;
inline constexpr uint32_t kReadFlags = SHALE_CACHE_ONLY | SHALE_NO_FILL;
inline constexpr uint32_t kPutFlags = SHALE_IF_ABSENT | SHALE_IF_PRESENT | SHALE_SYNC | SHALE_WRITE_AROUND;
inline constexpr uint32_t kDeleteFlags = SHALE_IF_PRESENT | SHALE_SYNC;
inline constexpr uint32_t kChangeFlags = SHALE_SYNC;
inline constexpr uint32_t kMultiPutFlags = SHALE_SYNC | SHALE_WRITE_AROUND;
inline constexpr uint32_t kIterFlags = SHALE_REVERSE | SHALE_KEYS_ONLY;

// No object in memory is longer; a length above it is a negative number that lost its sign.
inline constexpr size_t kObjectBytesMax = SIZE_MAX / 2;

[[gnu::cold]] Status BadKey(const void* key, size_t key_len);
[[gnu::cold]] Status BadValue(const void* value, size_t value_len);
[[gnu::cold]] Status BadBound(const void* bound, size_t bound_len);
[[gnu::cold]] Status BadFlags(const char* call, uint32_t flags, uint32_t allowed);
[[gnu::cold]] Status BadTtl(int64_t ttl_ms, bool keep_allowed);
[[gnu::cold]] Status BadBuffer(const char* what, const void* data, size_t size);
[[gnu::cold]] Status BadCount(const char* what, const void* data, size_t count);
[[gnu::cold]] Status MissingOutput();
[[gnu::cold]] Status MissingText(const char* what);

inline bool IsKey(const void* key, size_t key_len) {
  return key != nullptr && key_len - 1 < kKeyBytesMax;   // no length is the largest of all
}
inline Status CheckKey(const void* key, size_t key_len) {
  if (IsKey(key, key_len)) [[likely]]
    return Status();
  return BadKey(key, key_len);
}

inline Status CheckValue(const void* value, size_t value_len) {
  if ((value != nullptr || value_len == 0) && value_len <= kValueBytesMax) [[likely]]
    return Status();
  return BadValue(value, value_len);
}

// An end of a range, or a prefix: a key, or no bytes.
inline Status CheckBound(const void* bound, size_t bound_len) {
  if ((bound != nullptr || bound_len == 0) && bound_len <= kKeyBytesMax) [[likely]]
    return Status();
  return BadBound(bound, bound_len);
}

inline Status CheckFlags(const char* call, uint32_t flags, uint32_t allowed) {
  constexpr uint32_t kEither = SHALE_IF_ABSENT | SHALE_IF_PRESENT;
  if ((flags & ~allowed) == 0 && (flags & kEither) != kEither) [[likely]]
    return Status();
  return BadFlags(call, flags, allowed);
}

inline Status CheckTtl(int64_t ttl_ms, bool keep_allowed) {
  if (ttl_ms >= kTtlNever || (keep_allowed && ttl_ms == kTtlKeep)) [[likely]]
    return Status();
  return BadTtl(ttl_ms, keep_allowed);
}

inline bool IsBuffer(const void* data, size_t size) {
  return (data != nullptr || size == 0) && size <= kObjectBytesMax;
}
// Memory of the caller, to be read or filled; `what` is its name in shale.h.
inline Status CheckBuffer(const char* what, const void* data, size_t size) {
  if (IsBuffer(data, size)) [[likely]]
    return Status();
  return BadBuffer(what, data, size);
}

inline Status CheckSlices(const char* what, const shale_slice* slices, size_t count) {
  if ((slices != nullptr || count == 0) && count <= kObjectBytesMax / sizeof *slices) [[likely]]
    return Status();
  return BadCount(what, slices, count);
}

inline Status CheckText(const char* what, const char* text) {
  if (text != nullptr) [[likely]]
    return Status();
  return MissingText(what);
}

template <typename... Outputs>
inline Status CheckOutputs(Outputs*... outputs) {
  if (((outputs != nullptr) && ...)) [[likely]]
    return Status();
  return MissingOutput();
}

}   // namespace shale
