// What the queues of sieve, car, lfu, gdsf and wtinylfu look like, step by step.
#include <vector>

#include "cache/policy_fixture.h"

using namespace shale_test;

TEST(sieve_passes_over_what_was_hit_and_lets_it_lie) {
  PolicyFixture f("sieve");
  f.InsertAll("abcde");
  f.Hit("a");
  f.Hit("c");
  ASSERT_STR(f.Dump(), "a*1 b c*1 d e");
  ASSERT_STR(f.Evict(), "b");
  ASSERT_STR(f.Dump(), "a | c*1 d e");
  f.InsertAll("f");
  ASSERT_STR(f.Evict(), "d");   // the hand goes on from where it was, and takes the mark of c
  ASSERT_STR(f.Dump(), "a c | e f");
  f.Erase("e");   // the hand moves with what it points at
  ASSERT_STR(f.Dump(), "a c | f");
  ASSERT_STR(f.Evict(), "f");
  ASSERT_STR(f.Dump(), "a c");   // at the end: the next walk begins at the oldest
  ASSERT_STR(f.Evict(), "a");
}

TEST(sieve_finds_one_also_if_all_were_hit) {
  PolicyFixture f("sieve");
  f.InsertAll("abc");
  for (const char* key : {"a", "b", "c"}) f.Hit(key);
  ASSERT_STR(f.Evict(), "a");
  ASSERT_STR(f.Dump(), "| b c");
}

TEST(car_moves_what_was_hit_to_the_other_clock) {
  PolicyFixture f("car");
  f.InsertAll("abcd");
  f.Hit("a");
  f.Hit("c");
  ASSERT_STR(f.Dump(), "once[a*1 b c*1 d] often[]");
  ASSERT_STR(f.Evict(), "b");
  ASSERT_STR(f.Dump(), "once[c*1 d] often[a]");
  ASSERT_STR(f.Evict(), "d");
  ASSERT_STR(f.Dump(), "once[] often[a c]");
  f.Hit("a");
  ASSERT_STR(f.Evict(), "c");   // a mark is a round more
  ASSERT_STR(f.Dump(), "once[] often[a]");
}

TEST(car_moves_the_border_to_where_ghosts_come_back) {
  PolicyFixture f("car");
  f.InsertAll("abcd");
  f.Hit("a");
  f.Hit("b");
  ASSERT_STR(f.Evict(), "c");
  f.InsertAll("c");   // a ghost of `once`: it goes to `often`, and `once` may have one item
  ASSERT_STR(f.Dump(), "once[d] often[a b c]");
  f.InsertAll("e");
  ASSERT_STR(f.Evict(), "d");
  ASSERT_STR(f.Dump(), "once[e] often[a b c]");
  f.InsertAll("d");   // again: two
  f.InsertAll("f");
  ASSERT_STR(f.Dump(), "once[e f] often[a b c d]");
  ASSERT_STR(f.Evict(), "e");
  ASSERT_STR(f.Evict(), "a");   // `once` is below its two
  f.InsertAll("a");             // a ghost of `often`: back to one
  ASSERT_STR(f.Dump(), "once[f] often[b c d a]");
  ASSERT_STR(f.Evict(), "f");
}

TEST(lfu_evicts_what_was_used_least) {
  PolicyFixture f("lfu");
  f.InsertAll("abcd");
  f.Hit("a");
  f.Hit("a");
  f.Hit("b");
  ASSERT_STR(f.Dump(), "1[a*2 b*1 c d]");
  ASSERT_STR(f.Evict(), "c");   // a and b are put where their uses belong on the way
  ASSERT_STR(f.Dump(), "0[d] 1[b] 2[a]");
  ASSERT_STR(f.Evict(), "d");
  ASSERT_STR(f.Evict(), "b");
}

TEST(lfu_forgets_what_was_popular_once) {
  PolicyFixture f("lfu");
  f.InsertAll("a");
  for (int i = 0; i < 3; i++) f.Hit("a");
  f.InsertAll("b");
  ASSERT_STR(f.Evict(), "b");
  ASSERT_STR(f.Dump(), "3[a]");   // four uses, and the last victim stood at one
  for (const char* key : {"c", "d", "e"}) {
    f.Insert(key);
    ASSERT_STR(f.Evict(), key[0] == 'e' ? "a" : key);
  }
  // Each victim raised the rank at which new items begin, so the third stood beside a, which was there
  // before.
  ASSERT_STR(f.Dump(), "0[e]");
}

