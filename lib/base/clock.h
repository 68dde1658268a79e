// The one source of time. A deadline is a wall-clock instant (it must survive a restart), but the wall clock
// may be set back; this clock never goes back while the process lives: it runs on CLOCK_BOOTTIME from an
// anchor, and only ever re-anchors forward.
//  (1) NowMs() never decreases, over all threads
//  (2) NowMs() >= floor given by RaiseTo (a store raises it to the last instant it has recorded)
#pragma once

#include <atomic>
#include <cstdint>

namespace shale {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMs() = 0;
  virtual void RaiseTo(int64_t ms) = 0;

  // The process's real clock; lives for ever.
  static Clock* Real();
  // What stores opened from now on use: the real one, unless a test has set another.
  static Clock* Default();
  static void SetDefaultForTest(Clock* clock);   // nullptr: the real one again
};

// Time that stands still until a test moves it.
class FakeClock : public Clock {
 public:
  explicit FakeClock(int64_t start_ms = 1'000'000) : now_ms_(start_ms) {}
  int64_t NowMs() override { return now_ms_.load(std::memory_order_relaxed); }
  void RaiseTo(int64_t ms) override {
    if (ms > NowMs()) Set(ms);
  }
  void Set(int64_t ms) { now_ms_.store(ms, std::memory_order_relaxed); }
  void Advance(int64_t ms) { now_ms_.fetch_add(ms, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> now_ms_;   // relaxed: a test orders its own steps
};

}   // namespace shale
