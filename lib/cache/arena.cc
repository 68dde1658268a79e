#include "cache/arena.h"

#include <bit>

#include "base/check.h"

namespace shale {

Status Arena::Init(size_t bytes_max) {
  if (bytes_max > kBytesMax) {
    return Status::Invalid("cache: " + std::to_string(bytes_max) + " bytes for one memory shard is above " +
                           std::to_string(kBytesMax));
  }
  SHALE_RETURN_IF_NOT_OK(region_.Reserve(bytes_max));
  base_ = region_.base();
  return Status::Ok();
}

Arena::List Arena::ListOf(uint32_t units) {
  if (units < kSteps) return {0, static_cast<int>(units)};
  const int msb = static_cast<int>(std::bit_width(units)) - 1;
  const int power = msb - kStepBits + 1;
  if (power >= kPowers) return {kPowers - 1, kSteps - 1};
  return {power, static_cast<int>(units >> (msb - kStepBits)) & (kSteps - 1)};
}

void Arena::MakeFree(ItemRef ref, uint32_t units) {
  // A free block's neighbours are used, so its own kPrevFree is never set.
  Word(ref, 0) = units << 2 | kFree;
  Word(ref, units * 2 - 1) = units;
  Word(ref + units, 0) |= kPrevFree;
  const List list = ListOf(units);
  ItemRef& head = heads_[list.power][list.step];
  Word(ref, 1) = head;
  Word(ref, 2) = kNoItem;
  if (head != kNoItem) Word(head, 2) = ref;
  head = ref;
  power_bits_ |= 1u << list.power;
  step_bits_[list.power] = static_cast<uint16_t>(step_bits_[list.power] | 1u << list.step);
}

void Arena::Unlink(ItemRef ref) {
  const uint32_t units = UnitsOf(ref);
  const ItemRef next = Word(ref, 1);
  const ItemRef prev = Word(ref, 2);
  if (next != kNoItem) Word(next, 2) = prev;
  if (prev != kNoItem) {
    Word(prev, 1) = next;
  } else {
    const List list = ListOf(units);
    SHALE_DCHECK(heads_[list.power][list.step] == ref);
    heads_[list.power][list.step] = next;
    if (next == kNoItem) {
      step_bits_[list.power] = static_cast<uint16_t>(step_bits_[list.power] & ~(1u << list.step));
      if (step_bits_[list.power] == 0) power_bits_ &= ~(1u << list.power);
    }
  }
  Word(ref + units, 0) &= ~kPrevFree;
}

ItemRef Arena::FindFit(uint32_t units) const {
  const List list = ListOf(units);
  // The block that an eviction has just freed is usually the right one, and it lies in this very list, which
  // also holds blocks that are a little too small: look at a few.
  ItemRef ref = heads_[list.power][list.step];
  for (int i = 0; ref != kNoItem && i < kSameListTries; i++, ref = Word(ref, 1)) {
    if (UnitsOf(ref) >= units) return ref;
  }
  const uint32_t steps = step_bits_[list.power] & (~0u << list.step << 1);
  if (steps != 0) return heads_[list.power][std::countr_zero(steps)];
  const uint32_t powers = power_bits_ & (~0u << list.power << 1);
  if (powers == 0) return kNoItem;
  const int power = std::countr_zero(powers);
  return heads_[power][std::countr_zero(step_bits_[power])];
}

ItemRef Arena::Allocate(size_t bytes) {
  if (bytes >= limit_bytes() || bytes > kBlockBytesMax) return kNoItem;
  uint32_t units = static_cast<uint32_t>((bytes + kUnitBytes - 1) / kUnitBytes);
  if (units < kUnitsMin) units = kUnitsMin;
  const ItemRef ref = FindFit(units);
  if (ref == kNoItem) return kNoItem;
  const uint32_t have = UnitsOf(ref);
  Unlink(ref);
  if (have - units >= kUnitsMin) {
    MakeFree(ref + units, have - units);
  } else {
    units = have;
  }
  Word(ref, 0) = units << 2;
  used_bytes_ += size_t{units} * kUnitBytes;
  return ref;
}

void Arena::Free(ItemRef ref) {
  const uint32_t units = UnitsOf(ref);
  SHALE_CHECK((Word(ref, 0) & kFree) == 0 && units >= kUnitsMin);
  used_bytes_ -= size_t{units} * kUnitBytes;
  FreeUnits(ref, units);
}

void Arena::FreeUnits(ItemRef ref, uint32_t units) {
  const uint32_t word = Word(ref, 0);
  const ItemRef after = ref + units;
  if ((Word(after, 0) & kFree) != 0) {
    units += UnitsOf(after);
    Unlink(after);
  }
  if ((word & kPrevFree) != 0) {
    const uint32_t before_units = UnitsBefore(ref);
    ref -= before_units;
    Unlink(ref);
    units += before_units;
  }
  MakeFree(ref, units);
}

bool Arena::GrowTo(size_t limit_bytes) {
  const size_t old_bytes = this->limit_bytes();
  SHALE_DCHECK(limit_bytes % kPageBytes == 0);
  if (limit_bytes <= old_bytes) return true;
  if (!region_.CommitTo(limit_bytes)) return false;
  const uint32_t limit = static_cast<uint32_t>(limit_bytes / kUnitBytes);
  if (limit_ == 0) {
    Word(limit - 1, 0) = 0;
    limit_ = limit;
    MakeFree(1, limit - 2);
    return true;
  }
  // The old end mark becomes a block that is freed, so that it joins a free block before it.
  const ItemRef end = limit_ - 1;
  const uint32_t units = limit - limit_;
  Word(limit - 1, 0) = 0;
  limit_ = limit;
  FreeUnits(end, units);
  return true;
}

void Arena::ShrinkTo(size_t limit_bytes) {
  if (limit_ == 0 || limit_bytes >= this->limit_bytes()) return;
  const ItemRef end = limit_ - 1;
  if ((Word(end, 0) & kPrevFree) == 0) return;
  const uint32_t tail_units = UnitsBefore(end);
  const ItemRef tail = end - tail_units;
  // What stays of the tail must be nothing or a whole block, and the new end mark needs a unit.
  size_t lowest = RoundUpTo((size_t{tail} + kUnitsMin + 1) * kUnitBytes, kPageBytes);
  if (lowest < limit_bytes) lowest = RoundUpTo(limit_bytes, kPageBytes);
  if (lowest >= this->limit_bytes()) return;
  const size_t old_bytes = this->limit_bytes();
  Unlink(tail);
  limit_ = static_cast<uint32_t>(lowest / kUnitBytes);
  Word(limit_ - 1, 0) = 0;
  MakeFree(tail, limit_ - 1 - tail);
  region_.Discard(lowest, old_bytes);
}

ItemRef Arena::FirstUsed(ItemRef from) const {
  if (limit_ == 0) return kNoItem;
  while (from < limit_ - 1 && (Word(from, 0) & kFree) != 0) from += UnitsOf(from);
  return from < limit_ - 1 ? from : kNoItem;
}

bool Arena::Validate(std::string* why) const {
  size_t used = 0;
  size_t free_blocks = 0;
  bool prev_free = false;
  for (ItemRef ref = 1; limit_ != 0;) {
    const uint32_t word = Word(ref, 0);
    if (((word & kPrevFree) != 0) != prev_free) return *why = "arena: wrong kPrevFree", false;
    if (ref == limit_ - 1) {
      if (UnitsOf(ref) != 0) return *why = "arena: no end mark", false;
      break;
    }
    const uint32_t units = UnitsOf(ref);
    if (units < kUnitsMin || units > limit_ - 1 - ref) return *why = "arena: block size", false;
    if ((word & kFree) != 0) {
      if (prev_free) return *why = "arena: free neighbours", false;
      if (Word(ref, units * 2 - 1) != units) return *why = "arena: sizes of a free block differ", false;
      free_blocks++;
    } else {
      used += size_t{units} * kUnitBytes;
    }
    prev_free = (word & kFree) != 0;
    ref += units;
  }
  if (used != used_bytes_) return *why = "arena: used bytes", false;
  return ValidateLists(free_blocks, why);
}

bool Arena::ValidateLists(size_t free_blocks, std::string* why) const {
  size_t listed = 0;
  for (int power = 0; power < kPowers; power++) {
    const bool listed_power = (power_bits_ >> power & 1) != 0;
    if (listed_power != (step_bits_[power] != 0)) return *why = "arena: power bit", false;
    for (int step = 0; step < kSteps; step++) {
      ItemRef ref = heads_[power][step];
      if (((step_bits_[power] >> step & 1) != 0) != (ref != kNoItem)) return *why = "arena: step bit", false;
      for (ItemRef prev = kNoItem; ref != kNoItem; prev = ref, ref = Word(ref, 1)) {
        const List list = ListOf(UnitsOf(ref));
        if ((Word(ref, 0) & kFree) == 0 || list.power != power || list.step != step || Word(ref, 2) != prev) {
          return *why = "arena: block in a wrong list", false;
        }
        if (++listed > free_blocks) return *why = "arena: more listed blocks than free ones", false;
      }
    }
  }
  if (listed != free_blocks) return *why = "arena: free block in no list", false;
  return true;
}

}   // namespace shale
