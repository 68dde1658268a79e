// Many keys in one call. Everything is checked before the first key is touched, so that a wrong argument
// changes nothing.
#include <string>
#include <vector>

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/many_keys.h"
#include "abi/packed.h"
#include "base/coding.h"
#include "engine/hit_path.h"
#include "engine/keys_ahead.h"

namespace shale {
namespace {

// Room that is made before each value is read, so that most values are copied once: to where they stay.
constexpr size_t kRoomMin = 4096;

constexpr int32_t kPackedNotFound = -1;
constexpr int32_t kPackedWouldBlock = -2;

Status CheckMulti(const char* call, const shale_db* db, uint32_t flags, uint32_t allowed) {
  SHALE_RETURN_IF_NOT_OK(CheckDb(db));
  return CheckFlags(call, flags, allowed);
}

Status TakePackedKeys(const void* keys, size_t keys_len, size_t count, std::vector<Bytes>* out) {
  SHALE_RETURN_IF_NOT_OK(CheckBuffer("keys", keys, keys_len));
  return ParsePackedKeys(MakeBytes(keys, keys_len), count, out);
}

Status TakeItems(const shale_slice* keys, const shale_slice* values, size_t count,
                 std::vector<KeyValue>* out) {
  SHALE_RETURN_IF_NOT_OK(CheckSlices("keys", keys, count));
  SHALE_RETURN_IF_NOT_OK(CheckSlices("values", values, count));
  out->reserve(count);
  for (size_t i = 0; i < count; i++) {
    SHALE_RETURN_IF_NOT_OK(CheckKey(keys[i].data, keys[i].size));
    SHALE_RETURN_IF_NOT_OK(CheckValue(values[i].data, values[i].size));
    out->push_back({MakeBytes(keys[i].data, keys[i].size), MakeBytes(values[i].data, values[i].size)});
  }
  return Status();
}

// Puts the value of one key behind what is in `out`.
Status AppendValueOf(Engine* engine, const KeyRef& key, uint32_t flags, OutBuffer* out, ReadResult* read) {
  SHALE_RETURN_IF_NOT_OK(out->Reserve(kRoomMin));
  ReadRequest request;
  request.mode = ReadMode::kCopyOrPin;
  request.buf = out->data() + out->size();
  request.cap = out->room();
  request.cache_only = (flags & SHALE_CACHE_ONLY) != 0;
  request.fill = (flags & SHALE_NO_FILL) == 0;
  CacheHit hit;
  if (engine->TryHit(key, request.mode, request.buf, request.cap, &hit)) [[likely]] {
    out->Commit(hit.value_len);
    read->value_len = hit.value_len;
    read->version = hit.version;
    return Status();
  }
  SHALE_RETURN_IF_NOT_OK(engine->Read(key, request, read));
  if (!read->copied) return out->Append(read->pin.bytes());
  out->Commit(read->value_len);
  return Status();
}

Status ReadAll(Engine* engine, const std::vector<Bytes>& keys, uint32_t flags, shale_results* results) {
  results->answers.resize(keys.size());
  KeysAhead ahead(engine, keys);
  for (size_t i = 0; i < keys.size(); i++) {
    shale_results::Answer& answer = results->answers[i];
    answer.value_at = results->values.size();
    ReadResult read;
    Status s = AppendValueOf(engine, ahead.Next(), flags, &results->values, &read);
    if (EndsTheCall(s)) return s;
    answer.status = static_cast<shale_status>(s.code());
    if (!s.ok()) continue;
    answer.has_value = true;
    answer.value_len = read.value_len;
    answer.version = read.version;
  }
  return Status();
}

Status ReadAllPacked(Engine* engine, const std::vector<Bytes>& keys, uint32_t flags, OutBuffer* out) {
  KeysAhead ahead(engine, keys);
  for (size_t i = 0; i < keys.size(); i++) {
    const size_t length_at = out->size();
    int32_t length = 0;
    SHALE_RETURN_IF_NOT_OK(out->Append(MakeBytes(&length, sizeof length)));
    ReadResult read;
    Status s = AppendValueOf(engine, ahead.Next(), flags, out, &read);
    if (s.IsError()) return s;
    length = static_cast<int32_t>(read.value_len);   // kValueBytesMax fits
    if (s.Is(Code::NOT_FOUND)) length = kPackedNotFound;
    if (s.Is(Code::WOULD_BLOCK)) length = kPackedWouldBlock;
    StoreLE(out->data() + length_at, length);
  }
  return Status();
}

// With SHALE_SYNC one sync at the end serves all keys, instead of one for each.
Status SyncOnce(Engine* engine, uint32_t flags, size_t count) {
  if ((flags & SHALE_SYNC) == 0 || count == 0) return Status();
  return engine->Sync();
}

Status PutAll(Engine* engine, const std::vector<KeyValue>& items, int64_t ttl_ms, uint32_t flags) {
  WriteOptions options;
  options.ttl_ms = ttl_ms;
  options.install = (flags & SHALE_WRITE_AROUND) == 0;
  SHALE_RETURN_IF_NOT_OK(engine->PutMany(items, options));
  return SyncOnce(engine, flags, items.size());
}

Status DeleteAll(Engine* engine, const std::vector<Bytes>& keys, uint32_t flags) {
  SHALE_RETURN_IF_NOT_OK(engine->DeleteMany(keys));
  return SyncOnce(engine, flags, keys.size());
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_multi_get(shale_db* db, const shale_slice* keys, size_t count, shale_results** out,
                             uint32_t flags, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckMulti("shale_multi_get", db, flags, kReadFlags));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    std::vector<Bytes> taken;
    SHALE_RETURN_IF_NOT_OK(TakeKeys(keys, count, &taken));
    auto results = std::make_unique<shale_results>();
    SHALE_RETURN_IF_NOT_OK(ReadAll(db->engine.get(), taken, flags, results.get()));
    *out = results.release();
    return Status();
  });
}

