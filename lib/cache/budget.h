// Who has how much of the capacity. Two kinds of memory compete: what the shards have for items and tables
// (their leases), and values too large for a shard, which lie outside (external). All of it comes from one
// pool:
//
//     pool + leases of all shards + external bytes = total     (the capacity is never exceeded)
//
// A shard takes more while it stays within LeaseMax(): an equal share of what external values leave, but
// never less than its share of a quarter. External values as a whole may take three quarters. So each side
// has a part that the other cannot take, and inside their part neither has to ask. An external value claims
// first, which lowers LeaseMax() at once, then makes the shards give back what lies above it, one shard lock
// at a time, and only then takes from the pool (Cache::ReserveExternal); the lock of the key's own shard is
// not held meanwhile.
//
// LeaseMax() moves in steps of 1/64 of the total: a shard that shrinks walks its whole arena, and this keeps
// that rare.
//
// The total can be changed while all is in use. The pool then takes the difference at once, and is below zero
// until enough was given back: nobody can take anything from it before.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace shale {

class Budget {
 public:
  Budget(size_t total_bytes, int shards)
      : total_(total_bytes), shards_(static_cast<size_t>(shards)), pool_(static_cast<int64_t>(total_bytes)) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Both kinds of memory: from and to the pool. Take is all or nothing.
  bool Take(size_t bytes);
  void Give(size_t bytes) { pool_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed); }
  // One at a time.
  void Resize(size_t total_bytes);

  void ClaimExternal(size_t bytes) { external_.fetch_add(bytes, std::memory_order_relaxed); }
  void UnclaimExternal(size_t bytes) { external_.fetch_sub(bytes, std::memory_order_relaxed); }
  bool TooMuchExternal() const { return external_.load(std::memory_order_relaxed) > total() / 4 * 3; }
  // Ends a claim that was taken.
  void GiveExternal(size_t bytes) {
    UnclaimExternal(bytes);
    Give(bytes);
  }

  size_t LeaseMax() const;
  size_t total() const { return total_.load(std::memory_order_relaxed); }
  size_t external_item_max() const { return total() / 4; }
  // More is taken than there is, since the total was lowered.
  bool InDebt() const { return pool_.load(std::memory_order_relaxed) < 0; }
  size_t external() const { return external_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> total_;
  const size_t shards_;
  // Relaxed everywhere: each is one number that is right by itself; no other memory is published through
  // them.
  std::atomic<int64_t> pool_;
  std::atomic<size_t> external_{0};
};

}   // namespace shale
