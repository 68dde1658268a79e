#include "cache/frequency_sketch.h"

#include <map>

#include "test.h"

using namespace shale;

namespace {
struct Fixture {
  FrequencySketch sketch;
  explicit Fixture(size_t items) {
    ASSERT_OK(sketch.Init(items));
    while (sketch.GrowthFor(items) > 0) assert_true(sketch.Grow());
  }
};
}   // namespace

TEST(a_sketch_without_memory_knows_nothing) {
  FrequencySketch sketch;
  ASSERT_OK(sketch.Init(1000));
  sketch.Add(7);
  assert_int_equal(sketch.Estimate(7), 0);
  assert_int_equal(sketch.additions(), 0);
  assert_int_equal(sketch.bytes(), 0);
}

TEST(it_counts_to_fifteen) {
  Fixture f(1000);
  for (uint32_t i = 1; i <= 20; i++) {
    f.sketch.Add(42);
    assert_int_equal(f.sketch.Estimate(42), i < 15 ? i : 15);
  }
  assert_int_equal(f.sketch.additions(), 15);
  assert_int_equal(f.sketch.Estimate(43), 0);
}

TEST(ageing_halves_everything) {
  Fixture f(1000);
  for (int i = 0; i < 9; i++) f.sketch.Add(1);
  for (int i = 0; i < 15; i++) f.sketch.Add(2);
  f.sketch.Add(3);
  f.sketch.Age();
  assert_int_equal(f.sketch.Estimate(1), 4);
  assert_int_equal(f.sketch.Estimate(2), 7);
  assert_int_equal(f.sketch.Estimate(3), 0);
  assert_int_equal(f.sketch.additions(), 12);
}

TEST(growing_keeps_what_is_known) {
  FrequencySketch sketch;
  ASSERT_OK(sketch.Init(100000));
  assert_true(sketch.Grow());
  Random random(TestSeed());
  std::map<uint32_t, uint32_t> before;
  for (int i = 0; i < 300; i++) {
    const auto hash = static_cast<uint32_t>(random.Next());
    for (uint64_t n = random.Below(10); n > 0; n--) sketch.Add(hash);
    before[hash] = 0;
  }
  for (auto& [hash, estimate] : before) estimate = sketch.Estimate(hash);
  while (sketch.GrowthFor(50000) > 0) assert_true(sketch.Grow());
  assert_true(sketch.bytes() >= 50000 * 8);
  for (const auto& [hash, estimate] : before) assert_int_equal(sketch.Estimate(hash), estimate);
}

TEST(estimates_are_never_too_low_and_seldom_too_high) {
  constexpr size_t kItems = 20000;
  Fixture f(kItems);
  Random random(TestSeed());
  std::map<uint32_t, uint32_t> truth;
  for (size_t i = 0; i < kItems; i++) {
    const auto hash = static_cast<uint32_t>(random.Next());
    const auto times = static_cast<uint32_t>(1 + random.Below(5));
    for (uint32_t n = 0; n < times; n++) f.sketch.Add(hash);
    truth[hash] += times;
  }
  size_t high = 0;
  for (const auto& [hash, times] : truth) {
    const uint32_t estimate = f.sketch.Estimate(hash);
    assert_true(estimate >= (times < 15 ? times : 15));
    high += estimate > times + 1 ? 1 : 0;
  }
  assert_true(high < kItems / 20);
}

RUN()
