// Version, statuses, and every constant of shale.h for callers that cannot read it.
#include <cstring>
#include <iterator>

#include "abi/arguments.h"
#include "abi/boundary.h"
#include "base/limits.h"
#include "base/status.h"

namespace shale {
namespace {

#define SHALE_TEXT_OF(number) #number
#define SHALE_VERSION_TEXT(major, minor, patch) \
  SHALE_TEXT_OF(major) "." SHALE_TEXT_OF(minor) "." SHALE_TEXT_OF(patch)

static_assert(SHALE_VERSION_NUMBER ==
              SHALE_VERSION_MAJOR * 1000000 + SHALE_VERSION_MINOR * 1000 + SHALE_VERSION_PATCH);

// The header is written for C and repeats numbers that the library has; they are the same or nothing is
// built.
#define CODE(name, number, text) static_assert(SHALE_##name == number);
#include "base/codes.def"
#undef CODE
static_assert(SHALE_KEY_BYTES_MAX == kKeyBytesMax && SHALE_VALUE_BYTES_MAX == kValueBytesMax &&
              SHALE_BATCH_BYTES_MAX == kBatchBytesMax && SHALE_VERSION_ABSENT == kVersionAbsent);
static_assert(SHALE_MEMORY_SHARDS == kMemoryShards);
static_assert(SHALE_DISK_SHARDS == kDiskShards || SHALE_TEST_DISK_SHARD_BITS != 6);
static_assert(SHALE_TTL_DEFAULT == kTtlDefault && SHALE_TTL_NEVER == kTtlNever && SHALE_TTL_KEEP == kTtlKeep);

struct Constant {
  const char* name;
  int64_t value;
};

#define CONSTANT(name) \
  { #name, SHALE_##name }
constexpr Constant kConstants[] = {
    CONSTANT(VERSION_MAJOR),
    CONSTANT(VERSION_MINOR),
    CONSTANT(VERSION_PATCH),
    CONSTANT(VERSION_NUMBER),
#define CODE(name, number, text) CONSTANT(name),
#include "base/codes.def"
#undef CODE
    CONSTANT(KEY_BYTES_MAX),
    CONSTANT(VALUE_BYTES_MAX),
    CONSTANT(BATCH_BYTES_MAX),
    CONSTANT(DISK_SHARDS),
    CONSTANT(MEMORY_SHARDS),
    CONSTANT(TTL_DEFAULT),
    CONSTANT(TTL_NEVER),
    CONSTANT(TTL_KEEP),
    CONSTANT(VERSION_ABSENT),
    CONSTANT(CACHE_ONLY),
    CONSTANT(NO_FILL),
    CONSTANT(IF_ABSENT),
    CONSTANT(IF_PRESENT),
    CONSTANT(SYNC),
    CONSTANT(REVERSE),
    CONSTANT(KEYS_ONLY),
    CONSTANT(WRITE_AROUND),
    CONSTANT(STALE_OK),
    CONSTANT(COPY_FILES),
    CONSTANT(PREFIX),
    CONSTANT(SHARD_OPEN),
    CONSTANT(SHARD_READ_ONLY),
    CONSTANT(EVENT_EVICTED),
    CONSTANT(EVENT_EXPIRED),
    CONSTANT(EVENT_DELETED),
    CONSTANT(EVENT_OVERWRITTEN),
};
#undef CONSTANT

}   // namespace
}   // namespace shale

using namespace shale;

int32_t shale_version_number(void) {
  return SHALE_VERSION_NUMBER;
}

const char* shale_version_string(void) {
  return SHALE_VERSION_TEXT(SHALE_VERSION_MAJOR, SHALE_VERSION_MINOR, SHALE_VERSION_PATCH);
}

const char* shale_status_name(shale_status status) {
  return CodeName(status);
}

const char* shale_status_text(shale_status status) {
  return CodeText(status);
}

shale_status shale_constant(const char* name, int64_t* value) {
  Clear(value);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value));
    for (const Constant& constant : kConstants) {
      if (std::strcmp(constant.name, name) != 0) continue;
      *value = constant.value;
      return Status();
    }
    return Code::NOT_FOUND;
  });
}

size_t shale_constant_count(void) {
  return std::size(kConstants);
}

shale_status shale_constant_at(size_t index, const char** name, int64_t* value) {
  Clear(name, value);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(name, value));
    if (index >= std::size(kConstants)) return Code::NOT_FOUND;
    *name = kConstants[index].name;
    *value = kConstants[index].value;
    return Status();
  });
}
