// Shale for C++ on a page: handles free themselves, errors are exceptions, bytes are string views. Take it
// and extend it.
#pragma once
#include <shale/shale.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

// Stands where a call wants its error: outcomes, such as NOT_FOUND, are returned; errors are thrown.
struct Check {
  shale_error* error = nullptr;
  ~Check() { shale_error_free(error); }
  operator shale_error**() { return &error; }
  shale_status operator()(shale_status status) const {
    if (status >= 0) return status;
    throw std::runtime_error(shale_status_name(status) + std::string(": ") + shale_error_message(error));
  }
};

template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

struct Batch {   // all of it or nothing
  Owned<shale_batch> handle{nullptr, shale_batch_free};
  Batch() {
    shale_batch* batch = nullptr;
    Check()(shale_batch_new(&batch));
    handle.reset(batch);
  }
  Batch& Put(std::string_view key, std::string_view value) {
    Check check;
    check(shale_batch_put(handle.get(), key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER,
                          check));
    return *this;
  }
  Batch& Delete(std::string_view key) {
    Check check;
    check(shale_batch_delete(handle.get(), key.data(), key.size(), check));
    return *this;
  }
};

struct Store {
  Owned<shale_db> handle{nullptr, shale_free};
  explicit Store(const std::string& path) {   // an empty path is a store in memory
    Check check;
    shale_db* db = nullptr;
    check(shale_open(path.c_str(), nullptr, &db, check));
    handle.reset(db);
  }
  std::optional<std::string> Get(std::string_view key) const {
    Check check;
    void* value = nullptr;
    size_t size = 0;
    if (check(shale_get(handle.get(), key.data(), key.size(), &value, &size, nullptr, 0, check)) != SHALE_OK)
      return {};
    const Owned<void> owned(value, shale_mem_free);
    return std::string(static_cast<const char*>(value), size);
  }
  void Write(const Batch& batch) {
    Check check;
    check(shale_write(handle.get(), batch.handle.get(), 0, check));
  }
  // visit(key) for each key below a prefix, in order, `limit` of them at most; 0: all.
  template <typename Visit>
  void Keys(std::string_view prefix, int64_t limit, Visit visit) const {
    Check check;
    shale_iter* iter = nullptr;
    check(
        shale_iter_prefix(handle.get(), prefix.data(), prefix.size(), limit, &iter, SHALE_KEYS_ONLY, check));
    const Owned<shale_iter> owned(iter, shale_iter_free);
    const void *key = nullptr, *value = nullptr;
    size_t key_len = 0, value_len = 0;
    while (check(shale_iter_next(iter, &key, &key_len, &value, &value_len, check)) == SHALE_OK)
      visit(std::string_view(static_cast<const char*>(key), key_len));
  }
};
