#include <set>

#include "cache/policy_fixture.h"

using namespace shale_test;

TEST(an_unknown_name_is_refused_and_the_known_ones_are_named) {
  Arena arena;
  std::unique_ptr<EvictionPolicy> policy;
  const Status s = NewPolicy("mru", &arena, nullptr, 1, &policy);
  assert_true(s.Is(Code::E_INVALID));
  ASSERT_STR(
      s.message(),
      "cache: unknown eviction policy \"mru\"; known: s3fifo, wtinylfu, car, sieve, lru, lfu, gdsf, fifo");
  assert_int_equal(PolicyNames().size(), 8);
}

TEST(fifo_ignores_hits) {
  PolicyFixture f("fifo");
  f.InsertAll("abcd");
  f.Hit("a");
  ASSERT_STR(f.Dump(), "a b c d");
  ASSERT_STR(f.Evict(), "a");
  f.Erase("c");
  ASSERT_STR(f.Dump(), "b d");
}

TEST(lru_moves_what_is_hit_to_the_end) {
  PolicyFixture f("lru");
  f.InsertAll("abcd");
  f.Hit("a");
  ASSERT_STR(f.Dump(), "b c d a");
  f.Hit("c");
  f.Hit("c");
  ASSERT_STR(f.Dump(), "b d a c");
  ASSERT_STR(f.Evict(), "b");
  f.Erase("a");
  f.InsertAll("e");
  ASSERT_STR(f.Dump(), "d c e");
}

TEST(s3fifo_evicts_new_items_that_were_not_hit_twice) {
  PolicyFixture f("s3fifo");
  f.InsertAll("abcdef");
  f.Hit("a");
  f.Hit("b");
  f.Hit("b");
  f.Hit("d");
  f.Hit("d");
  f.Hit("d");
  f.Hit("d");
  ASSERT_STR(f.Dump(), "small[a*1 b*2 c d*3 e f] main[]");
  ASSERT_STR(f.Evict(), "a");   // once is not enough
  ASSERT_STR(f.Evict(), "c");   // b moves to the main queue
  ASSERT_STR(f.Dump(), "small[d*3 e f] main[b]");
  ASSERT_STR(f.Evict(), "e");
  ASSERT_STR(f.Dump(), "small[f] main[b d]");
}

TEST(s3fifo_takes_back_a_ghost_into_the_main_queue) {
  PolicyFixture f("s3fifo");
  f.InsertAll("ab");
  f.Hit("a");
  f.Hit("a");
  ASSERT_STR(f.Evict(), "b");   // a is now in main
  f.InsertAll("cd");
  ASSERT_STR(f.Evict(), "c");
  f.InsertAll("c");
  ASSERT_STR(f.Dump(), "small[d] main[a c]");
  f.Erase("c");
  f.InsertAll("c");   // a ghost serves once
  ASSERT_STR(f.Dump(), "small[d c] main[a]");
}

TEST(s3fifo_forgets_a_ghost_after_as_many_evictions_as_main_may_have_items) {
  PolicyFixture f("s3fifo");
  f.InsertAll("ab");
  for (const char* key : {"a", "a", "b", "b"}) f.Hit(key);
  f.InsertAll("z");
  ASSERT_STR(f.Evict(), "z");
  f.InsertAll("cde");
  ASSERT_STR(f.Dump(), "small[c d e] main[a b]");
  ASSERT_STR(f.Evict(), "c");
  ASSERT_STR(f.Evict(), "d");
  ASSERT_STR(f.Evict(), "e");
  f.InsertAll("cde");   // each finds one item more: two for the oldest ghost, which is two evictions old
  ASSERT_STR(f.Dump(), "small[c] main[a b d e]");
}

TEST(s3fifo_gives_main_items_one_round_per_hit) {
  PolicyFixture f("s3fifo");
  f.InsertAll("abc");
  for (const char* key : {"a", "a", "b", "b", "c", "c"}) f.Hit(key);
  f.InsertAll("x");
  ASSERT_STR(f.Evict(), "x");
  f.Hit("a");
  f.Hit("a");
  f.Hit("b");
  ASSERT_STR(f.Dump(), "small[] main[a*2 b*1 c]");
  ASSERT_STR(f.Evict(), "c");
  ASSERT_STR(f.Dump(), "small[] main[a*1 b]");
  ASSERT_STR(f.Evict(), "b");
  ASSERT_STR(f.Evict(), "a");
  ASSERT_STR(f.Evict(), "");
}

TEST(s3fifo_weighs_its_small_queue_in_bytes) {
  PolicyFixture f("s3fifo");
  for (int i = 0; i < 30; i++) {
    const std::string key = "m" + std::to_string(i);
    f.Insert(key, 1000);
    f.Hit(key);
    f.Hit(key);
  }
  f.Insert("x", 1000);
  ASSERT_STR(f.Evict(), "m0");   // the small queue sank below a tenth before x was reached
  f.Insert("large", 5000);
  ASSERT_STR(f.Evict(), "x");   // now it is above, and what was hit in it moves on
  ASSERT_STR(f.Evict(), "large");
  ASSERT_STR(f.Evict(), "m1");
}

TEST(no_policy_evicts_a_pinned_item) {
  for (const std::string& name : PolicyNames()) {
    PolicyFixture f(name);
    f.InsertAll("abcde");
    for (const char* key : {"a", "c", "d"}) f.SetPins(key, 1);
    std::set<std::string> evicted{f.Evict(), f.Evict()};
    assert_true(evicted == (std::set<std::string>{"b", "e"}));
    ASSERT_STR(f.Evict(), "");
    f.SetPins("c", 0);
    ASSERT_STR(f.Evict(), "c");
    assert_int_equal(f.policy().items(), 2);
  }
}

TEST(every_policy_keeps_its_queues_under_random_use) {
  const uint64_t seed = TestSeed();
  for (const std::string& name : PolicyNames()) {
    Random random(seed);
    PolicyFixture f(name);
    int next = 0;
    std::vector<std::string> keys;
    for (int step = 0; step < 20000; step++) {
      if (f.size() > 800 || random.Below(20) == 0) f.Evict();
      if (!keys.empty()) {
        const std::string key = keys[random.Below(keys.size())];
        if (f.Has(key)) {
          if (random.Below(10) == 0) {
            f.Erase(key);
          } else {
            f.Hit(key);
          }
        } else {
          f.Insert(key, random.Below(300));
        }
      }
      if (keys.size() < 2000) keys.push_back("k" + std::to_string(next++));
      assert_int_equal(f.policy().items(), f.size());
      if (step % 100 == 0) ASSERT_VALID(f.policy());
    }
    while (!f.Evict().empty()) {
    }
    assert_int_equal(f.size(), 0);
  }
}

RUN()
