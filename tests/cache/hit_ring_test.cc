#include "cache/hit_ring.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "cache/policy.h"
#include "cache_fixture.h"

using namespace shale_test;

namespace {

std::vector<std::pair<ItemRef, uint32_t>> TakeAll(HitRing* ring) {
  std::vector<std::pair<ItemRef, uint32_t>> taken;
  ring->Take([&](ItemRef ref, uint32_t hash) { taken.emplace_back(ref, hash); });
  return taken;
}

}   // namespace

TEST(notes_come_out_once_and_in_order) {
  HitRing ring;
  assert_true(TakeAll(&ring).empty());
  for (uint32_t lap = 0; lap < 100; lap++) {
    const uint32_t count = lap % HitRing::kSlots;
    for (uint32_t i = 0; i < count; i++) (void)ring.Note(1000 * lap + i + 1, 7 * i);
    const auto taken = TakeAll(&ring);
    assert_int_equal(count, taken.size());
    for (uint32_t i = 0; i < count; i++) {
      assert_int_equal(1000 * lap + i + 1, taken[i].first);
      assert_int_equal(7 * i, taken[i].second);
    }
    assert_true(TakeAll(&ring).empty());
  }
}

TEST(the_oldest_notes_are_overtaken_and_somebody_is_told) {
  HitRing ring;
  uint32_t told = 0;
  for (uint32_t i = 1; i <= 3 * HitRing::kSlots; i++) told += ring.Note(i, i) ? 1 : 0;
  assert_int_equal(3 * HitRing::kSlots / HitRing::kTakeEvery, told);
  const auto taken = TakeAll(&ring);
  assert_int_equal(HitRing::kSlots, taken.size());
  assert_int_equal(2 * HitRing::kSlots + 1, taken.front().first);
  assert_int_equal(3 * HitRing::kSlots, taken.back().first);
}

TEST(hits_without_a_lock_reach_the_policy_in_order) {
  for (const int rounds : {1, 100}) {   // less and more than the ring holds
    CacheFixture f(512 << 10, "lru", 0);
    for (const char* key : {"a", "b", "c", "d"}) assert_true(f.Put(key, key));
    for (int i = 0; i < rounds; i++) {
      assert_true(f.Has("b"));
      ASSERT_STR(f.Get("a"), "a");
    }
    ASSERT_STR(f.cache->DumpShard(0), "c d b a");
  }
}

// A note may be about an item that has left since, and whose memory is another's.
TEST(a_note_of_what_has_left_is_no_hit_of_who_came_after_it) {
  CacheFixture f(512 << 10, "lru", 0);
  for (const char* key : {"a", "b", "c"}) assert_true(f.Put(key, key));
  assert_true(f.Has("a"));
  f.Erase("a");
  assert_true(f.Put("x", "x"));   // where a was
  assert_true(f.Put("d", "d"));
  ASSERT_STR(f.cache->DumpShard(0), "b c x d");
}

// While one thread is inside a change, another's hits are answered: with no policy do they need the lock.
TEST(a_hit_waits_for_no_writer) {
  for (const std::string& policy : PolicyNames()) {
    CacheFixture f(512 << 10, policy, 0);
    assert_true(f.Put("read", "value"));
    std::atomic<bool> done{false};
    std::atomic<int> hits{0};
    std::thread reader;
    {
      CacheWrite change(f.cache.get(), Key("written"));
      reader = std::thread([&] {
        for (int i = 0; i < 1000; i++) hits += f.Get("read") == "value" ? 1 : 0;
        done = true;
      });
      // A minute is for ever: it only ends a test that fails.
      for (int wait = 0; wait < 60000 && !done; wait++)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      assert_true(done);
    }
    reader.join();
    assert_int_equal(1000, hits);
  }
}

RUN()
