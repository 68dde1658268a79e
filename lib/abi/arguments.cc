#include "abi/arguments.h"

#include <cstdio>
#include <string>

namespace shale {

namespace {

struct FlagName {
  uint32_t flag;
  const char* name;
};
constexpr FlagName kFlagNames[] = {
    {SHALE_CACHE_ONLY, "SHALE_CACHE_ONLY"},
    {SHALE_NO_FILL, "SHALE_NO_FILL"},
    {SHALE_IF_ABSENT, "SHALE_IF_ABSENT"},
    {SHALE_IF_PRESENT, "SHALE_IF_PRESENT"},
    {SHALE_SYNC, "SHALE_SYNC"},
    {SHALE_REVERSE, "SHALE_REVERSE"},
    {SHALE_KEYS_ONLY, "SHALE_KEYS_ONLY"},
    {SHALE_WRITE_AROUND, "SHALE_WRITE_AROUND"},
};

std::string NamesOf(uint32_t flags) {
  std::string names;
  for (const FlagName& row : kFlagNames) {
    if ((flags & row.flag) == 0) continue;
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names.empty() ? "no flags" : names;
}

std::string NullWithLength(const char* what, size_t size) {
  return std::string(what) + " is NULL with a length of " + std::to_string(size);
}

Status TooLarge(const char* what, size_t size, size_t size_max) {
  return Status::Error(Code::E_TOO_LARGE, std::string(what) + " of " + std::to_string(size) +
                                              " bytes is above the limit of " + std::to_string(size_max));
}

}   // namespace

Status BadKey(const void* key, size_t key_len) {
  if (key_len == 0) return Status::Invalid("the key is empty");
  if (key == nullptr) return Status::Invalid(NullWithLength("the key", key_len));
  return TooLarge("a key", key_len, kKeyBytesMax);
}

Status BadValue(const void* value, size_t value_len) {
  if (value == nullptr) return Status::Invalid(NullWithLength("the value", value_len));
  return TooLarge("a value", value_len, kValueBytesMax);
}

Status BadBound(const void* bound, size_t bound_len) {
  if (bound == nullptr) return Status::Invalid(NullWithLength("a bound of the range", bound_len));
  return TooLarge("a bound", bound_len, kKeyBytesMax);
}

Status BadFlags(const char* call, uint32_t flags, uint32_t allowed) {
  const uint32_t unknown = flags & ~allowed;
  if (unknown == 0)
    return Status::Invalid(std::string(call) + ": SHALE_IF_ABSENT and SHALE_IF_PRESENT exclude each other");
  char bits[16];
  std::snprintf(bits, sizeof bits, "0x%x", static_cast<unsigned>(unknown));
  return Status::Invalid(std::string(call) + ": unknown flag bits " + bits + "; it takes " +
                         NamesOf(allowed));
}

Status BadTtl(int64_t ttl_ms, bool keep_allowed) {
  return Status::Invalid("ttl_ms is " + std::to_string(ttl_ms) + "; it must be > 0, SHALE_TTL_DEFAULT" +
                         (keep_allowed ? ", SHALE_TTL_NEVER or SHALE_TTL_KEEP" : " or SHALE_TTL_NEVER"));
}

Status BadBuffer(const char* what, const void* data, size_t size) {
  if (data == nullptr) return Status::Invalid(NullWithLength(what, size));
  return Status::Invalid(std::string(what) + ": no memory has a length of " + std::to_string(size));
}

Status BadCount(const char* what, const void* data, size_t count) {
  if (data == nullptr)
    return Status::Invalid(std::string(what) + " is NULL with a count of " + std::to_string(count));
  return Status::Invalid(std::string(what) + ": no array has a count of " + std::to_string(count));
}

Status MissingOutput() {
  return Status::Invalid("a pointer that receives a result is NULL");
}

Status MissingText(const char* what) {
  return Status::Invalid(std::string(what) + " is NULL");
}

}   // namespace shale
