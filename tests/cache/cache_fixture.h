// What the tests of the memory tier share: keys with their hashes, and a cache over a fake clock that checks
// itself at its end.
#pragma once

#include <cstring>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/hash.h"
#include "cache/cache.h"
#include "test.h"

namespace shale_test {

using namespace shale;

inline const HashSecret& TestSecret() {
  static const HashSecret secret = [] {
    unsigned char seed[32];
    std::memset(seed, 7, sizeof seed);
    HashSecret s;
    DeriveSecret(seed, &s);
    return s;
  }();
  return secret;
}

// The text must outlive the result.
inline KeyRef Key(const std::string& text) {
  return KeyRef{text, HashKey(TestSecret(), text)};
}

struct CacheFixture {
  FakeClock clock;
  std::unique_ptr<Cache> cache;
  bool in_one_step = false;   // Put as a store does that has nothing below

  explicit CacheFixture(size_t capacity, const std::string& policy = "s3fifo",
                        int shard_bits = kMemoryShardBits) {
    Cache::Config config;
    config.capacity_bytes = capacity;
    config.policy = policy;
    config.shard_bits_max = shard_bits;
    config.clock = &clock;
    ASSERT_OK(Cache::Create(config, &cache));
  }
  ~CacheFixture() {
    if (cache) Check();
  }
  void Check() {
    ASSERT_VALID(*cache);
    const CacheStats stats = cache->Stats();
    assert_true(stats.bytes <= stats.committed_bytes);
    assert_true(stats.committed_bytes <= stats.capacity);
  }

  bool Put(const std::string& key, Bytes value, int64_t deadline_ms = 0, int64_t version = 1) {
    const CacheItem item{value, version, deadline_ms};
    if (in_one_step && cache->Overwrite(Key(key), item)) return true;
    CacheWrite write(cache.get(), Key(key), value.size());
    return write.Install(item);
  }
  void Erase(const std::string& key) { CacheWrite write(cache.get(), Key(key)); }
  // The value, or "(miss)" or "(expired)".
  std::string Get(const std::string& key, FillToken* token = nullptr) {
    CacheRead read;
    char buf[64];
    const Lookup lookup = cache->Read(Key(key), ReadMode::kCopyOrPin, buf, sizeof buf, &read);
    if (lookup == Lookup::kMiss && token != nullptr) *token = read.token;
    if (lookup == Lookup::kMiss) return "(miss)";
    if (lookup == Lookup::kExpired) return "(expired)";
    return std::string(read.copied ? MakeBytes(buf, read.value_len) : read.pin.bytes());
  }
  bool Has(const std::string& key) {
    CacheRead read;
    return cache->Read(Key(key), ReadMode::kMeta, nullptr, 0, &read) == Lookup::kHit;
  }
};

}   // namespace shale_test
