// Hits of readers that took no lock, on their way to a policy that wants to know each of them, and in which
// order. Why a ring of the shard and not one of each thread: the order over all threads is what such a policy
// lives from.
//  (1) Note neither waits nor fails: an atomic add and a store
//  (2) Take hands out what was noted since it was last called, oldest first, but for what kSlots later
//      notes have overtaken, or a reader has not written yet: a hit may be lost, or come late
//  (3) a reference that is handed out may by now be anything: whoever takes it looks first
#pragma once

#include <atomic>
#include <cstdint>

#include "base/racy.h"
#include "cache/item.h"

namespace shale {

class alignas(64) HitRing {
 public:
  // Three lines in all: a shard that is read seldom has them far away.
  static constexpr uint32_t kSlots = 16;
  static constexpr uint32_t kTakeEvery = kSlots / 2;

  // True once in so many: somebody should take them out.
  bool Note(ItemRef ref, uint32_t hash) {
    // Relaxed: it gives each reader a slot of its own, and orders nothing.
    const uint32_t at = next_.fetch_add(1, std::memory_order_relaxed);
    slots_[at % kSlots] = uint64_t{hash} << 32 | ref;
    return (at + 1) % kTakeEvery == 0;
  }

  // Under the shard's lock. Calls visit(ref, hash).
  template <typename Visit>
  void Take(Visit visit) {
    const uint32_t end = next_.load(std::memory_order_relaxed);   // as above
    if (end - taken_ > kSlots) taken_ = end - kSlots;
    for (; taken_ != end; taken_++) {
      Racy<uint64_t>& slot = slots_[taken_ % kSlots];
      const uint64_t noted = slot;
      if (noted == 0) continue;
      slot = 0;
      visit(static_cast<ItemRef>(noted), static_cast<uint32_t>(noted >> 32));
    }
  }

 private:
  std::atomic<uint32_t> next_{0};
  uint32_t taken_ = 0;   // under the lock
  Racy<uint64_t> slots_[kSlots] = {};
};

}   // namespace shale
