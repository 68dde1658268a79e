// The capacity changes while the cache is in use.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cache/policy.h"
#include "cache_fixture.h"

using namespace shale_test;

namespace {

constexpr size_t kMiB = size_t{1} << 20;

// Keys 0 .. count - 1; returns how many are there afterwards.
size_t Fill(CacheFixture* f, int count, size_t value_len) {
  const std::string value(value_len, 'v');
  for (int i = 0; i < count; i++) f->Put("key" + std::to_string(i), value);
  return f->cache->Stats().items;
}

}   // namespace

TEST(a_cache_grows_and_shrinks_while_open) {
  for (const std::string& policy : PolicyNames()) {
    CacheFixture f(8 * kMiB, policy);
    const size_t before = Fill(&f, 60000, 1000);
    assert_true(f.cache->Resize(32 * kMiB));
    f.Check();
    assert_int_equal(f.cache->Stats().items, before);   // growing costs nobody
    const size_t grown = Fill(&f, 60000, 1000);
    assert_true(grown > before * 39 / 10 && grown < before * 43 / 10);
    f.Check();
    assert_true(f.cache->Resize(2 * kMiB));
    f.Check();   // among others that no more than the capacity is in use
    assert_int_equal(f.cache->capacity_bytes(), 2 * kMiB);
    const size_t shrunk = f.cache->Stats().items;
    assert_true(shrunk > before / 8 && shrunk < before / 3);
    assert_true(Fill(&f, 20000, 1000) > before / 8);
    assert_true(f.Put("last", "v"));
    ASSERT_STR(f.Get("last"), "v");
  }
}

TEST(limits_are_a_quarter_and_four_times) {
  CacheFixture f(8 * kMiB);
  size_t least, most;
  f.cache->ResizeLimits(&least, &most);
  assert_int_equal(least, 2 * kMiB);
  assert_int_equal(most, 32 * kMiB);
  assert_false(f.cache->Resize(least - 1));
  assert_false(f.cache->Resize(most + 1));
  assert_int_equal(f.cache->capacity_bytes(), 8 * kMiB);
  CacheFixture small(128 << 10);
  small.cache->ResizeLimits(&least, &most);
  assert_int_equal(least, 128 << 10);
}

TEST(large_values_leave_when_the_cache_shrinks) {
  CacheFixture f(16 * kMiB);
  const std::string value(kMiB, 'v');
  for (int i = 0; i < 20; i++) f.Put("large" + std::to_string(i), value);
  assert_true(f.cache->Stats().external_bytes > 10 * kMiB);
  assert_true(f.cache->Resize(4 * kMiB));
  f.Check();
  assert_true(f.cache->Stats().external_bytes <= 3 * kMiB);
  assert_true(f.cache->Stats().external_bytes >= kMiB);
  assert_false(f.Put("too large", std::string(2 * kMiB, 'v')));
  assert_true(f.cache->Resize(16 * kMiB));
  assert_true(f.Put("too large", std::string(2 * kMiB, 'v')));
}

TEST(what_is_pinned_is_paid_for_when_it_is_let_go) {
  CacheFixture f(16 * kMiB);
  const std::string value(kMiB, 'v');
  std::vector<CacheRead> reads(10);
  for (size_t i = 0; i < reads.size(); i++) {
    const std::string key = "large" + std::to_string(i);
    assert_true(f.Put(key, value));
    assert_true(f.cache->Read(Key(key), ReadMode::kPin, nullptr, 0, &reads[i]) == Lookup::kHit);
  }
  assert_true(f.cache->Resize(4 * kMiB));
  assert_true(f.cache->Stats().committed_bytes > 4 * kMiB);   // nothing is taken from under a pin
  for (const CacheRead& read : reads) assert_true(read.pin.bytes() == value);
  assert_false(f.Put("another", value));
  reads.clear();
  assert_true(f.cache->Resize(4 * kMiB));
  f.Check();
  assert_true(f.Put("another", std::string(kMiB / 2, 'v')));
}

TEST(readers_and_writers_go_on_while_it_is_resized) {
  CacheFixture f(8 * kMiB);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  const uint64_t seed = TestSeed();
  for (uint64_t t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      Random random(seed + t);
      while (!stop.load()) {
        const std::string key = "key" + std::to_string(random.Below(20000));
        if (random.Below(3) == 0) {
          f.Put(key, key + std::string(random.Below(random.Below(50) == 0 ? 100000 : 1500), 'x'));
          continue;
        }
        CacheRead read;
        if (f.cache->Read(Key(key), ReadMode::kPin, nullptr, 0, &read) != Lookup::kHit) continue;
        if (read.pin.bytes().substr(0, key.size()) != key) wrong++;
      }
    });
  }
  Random random(seed);
  for (int i = 0; i < 60; i++) {
    assert_true(f.cache->Resize(2 * kMiB + random.Below(30 * kMiB)));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  assert_int_equal(wrong.load(), 0);
  assert_true(f.cache->Resize(8 * kMiB));
}

RUN()