size_t shale_results_count(const shale_results* results) {
  return IsUsable(results) ? results->answers.size() : 0;
}

shale_status shale_results_at(const shale_results* results, size_t index, const void** value,
                              size_t* value_len, int64_t* version) {
  Clear(value, value_len, version);
  shale_status answer_status = SHALE_OK;
  const shale_status call_status = Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(results));
    if (index >= results->answers.size()) return Status::Invalid("the index is past the last answer");
    const shale_results::Answer& answer = results->answers[index];
    answer_status = answer.status;
    if (!answer.has_value) return Status();
    SetIfWanted(value, static_cast<const void*>(results->values.data() + answer.value_at));
    SetIfWanted(value_len, answer.value_len);
    SetIfWanted(version, answer.version);
    return Status();
  });
  return call_status != SHALE_OK ? call_status : answer_status;
}

void shale_results_free(shale_results* results) {
  FreeHandle(results);
}

shale_status shale_multi_get_packed(shale_db* db, const void* keys, size_t keys_len, size_t count, void** out,
                                    size_t* out_len, uint32_t flags, shale_error** err) {
  Clear(out, out_len);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckMulti("shale_multi_get_packed", db, flags, kReadFlags));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out, out_len));
    std::vector<Bytes> taken;
    SHALE_RETURN_IF_NOT_OK(TakePackedKeys(keys, keys_len, count, &taken));
    OutBuffer answers;
    SHALE_RETURN_IF_NOT_OK(ReadAllPacked(db->engine.get(), taken, flags, &answers));
    const size_t answers_len = answers.size();
    *out = answers.Release();
    if (*out == nullptr) return Code::E_NO_MEMORY;
    *out_len = answers_len;
    return Status();
  });
}

shale_status shale_multi_put(shale_db* db, const shale_slice* keys, const shale_slice* values, size_t count,
                             int64_t ttl_ms, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckMulti("shale_multi_put", db, flags, kMultiPutFlags));
    SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, true));
    std::vector<KeyValue> items;
    SHALE_RETURN_IF_NOT_OK(TakeItems(keys, values, count, &items));
    return PutAll(db->engine.get(), items, ttl_ms, flags);
  });
}

shale_status shale_multi_put_packed(shale_db* db, const void* items, size_t items_len, size_t count,
                                    int64_t ttl_ms, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckMulti("shale_multi_put_packed", db, flags, kMultiPutFlags));
    SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, true));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("items", items, items_len));
    std::vector<KeyValue> parsed;
    SHALE_RETURN_IF_NOT_OK(ParsePackedItems(MakeBytes(items, items_len), count, &parsed));
    return PutAll(db->engine.get(), parsed, ttl_ms, flags);
  });
}

shale_status shale_multi_delete(shale_db* db, const shale_slice* keys, size_t count, uint32_t flags,
                                shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckMulti("shale_multi_delete", db, flags, kChangeFlags));
    std::vector<Bytes> taken;
    SHALE_RETURN_IF_NOT_OK(TakeKeys(keys, count, &taken));
    return DeleteAll(db->engine.get(), taken, flags);
  });
}

shale_status shale_multi_delete_packed(shale_db* db, const void* keys, size_t keys_len, size_t count,
                                       uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckMulti("shale_multi_delete_packed", db, flags, kChangeFlags));
    std::vector<Bytes> taken;
    SHALE_RETURN_IF_NOT_OK(TakePackedKeys(keys, keys_len, count, &taken));
    return DeleteAll(db->engine.get(), taken, flags);
  });
}
