#include "cache/cache.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <thread>

#include "base/mutex.h"
#include "cache/policy.h"
#include "cache_fixture.h"

using namespace shale_test;

namespace {

constexpr size_t kMiB = size_t{1} << 20;

size_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  assert_non_null(file);
  unsigned long total = 0;
  unsigned long resident = 0;
  assert_int_equal(std::fscanf(file, "%lu %lu", &total, &resident), 2);
  std::fclose(file);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Sanitizers keep freed memory and shadows of it, so that resident bytes say nothing there.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHALE_TEST_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SHALE_TEST_SANITIZED)
constexpr bool kResidentBytesMeanSomething = false;
#else
constexpr bool kResidentBytesMeanSomething = true;
#endif

}   // namespace

TEST(the_number_of_shards_follows_the_capacity) {
  const struct {
    size_t capacity;
    int shards;
  } rows[] = {{128 << 10, 1}, {512 << 10, 1}, {kMiB, 2}, {8 * kMiB, 16}, {32 * kMiB, 64}, {512 * kMiB, 256}};
  for (const auto& row : rows) {
    CacheFixture f(row.capacity);
    assert_int_equal(f.cache->shard_count(), row.shards);
  }
}

TEST(a_configuration_that_cannot_be_is_refused) {
  std::unique_ptr<Cache> cache;
  Cache::Config config;
  config.capacity_bytes = 1000;
  assert_true(Cache::Create(config, &cache).Is(Code::E_INVALID));
  config.capacity_bytes = kMiB;
  config.policy = "none";
  assert_true(Cache::Create(config, &cache).Is(Code::E_INVALID));
  config.policy = "lru";
  config.capacity_bytes = size_t{64} << 30;
  config.shard_bits_max = 0;
  assert_true(Cache::Create(config, &cache).Is(Code::E_INVALID));
  assert_null(cache.get());
}

TEST(an_idle_cache_takes_almost_no_memory) {
  const size_t before = ResidentBytes();
  CacheFixture f(512 * kMiB);
  assert_int_equal(f.cache->shard_count(), 256);
  if (kResidentBytesMeanSomething) assert_true(ResidentBytes() < before + 4 * kMiB);
  assert_false(f.Has("key"));
}

TEST(resident_memory_follows_the_capacity) {
  const size_t before = ResidentBytes();
  CacheFixture f(64 * kMiB);
  Random random(TestSeed());
  const std::string value(4000, 'v');
  for (int i = 0; i < 300000; i++) {
    f.Put("key" + std::to_string(random.Below(200000)), Bytes(value).substr(0, random.Below(2000)));
  }
  assert_true(f.cache->Stats().bytes > 55 * kMiB);
  if (kResidentBytesMeanSomething) assert_true(ResidentBytes() < before + 68 * kMiB);
}

TEST(eight_values_of_a_sixteenth_of_the_capacity_fit_beside_small_ones) {
  CacheFixture f(256 * kMiB);
  const std::string small(1000, 's');
  for (int i = 0; i < 300000; i++) assert_true(f.Put("s" + std::to_string(i), small));   // full
  f.Check();
  const size_t before = ResidentBytes();
  const std::string large(16 * kMiB, 'L');
  for (int i = 0; i < 8; i++) {
    assert_true(f.Put("L" + std::to_string(i), large));
    f.Check();
  }
  for (int i = 0; i < 8; i++) assert_true(f.Has("L" + std::to_string(i)));
  assert_true(f.cache->Stats().items > 80000);   // the small ones keep the rest
  if (kResidentBytesMeanSomething) assert_true(ResidentBytes() < before + 24 * kMiB);
  for (int i = 0; i < 8; i++) f.Erase("L" + std::to_string(i));
  for (int i = 0; i < 300000; i++) assert_true(f.Put("s" + std::to_string(i), small));
  assert_true(f.cache->Stats().bytes > 230 * kMiB);   // and get all of it back
}

