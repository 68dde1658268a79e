#include "cache/arena.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace shale {

void Arena::Init(std::shared_ptr<ArenaSpace> space, size_t shard) {
  space_ = std::move(space);
  shard_ = shard;
  base_ = space_->base();
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
  SHALE_DCHECK(limit_bytes % kPageBytes == 0);
  if (limit_bytes > space_->lane_bytes()) return false;
  for (size_t at = this->limit_bytes(); at < limit_bytes;) {
    const ArenaSpace::Chunk chunk = ArenaSpace::ChunkWith(at);
    if (!space_->Commit(shard_, chunk)) return false;
    at = chunk.end();
  }
  while (this->limit_bytes() < limit_bytes) {
    const ArenaSpace::Chunk chunk = ArenaSpace::ChunkWith(this->limit_bytes());
    Extend(chunk, std::min(limit_bytes, chunk.end()));
  }
  return true;
}

// The chunk is where the limit is.
void Arena::Extend(const ArenaSpace::Chunk& chunk, size_t to_bytes) {
  const auto limit = static_cast<uint32_t>(to_bytes / kUnitBytes);
  const bool is_new = limit_bytes() == chunk.start;
  const uint32_t units = limit - limit_;
  const ItemRef end = is_new ? kNoItem : EndMark(chunk);
  limit_ = limit;
  Word(EndMark(chunk), 0) = 0;
  if (is_new) {
    MakeFree(FirstBlock(chunk), units - 2);
  } else {
    // The old end mark becomes a block that is freed, so that it joins a free block before it.
    FreeUnits(end, units);
  }
}

void Arena::ShrinkTo(size_t limit_bytes) {
  while (limit_ != 0 && limit_bytes < this->limit_bytes()) {
    const ArenaSpace::Chunk chunk = ArenaSpace::ChunkWith(this->limit_bytes() - 1);
    const ItemRef end = EndMark(chunk);
    if ((Word(end, 0) & kPrevFree) == 0) return;
    const ItemRef tail = end - UnitsBefore(end);
    const ItemRef first = FirstBlock(chunk);
    if (tail == first && limit_bytes <= chunk.start && chunk.start > 0) {
      DropTail(chunk, tail, chunk.start);
      continue;
    }
    // What stays of the tail must be nothing or a whole block, and the new end mark needs a unit.
    const size_t tail_at = chunk.start + size_t{tail - first + 1} * kUnitBytes;
    const size_t lowest =
        RoundUpTo(std::max(tail_at + (kUnitsMin + 1) * kUnitBytes, limit_bytes), kPageBytes);
    if (lowest < this->limit_bytes()) DropTail(chunk, tail, lowest);
    return;
  }
}

// The free block at the end of the chunk goes as far as `to_bytes`.
void Arena::DropTail(const ArenaSpace::Chunk& chunk, ItemRef tail, size_t to_bytes) {
  const size_t from = space_->OffsetOf(shard_, chunk);
  const size_t old_bytes = limit_bytes() - chunk.start;
  Unlink(tail);
  limit_ = static_cast<uint32_t>(to_bytes / kUnitBytes);
  if (to_bytes > chunk.start) {
    const ItemRef end = EndMark(chunk);
    Word(end, 0) = 0;
    MakeFree(tail, end - tail);
  }
  space_->Discard(from + to_bytes - chunk.start, from + old_bytes);
}

size_t Arena::EndOf(ItemRef ref) const {
  const ArenaSpace::Chunk chunk = space_->ChunkAtOffset(size_t{ref} * kUnitBytes);
  return chunk.start + size_t{ref - FirstBlock(chunk) + 1} * kUnitBytes + BlockBytes(ref);
}

ItemRef Arena::UsedFrom(ItemRef ref) const {
  for (;;) {
    const uint32_t units = UnitsOf(ref);
    if (units == 0) {   // an end mark
      const size_t next = space_->ChunkAtOffset(size_t{ref} * kUnitBytes).end();
      if (next >= limit_bytes()) return kNoItem;
      ref = FirstBlock(ArenaSpace::ChunkWith(next));
    } else if ((Word(ref, 0) & kFree) == 0) {
      return ref;
    } else {
      ref += units;
    }
  }
}

bool Arena::ValidateChunk(const ArenaSpace::Chunk& chunk, size_t* used, size_t* free_blocks,
                          std::string* why) const {
  const size_t bytes = std::min(limit_bytes(), chunk.end()) - chunk.start;
  ItemRef ref = FirstBlock(chunk);
  const ItemRef end = ref + static_cast<ItemRef>(bytes / kUnitBytes) - 2;
  bool prev_free = false;
  for (;;) {
    const uint32_t word = Word(ref, 0);
    if (((word & kPrevFree) != 0) != prev_free) return *why = "arena: wrong kPrevFree", false;
    if (ref == end) break;
    const uint32_t units = UnitsOf(ref);
    if (units < kUnitsMin || units > end - ref) return *why = "arena: block size", false;
    if ((word & kFree) != 0) {
      if (prev_free) return *why = "arena: free neighbours", false;
      if (Word(ref, units * 2 - 1) != units) return *why = "arena: sizes of a free block differ", false;
      ++*free_blocks;
    } else {
      *used += size_t{units} * kUnitBytes;
    }
    prev_free = (word & kFree) != 0;
    ref += units;
  }
  if (UnitsOf(end) != 0 || (Word(end, 0) & kFree) != 0) return *why = "arena: no end mark", false;
  return true;
}

bool Arena::Validate(std::string* why) const {
  size_t used = 0;
  size_t free_blocks = 0;
  for (size_t at = 0; at < limit_bytes();) {
    const ArenaSpace::Chunk chunk = ArenaSpace::ChunkWith(at);
    if (!ValidateChunk(chunk, &used, &free_blocks, why)) return false;
    at = chunk.end();
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
