// The keys that left a queue, youngest first, of which only so many count: a GhostTable, and counts of how
// many of its ghosts are left from each stretch of time, so that the oldest can be given up in about their
// order.
//  (1) live() is the sum of the counts. Ghosts that the table lost early are counted until their stretch ends
//  (2) the oldest stretch is given up when there are kStretches of them
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cache/ghost_table.h"

namespace shale {

class GhostList {
 public:
  Status Init(size_t slots_max) { return table_.Init(slots_max); }

  // `items`: of the cache; a stretch is a sixteenth of as many calls.
  void Remember(uint32_t hash, size_t items) {
    if (table_.slots() == 0) return;
    if (count_ == 0 || table_.now() - Stretch(count_ - 1).begin >= std::max<size_t>(items / 16, 1)) {
      if (count_ == kStretches) GiveUpOldest();
      Stretch(count_) = {table_.now(), 0};
      count_++;
    }
    table_.Remember(hash);
    Stretch(count_ - 1).live++;
    live_++;
  }

  // True if the hash was there; it is forgotten by that.
  bool Take(uint32_t hash) {
    size_t age;
    if (!table_.Take(hash, &age) || count_ == 0) return false;
    const uint64_t time = table_.now() - std::min<uint64_t>(age + 1, table_.now());
    if (time < Stretch(0).begin) return false;
    uint32_t i = count_ - 1;
    while (i > 0 && time < Stretch(i).begin) i--;
    // Ages are rounded, so it may have been the neighbour's.
    if (Stretch(i).live == 0) return true;
    Stretch(i).live--;
    live_--;
    return true;
  }

  void TrimTo(size_t live_max) {
    while (live_ > live_max && count_ > 0) GiveUpOldest();
  }

  size_t live() const { return live_; }
  size_t bytes() const { return table_.bytes(); }
  size_t GrowthFor(size_t items) const { return table_.GrowthFor(items); }
  bool Grow() { return table_.Grow(); }

 private:
  static constexpr uint32_t kStretches = 64;
  struct Span {
    uint64_t begin = 0;   // in calls of Remember
    uint64_t live = 0;
  };

  Span& Stretch(uint32_t i) { return ring_[(first_ + i) % kStretches]; }
  void GiveUpOldest() {
    live_ -= Stretch(0).live;
    first_ = (first_ + 1) % kStretches;
    count_--;
  }

  GhostTable table_;
  Span ring_[kStretches];
  uint32_t first_ = 0;
  uint32_t count_ = 0;
  size_t live_ = 0;
};

}   // namespace shale
