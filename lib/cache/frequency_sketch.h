// How often a key was asked for lately, present or not: a count-min sketch of 4-bit counters. A key has four
// counters, all in one cache line, and its estimate is the least of them: never too low, sometimes too high.
// All counters are halved from time to time, so that the past fades.
//  (1) counters() is a power of two; it only grows, by doubling in place, which keeps all estimates
//  (2) Add and Estimate look at one line
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "cache/vm_region.h"

namespace shale {

class FrequencySketch {
 public:
  FrequencySketch() = default;
  FrequencySketch(const FrequencySketch&) = delete;
  FrequencySketch& operator=(const FrequencySketch&) = delete;

  Status Init(size_t items_max);

  void Add(uint32_t hash);
  // 0 to 15.
  uint32_t Estimate(uint32_t hash) const;
  // Halves everything.
  void Age();
  // Calls of Add that changed something since Age, which halves this too.
  size_t additions() const { return additions_; }

  size_t bytes() const { return blocks_ * sizeof(Block); }
  // Bytes more that the next Grow will take for a sketch that shall tell `items` apart; 0 if it is large
  // enough.
  size_t GrowthFor(size_t items) const;
  bool Grow();

 private:
  static constexpr size_t kRows = 4;
  static constexpr size_t kItemsPerBlock = 8;   // 16 counters an item, of which it uses four
  // Two words of 16 counters a row.
  struct Block {
    uint64_t words[2 * kRows];
  };
  static_assert(sizeof(Block) == 64);

  static uint32_t Mix(uint32_t hash);

  VmRegion region_;
  Block* base_ = nullptr;
  size_t blocks_ = 0;
  size_t additions_ = 0;
};

}   // namespace shale
