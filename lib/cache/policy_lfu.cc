// Two policies that weigh how often an item was used, and let the past fade:
//   lfu   LFU with dynamic ageing (Arlitt and others, 2000): an item's rank is its uses plus the rank of whom
//         was evicted last when it was last looked at. So what was popular once and is asked for no more is
//         overtaken. Plain LFU never forgets, and is the worst policy of all on most traces.
//   gdsf  Greedy-Dual-Size-Frequency (Cherkasova, 1998): the same with uses / size. Small items stay longer:
//         more hits, fewer bytes that are hits.
// Ranks are queues in a ring, 256 above the last victim's; within one the oldest goes first. Hits only raise
// marks: an item's uses are brought up to date when it is the next to go, which decides the same, later. An
// item that is looked at seldom is told of three hits at most, which is enough to keep what is hot. Cost: 2
// KiB per shard; an eviction looks at a few items. When not: where what is new matters more than what is
// popular.
#include <algorithm>
#include <bit>

#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

namespace {

constexpr uint32_t kRanks = 256;
constexpr uint8_t kUsesMax = UINT8_MAX;
// gdsf: ranks that a use of an item of mean size is worth; smaller ones get more, so there must be room.
constexpr size_t kRanksPerUse = 8;

class LfuPolicy : public EvictionPolicy {
 public:
  LfuPolicy(Arena* arena, ItemTable* table, bool by_size) : arena_(arena), table_(table), by_size_(by_size) {}

  HitAction hit_action() const override { return HitAction::kMark; }

  void OnInsert(ItemRef ref) override {
    count_++;
    bytes_ += arena_->BlockBytes(ref);
    arena_->At(ref)->uses = 1;
    Place(ref);
  }

  void OnErase(ItemRef ref) override {
    Take(ref);
    count_--;
    bytes_ -= arena_->BlockBytes(ref);
  }

  ItemRef Evict() override {
    // Every item gives up its marks once; whom readers mark again meanwhile goes all the same.
    const size_t count = count_;
    for (size_t tries = 0; tries < 3 * count; tries++) {
      const uint8_t rank = LowestRank();
      const ItemRef ref = ranks_[rank].oldest;
      Item* item = arena_->At(ref);
      CollectMark(table_, arena_, ref);
      if (item->pins() == 0 && (item->mark() == 0 || tries >= 2 * count)) {
        floor_ = rank;
        OnErase(ref);
        return ref;
      }
      Take(ref);
      const uint32_t uses = uint32_t{item->uses} + item->mark();
      item->uses = static_cast<uint8_t>(std::min<uint32_t>(uses, kUsesMax));
      item->SetMark(0);
      Place(ref);
    }
    return kNoItem;
  }

  size_t items() const override { return count_; }

  // Ranks above the last victim's, each with its items: "1[a b] 3[c*1]".
  std::string Dump() const override {
    std::string text;
    for (uint32_t above = 0; above < kRanks; above++) {
      const ItemLinks& links = ranks_[(floor_ + above) % kRanks];
      if (links.oldest == kNoItem) continue;
      text += (text.empty() ? "" : " ") + std::to_string(above) + "[" + DumpItems(*arena_, links) + "]";
    }
    return text;
  }

  bool Validate(std::string* why) const override {
    size_t count = 0;
    size_t bytes = 0;
    for (uint32_t rank = 0; rank < kRanks; rank++) {
      const bool used = (used_[rank / 64] >> rank % 64 & 1) != 0;
      if (used != (ranks_[rank].oldest != kNoItem)) return *why = "lfu: the bit of a rank", false;
      ItemRef prev = kNoItem;
      for (ItemRef ref = ranks_[rank].oldest; ref != kNoItem; prev = ref, ref = arena_->At(ref)->next) {
        const Item* item = arena_->At(ref);
        if (item->prev != prev || item->queue != rank) return *why = "lfu: links or rank", false;
        if (++count > count_) return *why = "lfu: more items than counted", false;
        bytes += arena_->BlockBytes(ref);
      }
      if (ranks_[rank].newest != prev) return *why = "lfu: the end of a rank", false;
    }
    if (count != count_ || bytes != bytes_) return *why = "lfu: count or bytes", false;
    return true;
  }

 private:
  // How far above the last victim an item stands.
  uint32_t Worth(ItemRef ref) const {
    const size_t uses = arena_->At(ref)->uses;
    if (!by_size_) return static_cast<uint32_t>(uses);
    const size_t worth = kRanksPerUse * uses * bytes_ / (count_ * arena_->BlockBytes(ref));
    return static_cast<uint32_t>(std::clamp<size_t>(worth, 1, kRanks - 1));
  }

  void Place(ItemRef ref) {
    const auto rank = static_cast<uint8_t>(floor_ + Worth(ref));
    arena_->At(ref)->queue = rank;
    ranks_[rank].PushNewest(arena_, ref);
    used_[rank / 64] |= uint64_t{1} << rank % 64;
  }

  void Take(ItemRef ref) {
    const uint8_t rank = arena_->At(ref)->queue;
    ranks_[rank].Remove(arena_, ref);
    if (ranks_[rank].oldest == kNoItem) used_[rank / 64] &= ~(uint64_t{1} << rank % 64);
  }

  // From floor_ upwards, round the ring; there must be an item.
  uint8_t LowestRank() const {
    const uint32_t first = floor_ / 64;
    uint64_t word = used_[first] & ~uint64_t{0} << floor_ % 64;
    for (uint32_t i = first; word == 0;) {
      i = (i + 1) % (kRanks / 64);
      word = used_[i];
      if (word != 0) return static_cast<uint8_t>(i * 64 + static_cast<uint32_t>(std::countr_zero(word)));
    }
    return static_cast<uint8_t>(first * 64 + static_cast<uint32_t>(std::countr_zero(word)));
  }

  Arena* const arena_;
  ItemTable* const table_;
  const bool by_size_;
  uint8_t floor_ = 0;   // rank of the last victim
  size_t count_ = 0;
  size_t bytes_ = 0;
  uint64_t used_[kRanks / 64] = {};   // which ranks have items
  ItemLinks ranks_[kRanks];
};
static_assert(sizeof(LfuPolicy) <= kPolicyBytesMax);

}   // namespace

Status NewLfuPolicy(Arena* arena, ItemTable* table, size_t, std::unique_ptr<EvictionPolicy>* out) {
  *out = std::make_unique<LfuPolicy>(arena, table, false);
  return Status::Ok();
}

Status NewGdsfPolicy(Arena* arena, ItemTable* table, size_t, std::unique_ptr<EvictionPolicy>* out) {
  *out = std::make_unique<LfuPolicy>(arena, table, true);
  return Status::Ok();
}

}   // namespace shale
