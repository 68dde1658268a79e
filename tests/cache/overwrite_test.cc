// A new value of a key that is here: written over the old one where it lies if both have the same shape, and
// installed as any other if not. Nobody must be able to tell but by what it costs.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "cache/cache_hit.h"
#include "cache_fixture.h"

using namespace shale_test;

namespace {

constexpr size_t kMiB = size_t{1} << 20;

struct OneShard : CacheFixture {
  explicit OneShard(const std::string& policy, bool step = false) : CacheFixture(kMiB, policy, 0) {
    in_one_step = step;
  }
  void PutThree() {
    for (const char* key : {"a", "b", "c"}) assert_true(Put(key, "first"));
  }
};

// What a reader that takes no lock gets; false if it has to ask for more.
bool ReadShort(Cache* cache, const std::string& key, char* buf, size_t cap, CacheHit* hit) {
  (void)ThreadNumber();
  return cache->TryHit(Key(key), ReadMode::kCopyOrPin, buf, cap, hit);
}

}   // namespace

TEST(a_value_of_the_same_shape_takes_the_place_of_the_old_one) {
  for (const std::string policy : {"s3fifo", "fifo", "sieve", "s3fifo in one step"}) {
    OneShard f(policy.substr(0, policy.find(' ')), policy.ends_with("step"));
    f.PutThree();
    const std::string queues = f.cache->DumpShard(0);
    const size_t bytes = f.cache->Stats().bytes;
    for (int i = 0; i < 100; i++) assert_true(f.Put("a", "other"));
    assert_string_equal(f.cache->DumpShard(0).c_str(), queues.c_str());
    assert_int_equal(f.cache->Stats().bytes, bytes);
    assert_string_equal(f.Get("a").c_str(), "other");
    assert_int_equal(f.cache->Stats().overwrites, 100);
    assert_int_equal(f.cache->Stats().puts, 103);
  }
}

TEST(a_write_is_a_use_for_a_policy_that_goes_by_uses) {
  for (const bool in_one_step : {false, true}) {
    OneShard f("lru", in_one_step);
    f.PutThree();
    assert_true(f.Put("a", "other"));
    assert_string_equal(f.cache->DumpShard(0).c_str(), "b c a");
  }
}

TEST(hits_of_the_old_value_count_for_the_new_one) {
  for (const bool in_one_step : {false, true}) {
    OneShard f("sieve", in_one_step);
    f.PutThree();
    assert_string_equal(f.Get("a").c_str(), "first");
    assert_true(f.Put("a", "other"));
    f.Check();
    assert_true(f.cache->DumpShard(0).find("a*") != std::string::npos);
  }
}

