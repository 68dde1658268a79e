// W-TinyLFU (Einziger, Friedman and Manes, 2017) with a window that finds its size. A new item enters the
// window, a small LRU. Who leaves it meets the oldest of the main part, and the one that was asked for more
// often lately, by a sketch that also knows keys that are not here, stays. The main part is an LRU of two
// steps: an item that is hit there moves from probation to protection, which has at most four fifths of the
// main part's bytes. The window begins with 1 % of the bytes; from time to time it becomes larger or smaller,
// and goes on so while the hit ratio rises.
// Cost: a hit is noted in a ring that all readers of the shard share, and later moves an item and counts in the
// sketch, under the lock; 8 bytes an item for the sketch. When not: where hits must be cheap. It is the one that
// copes with loops larger than the cache.
#include <algorithm>
#include <cmath>

#include "cache/frequency_sketch.h"
#include "cache/item_queue.h"
#include "cache/policy.h"

namespace shale {

namespace {

enum Queue : uint8_t { kWindow, kProbation, kProtected };

constexpr double kProtectedShare = 0.8;   // of the main part
constexpr double kWindowMin = 0.01;
constexpr double kWindowMax = 0.8;
constexpr double kWindowStart = 0.01;
constexpr double kStepStart = 0.0625;   // of all bytes
constexpr double kStepDecay = 0.98;
constexpr double kFlatChange = 0.0025;    // a loss that is taken for noise
constexpr double kRestartChange = 0.05;   // a change of the hit ratio that means other traffic
constexpr size_t kSamplePerItem = 10;     // requests between two steps, and additions between two ageings
constexpr size_t kSampleMin = 64;

class WTinyLfuPolicy : public EvictionPolicy {
 public:
  explicit WTinyLfuPolicy(Arena* arena)
      : arena_(arena),
        window_(arena, kWindow),
        probation_(arena, kProbation),
        protected_(arena, kProtected) {}
  Status Init(size_t items_max) { return sketch_.Init(items_max); }

  HitAction hit_action() const override { return HitAction::kMove; }

  void OnInsert(ItemRef ref) override {
    Count(ref);
    misses_++;
    window_.PushNewest(ref);
    // Only while the cache fills is the window ahead of its size by more than the new item.
    MoveOverflow();
  }

  void OnErase(ItemRef ref) override { QueueOf(ref)->Remove(ref); }

  void OnHit(ItemRef ref) override {
    Count(ref);
    hits_++;
    ItemQueue* queue = QueueOf(ref);
    queue->Remove(ref);
    (queue == &window_ ? window_ : protected_).PushNewest(ref);
    if (queue == &probation_) TrimProtected();
    Climb();
  }

  ItemRef Evict() override {
    Climb();
    MoveOverflow();
    const bool window_is_full = window_.bytes() >= WindowBytes();
    ItemQueue* const order[] = {&probation_, &protected_, &window_};
    const ItemRef candidate = window_is_full ? OldestUnpinned(&window_) : kNoItem;
    ItemRef victim = kNoItem;
    for (ItemQueue* queue : order) {
      if (queue == &window_ && candidate != kNoItem) break;
      victim = OldestUnpinned(queue);
      if (victim != kNoItem) break;
    }
    if (candidate != kNoItem && (victim == kNoItem || !Beats(candidate, victim))) {
      window_.Remove(candidate);
      return candidate;
    }
    if (victim == kNoItem) return kNoItem;
    QueueOf(victim)->Remove(victim);
    if (candidate != kNoItem) {
      window_.Remove(candidate);
      probation_.PushNewest(candidate);
    }
    return victim;
  }

  size_t ExtraBytes() const override { return sketch_.bytes(); }
  size_t ExtraBytesWanted() const override { return sketch_.GrowthFor(items() + 1); }
  bool AddExtra() override { return sketch_.Grow(); }

  size_t items() const override { return window_.count() + probation_.count() + protected_.count(); }
  std::string Dump() const override {
    return "window[" + window_.Dump() + "] probation[" + probation_.Dump() + "] protected[" +
           protected_.Dump() + "]";
  }
  bool Validate(std::string* why) const override {
    return window_.Validate(why) && probation_.Validate(why) && protected_.Validate(why);
  }

