// What fifo, lru and sieve have in common: one queue, oldest first.
#pragma once

#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

class OneQueuePolicy : public EvictionPolicy {
 public:
  explicit OneQueuePolicy(Arena* arena) : arena_(arena), queue_(arena) {}

  void OnInsert(ItemRef ref) override { queue_.PushNewest(ref); }
  void OnErase(ItemRef ref) override { queue_.Remove(ref); }

  ItemRef Evict() override {
    // A pinned item is in use now, so it goes to the end; once round is enough to know that all are pinned.
    for (size_t tries = queue_.count(); tries > 0; tries--) {
      const ItemRef ref = queue_.oldest();
      queue_.Remove(ref);
      if (arena_->At(ref)->pins() == 0) return ref;
      queue_.PushNewest(ref);
    }
    return kNoItem;
  }

  size_t items() const override { return queue_.count(); }
  std::string Dump() const override { return queue_.Dump(); }
  bool Validate(std::string* why) const override { return queue_.Validate(why); }

 protected:
  Arena* const arena_;
  ItemQueue queue_;
};

}   // namespace shale
