// Values that have left the memory tier and left their place behind.
#include <random>
#include <unordered_map>

#include "cache_fixture.h"

using namespace shale;
using namespace shale_test;

namespace {

constexpr size_t kCapacity = size_t{1} << 20;

struct PlacesFixture {
  FakeClock clock;
  std::unique_ptr<Cache> cache;
  PlacesFixture() {
    Cache::Config config;
    config.capacity_bytes = kCapacity;
    config.shard_bits_max = 1;
    config.place_percent = 25;
    config.clock = &clock;
    ASSERT_OK(Cache::Create(config, &cache));
  }
  ~PlacesFixture() { ASSERT_VALID(*cache); }
  void Put(const std::string& key, Bytes value, uint64_t where, int64_t version, int64_t deadline_ms = 0) {
    CacheWrite write(cache.get(), Key(key), value.size());
    assert_true(write.Install({value, version, deadline_ms, where}));
  }
  Lookup Read(const std::string& key, CacheRead* read) {
    static char buf[2000];
    return cache->Read(Key(key), ReadMode::kCopyOrPin, buf, sizeof buf, read);
  }
};

std::string Name(int i) {
  return "key_" + std::to_string(i);
}

}   // namespace

TEST(an_evicted_value_leaves_its_place) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 4000; i++) f.Put(Name(i), value, static_cast<uint64_t>(i) + 1, i + 10);
  int places = 0, hits = 0;
  for (int i = 0; i < 4000; i++) {
    CacheRead read;
    const Lookup lookup = f.Read(Name(i), &read);
    if (lookup == Lookup::kHit) hits++;
    if (lookup == Lookup::kMiss) continue;
    assert_int_equal(read.version, i + 10);
    assert_int_equal(read.value_len, 1000);
    if (lookup != Lookup::kPlace) continue;
    places++;
    assert_int_equal(read.where, i + 1);
    // Without the value the rest is known all the same.
    assert_int_equal(f.cache->Read(Key(Name(i)), ReadMode::kMeta, nullptr, 0, &read), Lookup::kHit);
  }
  assert_true(hits > 500);
  assert_true(places > 2500);
  const CacheStats stats = f.cache->Stats();
  assert_int_equal(stats.place_hits, places);
  assert_int_equal(stats.places, places);
  assert_true(stats.place_bytes <= kCapacity / 4);
}

TEST(a_write_takes_the_place_away) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 2000; i++) f.Put(Name(i), value, 1, 1);
  CacheRead read;
  assert_int_equal(f.Read(Name(0), &read), Lookup::kPlace);
  { CacheWrite erase(f.cache.get(), Key(Name(0))); }
  assert_int_equal(f.Read(Name(0), &read), Lookup::kMiss);
  assert_int_equal(f.Read(Name(1), &read), Lookup::kPlace);
  f.Put(Name(1), value, 77, 2);
  const Lookup lookup = f.Read(Name(1), &read);
  assert_true(lookup == Lookup::kHit || (lookup == Lookup::kPlace && read.where == 77));
  assert_int_equal(read.version, 2);
}

// While nothing that is held is read, most of what is written leaves only its place.
TEST(what_nobody_reads_is_hardly_taken_in) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 4000; i++) f.Put(Name(i), value, 1, 1);
  const uint64_t puts = f.cache->Stats().puts;
  for (int i = 4000; i < 8000; i++) f.Put(Name(i), value, 1, 1);
  const uint64_t taken = f.cache->Stats().puts - puts;
  assert_true(taken > 4000 / 8 / 2 && taken < 4000 / 8 * 2);
  int known = 0;
  for (int i = 7000; i < 8000; i++) {
    CacheRead read;
    known += f.Read(Name(i), &read) != Lookup::kMiss;
  }
  assert_int_equal(known, 1000);
}

// As soon as what is held is read, all that is written is taken in again; a value that is here is always
// replaced by the new one.
TEST(what_is_read_is_taken_in) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 4000; i++) f.Put(Name(i), value, 1, 1);
  for (int i = 4000; i < 30'000; i++) {
    f.Put(Name(i), value, 1, 1);
    CacheRead read;
    for (int again = 0; again < 3; again++) (void)f.Read(Name(i - again), &read);
  }
  const uint64_t puts = f.cache->Stats().puts;
  for (int i = 30'000; i < 30'200; i++) f.Put(Name(i), value, 1, 1);
  assert_int_equal(f.cache->Stats().puts - puts, 200);
  for (int i = 40'000; i < 60'000; i++) f.Put(Name(i), value, 1, 1);
  CacheRead read;
  int here = 40'000;
  while (f.Read(Name(here), &read) != Lookup::kHit) here++;
  for (int64_t version = 2; version < 50; version++) {
    f.Put(Name(here), value, 5, version);
    assert_int_equal(f.Read(Name(here), &read), Lookup::kHit);
    assert_int_equal(read.version, version);
  }
}

