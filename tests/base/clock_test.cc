#include "base/clock.h"

#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

int64_t WallMs() {
  timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  return static_cast<int64_t>(ts.tv_sec) * 1000 + ts.tv_nsec / 1'000'000;
}

TEST(the_real_clock_is_one_and_tells_the_wall_clocks_time) {
  assert_ptr_equal(Clock::Real(), Clock::Real());
  // No bound from above: the process may have been held up between the two looks.
  const int64_t before = WallMs();
  const int64_t now = Clock::Real()->NowMs();
  assert_true(now >= before - 2);   // two clocks, each rounded down
}

TEST(the_real_clock_does_not_go_back_over_all_threads) {
  std::atomic<int64_t> latest{0};
  std::atomic<int> steps_back{0};
  const auto look = [&](int64_t raise_ms) {
    for (int i = 0; i < 100'000; i++) {
      const int64_t seen = latest.load();
      const int64_t now = Clock::Real()->NowMs();
      if (now < seen) steps_back++;
      int64_t have = seen;
      while (now > have && !latest.compare_exchange_weak(have, now)) {
      }
      if (raise_ms > 0 && i % 1000 == 0) Clock::Real()->RaiseTo(now + raise_ms);
    }
  };
  std::vector<std::thread> threads;
  for (const int64_t raise_ms : {0, 0, 1, 3}) threads.emplace_back(look, raise_ms);
  for (std::thread& t : threads) t.join();
  assert_int_equal(steps_back.load(), 0);
}

TEST(the_real_clock_is_never_below_what_it_was_raised_to) {
  Clock* const clock = Clock::Real();
  const int64_t target = clock->NowMs() + 3'600'000;
  clock->RaiseTo(target);
  assert_true(clock->NowMs() >= target);
  clock->RaiseTo(target - 1'000'000);   // a floor below is no change
  clock->RaiseTo(0);
  for (int i = 0; i < 1000; i++)
    assert_true(clock->NowMs() >= target);   // also after looks at the wall clock
}

TEST(the_fake_clock_moves_only_when_told) {
  FakeClock clock(500);
  assert_int_equal(clock.NowMs(), 500);
  assert_int_equal(clock.NowMs(), 500);
  clock.Advance(20);
  assert_int_equal(clock.NowMs(), 520);
  clock.RaiseTo(510);
  assert_int_equal(clock.NowMs(), 520);
  clock.RaiseTo(530);
  assert_int_equal(clock.NowMs(), 530);
  clock.Set(1);
  assert_int_equal(clock.NowMs(), 1);
}

}   // namespace
}   // namespace shale

RUN()
