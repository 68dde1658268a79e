#include "demo/demo_store.h"

#include <utility>

namespace shale::demo {

shale_status Must(shale_status status, shale_error* error) {
  if (status >= SHALE_OK) return status;
  DemoFailure failure{std::string(shale_status_name(status)) + ": " + shale_error_message(error)};
  shale_error_free(error);
  throw failure;
}

Db OpenStore(const std::string& path) {
  shale_db* db = nullptr;
  shale_error* error = nullptr;
  Must(shale_open(path.c_str(), nullptr, &db, &error), error);
  return Db(db);
}

void CloseStore(Db db) {
  shale_error* error = nullptr;
  Must(shale_close(db.get(), &error), error);
}

void Put(shale_db* db, std::string_view key, std::string_view value) {
  shale_error* error = nullptr;
  Must(shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_DEFAULT, nullptr, 0,
                 &error),
       error);
}

bool Get(shale_db* db, std::string_view key, std::string* value) {
  constexpr size_t kUsualBytes = 4096;
  value->resize(std::max(value->capacity(), kUsualBytes));
  for (;;) {
    size_t size = 0;
    shale_error* error = nullptr;
    const shale_status status = Must(
        shale_get_into(db, key.data(), key.size(), value->data(), value->size(), &size, nullptr, 0, &error),
        error);
    if (status == SHALE_NOT_FOUND) return false;
    value->resize(size);
    if (status == SHALE_OK) return true;
    // SHALE_TOO_SMALL: the true size is known now, and asked for again.
  }
}

Iter ScanPrefix(shale_db* db, std::string_view prefix, uint32_t flags) {
  shale_iter* iter = nullptr;
  shale_error* error = nullptr;
  Must(shale_iter_prefix(db, prefix.data(), prefix.size(), 0, &iter, flags, &error), error);
  return Iter(iter);
}

Iter ScanRange(shale_db* db, std::string_view from, std::string_view to, uint32_t flags) {
  shale_iter* iter = nullptr;
  shale_error* error = nullptr;
  Must(shale_iter_new(db, from.data(), from.size(), to.data(), to.size(), 0, &iter, flags, &error), error);
  return Iter(iter);
}

bool Next(shale_iter* iter, std::string_view* key, std::string_view* value) {
  const void* key_data = nullptr;
  const void* value_data = nullptr;
  size_t key_len = 0;
  size_t value_len = 0;
  shale_error* error = nullptr;
  if (Must(shale_iter_next(iter, &key_data, &key_len, &value_data, &value_len, &error), error) == SHALE_END)
    return false;
  *key = std::string_view(static_cast<const char*>(key_data), key_len);
  *value = std::string_view(static_cast<const char*>(value_data), value_len);
  return true;
}

Batch NewBatch() {
  shale_batch* batch = nullptr;
  Must(shale_batch_new(&batch), nullptr);
  return Batch(batch);
}

void BatchPut(shale_batch* batch, std::string_view key, std::string_view value) {
  shale_error* error = nullptr;
  Must(shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_DEFAULT, &error),
       error);
}

void BatchDelete(shale_batch* batch, std::string_view key) {
  shale_error* error = nullptr;
  Must(shale_batch_delete(batch, key.data(), key.size(), &error), error);
}

void WriteBatch(shale_db* db, const shale_batch* batch) {
  shale_error* error = nullptr;
  Must(shale_write(db, batch, 0, &error), error);
}

}   // namespace shale::demo