 private:
  ItemQueue* QueueOf(ItemRef ref) {
    const uint8_t number = arena_->At(ref)->queue;
    return number == kWindow ? &window_ : number == kProbation ? &probation_ : &protected_;
  }
  size_t MainBytes() const { return probation_.bytes() + protected_.bytes(); }
  size_t WindowBytes() const {
    return static_cast<size_t>(window_share_ * static_cast<double>(window_.bytes() + MainBytes()));
  }

  void Count(ItemRef ref) {
    sketch_.Add(arena_->At(ref)->hash);
    if (sketch_.additions() >= kSamplePerItem * std::max(items(), kSampleMin)) sketch_.Age();
  }

  // A pinned item is in use now: it goes to the end.
  ItemRef OldestUnpinned(ItemQueue* queue) {
    for (size_t tries = queue->count(); tries > 0; tries--) {
      const ItemRef ref = queue->oldest();
      if (arena_->At(ref)->pins() == 0) return ref;
      queue->Remove(ref);
      queue->PushNewest(ref);
    }
    return kNoItem;
  }

  // Ties go to who is there: or a stream of items that are asked for once would wash everything away.
  bool Beats(ItemRef candidate, ItemRef victim) const {
    return sketch_.Estimate(arena_->At(candidate)->hash) > sketch_.Estimate(arena_->At(victim)->hash);
  }

  // What the window has above its size, after it became smaller or while the cache fills, goes on
  // uncontested. One item above it is the one that the next Evict will look at.
  void MoveOverflow() {
    while (window_.count() > 1) {
      const ItemRef ref = window_.oldest();
      if (window_.bytes() < WindowBytes() + arena_->BlockBytes(ref)) return;
      window_.Remove(ref);
      probation_.PushNewest(ref);
    }
  }

  void TrimProtected() {
    while (static_cast<double>(protected_.bytes()) > kProtectedShare * static_cast<double>(MainBytes())) {
      const ItemRef ref = protected_.oldest();
      protected_.Remove(ref);
      probation_.PushNewest(ref);
    }
  }

  // Hill climbing: on in the same direction while it does not cost, back if it does or if there is no way on,
  // by smaller and smaller steps. On flat ground it goes on, or it would tread on the spot where hits begin
  // only with a larger window.
  void Climb() {
    const size_t requests = hits_ + misses_;
    if (requests < kSamplePerItem * std::max(items(), kSampleMin)) return;
    const double ratio = static_cast<double>(hits_) / static_cast<double>(requests);
    const double change = ratio - last_ratio_;
    double step = change >= -kFlatChange ? step_ : -step_;
    const double wanted = window_share_ + step;
    if (wanted < kWindowMin || wanted > kWindowMax) step = -step;
    step_ = std::fabs(change) >= kRestartChange ? std::copysign(kStepStart, step) : kStepDecay * step;
    last_ratio_ = ratio;
    hits_ = 0;
    misses_ = 0;
    window_share_ = std::clamp(window_share_ + step, kWindowMin, kWindowMax);
    MoveOverflow();
    TrimProtected();
  }

  Arena* const arena_;
  ItemQueue window_;
  ItemQueue probation_;
  ItemQueue protected_;
  FrequencySketch sketch_;
  double window_share_ = kWindowStart;
  double step_ = kStepStart;
  double last_ratio_ = 0;
  size_t hits_ = 0;   // since the last step
  size_t misses_ = 0;
};
static_assert(sizeof(WTinyLfuPolicy) <= kPolicyBytesMax);

}   // namespace

Status NewWTinyLfuPolicy(Arena* arena, ItemTable*, size_t items_max, std::unique_ptr<EvictionPolicy>* out) {
  auto policy = std::make_unique<WTinyLfuPolicy>(arena);
  SHALE_RETURN_IF_NOT_OK(policy->Init(items_max));
  *out = std::move(policy);
  return Status::Ok();
}

}   // namespace shale
