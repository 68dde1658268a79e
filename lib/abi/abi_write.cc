// Changes of one key.
#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"

namespace shale {
namespace {

Status CheckChange(const char* call, const shale_db* db, const void* key, size_t key_len, uint32_t flags,
                   uint32_t allowed) {
  SHALE_RETURN_IF_NOT_OK(CheckDb(db));
  SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
  return CheckFlags(call, flags, allowed);
}

// What a call that sets a key needs besides.
Status CheckNewValue(const void* value, size_t value_len, int64_t ttl_ms) {
  SHALE_RETURN_IF_NOT_OK(CheckValue(value, value_len));
  return CheckTtl(ttl_ms, true);
}

WriteOptions OptionsFor(uint32_t flags, int64_t ttl_ms = kTtlDefault) {
  WriteOptions options;
  options.ttl_ms = ttl_ms;
  options.if_absent = (flags & SHALE_IF_ABSENT) != 0;
  options.if_present = (flags & SHALE_IF_PRESENT) != 0;
  options.sync = (flags & SHALE_SYNC) != 0;
  options.install = (flags & SHALE_WRITE_AROUND) == 0;
  return options;
}

Expectation ValueIs(const void* value, size_t value_len) {
  Expectation expected;
  expected.kind = Expectation::Kind::kValue;
  expected.value = MakeBytes(value, value_len);
  return expected;
}

Expectation VersionIs(int64_t version) {
  Expectation expected;
  expected.kind = Expectation::Kind::kVersion;
  expected.version = version;
  return expected;
}

Status AddToCounter(const char* call, shale_db* db, const void* key, size_t key_len, __int128 delta,
                    int64_t* result, uint32_t flags) {
  SHALE_RETURN_IF_NOT_OK(CheckChange(call, db, key, key_len, flags, kChangeFlags));
  SHALE_RETURN_IF_NOT_OK(CheckOutputs(result));
  int64_t sum = 0;
  SHALE_RETURN_IF_NOT_OK(db->engine->Incr(MakeBytes(key, key_len), delta, (flags & SHALE_SYNC) != 0, &sum));
  *result = sum;
  return Status();
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_put(shale_db* db, const void* key, size_t key_len, const void* value, size_t value_len,
                       int64_t ttl_ms, int64_t* version, uint32_t flags, shale_error** err) {
  Clear(version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_put", db, key, key_len, flags, kPutFlags));
    SHALE_RETURN_IF_NOT_OK(CheckNewValue(value, value_len, ttl_ms));
    int64_t made = 0;
    SHALE_RETURN_IF_NOT_OK(db->engine->Put(MakeBytes(key, key_len), MakeBytes(value, value_len),
                                           OptionsFor(flags, ttl_ms), &made));
    SetIfWanted(version, made);
    return Status();
  });
}

shale_status shale_delete(shale_db* db, const void* key, size_t key_len, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_delete", db, key, key_len, flags, kDeleteFlags));
    return db->engine->Delete(MakeBytes(key, key_len), OptionsFor(flags));
  });
}

shale_status shale_get_and_set(shale_db* db, const void* key, size_t key_len, const void* value,
                               size_t value_len, int64_t ttl_ms, void** old_value, size_t* old_len,
                               int64_t* version, uint32_t flags, shale_error** err) {
  Clear(old_value, old_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_get_and_set", db, key, key_len, flags, kChangeFlags));
    SHALE_RETURN_IF_NOT_OK(CheckNewValue(value, value_len, ttl_ms));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(old_value, old_len));
    Buffer old;
    int64_t made = 0;
    Status s = db->engine->GetAndSet(MakeBytes(key, key_len), MakeBytes(value, value_len),
                                     OptionsFor(flags, ttl_ms), &old, &made);
    if (s.IsError()) return s;
    if (s.ok()) SHALE_RETURN_IF_NOT_OK(CopyOut(old, old_value, old_len));
    SetIfWanted(version, made);   // the key was set, whether or not there was an old value
    return s;
  });
}

