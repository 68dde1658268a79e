// Who may still read old segments: a cursor walks over the index as it was, and follows pointers that garbage
// collection has moved since. A pin is a place in the order of "cursor made" and "segment retired".
//  (1) take a pin before the index iterators are made; take Now after the index has forgotten a segment
//  (2) a segment retired at `now` may be removed once no pin below it is left
#pragma once

#include <cstdint>
#include <set>

#include "base/mutex.h"

namespace shale {

class SegmentPins {
 public:
  uint64_t Take() EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    return *pins_.insert(next_++).first;
  }
  void Drop(uint64_t pin) EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    pins_.erase(pin);
  }
  uint64_t Now() const EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    return next_;
  }
  bool NoneBelow(uint64_t now) const EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    return pins_.empty() || *pins_.begin() >= now;
  }

 private:
  mutable Mutex mu_;
  uint64_t next_ GUARDED_BY(mu_) = 1;
  std::set<uint64_t> pins_ GUARDED_BY(mu_);
};

// One pin for the length of its life.
class SegmentPin {
 public:
  explicit SegmentPin(SegmentPins* pins) : pins_(pins), pin_(pins->Take()) {}
  ~SegmentPin() { pins_->Drop(pin_); }
  SegmentPin(const SegmentPin&) = delete;
  SegmentPin& operator=(const SegmentPin&) = delete;

 private:
  SegmentPins* const pins_;
  const uint64_t pin_;
};

}   // namespace shale
