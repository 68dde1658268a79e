// Remembers which keys were evicted lately, by 4 bytes each: sets of 16 (fingerprint, time) pairs, one cache
// line per set. The time is a counter of evictions, rounded so that it fits 16 bits; "lately" is an age in
// evictions. A fingerprint is wrong once in some 4,000 questions, and a set may forget early: both only cost
// a little of the policy's judgement.
//  (1) slots() is a power of two times 16; it only grows, by doubling in place. A doubling forgets half of
//      what is remembered or more, which happens only while a cache fills for the first time.
//  (2) Forget and Remember look at one line
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "cache/vm_region.h"

namespace shale {

class GhostTable {
 public:
  GhostTable() = default;
  GhostTable(const GhostTable&) = delete;
  GhostTable& operator=(const GhostTable&) = delete;

  Status Init(size_t slots_max);

  void Remember(uint32_t hash);
  // True if the hash was remembered within the last `age_max` calls of Remember; it is forgotten by that.
  bool Forget(uint32_t hash, size_t age_max);
  // The same at any age, which it tells, in calls of Remember since.
  bool Take(uint32_t hash, size_t* age);

  uint64_t now() const { return now_; }   // calls of Remember
  size_t slots() const { return sets_ * kWays; }
  size_t bytes() const { return sets_ * sizeof(Set); }
  // Bytes more that the next Grow will take for a table that shall remember `items`; 0 if it is large enough.
  size_t GrowthFor(size_t items) const;
  bool Grow();

 private:
  static constexpr size_t kWays = 16;
  struct Set {
    uint16_t prints[kWays];
    uint16_t times[kWays];   // 0 = empty
  };
  static_assert(sizeof(Set) == 64);

  Set* SetOf(uint32_t hash) { return &sets_base_[hash & (sets_ - 1)]; }
  // From the high bits, which do not choose the set unless the table is huge.
  static uint16_t PrintOf(uint32_t hash) { return static_cast<uint16_t>((hash * 0x9E3779B1u) >> 16); }
  uint16_t Stamp() const;

  VmRegion region_;
  Set* sets_base_ = nullptr;
  size_t sets_ = 0;
  uint64_t now_ = 0;   // calls of Remember
  int shift_ = 0;      // a stamp counts 2^shift_ calls
};

}   // namespace shale
