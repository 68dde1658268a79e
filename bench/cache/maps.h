// What the memory tier is measured against, and the memory tier itself, behind the same two calls. No virtual
// calls: a get is a few dozen instructions.
//  (1) Get copies the value to buf; false if it is not there or has another length than value_bytes
//  (2) Scratch is one thread's own
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

#include <tbb/concurrent_hash_map.h>

#include "../memory_key.h"
#include "../shale_handle.h"

namespace bench {

// The C interface of Shale without a directory.
class ShaleMap {
 public:
  static constexpr const char* kName = "shale";
  struct Scratch {};
  // What stores are opened with beside the budget.
  static inline ShaleSettings more_settings;
  bool Open(size_t value_bytes, std::string* why) {
    value_bytes_ = value_bytes;
    ShaleSettings settings = {{"memory.budget", "1GiB"}};
    settings.insert(settings.end(), more_settings.begin(), more_settings.end());
    return handle_.Open(nullptr, settings, why);
  }
  bool Get(const char* key, char* buf, Scratch*) {
    size_t size = 0;
    return shale_get_into(handle_.db(), key, kMemoryKeyBytes, buf, value_bytes_, &size, nullptr, 0,
                          nullptr) == SHALE_OK &&
           size == value_bytes_;
  }
  bool Put(const char* key, const char* value, Scratch*) {
    return shale_put(handle_.db(), key, kMemoryKeyBytes, value, value_bytes_, SHALE_TTL_DEFAULT, nullptr, 0,
                     nullptr) == SHALE_OK;
  }
  shale_db* db() const { return handle_.db(); }

 private:
  ShaleHandle handle_;
  size_t value_bytes_ = 0;
};

// The standard library's hash map. It has no lock: one thread only. The text of the key is a string that is
// kept, so that no call allocates.
class StdMap {
 public:
  static constexpr const char* kName = "unordered_map";
  struct Scratch {
    std::string key;
  };
  bool Open(size_t value_bytes, std::string*) {
    value_bytes_ = value_bytes;
    return true;
  }
  bool Get(const char* key, char* buf, Scratch* scratch) {
    scratch->key.assign(key, kMemoryKeyBytes);
    const auto found = map_.find(scratch->key);
    if (found == map_.end() || found->second.size() != value_bytes_) return false;
    std::memcpy(buf, found->second.data(), value_bytes_);
    return true;
  }
  bool Put(const char* key, const char* value, Scratch* scratch) {
    scratch->key.assign(key, kMemoryKeyBytes);
    map_[scratch->key].assign(value, value_bytes_);
    return true;
  }

 private:
  std::unordered_map<std::string, std::string> map_;
  size_t value_bytes_ = 0;
};

// oneTBB's, which locks a bucket and an element for each call.
class TbbMap {
 public:
  static constexpr const char* kName = "oneTBB";
  using Scratch = StdMap::Scratch;
  bool Open(size_t value_bytes, std::string*) {
    value_bytes_ = value_bytes;
    return true;
  }
  bool Get(const char* key, char* buf, Scratch* scratch) {
    scratch->key.assign(key, kMemoryKeyBytes);
    Table::const_accessor found;
    if (!map_.find(found, scratch->key) || found->second.size() != value_bytes_) return false;
    std::memcpy(buf, found->second.data(), value_bytes_);
    return true;
  }
  bool Put(const char* key, const char* value, Scratch* scratch) {
    scratch->key.assign(key, kMemoryKeyBytes);
    Table::accessor found;
    map_.insert(found, scratch->key);
    found->second.assign(value, value_bytes_);
    return true;
  }

 private:
  using Table = tbb::concurrent_hash_map<std::string, std::string>;
  Table map_;
  size_t value_bytes_ = 0;
};

}   // namespace bench
