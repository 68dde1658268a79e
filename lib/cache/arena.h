// The memory of one shard's items: a segregated-fit allocator with boundary tags over one VmRegion (the
// two-level bitmap scheme known as TLSF). Why not size classes: their pages belong to one size for ever, so a
// change of value sizes strands memory; here neighbours that are free become one block again, and both calls
// take constant time.
//
//  (1) blocks of 8-byte units tile [1, limit_units - 1); unit 0 is "no item", the last unit is an end mark
//  (2) no two free blocks are neighbours; a block knows whether the one before it is free (kPrevFree)
//  (3) a free block is in exactly one list, the one of its size; a list's bit is set <=> it is not empty
//  (4) used_bytes() == sum of the blocks that are not free; used_bytes() < limit_bytes()
//  (5) memory below the highest limit ever stays readable (VmRegion), so an old reference never faults
// Not synchronised: the shard's lock protects it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "cache/item.h"
#include "cache/vm_region.h"

namespace shale {

class Arena {
 public:
  static constexpr size_t kUnitBytes = BlockWord::kUnitBytes;
  static constexpr size_t kBytesMax = size_t{8} << 30;   // 30 bits of units in a free block's word
  static constexpr size_t kBlockBytesMax = (BlockWord::kUnitsMax - 1) * kUnitBytes;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Reserves address space; the limit is 0 until GrowTo.
  Status Init(size_t bytes_max);

  // Raises the limit (whole pages); false above the reservation or if the kernel refuses.
  bool GrowTo(size_t limit_bytes);
  // Lowers the limit as far as the free block at the end allows, not below `limit_bytes`, and gives its pages
  // back.
  void ShrinkTo(size_t limit_bytes);

  // A block of at least `bytes`, and less than 16 more, uninitialised but for its first word; kNoItem if none
  // fits, or if it would be longer than that word can tell (kBlockBytesMax). The word's high half is the
  // owner's.
  ItemRef Allocate(size_t bytes);
  void Free(ItemRef ref);

  Item* At(ItemRef ref) const { return reinterpret_cast<Item*>(base_ + size_t{ref} * kUnitBytes); }
  size_t BlockBytes(ItemRef ref) const { return BlockWord::Bytes(Word(ref, 0)); }

  // Walk over used blocks in address order: first one at or after the block that starts at unit `from` (1 is
  // the first).
  ItemRef FirstUsed(ItemRef from) const;
  ItemRef NextUsed(ItemRef ref) const { return FirstUsed(ref + UnitsOf(ref)); }

  size_t limit_bytes() const { return size_t{limit_} * kUnitBytes; }
  size_t used_bytes() const { return used_bytes_; }
  bool Validate(std::string* why) const;

 private:
  static constexpr uint32_t kFree = 1;
  static constexpr uint32_t kPrevFree = 2;
  static constexpr uint32_t kUnitsMin = 2;
  static constexpr int kStepBits = 4;   // 16 lists per power of two: a list's blocks differ by at most 6 %
  static constexpr int kSteps = 1 << kStepBits;
  static constexpr int kPowers = 12;   // what is longer than any block in use may be is in the last list
  static constexpr int kSameListTries = 8;

  struct List {
    int power;
    int step;
  };
  static List ListOf(uint32_t units);
  // So a block of the last list is long enough for any request.
  static_assert(BlockWord::kUnitsMax < 1u << (kPowers - 1 + kStepBits - 1));

  // Word i of a block: 0 = units << 2 | state, in a block in use BlockWord; in a free block 1 = next, 2 =
  // previous in its list, and the last = units.
  Racy<uint32_t>& Word(ItemRef ref, size_t i) const {
    return reinterpret_cast<Racy<uint32_t>*>(base_ + size_t{ref} * kUnitBytes)[i];
  }
  uint32_t UnitsOf(ItemRef ref) const {
    const uint32_t word = Word(ref, 0);
    return (word & kFree) != 0 ? word >> 2 : word >> 2 & BlockWord::kUnitsMax;
  }
  // Units of the free block that ends where `ref` starts.
  uint32_t UnitsBefore(ItemRef ref) const { return Word(ref - 1, 1); }
  void MakeFree(ItemRef ref, uint32_t units);
  void Unlink(ItemRef ref);
  void FreeUnits(ItemRef ref, uint32_t units);
  ItemRef FindFit(uint32_t units) const;
  bool ValidateLists(size_t free_blocks, std::string* why) const;

  VmRegion region_;
  char* base_ = nullptr;
  uint32_t limit_ = 0;   // in units
  size_t used_bytes_ = 0;
  uint32_t power_bits_ = 0;
  uint16_t step_bits_[kPowers] = {};
  ItemRef heads_[kPowers][kSteps] = {};
};

}   // namespace shale
