#include "cache/ghost_table.h"

#include "test.h"

using namespace shale;

namespace {
uint32_t HashOf(uint32_t i) {
  return static_cast<uint32_t>((i + 1) * 0x9E3779B97F4A7C15u >> 20);
}
}   // namespace

TEST(an_empty_table_remembers_nothing) {
  GhostTable ghosts;
  ASSERT_OK(ghosts.Init(1000));
  ghosts.Remember(1);
  assert_false(ghosts.Forget(1, 1000));
  assert_int_equal(ghosts.bytes(), 0);
}

TEST(a_hash_is_found_once_and_within_its_age) {
  GhostTable ghosts;
  ASSERT_OK(ghosts.Init(10000));
  assert_true(ghosts.Grow());
  for (uint32_t i = 0; i < 10; i++) ghosts.Remember(HashOf(i));
  assert_true(ghosts.Forget(HashOf(9), 1));
  assert_false(ghosts.Forget(HashOf(9), 1));
  assert_false(ghosts.Forget(HashOf(5), 4));   // five calls ago
  assert_true(ghosts.Forget(HashOf(6), 4));
  assert_false(ghosts.Forget(HashOf(77), 1000));
}

TEST(nearly_all_of_the_last_ones_are_found_in_a_table_of_the_wanted_size) {
  for (const uint32_t items : {500u, 5000u, 100000u}) {
    GhostTable ghosts;
    ASSERT_OK(ghosts.Init(1 << 20));
    while (ghosts.GrowthFor(items) > 0) assert_true(ghosts.Grow());
    assert_in_range(ghosts.slots(), items, 5 * items);
    for (uint32_t i = 0; i < 10 * items; i++) ghosts.Remember(HashOf(i));
    uint32_t found = 0;
    uint32_t wrong = 0;
    for (uint32_t i = 9 * items + items / 50; i < 10 * items; i++) found += ghosts.Forget(HashOf(i), items);
    for (uint32_t i = 0; i < items; i++) wrong += ghosts.Forget(HashOf(i), items);
    assert_true(found > items / 100 * 85);
    assert_true(wrong < items / 200 + 5);
  }
}

TEST(growth_ends_at_the_size_given_at_the_start) {
  GhostTable ghosts;
  ASSERT_OK(ghosts.Init(2048));
  while (ghosts.GrowthFor(1u << 30) > 0) assert_true(ghosts.Grow());
  assert_int_equal(ghosts.slots(), 2048);
  assert_int_equal(ghosts.GrowthFor(1u << 30), 0);
}

RUN()
