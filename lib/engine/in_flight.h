// Lets close wait for calls that are inside, without making calls wait for each other: each thread counts on
// one of 64 cache lines. Reads that the memory tier answers are not counted: that memory stays until the last
// handle is gone.
//  (1) Enter returns true  =>  Close has not passed WaitForAll until the matching Leave
//  (2) after CloseDoor no Enter returns true
#pragma once

#include <atomic>
#include <cstdint>

namespace shale {

class InFlight {
 public:
  bool Enter() {
    // Sequentially consistent on both sides: either this thread sees the door closed, or the closer sees this
    // count.
    lines_[Line()].count.fetch_add(1, std::memory_order_seq_cst);
    if (!closed_.load(std::memory_order_seq_cst)) return true;
    Leave();
    return false;
  }
  // Release: what was done inside is done before.
  void Leave() { lines_[Line()].count.fetch_sub(1, std::memory_order_release); }
  bool closed() const { return closed_.load(std::memory_order_acquire); }

  // True for the one caller that closes it.
  bool CloseDoor() { return !closed_.exchange(true, std::memory_order_seq_cst); }
  void WaitForAll() const;

 private:
  static constexpr uint32_t kLines = 64;
  static uint32_t Line();
  struct alignas(64) CounterLine {
    std::atomic<int64_t> count{0};
  };
  CounterLine lines_[kLines];
  std::atomic<bool> closed_{false};
};

// Enters for a scope.
class InFlightGuard {
 public:
  explicit InFlightGuard(InFlight* in_flight) : in_flight_(in_flight), entered_(in_flight->Enter()) {}
  ~InFlightGuard() {
    if (entered_) in_flight_->Leave();
  }
  InFlightGuard(const InFlightGuard&) = delete;
  InFlightGuard& operator=(const InFlightGuard&) = delete;
  bool entered() const { return entered_; }

 private:
  InFlight* const in_flight_;
  const bool entered_;
};

}   // namespace shale