shale_status shale_compare_and_set(shale_db* db, const void* key, size_t key_len, const void* expected,
                                   size_t expected_len, const void* value, size_t value_len, int64_t ttl_ms,
                                   int64_t* version, uint32_t flags, shale_error** err) {
  Clear(version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_compare_and_set", db, key, key_len, flags, kChangeFlags));
    SHALE_RETURN_IF_NOT_OK(CheckValue(expected, expected_len));
    SHALE_RETURN_IF_NOT_OK(CheckNewValue(value, value_len, ttl_ms));
    int64_t made = 0;
    SHALE_RETURN_IF_NOT_OK(db->engine->CompareAndSet(MakeBytes(key, key_len), ValueIs(expected, expected_len),
                                                     MakeBytes(value, value_len), OptionsFor(flags, ttl_ms),
                                                     &made));
    SetIfWanted(version, made);
    return Status();
  });
}

shale_status shale_compare_version_and_set(shale_db* db, const void* key, size_t key_len, int64_t expected,
                                           const void* value, size_t value_len, int64_t ttl_ms,
                                           int64_t* version, uint32_t flags, shale_error** err) {
  Clear(version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(
        CheckChange("shale_compare_version_and_set", db, key, key_len, flags, kChangeFlags));
    SHALE_RETURN_IF_NOT_OK(CheckNewValue(value, value_len, ttl_ms));
    int64_t now = 0;
    Status s = db->engine->CompareAndSet(MakeBytes(key, key_len), VersionIs(expected),
                                         MakeBytes(value, value_len), OptionsFor(flags, ttl_ms), &now);
    if (s.ok() || s.Is(Code::MISMATCH)) SetIfWanted(version, now);
    return s;
  });
}

shale_status shale_compare_and_delete(shale_db* db, const void* key, size_t key_len, const void* expected,
                                      size_t expected_len, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_compare_and_delete", db, key, key_len, flags, kChangeFlags));
    SHALE_RETURN_IF_NOT_OK(CheckValue(expected, expected_len));
    return db->engine->CompareAndDelete(MakeBytes(key, key_len), ValueIs(expected, expected_len),
                                        OptionsFor(flags));
  });
}

shale_status shale_compare_version_and_delete(shale_db* db, const void* key, size_t key_len, int64_t expected,
                                              uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(
        CheckChange("shale_compare_version_and_delete", db, key, key_len, flags, kChangeFlags));
    return db->engine->CompareAndDelete(MakeBytes(key, key_len), VersionIs(expected), OptionsFor(flags));
  });
}

shale_status shale_incr(shale_db* db, const void* key, size_t key_len, int64_t delta, int64_t* result,
                        uint32_t flags, shale_error** err) {
  Clear(result);
  return Guard(err, [&] { return AddToCounter("shale_incr", db, key, key_len, delta, result, flags); });
}

shale_status shale_decr(shale_db* db, const void* key, size_t key_len, int64_t delta, int64_t* result,
                        uint32_t flags, shale_error** err) {
  Clear(result);
  // In 128 bits: the smallest delta has no negative in 64, though the difference may well be in range.
  return Guard(err, [&] {
    return AddToCounter("shale_decr", db, key, key_len, -static_cast<__int128>(delta), result, flags);
  });
}

shale_status shale_expire(shale_db* db, const void* key, size_t key_len, int64_t ttl_ms, uint32_t flags,
                          shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_expire", db, key, key_len, flags, kChangeFlags));
    SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, false));
    return db->engine->Expire(MakeBytes(key, key_len), ttl_ms, (flags & SHALE_SYNC) != 0);
  });
}

shale_status shale_persist(shale_db* db, const void* key, size_t key_len, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckChange("shale_persist", db, key, key_len, flags, kChangeFlags));
    return db->engine->Expire(MakeBytes(key, key_len), kTtlNever, (flags & SHALE_SYNC) != 0);
  });
}