TEST(the_largest_item_fits_and_a_larger_one_does_not) {
  for (const size_t capacity : {size_t{128} << 10, kMiB, 64 * kMiB}) {
    CacheFixture f(capacity);
    const size_t max = f.cache->item_bytes_max();
    assert_true(max >= capacity / 5);
    for (int i = 0; i < 10000; i++) f.Put("s" + std::to_string(i), std::string(1000, 's'));
    const std::string value(max - 1, 'v');
    for (int i = 0; i < 20; i++) {
      assert_true(f.Put(std::string(1, static_cast<char>('a' + i)), value));
      f.Check();
    }
    assert_false(f.Put("z", std::string(capacity / 4 + 100, 'v')));
    FillToken token;
    ASSERT_STR(f.Get("fill", &token), "(miss)");
    f.cache->FillIf(Key("fill"), {value.substr(0, max - 4), 1, 0}, token);
    assert_true(f.Has("fill"));
  }
}

TEST(a_key_of_the_greatest_length_is_kept_if_it_fits) {
  CacheFixture f(kMiB);
  const std::string key(kKeyBytesMax, 'k');
  assert_true(f.Put(key, "value"));
  ASSERT_STR(f.Get(key), "value");
}

TEST(an_external_value_without_notice_takes_what_is_free_or_what_its_shard_can_give) {
  for (const bool full : {false, true}) {
    CacheFixture f(128 * kMiB);
    for (int i = 0; full && i < 300000; i++) f.Put("s" + std::to_string(i), std::string(500, 's'));
    const std::string large(100'000, 'L');
    for (int i = 0; i < 300; i++) {
      const std::string key = "large" + std::to_string(i);
      CacheWrite write(f.cache.get(), Key(key));
      assert_true(write.Install({large, 1, 0}));
    }
  }
}

TEST(external_values_that_are_used_outlive_others) {
  CacheFixture f(16 * kMiB);
  const std::string large(500'000, 'L');
  assert_true(f.Put("used", large));
  for (int i = 0; i < 200; i++) {
    assert_true(f.Put("L" + std::to_string(i), large));
    assert_true(f.Has("used"));
  }
  assert_true(f.cache->Stats().external_bytes > 10 * kMiB);
}

TEST(the_capacity_is_never_exceeded) {
  const uint64_t seed = TestSeed();
  for (const size_t capacity : {size_t{200} << 10, 2 * kMiB, 40 * kMiB}) {
    for (const std::string& policy : PolicyNames()) {
      if (capacity != 2 * kMiB && policy != "s3fifo" && policy != "lru") continue;   // it would take long
      Random random(seed);
      CacheFixture f(capacity, policy);
      const std::string bytes(capacity / 3, 'b');
      std::vector<CacheRead> pins(20);
      size_t external_most = 0;
      for (int i = 0; i < 8000; i++) {
        const std::string key = "k" + std::to_string(random.Below(3000));
        const size_t bound = size_t{1} << random.Below(std::bit_width(capacity / 3));
        const Bytes value = Bytes(bytes).substr(0, random.Below(bound));
        if (random.Below(4) == 0) {
          FillToken token;
          if (f.Get(key, &token) == "(miss)") f.cache->FillIf(Key(key), {value, 1, 0}, token);
        } else {
          f.Put(key, value, random.Below(3) == 0 ? f.clock.NowMs() + 100 : 0);
        }
        if (random.Below(20) == 0) {
          f.cache->Read(Key(key), ReadMode::kPin, nullptr, 0, &pins[random.Below(20)]);
        }
        if (random.Below(50) == 0) f.Erase(key);
        if (random.Below(20) == 0) f.clock.Advance(1);
        if (i % 500 == 0) {
          f.cache->ExpireSome(f.clock.NowMs(), 1000);
          f.Check();
          external_most = std::max(external_most, f.cache->Stats().external_bytes);
        }
      }
      const CacheStats stats = f.cache->Stats();
      assert_true(stats.evictions > 0 && external_most > capacity / 8);
      pins.clear();
      f.Check();
      assert_int_equal(f.cache->Stats().pinned_bytes, 0);
    }
  }
}

TEST(expiry_reaches_every_shard_with_a_small_budget) {
  CacheFixture f(8 * kMiB);
  for (int i = 0; i < 1000; i++) assert_true(f.Put("k" + std::to_string(i), "v", f.clock.NowMs() + 10));
  f.clock.Advance(10);
  for (int i = 0; i < 20000 && f.cache->Stats().items > 0; i++) f.cache->ExpireSome(f.clock.NowMs(), 3);
  assert_int_equal(f.cache->Stats().items, 0);
}

// Eight threads on few keys. Below the cache stands an array of counters; a value in the cache names its
// counter's state, and must never be older than a write that had ended before the read began, whatever fills
// and evictions do.
TEST(threads_never_read_an_old_value) {
  constexpr int kKeys = 64;
  const uint64_t seed = TestSeed();
  for (const std::string& policy : PolicyNames()) {
    CacheFixture f(kMiB, policy);
    struct Below {
      Mutex mu;
      uint64_t state = 0;
    };
    static Below below[kKeys];
    for (Below& b : below) b.state = 0;
    std::atomic<int> old_values{0};
    std::atomic<int> torn_values{0};
    const auto value_of = [](uint64_t state, size_t len) {
      std::string value(8 + len, static_cast<char>('a' + state % 26));
      std::memcpy(value.data(), &state, 8);
      return value;
    };
    const auto length_of = [](uint64_t state) { return state % 50 == 0 ? size_t{40000} : state % 700; };
    const auto work = [&](int thread) {
      Random random(seed + static_cast<uint64_t>(thread));
      std::string buf(50000, '\0');
      for (int step = 0; step < 3000; step++) {
        const int k = static_cast<int>(random.Below(kKeys));
        const std::string key = "key" + std::to_string(k);
        Below& b = below[k];
        if (random.Below(4) == 0) {
          const size_t len_hint = random.Below(2) == 0 ? 40008 : 0;
          CacheWrite write(f.cache.get(), Key(key), len_hint);
          uint64_t state;
          {
            MutexLock lock(&b.mu);
            state = ++b.state;
          }
          if (random.Below(4) != 0) (void)write.Install({value_of(state, length_of(state)), 1, 0});
          continue;
        }
        uint64_t at_least;
        {
          MutexLock lock(&b.mu);
          at_least = b.state;
        }
        CacheRead read;
        const bool pin = random.Below(4) == 0;
        const auto mode = pin ? ReadMode::kPin : ReadMode::kCopy;
        const Lookup lookup = f.cache->Read(Key(key), mode, buf.data(), buf.size(), &read);
        if (lookup == Lookup::kHit) {
          const Bytes bytes = pin ? read.pin.bytes() : MakeBytes(buf.data(), read.value_len);
          uint64_t state = 0;
          std::memcpy(&state, bytes.data(), 8);
          if (state < at_least) old_values++;
          if (bytes != value_of(state, length_of(state))) torn_values++;
        } else {
          uint64_t state;
          {
            MutexLock lock(&b.mu);
            state = b.state;
          }
          if (random.Below(8) == 0) std::this_thread::yield();
          f.cache->FillIf(Key(key), {value_of(state, length_of(state)), 1, 0}, read.token);
        }
        if (random.Below(100) == 0) f.cache->ExpireSome(f.clock.NowMs(), 10);
        if (random.Below(500) == 0) (void)f.cache->Stats();
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
    assert_int_equal(old_values.load(), 0);
    assert_int_equal(torn_values.load(), 0);
    const CacheStats stats = f.cache->Stats();
    assert_true(stats.hits > 0 && stats.fills > 0 && stats.puts > 0);
  }
}

TEST(threads_with_large_values_stay_within_the_capacity) {
  CacheFixture f(4 * kMiB);
  const std::string bytes(kMiB, 'b');
  const uint64_t seed = TestSeed();
  std::atomic<int> above{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; t++) {
    threads.emplace_back([&, t] {
      Random random(seed + static_cast<uint64_t>(t));
      for (int i = 0; i < 600; i++) {
        const std::string key = "k" + std::to_string(random.Below(300));
        f.Put(key, Bytes(bytes).substr(0, random.Below(size_t{1} << random.Below(20))));
        CacheRead read;
        f.cache->Read(Key(key), ReadMode::kPin, nullptr, 0, &read);
        if (i % 20 == 0 && f.cache->Stats().committed_bytes > 8 * kMiB) above++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Stats adds shard after shard, so while others work it may count what moves between shards twice; Check at
  // the end is exact.
  assert_int_equal(above.load(), 0);
}

RUN()
