// S3-FIFO (Yang and others, SOSP 2023): most new items are never asked for again, so they pass through a
// small queue, a tenth of the bytes, and only those hit at least twice there move on to the main queue. Keys
// that leave the small queue are remembered as ghosts, as many as the main queue would have items if it had
// its nine tenths; a new item whose ghost is there goes to the main queue at once. In the main queue an item
// gets one more round per hit, up to three. Cost: a hit raises a 2-bit mark in the item, and that only if it
// is not at its top; an eviction looks at a few items; a ghost takes 4 bytes. When not: where recency alone
// decides (use lru).
#include "cache/ghost_table.h"
#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

namespace {

constexpr size_t kSmallShare = 10;    // the small queue has one part in ten of the bytes
constexpr uint8_t kPromoteMark = 2;   // hits that take an item from the small to the main queue

enum Queue : uint8_t { kSmall, kMain };

class S3FifoPolicy : public EvictionPolicy {
 public:
  S3FifoPolicy(Arena* arena, ItemTable* table)
      : arena_(arena), table_(table), small_(arena, kSmall), main_(arena, kMain) {}
  Status Init(size_t items_max) { return ghosts_.Init(items_max); }

  HitAction hit_action() const override { return HitAction::kMark; }

  void OnInsert(ItemRef ref) override {
    if (ghosts_.Forget(arena_->At(ref)->hash, GhostsMax())) {
      main_.PushNewest(ref);
    } else {
      small_.PushNewest(ref);
    }
  }

  void OnErase(ItemRef ref) override { (arena_->At(ref)->queue == kMain ? main_ : small_).Remove(ref); }

  ItemRef Evict() override {
    // Every item is looked at once in the small queue, and at most kMarkMax + 1 times in the main one, until
    // one must be free to go; who is pinned never is.
    size_t small_tries = small_.count();
    size_t main_tries = (small_.count() + main_.count()) * (kMarkMax + 1);
    for (;;) {
      const bool small_is_full = small_.bytes() * kSmallShare >= small_.bytes() + main_.bytes();
      const bool small_can = small_tries > 0 && small_.count() > 0;
      const bool main_can = main_tries > 0 && main_.count() > 0;
      if (!small_can && !main_can) return kNoItem;
      ItemRef ref;
      if (small_can && (small_is_full || !main_can)) {
        small_tries--;
        ref = LookAtSmall();
      } else {
        main_tries--;
        ref = LookAtMain();
      }
      if (ref != kNoItem) return ref;
    }
  }

  size_t ExtraBytes() const override { return ghosts_.bytes(); }
  size_t ExtraBytesWanted() const override { return ghosts_.GrowthFor(GhostsMax()); }
  bool AddExtra() override { return ghosts_.Grow(); }

  size_t items() const override { return small_.count() + main_.count(); }
  std::string Dump() const override { return "small[" + small_.Dump() + "] main[" + main_.Dump() + "]"; }
  bool Validate(std::string* why) const override { return small_.Validate(why) && main_.Validate(why); }

 private:
  // Not what main has now: it would stay small where most that comes back comes back late.
  size_t GhostsMax() const { return items() - items() / kSmallShare; }

  // Both take the oldest item of their queue: they return it if it has to go, and else put it where it
  // belongs.
  ItemRef LookAtSmall() {
    const ItemRef ref = small_.oldest();
    Item* item = arena_->At(ref);
    small_.Remove(ref);
    LookAtMark(table_, arena_, ref);
    if (item->mark() >= kPromoteMark) {
      item->SetMark(0);
      main_.PushNewest(ref);
    } else if (item->pins() > 0) {
      small_.PushNewest(ref);
    } else {
      ghosts_.Remember(item->hash);
      return ref;
    }
    return kNoItem;
  }

  ItemRef LookAtMain() {
    const ItemRef ref = main_.oldest();
    Item* item = arena_->At(ref);
    main_.Remove(ref);
    LookAtMark(table_, arena_, ref);
    if (item->mark() == 0 && item->pins() == 0) {
      return ref;
    }
    if (item->mark() > 0) item->SetMark(item->mark() - 1);
    main_.PushNewest(ref);
    return kNoItem;
  }

  Arena* const arena_;
  ItemTable* const table_;
  ItemQueue small_;
  ItemQueue main_;
  GhostTable ghosts_;
};
static_assert(sizeof(S3FifoPolicy) <= kPolicyBytesMax);

}   // namespace

Status NewS3FifoPolicy(Arena* arena, ItemTable* table, size_t items_max,
                       std::unique_ptr<EvictionPolicy>* out) {
  auto policy = std::make_unique<S3FifoPolicy>(arena, table);
  SHALE_RETURN_IF_NOT_OK(policy->Init(items_max));
  *out = std::move(policy);
  return Status::Ok();
}

}   // namespace shale
