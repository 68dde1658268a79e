// Least recently used. The item whose last use is the longest ago goes; exact, per shard. Cost: every hit
// moves the item to the end of the queue, that is stores to three items under the lock. When not: on scans
// and loops, which flush it, and where hits must be cheap; s3fifo is better on both. It is right where
// recency alone decides, as in sessions, and for those who want to know exactly what is kept.
#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

namespace {

class LruPolicy : public EvictionPolicy {
 public:
  explicit LruPolicy(Arena* arena) : arena_(arena), queue_(arena) {}

  HitAction hit_action() const override { return HitAction::kMove; }
  void OnInsert(ItemRef ref) override { queue_.PushNewest(ref); }
  void OnErase(ItemRef ref) override { queue_.Remove(ref); }
  void OnHit(ItemRef ref) override {
    if (arena_->At(ref)->next == kNoItem) return;   // it is the newest already
    queue_.Remove(ref);
    queue_.PushNewest(ref);
  }

  ItemRef Evict() override {
    // A pinned item is in use now, so it becomes the newest; once round is enough to know that all are
    // pinned.
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

Status NewLruPolicy(Arena* arena, ItemTable*, size_t, std::unique_ptr<EvictionPolicy>* out) {
  *out = std::make_unique<LruPolicy>(arena);
  return Status::Ok();
}

}   // namespace shale
