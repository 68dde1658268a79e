// Which items are over, without looking at the others: a hierarchical timing wheel over the deadlines of one
// shard's items. Level k has 64 slots of 64^k ms; an item hangs in the level of the highest digit (base 64)
// in which its deadline differs from the wheel's time, and comes down a level each time its slot is reached.
// Insert and Remove take constant time.
//
//  (1) an item hangs in the wheel <=> it has a deadline below kHorizonMs (others are found when they are
//      read)
//  (2) an item is never due before its deadline; it is due at the first PopDue with now >= deadline and
//      budget enough
//  (3) time() never falls: after the clock went back the wheel waits until the clock is where it was
//  (4) bit s of occupied_[k] is set <=> slot (k, s) is not empty
// The first item of a slot keeps the slot's number, with kSlotBit set, as its previous item. Not
// synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cache/arena.h"

namespace shale {

class TimerWheel {
 public:
  static constexpr int64_t kHorizonMs = int64_t{1} << 48;

  TimerWheel(Arena* arena, int64_t now_ms) : arena_(arena), time_(Clamp(now_ms)) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // The item has a deadline (kHasDeadline).
  void Insert(ItemRef ref);
  void Remove(ItemRef ref);

  // Takes out one item whose deadline is <= now_ms; kNoItem if there is none or the budget is used up. Each
  // item that is looked at, due or only brought down a level, takes 1 from *budget.
  ItemRef PopDue(int64_t now_ms, size_t* budget);

  size_t count() const { return count_; }
  int64_t time() const { return time_; }
  bool Validate(std::string* why) const;

 private:
  static constexpr int kLevels = 8;
  static constexpr int kDigitBits = 6;
  static constexpr int kSlots = 1 << kDigitBits;
  static constexpr ItemRef kSlotBit = 0x80000000u;

  static int64_t Clamp(int64_t ms) { return ms < 0 ? 0 : ms >= kHorizonMs ? kHorizonMs - 1 : ms; }
  static int Digit(int64_t ms, int level) {
    return static_cast<int>(ms >> (kDigitBits * level)) & (kSlots - 1);
  }
  void Hang(ItemRef ref, int64_t deadline_ms);
  void Unhang(ItemRef ref);
  // The occupied slot that is reached first, and when; false if the wheel is empty.
  bool NextSlot(int* level, int* slot, int64_t* start_ms) const;

  Arena* const arena_;
  int64_t time_;
  size_t count_ = 0;
  uint64_t occupied_[kLevels] = {};
  ItemRef heads_[kLevels][kSlots] = {};
};

}   // namespace shale