// A reader that found a place and comes back with the value, after the key was written: the old value must
// not come in.
TEST(a_stale_fill_at_a_place_is_rejected) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 2000; i++) f.Put(Name(i), value, 1, 1);
  CacheRead read;
  assert_int_equal(f.Read(Name(0), &read), Lookup::kPlace);
  { CacheWrite erase(f.cache.get(), Key(Name(0))); }
  for (int i = 0; i < 8; i++) f.cache->FillIf(Key(Name(0)), {value, 1, 0, 1}, read.token);
  CacheRead again;
  assert_int_equal(f.Read(Name(0), &again), Lookup::kMiss);
  assert_int_equal(f.cache->Stats().fills_rejected, 8);
}

TEST(a_value_that_is_asked_for_again_comes_in) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 2000; i++) f.Put(Name(i), value, 1, 1);
  int reads = 0;
  for (;; reads++) {
    CacheRead read;
    if (f.Read(Name(3), &read) == Lookup::kHit) break;
    f.cache->FillIf(Key(Name(3)), {value, 1, 0, 5}, read.token);
    assert_true(reads < 200);
  }
  assert_true(reads >= 1);
}

TEST(a_place_moves_with_its_value_and_ends_with_its_deadline) {
  PlacesFixture f;
  const std::string value(1000, 'v');
  for (int i = 0; i < 2000; i++) f.Put(Name(i), value, 1, 1, f.clock.NowMs() + 5000);
  CacheRead read;
  assert_int_equal(f.Read(Name(0), &read), Lookup::kPlace);
  assert_int_equal(read.deadline_ms, f.clock.NowMs() + 5000);
  f.clock.Advance(5001);
  assert_int_equal(f.Read(Name(0), &read), Lookup::kExpired);
  assert_int_equal(f.Read(Name(0), &read), Lookup::kMiss);
}

// A ring that was about to grow was asked to, though what left the arena to make room for it had wrapped it
// meanwhile: an assertion of the debug build failed.
TEST(a_ring_that_wraps_while_it_is_about_to_grow_stays_whole) {
  const std::string value(3000, 'v');
  for (size_t length = 100; length <= value.size(); length += 100) {
    PlacesFixture f;
    for (int i = 0; i < 6000; i++) {
      const std::string key = Name(i) + std::string(static_cast<size_t>(i % 7) * 40, 'k');
      f.Put(key, Bytes(value.data(), length), 1, i + 1);
      CacheRead read;
      if (i % 3 != 0) (void)f.Read(key, &read);
    }
    ASSERT_VALID(*f.cache);
  }
}

// All at once, against a map: whatever is found is right.
TEST(random_writes_fills_and_external_values_agree_with_a_map) {
  const uint64_t seed = 7;
  std::mt19937_64 random(seed);
  PlacesFixture f;
  std::unordered_map<std::string, std::pair<int64_t, size_t>> model;   // version, length
  std::string large(200'000, 'l');
  int64_t version = 0;
  for (int step = 0; step < 60'000; step++) {
    const std::string key = Name(static_cast<int>(random() % 3000));
    if (random() % 3 != 0) {
      const size_t length = random() % 500 == 0 ? large.size() : 300 + random() % 1200;
      version++;
      const bool has_place = length > 512;
      CacheWrite write(f.cache.get(), Key(key), length);
      (void)write.Install(
          {Bytes(large.data(), length), version, 0, has_place ? static_cast<uint64_t>(version) : 0});
      model[key] = {version, length};
    } else {
      CacheRead read;
      const Lookup lookup = f.Read(key, &read);
      const auto it = model.find(key);
      if (it == model.end()) {
        assert_int_equal(lookup, Lookup::kMiss);
        continue;
      }
      if (lookup == Lookup::kMiss || lookup == Lookup::kPlace) {
        const uint64_t where = it->second.second > 512 ? static_cast<uint64_t>(it->second.first) : 0;
        if (lookup == Lookup::kPlace) assert_int_equal(read.where, where);
        f.cache->FillIf(Key(key), {Bytes(large.data(), it->second.second), it->second.first, 0, where},
                        read.token);
      }
      if (lookup == Lookup::kMiss) continue;
      assert_int_equal(read.version, it->second.first);
      assert_int_equal(read.value_len, it->second.second);
    }
    if (step % 5000 == 0) ASSERT_VALID(*f.cache);
  }
  const CacheStats stats = f.cache->Stats();
  assert_true(stats.place_hits > 100);
  assert_true(stats.committed_bytes <= kCapacity);
}

RUN()
