#include "cache/ghost_list.h"

#include "test.h"

using namespace shale;

namespace {
struct Fixture {
  GhostList list;
  explicit Fixture(size_t slots = 1000) {
    ASSERT_OK(list.Init(slots));
    while (list.GrowthFor(slots) > 0) assert_true(list.Grow());
  }
  void RememberAll(uint32_t from, uint32_t to, size_t items) {
    for (uint32_t i = from; i < to; i++) list.Remember(i * 0x9E3779B1u, items);
  }
  bool Take(uint32_t i) { return list.Take(i * 0x9E3779B1u); }
};
}   // namespace

TEST(a_ghost_serves_once) {
  Fixture f;
  f.RememberAll(1, 11, 16);
  assert_int_equal(f.list.live(), 10);
  assert_true(f.Take(3));
  assert_false(f.Take(3));
  assert_false(f.Take(99));
  assert_int_equal(f.list.live(), 9);
}

TEST(trimming_gives_up_the_oldest) {
  Fixture f;
  f.RememberAll(1, 11, 16);   // a stretch is one call
  assert_true(f.Take(2));
  f.list.TrimTo(6);   // nine live ones: 1, 3 and 4 go
  assert_int_equal(f.list.live(), 6);
  for (const uint32_t i : {1u, 3u, 4u}) assert_false(f.Take(i));
  for (const uint32_t i : {5u, 6u, 7u, 8u, 9u, 10u}) assert_true(f.Take(i));
  assert_int_equal(f.list.live(), 0);
}

// What was given up stays in the table for a while; the key that came back and left again was then taken for that
// old ghost, and not for the new one.
TEST(a_key_given_up_and_remembered_again_counts) {
  Fixture f;
  f.RememberAll(1, 11, 16);
  f.list.TrimTo(0);
  f.RememberAll(1, 11, 16);
  for (uint32_t i = 1; i < 11; i++) assert_true(f.Take(i));
  assert_int_equal(f.list.live(), 0);
}

TEST(large_caches_are_trimmed_by_stretches) {
  Fixture f(4000);
  f.RememberAll(1, 1601, 1600);   // sixteen stretches of a hundred
  f.list.TrimTo(1450);
  assert_int_equal(f.list.live(), 1400);
  assert_false(f.Take(200));
  assert_true(f.Take(201));
}

TEST(it_looks_back_only_so_far) {
  Fixture f;
  f.RememberAll(1, 101, 16);
  assert_int_equal(f.list.live(), 64);
  assert_false(f.Take(36));
  assert_true(f.Take(37));
}

TEST(without_memory_nothing_is_remembered) {
  GhostList list;
  ASSERT_OK(list.Init(100));
  list.Remember(1, 16);
  assert_int_equal(list.live(), 0);
  assert_false(list.Take(1));
  list.TrimTo(0);
}

RUN()
