// First in, first out. The oldest item goes, used or not. Cost: nothing at all on a hit, one link on insert.
// When not: nearly always; on skewed use it misses some 7 % more often than s3fifo. It is here for pure
// streams, where no item is asked for twice after it has aged, and as the yardstick.
#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

namespace {

class FifoPolicy : public EvictionPolicy {
 public:
  explicit FifoPolicy(Arena* arena) : arena_(arena), queue_(arena) {}

  HitAction hit_action() const override { return HitAction::kNothing; }
  void OnInsert(ItemRef ref) override { queue_.PushNewest(ref); }
  void OnErase(ItemRef ref) override { queue_.Remove(ref); }

  ItemRef Evict() override {
    // A pinned item goes to the end of the queue; once round is enough to know that all are pinned.
    for (size_t tries = queue_.count(); tries > 0; tries--) {
      const ItemRef ref = queue_.oldest();
      queue_.Remove(ref);
      if (arena_->At(ref)->pins == 0) return ref;
      queue_.PushNewest(ref);
    }
    return kNoItem;
  }

  size_t items() const override { return queue_.count(); }
  std::string Dump() const override { return queue_.Dump(); }
  bool Validate(std::string* why) const override { return queue_.Validate(0, why); }

 private:
  Arena* const arena_;
  ItemQueue queue_;
};

}   // namespace

Status NewFifoPolicy(Arena* arena, ItemTable*, size_t, std::unique_ptr<EvictionPolicy>* out) {
  *out = std::make_unique<FifoPolicy>(arena);
  return Status::Ok();
}

}   // namespace shale
