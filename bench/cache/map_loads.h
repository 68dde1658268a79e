// What threads do with one of the maps. Keys are drawn evenly; every value read begins with its key, which is
// checked.
#pragma once

#include <string>

#include "../fast_random.h"
#include "../phase.h"
#include "maps.h"

namespace bench {

inline constexpr size_t kMapValueBytes = 100;
inline constexpr int64_t kMapBatchOps = 256;
inline constexpr int64_t kKeysACall = 16;   // of a multi-get

template <typename Map>
class MapLoad : public Load {
 public:
  MapLoad(Map* map, int thread, int64_t keys)
      : map_(map), keys_(keys), random_(static_cast<uint64_t>(thread)), value_(kMapValueBytes, 'v') {}
  int64_t batch_ops() const final { return kMapBatchOps; }

 protected:
  void NextKey(char* key) { WriteMemoryKey(static_cast<uint32_t>(random_.Below(keys_)), key); }

  Map* const map_;
  const int64_t keys_;
  FastRandom random_;
  std::string value_;
  typename Map::Scratch scratch_;
};

template <typename Map>
class MapGets final : public MapLoad<Map> {
 public:
  using MapLoad<Map>::MapLoad;
  bool RunBatch(std::string* why) override {
    char* const value = this->value_.data();
    for (int64_t i = 0; i < kMapBatchOps; ++i) {
      char key[kMemoryKeyBytes];
      this->NextKey(key);
      if (this->map_->Get(key, value, &this->scratch_) && std::memcmp(value, key, sizeof key) == 0) continue;
      *why = std::string(Map::kName) + ": a get found nothing or another key's value";
      return false;
    }
    return true;
  }
};

template <typename Map>
class MapPuts final : public MapLoad<Map> {
 public:
  using MapLoad<Map>::MapLoad;
  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kMapBatchOps; ++i) {
      this->NextKey(this->value_.data());
      if (!Put(why)) return false;
    }
    return true;
  }
  // Every key once, in order.
  bool Fill(std::string* why) {
    for (int64_t n = 0; n < this->keys_; ++n) {
      WriteMemoryKey(static_cast<uint32_t>(n), this->value_.data());
      if (!Put(why)) return false;
    }
    return true;
  }

 private:
  // The value starts with its key, so one buffer is both.
  bool Put(std::string* why) {
    if (this->map_->Put(this->value_.data(), this->value_.data(), &this->scratch_)) [[likely]]
      return true;
    *why = std::string(Map::kName) + ": a put failed";
    return false;
  }
};

// Some keys a call.
class ShaleMultiGets final : public MapLoad<ShaleMap> {
 public:
  using MapLoad<ShaleMap>::MapLoad;
  bool RunBatch(std::string* why) override;
};

// Chooses keys and does nothing with them: what of every other figure is the benchmark's own.
class NoMap {
 public:
  static constexpr const char* kName = "none";
  struct Scratch {};
  bool Get(const char* key, char* buf, Scratch*) {
    std::memcpy(buf, key, kMemoryKeyBytes);
    asm volatile("" : : "r"(buf) : "memory");   // or the compiler removes it all
    return true;
  }
};

}   // namespace bench