TEST(gdsf_keeps_small_items_longer) {
  PolicyFixture f("gdsf");
  f.Insert("large", 3000);
  f.Insert("small", 20);
  f.Insert("middle", 900);
  ASSERT_STR(f.Evict(), "large");
  f.Insert("large", 3000);
  f.Hit("large");
  f.Hit("large");
  ASSERT_STR(f.Evict(), "middle");   // three uses of much, one of less
  ASSERT_STR(f.Evict(), "large");
  ASSERT_STR(f.Evict(), "small");
}

TEST(gdsf_has_more_hits_where_sizes_differ_widely) {
  const uint64_t seed = TestSeed();
  size_t hits[2] = {0, 0};
  for (const bool by_size : {false, true}) {
    PolicyFixture f(by_size ? "gdsf" : "lfu");
    Random random(seed);
    size_t bytes = 0;
    for (int step = 0; step < 40000; step++) {
      const uint64_t number = random.Below(1 + random.Below(2000));
      const std::string key = std::to_string(number);
      if (f.Has(key)) {
        f.Hit(key);
        hits[by_size ? 1 : 0]++;
        continue;
      }
      const size_t value_len = size_t{16} << number * 7919 % 9;   // 16 to 4,096
      while (bytes + value_len > 100'000) bytes -= size_t{16} << std::stoull(f.Evict()) * 7919 % 9;
      f.Insert(key, value_len);
      bytes += value_len;
    }
  }
  assert_true(hits[1] > hits[0] + hits[0] / 10);
}

TEST(wtinylfu_lets_in_only_what_is_asked_for_more_often) {
  PolicyFixture f("wtinylfu");
  f.InsertAll("abcd");
  ASSERT_STR(f.Dump(), "window[d] probation[a b c] protected[]");
  f.Hit("a");
  f.Hit("c");
  ASSERT_STR(f.Dump(), "window[d] probation[b] protected[a c]");
  ASSERT_STR(f.Evict(), "d");   // used once, as b: who is there stays
  f.InsertAll("d");
  ASSERT_STR(f.Evict(), "b");   // asked for twice now, though it was away
  ASSERT_STR(f.Dump(), "window[] probation[d] protected[a c]");
}

TEST(wtinylfu_protects_at_most_four_fifths) {
  PolicyFixture f("wtinylfu");
  f.InsertAll("abcdef");
  for (const char* key : {"a", "b", "c", "d", "e"}) f.Hit(key);
  ASSERT_STR(f.Dump(), "window[f] probation[a] protected[b c d e]");
  f.Hit("b");
  ASSERT_STR(f.Dump(), "window[f] probation[a] protected[c d e b]");
  f.Hit("f");
  ASSERT_STR(f.Dump(), "window[f] probation[a] protected[c d e b]");
}

TEST(the_window_of_wtinylfu_grows_where_recency_decides) {
  // Every key is asked for twice, the second time up to 60 keys later, and then never again: frequency says
  // nothing, and each item more in the window is worth hits.
  PolicyFixture f("wtinylfu");
  const auto ask = [&f](int number) {
    const std::string key = std::to_string(number);
    if (f.Has(key)) return f.Hit(key), true;
    if (f.size() == 100) (void)f.Evict();
    f.Insert(key);
    return false;
  };
  constexpr int kKeys = 40000;
  std::vector<std::vector<int>> due(kKeys + 100);
  int hits[2] = {0, 0};   // in the first 2,000 keys, and in the last
  for (int i = 0; i < kKeys; i++) {
    (void)ask(i);
    due[static_cast<size_t>(i + 1 + i * 7919 % 60)].push_back(i);
    for (const int again : due[static_cast<size_t>(i)]) {
      const int hit = ask(again) ? 1 : 0;
      if (i < 2000) hits[0] += hit;
      if (i >= kKeys - 2000) hits[1] += hit;
    }
  }
  assert_true(hits[1] > 2 * hits[0]);
}

RUN()
