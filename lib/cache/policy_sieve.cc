// SIEVE (Zhang and others, NSDI 2024): one queue and a hand that walks from its oldest item to its newest. An
// item that was hit since the hand last came by loses its mark and stays where it is; the first one without
// goes. So what is in use collects behind the hand, and new items, in front of it, are tried soon. Cost: a
// hit raises a mark, an eviction looks at a few items, nothing is ever moved and nothing remembered. When
// not: on loops and where recency decides; it was made for the caches of web sites, and is among the best
// there.
#include "cache/policy_one_queue.h"

namespace shale {

namespace {

class SievePolicy : public OneQueuePolicy {
 public:
  SievePolicy(Arena* arena, ItemTable* table) : OneQueuePolicy(arena), table_(table) {}

  HitAction hit_action() const override { return HitAction::kMark; }

  void OnErase(ItemRef ref) override {
    if (hand_ == ref) hand_ = arena_->At(ref)->next;
    queue_.Remove(ref);
  }

  ItemRef Evict() override {
    // The first round takes the marks, the second finds one without, unless readers are quick: whom they have
    // marked again goes all the same in the third.
    const size_t count = queue_.count();
    for (size_t tries = 0; tries < 3 * count; tries++) {
      const ItemRef ref = hand_ != kNoItem ? hand_ : queue_.oldest();
      Item* item = arena_->At(ref);
      hand_ = item->next;   // kNoItem at the end: the walk begins again
      LookAtMark(table_, arena_, ref);
      const bool stays = item->pins() > 0 || (item->mark() > 0 && tries < 2 * count);
      if (item->mark() > 0) item->SetMark(0);
      if (stays) continue;
      queue_.Remove(ref);
      return ref;
    }
    return kNoItem;
  }

  // The hand stands before the item that it looks at next: "a | b c".
  std::string Dump() const override { return queue_.Dump(hand_); }

  bool Validate(std::string* why) const override {
    bool found = hand_ == kNoItem;
    for (ItemRef ref = queue_.oldest(); ref != kNoItem && !found; ref = arena_->At(ref)->next)
      found = ref == hand_;
    if (!found) return *why = "sieve: the hand points at no item", false;
    return queue_.Validate(why);
  }

 private:
  ItemTable* const table_;
  ItemRef hand_ = kNoItem;   // kNoItem: the oldest is next
};
static_assert(sizeof(SievePolicy) <= kPolicyBytesMax);

}   // namespace

Status NewSievePolicy(Arena* arena, ItemTable* table, size_t, std::unique_ptr<EvictionPolicy>* out) {
  *out = std::make_unique<SievePolicy>(arena, table);
  return Status::Ok();
}

}   // namespace shale
