#include "model/workload.h"

#include <algorithm>

namespace shale_test {

namespace {

void AppendSized(std::string* out, std::string_view bytes) {
  AppendU32(out, bytes.size());
  out->append(bytes);
}

shale_slice Slice(const std::string& bytes) {
  return {bytes.data(), bytes.size()};
}

}   // namespace

void Workload::MultiGet() {
  const size_t count = dice_.Below(20);
  const uint32_t flags = ReadFlags();
  std::vector<const Key*> keys;
  std::vector<shale_slice> slices;
  for (size_t i = 0; i < count; i++) {
    keys.push_back(&PickKey());
    slices.push_back(Slice(*keys.back()));
  }
  shale_results* results = nullptr;
  const shale_status status = shale_multi_get(db_, slices.data(), count, &results, flags, &err_);
  Expect(SHALE_OK, status, "multi_get", "");
  if (shale_results_count(results) != count) Differ("multi_get", "", "another number of answers");
  for (size_t i = 0; i < count; i++) {
    const void* value = nullptr;
    size_t size = 0;
    int64_t version = 0;
    const shale_status one = shale_results_at(results, i, &value, &size, &version);
    const Entry* entry = model_.Find(*keys[i], now());
    if (!CheckRead(one, entry, flags, "multi_get", *keys[i])) continue;
    ExpectBytes(entry->value, value, size, "multi_get", *keys[i]);
    Learn(*keys[i], version, "multi_get");
  }
  if (shale_results_at(results, count, nullptr, nullptr, nullptr) != SHALE_E_INVALID) {
    Differ("results_at", "", "an answer past the end");
  }
  shale_results_free(results);
}

void Workload::MultiGetPacked() {
  const size_t count = dice_.Below(20);
  const uint32_t flags = ReadFlags();
  std::vector<const Key*> keys;
  std::string packed;
  for (size_t i = 0; i < count; i++) {
    keys.push_back(&PickKey());
    AppendSized(&packed, *keys.back());
  }
  void* out = nullptr;
  size_t out_len = 0;
  const shale_status status =
      shale_multi_get_packed(db_, packed.data(), packed.size(), count, &out, &out_len, flags, &err_);
  Expect(SHALE_OK, status, "multi_get_packed", "");
  size_t offset = 0;
  for (const Key* key : keys) {
    if (offset + 4 > out_len) Differ("multi_get_packed", *key, "the answer is cut short");
    const char* at = static_cast<const char*>(out) + offset;
    const auto size = static_cast<int32_t>(LoadU32(at));
    offset += 4;
    const Entry* entry = model_.Find(*key, now());
    const shale_status one = size >= 0 ? SHALE_OK : (size == -1 ? SHALE_NOT_FOUND : SHALE_WOULD_BLOCK);
    if (!CheckRead(one, entry, flags, "multi_get_packed", *key)) continue;
    if (offset + static_cast<size_t>(size) > out_len)
      Differ("multi_get_packed", *key, "a value reaches past the answer");
    ExpectBytes(entry->value, at + 4, static_cast<size_t>(size), "multi_get_packed", *key);
    offset += static_cast<size_t>(size);
  }
  if (offset != out_len) Differ("multi_get_packed", "", "bytes after the last answer");
  shale_mem_free(out);
}

void Workload::MultiPut() {
  const size_t count = dice_.Below(12);
  const int64_t ttl_ms = PickTtl(true);
  const uint32_t flags = SyncFlag() | (dice_.OneIn(6) ? SHALE_WRITE_AROUND : 0);
  std::vector<const Key*> keys;
  std::vector<Value> values;
  std::vector<shale_slice> key_slices, value_slices;
  std::string packed;
  for (size_t i = 0; i < count; i++) {
    keys.push_back(&PickKey());
    values.push_back(PickValue());
    key_slices.push_back(Slice(*keys.back()));
    value_slices.push_back(Slice(*values.back()));
    AppendSized(&packed, *keys.back());
    AppendSized(&packed, *values.back());
  }
  const shale_status status =
      dice_.OneIn(2)
          ? shale_multi_put(db_, key_slices.data(), value_slices.data(), count, ttl_ms, flags, &err_)
          : shale_multi_put_packed(db_, packed.data(), packed.size(), count, ttl_ms, flags, &err_);
  Expect(SHALE_OK, status, "multi_put", "");
  for (size_t i = 0; i < count; i++) model_.Put(*keys[i], values[i], ttl_ms, now());
}

// Mostly ranges of a few keys; never beyond the own prefix.
void Workload::DeleteRange() {
  Key from = PickKey(), to;
  uint32_t flags = SyncFlag();
  switch (dice_.Below(4)) {
    case 0:
      to = std::max(from, PickKey());
      if (dice_.OneIn(10)) break;
      [[fallthrough]];
    case 1:
      // A key, and what follows it at once; or nothing. A bound is no longer than a key may be.
      to = from + std::string(std::min<size_t>(dice_.Below(3), SHALE_KEY_BYTES_MAX - from.size()), '\0');
      break;
    default:
      from.resize(std::max(config_.prefix.size() + std::min<size_t>(from.size() - config_.prefix.size(), 1),
                           from.size() - dice_.Below(std::min<size_t>(from.size(), 2))));
      flags |= SHALE_PREFIX;
  }
  const shale_status status =
      shale_delete_range(db_, from.data(), from.size(), to.data(), to.size(), flags, &err_);
  Expect(SHALE_OK, status, "delete_range", from);
  const Key end = (flags & SHALE_PREFIX) != 0 ? AfterPrefix(from) : to;
  if (!end.empty() && end <= from) return;
  for (const Model::Row& row : model_.Range(from, end, now())) model_.Erase(row.key);
}

void Workload::MultiDelete() {
  const size_t count = dice_.Below(12);
  std::vector<const Key*> keys;
  std::vector<shale_slice> slices;
  std::string packed;
  for (size_t i = 0; i < count; i++) {
    keys.push_back(&PickKey());
    slices.push_back(Slice(*keys.back()));
    AppendSized(&packed, *keys.back());
  }
  const shale_status status =
      dice_.OneIn(2) ? shale_multi_delete(db_, slices.data(), count, SyncFlag(), &err_)
                     : shale_multi_delete_packed(db_, packed.data(), packed.size(), count, SyncFlag(), &err_);
  Expect(SHALE_OK, status, "multi_delete", "");
  for (const Key* key : keys) model_.Erase(*key);
}

// A batch is written, sometimes twice, and sometimes cleared and filled anew first.
void Workload::Batch() {
  shale_batch* batch = nullptr;
  Expect(SHALE_OK, shale_batch_new(&batch), "batch_new", "");
  if (dice_.OneIn(4)) {
    const Key& key = PickKey();
    Expect(SHALE_OK, shale_batch_put(batch, key.data(), key.size(), "cleared", 7, 0, &err_), "batch_put",
           key);
    shale_batch_clear(batch);
  }
  struct Operation {
    const Key* key;
    Value value;   // null: a delete
    int64_t ttl_ms;
  };
  std::vector<Operation> operations;
  const size_t count = dice_.Below(40);
  for (size_t i = 0; i < count; i++) {
    const Key& key = PickKey();
    if (dice_.OneIn(4)) {
      operations.push_back({&key, nullptr, 0});
      Expect(SHALE_OK, shale_batch_delete(batch, key.data(), key.size(), &err_), "batch_delete", key);
    } else {
      operations.push_back({&key, PickValue(), PickTtl(false)});
      const Operation& put = operations.back();
      const shale_status status = shale_batch_put(batch, key.data(), key.size(), put.value->data(),
                                                  put.value->size(), put.ttl_ms, &err_);
      Expect(SHALE_OK, status, "batch_put", key);
    }
  }
  if (shale_batch_count(batch) > count) Differ("batch_count", "", "more operations than were put in");
  const size_t rounds = dice_.OneIn(5) ? 2 : 1;
  for (size_t round = 0; round < rounds; round++) {
    Expect(SHALE_OK, shale_write(db_, batch, SyncFlag(), &err_), "write", "");
  }
  shale_batch_free(batch);
  for (const Operation& operation : operations) {
    if (operation.value == nullptr)
      model_.Erase(*operation.key);
    else
      model_.Put(*operation.key, operation.value, operation.ttl_ms, now());
  }
}

void Workload::WritePacked() {
  std::string packed;
  const size_t count = dice_.Below(40);
  for (size_t i = 0; i < count; i++) {
    const Key& key = PickKey();
    if (dice_.OneIn(4)) {
      packed += '\2';
      AppendSized(&packed, key);
      model_.Erase(key);
    } else {
      const Value value = PickValue();
      const int64_t ttl_ms = PickTtl(false);
      packed += '\1';
      AppendSized(&packed, key);
      AppendI64(&packed, ttl_ms);
      AppendSized(&packed, *value);
      model_.Put(key, value, ttl_ms, now());
    }
  }
  const shale_status status = shale_write_packed(db_, packed.data(), packed.size(), count, SyncFlag(), &err_);
  Expect(SHALE_OK, status, "write_packed", "");
}

}   // namespace shale_test
