// The memory of one shard's items: a segregated-fit allocator with boundary tags over its lane of an
// ArenaSpace (the two-level bitmap scheme known as TLSF). Why not size classes: their pages belong to one
// size for ever, so a change of value sizes strands memory; here neighbours that are free become one block
// again, and both calls take constant time.
//
//  (1) each chunk of the lane below the limit is one unit that is left out, blocks of 8-byte units, and
//      one unit as an end mark; so no block lies in two chunks, and reference 0 is "no item"
//  (2) no two free blocks are neighbours; a block knows whether the one before it is free (kPrevFree)
//  (3) a free block is in exactly one list, the one of its size; a list's bit is set <=> it is not empty
//  (4) used_bytes() == sum of the blocks that are not free; used_bytes() < limit_bytes()
//  (5) memory below the highest limit ever stays readable (VmRegion), so an old reference never faults
//  (6) references count from the start of the space, limits along the lane
// Not synchronised: the shard's lock protects it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "cache/arena_space.h"
#include "cache/item.h"

namespace shale {

class Arena {
 public:
  static constexpr size_t kUnitBytes = BlockWord::kUnitBytes;
  static constexpr size_t kBytesMax = size_t{8} << 30;
  static constexpr size_t kBlockBytesMax = (BlockWord::kUnitsMax - 1) * kUnitBytes;
  // Left out, and end mark: what a chunk has for blocks is so much less.
  static constexpr size_t kChunkMarksBytes = 2 * kUnitBytes;
  static_assert(kBlockBytesMax + kChunkMarksBytes <= ArenaSpace::kChunkBytesMax);

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // The lane of this shard. The limit is 0 until GrowTo.
  void Init(std::shared_ptr<ArenaSpace> space, size_t shard);

  // Raises the limit (whole pages); false above the end of the lane or if the kernel refuses.
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

  // Walk over used blocks in the order of the lane.
  ItemRef FirstUsed() const { return limit_ == 0 ? kNoItem : UsedFrom(FirstBlock(ArenaSpace::ChunkWith(0))); }
  ItemRef NextUsed(ItemRef ref) const { return UsedFrom(ref + UnitsOf(ref)); }
  // Where a block ends in the lane, in bytes.
  size_t EndOf(ItemRef ref) const;

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
  // The unit behind the one that is left out.
  ItemRef FirstBlock(const ArenaSpace::Chunk& chunk) const {
    return static_cast<ItemRef>(space_->OffsetOf(shard_, chunk) / kUnitBytes) + 1;
  }
  // Of the chunk with the last byte below the limit.
  ItemRef EndMark(const ArenaSpace::Chunk& last) const {
    return FirstBlock(last) + static_cast<ItemRef>(limit_ - last.start / kUnitBytes) - 2;
  }
  ItemRef UsedFrom(ItemRef ref) const;
  void Extend(const ArenaSpace::Chunk& chunk, size_t to_bytes);
  void DropTail(const ArenaSpace::Chunk& chunk, ItemRef tail, size_t to_bytes);
  bool ValidateChunk(const ArenaSpace::Chunk& chunk, size_t* used, size_t* free_blocks,
                     std::string* why) const;
  void MakeFree(ItemRef ref, uint32_t units);
  void Unlink(ItemRef ref);
  void FreeUnits(ItemRef ref, uint32_t units);
  ItemRef FindFit(uint32_t units) const;
  bool ValidateLists(size_t free_blocks, std::string* why) const;

  std::shared_ptr<ArenaSpace> space_;
  size_t shard_ = 0;
  char* base_ = nullptr;
  uint32_t limit_ = 0;   // in units of the lane
  size_t used_bytes_ = 0;
  uint32_t power_bits_ = 0;
  uint16_t step_bits_[kPowers] = {};
  ItemRef heads_[kPowers][kSteps] = {};
};

}   // namespace shale
