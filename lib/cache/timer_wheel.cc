#include "cache/timer_wheel.h"

#include <bit>

#include "base/check.h"

namespace shale {

void TimerWheel::Hang(ItemRef ref, int64_t deadline_ms) {
  const int64_t at = deadline_ms < time_ ? time_ : deadline_ms;
  const uint64_t differs = static_cast<uint64_t>(at ^ time_);
  const int level = differs == 0 ? 0 : (static_cast<int>(std::bit_width(differs)) - 1) / kDigitBits;
  const int slot = Digit(at, level);
  ItemRef& head = heads_[level][slot];
  DeadlinePart* part = arena_->At(ref)->deadline_part();
  part->wheel_prev = kSlotBit | static_cast<ItemRef>(level * kSlots + slot);
  part->wheel_next = head;
  if (head != kNoItem) arena_->At(head)->deadline_part()->wheel_prev = ref;
  head = ref;
  occupied_[level] |= uint64_t{1} << slot;
}

void TimerWheel::Unhang(ItemRef ref) {
  const DeadlinePart* part = arena_->At(ref)->deadline_part();
  const ItemRef prev = part->wheel_prev;
  const ItemRef next = part->wheel_next;
  if (next != kNoItem) arena_->At(next)->deadline_part()->wheel_prev = prev;
  if ((prev & kSlotBit) == 0) {
    arena_->At(prev)->deadline_part()->wheel_next = next;
    return;
  }
  const int level = static_cast<int>(prev & ~kSlotBit) / kSlots;
  const int slot = static_cast<int>(prev & ~kSlotBit) % kSlots;
  SHALE_DCHECK(heads_[level][slot] == ref);
  heads_[level][slot] = next;
  if (next == kNoItem) occupied_[level] &= ~(uint64_t{1} << slot);
}

void TimerWheel::Insert(ItemRef ref) {
  const int64_t deadline_ms = arena_->At(ref)->deadline_part()->deadline_ms;
  if (deadline_ms >= kHorizonMs) return;
  Hang(ref, deadline_ms);
  count_++;
}

void TimerWheel::Remove(ItemRef ref) {
  if (arena_->At(ref)->deadline_part()->deadline_ms >= kHorizonMs) return;
  Unhang(ref);
  count_--;
}

bool TimerWheel::NextSlot(int* level, int* slot, int64_t* start_ms) const {
  bool found = false;
  for (int k = 0; k < kLevels; k++) {
    if (occupied_[k] == 0) continue;
    // No item hangs behind the digit of time_: it would have been reached. An item in the digit itself (above
    // level 0) is one that an earlier call had no budget to bring down.
    const int digit = Digit(time_, k);
    const int ahead = std::countr_zero(occupied_[k] >> digit);
    const int64_t width_ms = int64_t{1} << (kDigitBits * k);
    const int64_t start = (time_ / width_ms + ahead) * width_ms;
    // At equal times the higher level comes first, because it may hold items for the lower one.
    if (found && start > *start_ms) continue;
    *level = k;
    *slot = digit + ahead;
    *start_ms = start;
    found = true;
  }
  return found;
}

ItemRef TimerWheel::PopDue(int64_t now_ms, size_t* budget) {
  now_ms = Clamp(now_ms);
  while (*budget > 0) {
    int level = 0;
    int slot = 0;
    int64_t start_ms = 0;
    if (!NextSlot(&level, &slot, &start_ms) || start_ms > now_ms) {
      // Nothing hangs in between, so the time may jump: all digits that pass are empty.
      if (now_ms > time_) time_ = now_ms;
      return kNoItem;
    }
    if (start_ms > time_) time_ = start_ms;
    --*budget;
    const ItemRef ref = heads_[level][slot];
    const int64_t deadline_ms = arena_->At(ref)->deadline_part()->deadline_ms;
    Unhang(ref);
    if (deadline_ms <= now_ms) {
      count_--;
      return ref;
    }
    Hang(ref, deadline_ms);
  }
  return kNoItem;
}

bool TimerWheel::Validate(std::string* why) const {
  size_t count = 0;
  for (int k = 0; k < kLevels; k++) {
    for (int s = 0; s < kSlots; s++) {
      ItemRef ref = heads_[k][s];
      if ((occupied_[k] >> s & 1) != (ref != kNoItem)) return *why = "wheel: occupied bit", false;
      if (ref != kNoItem && s < Digit(time_, k)) return *why = "wheel: item behind the time", false;
      ItemRef prev = kSlotBit | static_cast<ItemRef>(k * kSlots + s);
      for (; ref != kNoItem; prev = ref, ref = arena_->At(ref)->deadline_part()->wheel_next) {
        const Item* item = arena_->At(ref);
        if (!item->Has(kHasDeadline) || item->Has(kRemoved)) return *why = "wheel: a foreign item", false;
        if (item->deadline_part()->wheel_prev != prev) return *why = "wheel: broken links", false;
        if (++count > count_) return *why = "wheel: more items than counted", false;
      }
    }
  }
  if (count != count_) return *why = "wheel: number of items", false;
  return true;
}

}   // namespace shale