TEST(any_shape_may_follow_any_other) {
  Random random(TestSeed());
  constexpr int64_t kNone = kNoDeadline;
  for (const std::string policy : {"s3fifo", "lru", "wtinylfu"}) {
    OneShard f(policy, random.Below(2) == 0);
    int64_t now_ms = f.clock.NowMs();
    for (int i = 0; i < 3000; i++) {
      const std::string key = "k" + std::to_string(random.Below(5));
      const size_t lengths[] = {0, 4, 5, 11, 12, 13, 60, 500, 70'000};
      const std::string value(lengths[random.Below(std::size(lengths))], static_cast<char>('a' + i % 26));
      const int64_t deadline_ms =
          random.Below(3) == 0 ? now_ms + 1 + static_cast<int64_t>(random.Below(50)) : kNone;
      assert_true(f.Put(key, value, deadline_ms, i));
      assert_string_equal(f.Get(key).c_str(), value.c_str());
      if (random.Below(10) == 0) {
        now_ms += 20;
        f.clock.Set(now_ms);
        if (random.Below(2) == 0) (void)f.cache->ExpireSome(now_ms, 100);
        if (deadline_ms != kNone && deadline_ms <= now_ms)
          assert_string_not_equal(f.Get(key).c_str(), value.c_str());
      }
      if (random.Below(20) == 0) f.Erase(key);
      if (i % 50 == 0) f.Check();
    }
  }
}

TEST(a_write_that_installs_nothing_leaves_nothing) {
  OneShard f("s3fifo");
  f.PutThree();
  FillToken before;
  assert_string_equal(f.Get("x", &before).c_str(), "(miss)");
  { CacheWrite write(f.cache.get(), Key("a"), 5); }
  FillToken token;
  assert_string_equal(f.Get("a", &token).c_str(), "(miss)");
  assert_string_equal(f.cache->DumpShard(0).c_str(), "small[b c] main[]");
  // And a fill that began meanwhile is refused.
  {
    assert_true(f.Put("a", "again"));
    CacheWrite write(f.cache.get(), Key("a"), 5);
    CacheHit hit;
    char buf[8];
    assert_false(ReadShort(f.cache.get(), "a", buf, sizeof buf, &hit));
  }
  f.cache->FillIf(Key("a"), {"old", 1, 0}, token);
  assert_string_equal(f.Get("a").c_str(), "(miss)");
}

TEST(what_cannot_be_written_over_is_left_as_it_is) {
  OneShard f("s3fifo");
  const auto overwrite = [&](const std::string& key, Bytes value) {
    return f.cache->Overwrite(Key(key), {value, 2, kNoDeadline});
  };
  assert_false(overwrite("a", "first"));
  f.PutThree();
  assert_false(overwrite("a", std::string(200, 'x')));
  {
    CacheRead pinned;
    assert_true(f.cache->Read(Key("a"), ReadMode::kPin, nullptr, 0, &pinned) == Lookup::kHit);
    assert_false(overwrite("a", "other"));
    assert_string_equal(std::string(pinned.pin.bytes()).c_str(), "first");
  }
  assert_string_equal(f.Get("a").c_str(), "first");
  assert_true(overwrite("a", "other"));
  assert_string_equal(f.Get("a").c_str(), "other");
}

// The value is its version, over and over: a reader sees one or the other, whole, and never goes back.
TEST(readers_see_one_value_or_the_other) {
  constexpr size_t kWords = 13;
  constexpr uint64_t kWrites = 60'000;
  constexpr int kKeys = 3;
  for (const std::string policy : {"s3fifo", "lru", "lru in one step"}) {
    OneShard f(policy.substr(0, policy.find(' ')), policy.ends_with("step"));
    std::atomic<bool> done{false};
    std::atomic<uint64_t> wrong{0};
    const auto write = [&](uint64_t version) {
      const std::vector<uint64_t> words(kWords, version);
      const std::string key = "k" + std::to_string(version % kKeys);
      (void)f.Put(key, MakeBytes(words.data(), kWords * 8), 0, static_cast<int64_t>(version));
    };
    for (uint64_t version = 0; version < kKeys; version++) write(version);
    const auto read = [&] {
      uint64_t seen[kKeys] = {};
      for (uint64_t i = 0; !done.load(std::memory_order_relaxed); i++) {
        uint64_t words[kWords];
        CacheHit hit;
        const std::string key = "k" + std::to_string(i % kKeys);
        if (!ReadShort(f.cache.get(), key, reinterpret_cast<char*>(words), sizeof words, &hit)) {
          CacheRead full;
          if (f.cache->Read(Key(key), ReadMode::kCopy, words, sizeof words, &full) != Lookup::kHit) continue;
          hit = CacheHit{full.value_len, full.version};
        }
        const auto version = static_cast<uint64_t>(hit.version);
        const bool whole = std::all_of(words, words + kWords, [&](uint64_t word) { return word == version; });
        if (hit.value_len != sizeof words || !whole || version < seen[i % kKeys]) wrong++;
        seen[i % kKeys] = version;
      }
    };
    std::thread readers[] = {std::thread(read), std::thread(read)};
    for (uint64_t version = kKeys; version < kWrites; version++) write(version);
    done = true;
    for (std::thread& reader : readers) reader.join();
    assert_int_equal(wrong.load(), 0);
    assert_int_equal(f.cache->Stats().items, kKeys);
  }
}

RUN()
