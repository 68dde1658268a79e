// An intrusive queue of items, weighed in bytes of the arena: what a policy is made of. An external value's
// own bytes do not count: policies share out the arena, external values have their list (cache_shard.h).
//  (1) an item is in at most one queue (its prev and next links)
//  (2) bytes() is the sum of the blocks of its items
#pragma once

#include <cstddef>
#include <string>

#include "cache/arena.h"

namespace shale {

class ItemQueue {
 public:
  explicit ItemQueue(Arena* arena) : arena_(arena) {}
  ItemQueue(const ItemQueue&) = delete;
  ItemQueue& operator=(const ItemQueue&) = delete;

  void PushNewest(ItemRef ref) {
    Item* item = arena_->At(ref);
    item->prev = newest_;
    item->next = kNoItem;
    (newest_ != kNoItem ? arena_->At(newest_)->next : oldest_) = ref;
    newest_ = ref;
    count_++;
    bytes_ += arena_->BlockBytes(ref);
  }
  void Remove(ItemRef ref) {
    const Item* item = arena_->At(ref);
    (item->prev != kNoItem ? arena_->At(item->prev)->next : oldest_) = item->next;
    (item->next != kNoItem ? arena_->At(item->next)->prev : newest_) = item->prev;
    count_--;
    bytes_ -= arena_->BlockBytes(ref);
  }
  ItemRef oldest() const { return oldest_; }
  size_t count() const { return count_; }
  size_t bytes() const { return bytes_; }

  // Keys, oldest first, each with its mark if that is not 0: "a b*2 c".
  std::string Dump() const {
    std::string text;
    for (ItemRef ref = oldest_; ref != kNoItem; ref = arena_->At(ref)->next) {
      const Item* item = arena_->At(ref);
      if (!text.empty()) text += ' ';
      text += item->key();
      if (item->mark != 0) text += "*" + std::to_string(item->mark);
    }
    return text;
  }
  // `flags_in_main`: the kInMain bit that every item of this queue must show.
  bool Validate(uint8_t flags_in_main, std::string* why) const {
    size_t count = 0;
    size_t bytes = 0;
    ItemRef prev = kNoItem;
    for (ItemRef ref = oldest_; ref != kNoItem; prev = ref, ref = arena_->At(ref)->next) {
      const Item* item = arena_->At(ref);
      if (item->prev != prev || item->Has(kRemoved)) return *why = "queue: links or a removed item", false;
      if ((item->flags & kInMain) != flags_in_main) return *why = "queue: item of another queue", false;
      if (++count > count_) return *why = "queue: more items than counted", false;
      bytes += arena_->BlockBytes(ref);
    }
    if (count != count_ || bytes != bytes_) return *why = "queue: count or bytes", false;
    if (prev != newest_) return *why = "queue: its end", false;
    return true;
  }

 private:
  Arena* const arena_;
  Racy<ItemRef> oldest_ = kNoItem;   // of one type with the links, though no reader looks
  Racy<ItemRef> newest_ = kNoItem;
  size_t count_ = 0;
  size_t bytes_ = 0;
};

}   // namespace shale
