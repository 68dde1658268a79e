// Values too large for a shard's arena: each in a block of its own, with its key, beside a small item in the
// arena. The list keeps a shard's external items in order of arrival, for the case that external memory
// itself runs short.
//  (1) an item with kExternal is in the list from Push to Remove; its block lives until FreeBlock
//  (2) ChargeOf(bytes) is what a block of `bytes` costs the budget: it covers the block's own overhead and
//      rounding; LargestFor(charge) is a size whose charge is at most that
#pragma once

#include <cstddef>

#include "cache/arena.h"

namespace shale {

class ExternalList {
 public:
  explicit ExternalList(Arena* arena) : arena_(arena) {}
  ExternalList(const ExternalList&) = delete;
  ExternalList& operator=(const ExternalList&) = delete;

  static size_t ChargeOf(size_t bytes);
  static size_t LargestFor(size_t charge);
  static char* AllocateBlock(size_t bytes);   // null if memory is refused
  static void FreeBlock(char* block);

  void Push(ItemRef ref);
  void Remove(ItemRef ref);
  // The oldest item that is not pinned and, if spare_marked, was not hit since it was last asked about; that
  // moves the ones it passes over to the end and lowers their marks. kNoItem if there is none.
  ItemRef Candidate(bool spare_marked);
  size_t count() const { return count_; }

 private:
  ExternalPart* Part(ItemRef ref) const { return arena_->At(ref)->external_part(); }

  Arena* const arena_;
  Racy<ItemRef> oldest_ = kNoItem;   // of one type with the links, though no reader looks
  Racy<ItemRef> newest_ = kNoItem;
  size_t count_ = 0;
};

}   // namespace shale
