// CAR, Clock with Adaptive Replacement (Bansal and Modha, FAST 2004): ARC whose hits only raise a mark. New
// items stand in the clock `once`; who has a mark when the hand comes by moves to the clock `often`, where a
// mark means another round. Both remember who they evicted. A new item whose ghost is there goes to `often`,
// and moves the border: a ghost of `once` says that it should have been larger, one of `often` the other way.
// So recency and frequency share the bytes as the traffic asks for it. Cost: a hit raises a mark; a ghost
// takes 4 bytes, and there are as many as items. When not: hardly ever; s3fifo is better where most items are
// asked for only once.
#include <algorithm>

#include "cache/ghost_list.h"
#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

namespace {

enum Queue : uint8_t { kOnce, kOften };

class CarPolicy : public EvictionPolicy {
 public:
  CarPolicy(Arena* arena, ItemTable* table)
      : arena_(arena), table_(table), once_(arena, kOnce), often_(arena, kOften) {}
  Status Init(size_t items_max) {
    SHALE_RETURN_IF_NOT_OK(once_ghosts_.Init(items_max));
    return often_ghosts_.Init(items_max);
  }

  HitAction hit_action() const override { return HitAction::kMark; }

  void OnInsert(ItemRef ref) override {
    const uint32_t hash = arena_->At(ref)->hash;
    const double bytes = static_cast<double>(arena_->BlockBytes(ref));
    const auto once_ghosts = static_cast<double>(once_ghosts_.live());
    const auto often_ghosts = static_cast<double>(often_ghosts_.live());
    const auto all_bytes = static_cast<double>(once_.bytes() + often_.bytes()) + bytes;
    if (once_ghosts_.Take(hash)) {
      once_target_ = std::min(all_bytes, once_target_ + bytes * std::max(1.0, often_ghosts / once_ghosts));
      often_.PushNewest(ref);
    } else if (often_ghosts_.Take(hash)) {
      once_target_ = std::max(0.0, once_target_ - bytes * std::max(1.0, once_ghosts / often_ghosts));
      often_.PushNewest(ref);
    } else {
      // `once` with its ghosts is as long as the cache, both with theirs twice as long.
      once_.PushNewest(ref);
      once_ghosts_.TrimTo(items() - std::min(items(), once_.count()));
      often_ghosts_.TrimTo(items() - std::min(items(), once_ghosts_.live()));
    }
  }

  void OnErase(ItemRef ref) override { (arena_->At(ref)->queue == kOften ? often_ : once_).Remove(ref); }

  ItemRef Evict() override {
    // Marks are taken in the first rounds; whom readers mark again meanwhile goes all the same in the last.
    const size_t count = items();
    for (size_t tries = 0; tries < 4 * count; tries++) {
      const bool from_once =
          often_.count() == 0 ||
          (once_.count() > 0 && static_cast<double>(once_.bytes()) >= std::max(once_target_, 1.0));
      ItemQueue* const clock = from_once ? &once_ : &often_;
      const ItemRef ref = clock->oldest();
      Item* item = arena_->At(ref);
      LookAtMark(table_, arena_, ref);
      clock->Remove(ref);
      if (item->pins() == 0 && (item->mark() == 0 || tries >= 3 * count)) {
        (from_once ? once_ghosts_ : often_ghosts_).Remember(item->hash, count);
        return ref;
      }
      item->SetMark(0);
      often_.PushNewest(ref);
    }
    return kNoItem;
  }

  size_t ExtraBytes() const override { return once_ghosts_.bytes() + often_ghosts_.bytes(); }
  size_t ExtraBytesWanted() const override {
    const size_t wanted = once_ghosts_.GrowthFor(GhostsOf(once_ghosts_));
    return wanted > 0 ? wanted : often_ghosts_.GrowthFor(GhostsOf(often_ghosts_));
  }
  bool AddExtra() override {
    GhostList* const list =
        once_ghosts_.GrowthFor(GhostsOf(once_ghosts_)) > 0 ? &once_ghosts_ : &often_ghosts_;
    return list->Grow();
  }

  size_t items() const override { return once_.count() + often_.count(); }
  std::string Dump() const override { return "once[" + once_.Dump() + "] often[" + often_.Dump() + "]"; }
  bool Validate(std::string* why) const override { return once_.Validate(why) && often_.Validate(why); }

 private:
  // A table of ghosts is made for the first few as soon as there are items, and becomes larger as it fills.
  size_t GhostsOf(const GhostList& list) const { return std::max<size_t>(list.live(), items() > 0 ? 1 : 0); }

  Arena* const arena_;
  ItemTable* const table_;
  ItemQueue once_;
  ItemQueue often_;
  GhostList once_ghosts_;
  GhostList often_ghosts_;
  double once_target_ = 0;   // bytes that `once` shall have
};
static_assert(sizeof(CarPolicy) <= kPolicyBytesMax);

}   // namespace

Status NewCarPolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out) {
  auto policy = std::make_unique<CarPolicy>(arena, table);
  SHALE_RETURN_IF_NOT_OK(policy->Init(items_max));
  *out = std::move(policy);
  return Status::Ok();
}

}   // namespace shale
