// Intrusive lists of items: what policies are made of.
//  (1) an item is in at most one of them (its prev and next links)
#pragma once

#include <cstddef>
#include <string>

#include "cache/arena.h"

namespace shale {

// Two links and nothing else, for policies that have hundreds.
struct ItemLinks {
  Racy<ItemRef> oldest = kNoItem;   // of one type with the links, though no reader looks
  Racy<ItemRef> newest = kNoItem;

  void PushNewest(Arena* arena, ItemRef ref) {
    Item* item = arena->At(ref);
    item->prev = newest;
    item->next = kNoItem;
    (newest != kNoItem ? arena->At(newest)->next : oldest) = ref;
    newest = ref;
  }
  void Remove(Arena* arena, ItemRef ref) {
    const Item* item = arena->At(ref);
    (item->prev != kNoItem ? arena->At(item->prev)->next : oldest) = item->next;
    (item->next != kNoItem ? arena->At(item->next)->prev : newest) = item->prev;
  }
};

// Keys, oldest first, each with its mark if that is not 0, and a bar before the one at `hand`: "a b*2 | c".
inline std::string DumpItems(const Arena& arena, const ItemLinks& links, ItemRef hand = kNoItem) {
  std::string text;
  for (ItemRef ref = links.oldest; ref != kNoItem; ref = arena.At(ref)->next) {
    const Item* item = arena.At(ref);
    if (!text.empty()) text += ' ';
    if (ref == hand) text += "| ";
    text += item->key();
    if (item->mark() != 0) text += "*" + std::to_string(item->mark());
  }
  return text;
}

// A queue weighed in bytes of the arena. An external value's own bytes do not count: policies share out the
// arena, external values have their list (cache_shard.h).
//  (1) bytes() is the sum of the blocks of its items
//  (2) `queue` of each of its items is the queue's own number
class ItemQueue {
 public:
  explicit ItemQueue(Arena* arena, uint8_t number = 0) : arena_(arena), number_(number) {}
  ItemQueue(const ItemQueue&) = delete;
  ItemQueue& operator=(const ItemQueue&) = delete;

  void PushNewest(ItemRef ref) {
    Item* item = arena_->At(ref);
    if (item->queue != number_) item->queue = number_;
    links_.PushNewest(arena_, ref);
    count_++;
    bytes_ += arena_->BlockBytes(ref);
  }
  void Remove(ItemRef ref) {
    links_.Remove(arena_, ref);
    count_--;
    bytes_ -= arena_->BlockBytes(ref);
  }
  ItemRef oldest() const { return links_.oldest; }
  size_t count() const { return count_; }
  size_t bytes() const { return bytes_; }

  std::string Dump(ItemRef hand = kNoItem) const { return DumpItems(*arena_, links_, hand); }
  bool Validate(std::string* why) const {
    size_t count = 0;
    size_t bytes = 0;
    ItemRef prev = kNoItem;
    for (ItemRef ref = links_.oldest; ref != kNoItem; prev = ref, ref = arena_->At(ref)->next) {
      const Item* item = arena_->At(ref);
      if (item->prev != prev || item->Has(kRemoved)) return *why = "queue: links or a removed item", false;
      if (item->queue != number_) return *why = "queue: item of another queue", false;
      if (++count > count_) return *why = "queue: more items than counted", false;
      bytes += arena_->BlockBytes(ref);
    }
    if (count != count_ || bytes != bytes_) return *why = "queue: count or bytes", false;
    if (prev != links_.newest) return *why = "queue: its end", false;
    return true;
  }

 private:
  Arena* const arena_;
  ItemLinks links_;
  size_t count_ = 0;
  size_t bytes_ = 0;
  const uint8_t number_;
};

}   // namespace shale
