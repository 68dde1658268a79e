// Reads of one key. shale_get_into and shale_get_view are what bindings call most: nothing is allocated for a
// value that fits.
#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "engine/hit_path.h"

namespace shale {
namespace {

// A value up to this is read to the stack first, so that its copy is allocated once and in the right size.
constexpr size_t kGetStackBytes = 4096;

[[gnu::always_inline]] inline Status CheckRead(const char* call, const shale_db* db, const void* key,
                                               size_t key_len, uint32_t flags) {
  SHALE_RETURN_IF_NOT_OK(CheckDb(db));
  SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
  return CheckFlags(call, flags, kReadFlags);
}

inline ReadRequest RequestFor(ReadMode mode, void* buf, size_t cap, uint32_t flags) {
  ReadRequest request;
  request.mode = mode;
  request.buf = buf;
  request.cap = cap;
  request.cache_only = (flags & SHALE_CACHE_ONLY) != 0;
  request.fill = (flags & SHALE_NO_FILL) == 0;
  return request;
}

// Whether the short way may be tried: all arguments are good. What is not is told by the long way.
[[gnu::always_inline]] inline bool MayTryHit(const shale_db* db, const void* key, size_t key_len,
                                             const void* buf, size_t cap, uint32_t flags) {
  return IsUsable(db) && IsKey(key, key_len) && IsBuffer(buf, cap) && (flags & ~kReadFlags) == 0;
}

[[gnu::always_inline]] inline bool TryHit(shale_db* db, const void* key, size_t key_len, ReadMode mode,
                                          void* buf, size_t cap, CacheHit* hit) {
  Engine* engine = db->engine.get();
  return engine->TryHit(engine->RefHere(MakeBytes(key, key_len)), mode, buf, cap, hit);
}

[[gnu::noinline]] shale_status GetInto(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                                       size_t* value_len, int64_t* version, uint32_t flags,
                                       shale_error** err) {
  Clear(value_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckRead("shale_get_into", db, key, key_len, flags));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("buf", buf, cap));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value_len));
    ReadResult read;
    SHALE_RETURN_IF_NOT_OK(
        db->engine->Read(MakeBytes(key, key_len), RequestFor(ReadMode::kCopy, buf, cap, flags), &read));
    *value_len = read.value_len;
    if (read.value_len > cap) return Code::TOO_SMALL;
    SetIfWanted(version, read.version);
    return Status();
  });
}

// The long way of shale_get_view.
[[gnu::noinline]] shale_status GetView(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                                       shale_pin** pin, const void** value, size_t* value_len,
                                       int64_t* version, uint32_t flags, shale_error** err) {
  Clear(pin, value, value_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckRead("shale_get_view", db, key, key_len, flags));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("buf", buf, cap));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(pin, value, value_len));
    ReadResult read;
    SHALE_RETURN_IF_NOT_OK(
        db->engine->Read(MakeBytes(key, key_len), RequestFor(ReadMode::kCopyOrPin, buf, cap, flags), &read));
    if (read.copied) {
      *value = buf;
    } else {
      *pin = new shale_pin(std::move(read.pin));
      *value = (*pin)->pin.bytes().data();
    }
    *value_len = read.value_len;
    SetIfWanted(version, read.version);
    return Status();
  });
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_get(shale_db* db, const void* key, size_t key_len, void** value, size_t* value_len,
                       int64_t* version, uint32_t flags, shale_error** err) {
  Clear(value, value_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckRead("shale_get", db, key, key_len, flags));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value, value_len));
    char stack[kGetStackBytes];
    CacheHit hit;
    if (TryHit(db, key, key_len, ReadMode::kCopyOrPin, stack, sizeof stack, &hit)) [[likely]] {
      SHALE_RETURN_IF_NOT_OK(CopyOut(Bytes(stack, hit.value_len), value, value_len));
      SetIfWanted(version, hit.version);
      return Status();
    }
    ReadResult read;
    SHALE_RETURN_IF_NOT_OK(db->engine->Read(
        MakeBytes(key, key_len), RequestFor(ReadMode::kCopyOrPin, stack, sizeof stack, flags), &read));
    const Bytes found = read.copied ? Bytes(stack, read.value_len) : read.pin.bytes();
    SHALE_RETURN_IF_NOT_OK(CopyOut(found, value, value_len));
    SetIfWanted(version, read.version);
    return Status();
  });
}

shale_status shale_get_into(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                            size_t* value_len, int64_t* version, uint32_t flags, shale_error** err) {
  if (value_len != nullptr && MayTryHit(db, key, key_len, buf, cap, flags)) [[likely]] {
    CacheHit hit;
    if (TryHit(db, key, key_len, ReadMode::kCopyOrPin, buf, cap, &hit)) [[likely]] {
      *value_len = hit.value_len;
      SetIfWanted(version, hit.version);
      if (err != nullptr) *err = nullptr;
      return SHALE_OK;
    }
  }
  return GetInto(db, key, key_len, buf, cap, value_len, version, flags, err);
}

shale_status shale_get_view(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                            shale_pin** pin, const void** value, size_t* value_len, int64_t* version,
                            uint32_t flags, shale_error** err) {
  if (pin != nullptr && value != nullptr && value_len != nullptr &&
      MayTryHit(db, key, key_len, buf, cap, flags)) [[likely]] {
    CacheHit hit;
    if (TryHit(db, key, key_len, ReadMode::kCopyOrPin, buf, cap, &hit)) [[likely]] {
      *pin = nullptr;
      *value = buf;
      *value_len = hit.value_len;
      SetIfWanted(version, hit.version);
      if (err != nullptr) *err = nullptr;
      return SHALE_OK;
    }
  }
  return GetView(db, key, key_len, buf, cap, pin, value, value_len, version, flags, err);
}

shale_status shale_get_pinned(shale_db* db, const void* key, size_t key_len, shale_pin** pin,
                              const void** value, size_t* value_len, int64_t* version, uint32_t flags,
                              shale_error** err) {
  Clear(pin, value, value_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckRead("shale_get_pinned", db, key, key_len, flags));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(pin, value, value_len));
    ReadResult read;
    SHALE_RETURN_IF_NOT_OK(
        db->engine->Read(MakeBytes(key, key_len), RequestFor(ReadMode::kPin, nullptr, 0, flags), &read));
    *pin = new shale_pin(std::move(read.pin));
    *value = (*pin)->pin.bytes().data();   // only now: a short value of the pin's own has moved with it
    *value_len = read.value_len;
    SetIfWanted(version, read.version);
    return Status();
  });
}

void shale_pin_free(shale_pin* pin) {
  FreeHandle(pin);
}

shale_status shale_exists(shale_db* db, const void* key, size_t key_len, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckRead("shale_exists", db, key, key_len, flags));
    return db->engine->Exists(MakeBytes(key, key_len), (flags & SHALE_CACHE_ONLY) != 0);
  });
}

shale_status shale_ttl(shale_db* db, const void* key, size_t key_len, int64_t* ttl_ms, uint32_t flags,
                       shale_error** err) {
  Clear(ttl_ms);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckRead("shale_ttl", db, key, key_len, flags));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(ttl_ms));
    int64_t left_ms = 0;
    SHALE_RETURN_IF_NOT_OK(
        db->engine->Ttl(MakeBytes(key, key_len), (flags & SHALE_CACHE_ONLY) != 0, &left_ms));
    *ttl_ms = left_ms;
    return Status();
  });
}
