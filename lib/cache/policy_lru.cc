// Least recently used. The item whose last use is the longest ago goes; exact, per shard. Cost: every hit
// is noted in a ring that all readers of the shard share, and later moves the item to the end of the queue, that is
// stores to three items under the lock. When not: on scans and loops, which flush it, and where hits must be cheap;
// s3fifo is better on both. It is right where
// recency alone decides, as in sessions, and for those who want to know exactly what is kept.
#include "cache/policy_one_queue.h"

namespace shale {

namespace {

class LruPolicy : public OneQueuePolicy {
 public:
  using OneQueuePolicy::OneQueuePolicy;
  HitAction hit_action() const override { return HitAction::kMove; }
  void OnHit(ItemRef ref) override {
    if (arena_->At(ref)->next == kNoItem) return;   // it is the newest already
    queue_.Remove(ref);
    queue_.PushNewest(ref);
  }
};
static_assert(sizeof(LruPolicy) <= kPolicyBytesMax);

}   // namespace

Status NewLruPolicy(Arena* arena, ItemTable*, size_t, std::unique_ptr<EvictionPolicy>* out) {
  *out = std::make_unique<LruPolicy>(arena);
  return Status::Ok();
}

}   // namespace shale
