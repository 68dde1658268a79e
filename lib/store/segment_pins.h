// Who may still read old segments: a cursor walks over the index as it was, and follows pointers that garbage
// collection has moved since. A pin is a place in the order of "cursor made" and "segment retired".
//  (1) take a pin before the index iterators are made; take Now after the index has forgotten a segment
//  (2) a segment retired at `now` may be removed once no pin below it is left, whatever the pin is for
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

#include "base/mutex.h"

namespace shale {

// What a pin is for: only told, in figures.
enum class PinUse { kIterator, kSnapshot, kBackup };
inline constexpr size_t kPinUses = 3;

class SegmentPins {
 public:
  uint64_t Take(PinUse use) EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    return *pins_[static_cast<size_t>(use)].insert(next_++).first;
  }
  void Drop(PinUse use, uint64_t pin) EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    pins_[static_cast<size_t>(use)].erase(pin);
  }
  uint64_t Now() const EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    return next_;
  }
  bool NoneBelow(uint64_t now) const EXCLUDES(mu_) { return now <= Lowest(); }
  // The first pin of each use, UINT64_MAX where there is none.
  std::array<uint64_t, kPinUses> LowestOfUses() const EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    std::array<uint64_t, kPinUses> lowest;
    for (size_t i = 0; i < kPinUses; i++) lowest[i] = pins_[i].empty() ? UINT64_MAX : *pins_[i].begin();
    return lowest;
  }

 private:
  uint64_t Lowest() const EXCLUDES(mu_) {
    const std::array<uint64_t, kPinUses> lowest = LowestOfUses();
    return *std::min_element(lowest.begin(), lowest.end());
  }

  mutable Mutex mu_;
  uint64_t next_ GUARDED_BY(mu_) = 1;
  std::array<std::set<uint64_t>, kPinUses> pins_ GUARDED_BY(mu_);
};

// One pin for the length of its life.
class SegmentPin {
 public:
  SegmentPin(SegmentPins* pins, PinUse use) : pins_(pins), use_(use), pin_(pins->Take(use)) {}
  ~SegmentPin() { pins_->Drop(use_, pin_); }
  SegmentPin(const SegmentPin&) = delete;
  SegmentPin& operator=(const SegmentPin&) = delete;

 private:
  SegmentPins* const pins_;
  const PinUse use_;
  const uint64_t pin_;
};

}   // namespace shale
