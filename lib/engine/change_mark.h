// What changed in a stripe while somebody read keys of it without its lock: anything, or a batch.
//  (1) Begin and End come in pairs with the stripe held, around all that readers can see of a change; a batch
//      begins in all its stripes before the first and ends behind the last
//  (2) who looked, then read, and finds nothing changed since has read what was there all the time
#pragma once

#include <atomic>
#include <cstdint>

namespace shale {

class ChangeMark {
 public:
  enum class Of { kOne, kBatch };

  // Relaxed: who sees what is published later, by acquiring it, sees this too.
  void Begin(Of of) { Add(&begun_, of, std::memory_order_relaxed); }
  // Release: who sees the end sees the change.
  void End(Of of) { Add(&ended_, of, std::memory_order_release); }

  struct Seen {
    uint64_t begun = 0;
    bool changing = false, batch_changing = false;
  };
  Seen Look() const {
    // Acquire, both, in this order: what has begun when it is looked at and not ended before is under way,
    // and what is read behind this is read behind.
    const uint64_t ended = ended_.load(std::memory_order_acquire);
    const uint64_t begun = begun_.load(std::memory_order_acquire);
    return {begun, begun != ended, BatchesOf(begun) != BatchesOf(ended)};
  }
  // Relaxed, both: behind reads that acquire what they find.
  bool ChangedSince(const Seen& seen) const {
    return seen.changing || begun_.load(std::memory_order_relaxed) != seen.begun;
  }
  bool BatchSince(const Seen& seen) const {
    return seen.batch_changing || BatchesOf(begun_.load(std::memory_order_relaxed)) != BatchesOf(seen.begun);
  }

 private:
  // Batches in the upper half, single changes in the lower; both go round.
  static constexpr uint64_t kBatch = uint64_t{1} << 32;
  static uint32_t BatchesOf(uint64_t count) { return static_cast<uint32_t>(count >> 32); }
  static void Add(std::atomic<uint64_t>* count, Of of, std::memory_order order) {
    const uint64_t old = count->load(std::memory_order_relaxed);   // the stripe is held
    const uint64_t ones = static_cast<uint32_t>(old + 1);
    const uint64_t added = of == Of::kBatch ? old + kBatch : (old & ~(kBatch - 1)) | ones;
    count->store(added, order);
  }

  std::atomic<uint64_t> begun_{0};
  std::atomic<uint64_t> ended_{0};
};

// For a scope.
class ChangeGuard {
 public:
  ChangeGuard(ChangeMark* mark, ChangeMark::Of of) : mark_(mark), of_(of) { mark_->Begin(of_); }
  ~ChangeGuard() { mark_->End(of_); }
  ChangeGuard(const ChangeGuard&) = delete;
  ChangeGuard& operator=(const ChangeGuard&) = delete;

 private:
  ChangeMark* const mark_;
  const ChangeMark::Of of_;
};

}   // namespace shale
