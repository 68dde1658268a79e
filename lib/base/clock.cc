#include "base/clock.h"

#include <ctime>

namespace shale {

namespace {

int64_t ReadMs(clockid_t id) {
  timespec ts;
  clock_gettime(id, &ts);
  return static_cast<int64_t>(ts.tv_sec) * 1000 + ts.tv_nsec / 1'000'000;
}

class RealClock : public Clock {
 public:
  RealClock() : offset_ms_(ReadMs(CLOCK_REALTIME) - ReadMs(CLOCK_BOOTTIME)) {}

  int64_t NowMs() override {
    // Relaxed is enough: the offset is one number that only grows, and nothing else is published through it.
    const int64_t now = ReadMs(CLOCK_BOOTTIME) + offset_ms_.load(std::memory_order_relaxed);
    if ((++calls_ & 0xFF) == 0) RaiseTo(ReadMs(CLOCK_REALTIME));
    return now;
  }

  void RaiseTo(int64_t ms) override {
    const int64_t want = ms - ReadMs(CLOCK_BOOTTIME);
    int64_t have = offset_ms_.load(std::memory_order_relaxed);
    while (want > have && !offset_ms_.compare_exchange_weak(have, want, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<int64_t> offset_ms_;
  static thread_local uint32_t calls_;   // the wall clock is looked at every 256th call of a thread
};

thread_local uint32_t RealClock::calls_ = 0;

std::atomic<Clock*> g_test_clock{nullptr};

}   // namespace

Clock* Clock::Real() {
  static RealClock* const clock = new RealClock;   // never destroyed: threads may outlive static destructors
  return clock;
}

Clock* Clock::Default() {
  Clock* test = g_test_clock.load(std::memory_order_acquire);   // pairs with SetDefaultForTest
  return test != nullptr ? test : Real();
}

void Clock::SetDefaultForTest(Clock* clock) {
  g_test_clock.store(clock, std::memory_order_release);
}

}   // namespace shale
