#include "cache/timer_wheel.h"

#include <map>
#include <set>

#include "arena_alone.h"
#include "test.h"

using namespace shale;

namespace {

class Fixture {
 public:
  explicit Fixture(int64_t now_ms) : wheel_(&arena_, now_ms) {
    InitAlone(&arena_, 8 << 20);
    assert_true(arena_.GrowTo(8 << 20));
  }
  ItemRef Add(int64_t deadline_ms) {
    const ItemRef ref = arena_.Allocate(Item::InlineBytes(kHasDeadline, 0, 0));
    assert_int_not_equal(ref, kNoItem);
    arena_.At(ref)->StartBlock(kHasDeadline, Item::InlineBytes(kHasDeadline, 0, 0));
    arena_.At(ref)->deadline_part()->deadline_ms = deadline_ms;
    wheel_.Insert(ref);
    return ref;
  }
  void Remove(ItemRef ref) {
    wheel_.Remove(ref);
    arena_.Free(ref);
  }
  // All that is due, taken out; the deadline of each.
  std::multiset<int64_t> Due(int64_t now_ms, size_t budget = 1000000) {
    std::multiset<int64_t> due;
    for (ItemRef ref; (ref = wheel_.PopDue(now_ms, &budget)) != kNoItem;) {
      due.insert(arena_.At(ref)->deadline_ms());
      refs_.insert(ref);
      arena_.Free(ref);
    }
    ASSERT_VALID(wheel_);
    return due;
  }
  TimerWheel& wheel() { return wheel_; }
  std::set<ItemRef> TakeRefs() { return std::move(refs_); }

 private:
  Arena arena_;
  TimerWheel wheel_;
  std::set<ItemRef> refs_;
};

using Set = std::multiset<int64_t>;
constexpr int64_t kNow = 1'790'000'000'000;
constexpr int64_t kDay = 86'400'000;

}   // namespace

TEST(an_item_is_due_at_its_deadline_and_not_before) {
  for (const int64_t after : {1, 63, 64, 65, 4095, 4096, 4097, 1'000'000}) {
    Fixture f(kNow);
    f.Add(kNow + after);
    assert_true(f.Due(kNow + after - 1).empty());
    assert_true(f.Due(kNow + after) == Set{kNow + after});
    assert_int_equal(f.wheel().count(), 0);
  }
}

TEST(far_deadline_cascades_before_it_fires) {
  Fixture f(kNow);
  const int64_t far = kNow + 400 * kDay + 7;
  f.Add(far);
  for (int64_t now = kNow; now < far; now += 13 * kDay + 1) assert_true(f.Due(now).empty());
  assert_true(f.Due(far - 1).empty());
  assert_true(f.Due(far) == Set{far});
}

TEST(one_jump_over_years_finds_everything) {
  Fixture f(kNow);
  Set all;
  for (int64_t i = 1; i <= 2000; i++) {
    const int64_t deadline = kNow + i * i * i * 997;
    f.Add(deadline);
    all.insert(deadline);
  }
  assert_true(f.Due(kNow + 2000LL * 2000 * 2000 * 997) == all);
}

TEST(a_past_deadline_is_due_at_once) {
  Fixture f(kNow);
  f.Add(kNow - 5);
  f.Add(kNow);
  f.Add(-1);
  assert_true(f.Due(kNow) == (Set{-1, kNow - 5, kNow}));
}

TEST(a_deadline_beyond_the_horizon_is_not_the_wheels_business) {
  Fixture f(kNow);
  const ItemRef a = f.Add(TimerWheel::kHorizonMs);
  f.Add(INT64_MAX);
  f.Add(TimerWheel::kHorizonMs - 1);
  assert_int_equal(f.wheel().count(), 1);
  f.Remove(a);
  assert_true(f.Due(INT64_MAX) == Set{TimerWheel::kHorizonMs - 1});
}

TEST(a_clock_that_goes_back_fires_nothing_early_and_loses_nothing) {
  Fixture f(kNow);
  assert_true(f.Due(kNow + 1000).empty());
  f.Add(kNow + 500);   // over for the wheel, not for a clock that went back
  f.Add(kNow + 2000);
  assert_true(f.Due(kNow).empty());
  assert_true(f.Due(kNow + 499).empty());
  assert_true(f.Due(kNow + 1000) == Set{kNow + 500});
  assert_true(f.Due(kNow + 2000) == Set{kNow + 2000});
}

TEST(a_small_budget_gets_everything_in_the_end) {
  Fixture f(kNow);
  Set all;
  for (int64_t i = 0; i < 500; i++) {
    const int64_t deadline = kNow + 10'000 + i % 97;
    f.Add(deadline);
    all.insert(deadline);
  }
  const int64_t now = kNow + 20'000;
  Set got;
  int calls = 0;
  while (f.wheel().count() > 0) {
    const Set due = f.Due(now, 7);
    assert_true(due.size() <= 7);
    got.insert(due.begin(), due.end());
    f.Add(now + 1'000'000);   // work that comes in between must not be lost or come early
    assert_true(++calls < 2000);
    if (got.size() == all.size()) break;
  }
  assert_true(got == all);
}

TEST(random_steps_agree_with_a_sorted_map) {
  Random random(TestSeed());
  int64_t now = kNow;
  Fixture f(now);
  std::map<ItemRef, int64_t> model;
  for (int step = 0; step < 30000; step++) {
    const uint64_t what = random.Below(10);
    if (what < 5 && model.size() < 20000) {
      const int64_t after = static_cast<int64_t>(random.Next() >> (20 + random.Below(44)));
      const int64_t deadline = now + after - static_cast<int64_t>(random.Below(10));
      if (deadline < TimerWheel::kHorizonMs) model[f.Add(deadline)] = deadline;
    } else if (what < 7 && !model.empty()) {
      auto it = model.lower_bound(static_cast<ItemRef>(random.Below(1 << 20)));
      if (it == model.end()) it = model.begin();
      f.Remove(it->first);
      model.erase(it);
    } else if (what < 9) {
      const int64_t jump = static_cast<int64_t>(random.Next() >> (30 + random.Below(34)));
      if (random.Below(8) == 0) {
        now -= jump % 100'000;
      } else if (now + jump < TimerWheel::kHorizonMs / 2) {
        now += jump;
      }
      const int64_t latest = std::max(now, f.wheel().time());
      const bool wheel_waits = now < f.wheel().time();
      const std::multiset<int64_t> due = f.Due(now);
      for (const int64_t deadline : due) assert_true(deadline <= now);
      for (const ItemRef ref : f.TakeRefs()) assert_true(model.erase(ref) == 1);
      if (!wheel_waits) {
        for (const auto& [ref, deadline] : model) assert_true(deadline > now);
      }
      assert_int_equal(f.wheel().time(), latest);
    }
    assert_int_equal(f.wheel().count(), model.size());
  }
  ASSERT_VALID(f.wheel());
}

RUN()
