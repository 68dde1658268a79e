// Updates of one disk shard that are in the log and not yet in the index: the newest of each key. Readers
// look here between the memory tier and the index; a drain moves them over in batches.
//  (1) at most two generations: `active_` takes updates, `draining_` is being written to the index
//  (2) a generation, with those before it, covers everything in the log before its `applied.position`; behind
//      that, at most members of a frame that is still being published
//  (3) Find looks at active_ first: it is newer; draining_ is forgotten only after the index has it
//      (FinishDrain)
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "store/index_row.h"

namespace shale {

class PendingGeneration {
 public:
  struct Entry {
    uint64_t hash = 0;
    const char* data = nullptr;   // kDataSpace, key, row
    uint32_t row_len = 0;
    uint16_t key_len = 0;
    Bytes row_key() const { return Bytes(data, size_t{key_len} + 1); }
    Bytes key() const { return Bytes(data + 1, key_len); }
    Bytes row() const { return Bytes(data + 1 + key_len, row_len); }
  };
  PendingGeneration();
  void Put(const KeyRef& key, Bytes row);
  const Entry* Find(const KeyRef& key) const;
  const std::vector<Entry>& entries() const { return entries_; }
  size_t bytes() const { return bytes_; }
  void Clear();   // keeps a little memory for the next use

  AppliedMark applied;

 private:
  size_t Slot(const KeyRef& key) const;
  void Grow();
  char* Allocate(size_t size);

  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;   // index + 1 into entries_, 0 = free; a power of two of them
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_blocks_;
  size_t block_used_ = 0;
  size_t bytes_ = 0;
};

class Pending {
 public:
  explicit Pending(size_t bytes_max) : bytes_max_(bytes_max) {}

  // One key's update, in log order (the stripe is held). An empty row is a tombstone. `applied`: the log's
  // end behind it, null while more members of its frame follow.
  void Publish(const KeyRef& key, Bytes row, const AppliedMark* applied) EXCLUDES(mu_);
  // Stripe held: nothing but what was published is in the log before `applied`. The next drain says so, even
  // if nothing was published since the last.
  void Advance(const AppliedMark& applied) EXCLUDES(mu_);
  // True if the key is pending; then *row is its row, empty for a tombstone.
  bool Find(const KeyRef& key, Buffer* row) const EXCLUDES(mu_);

  // The updates to write to the index, or null if there are none. One drain at a time; pair with FinishDrain.
  const PendingGeneration* BeginDrain() EXCLUDES(mu_);
  void FinishDrain() EXCLUDES(mu_);
  // After a failed drain: updates stay and answer reads; waiters wake.
  void GiveUp() EXCLUDES(mu_);

  // Waits while more than bytes_max is pending. Returns microseconds waited.
  uint64_t WaitForRoom() EXCLUDES(mu_);
  // Near enough, without the lock: asked before and after every write.
  // Acquire: who sees 0 finds in the index what was pending.
  size_t bytes() const { return bytes_.load(std::memory_order_acquire); }
  size_t active_bytes() const { return active_bytes_.load(std::memory_order_relaxed); }

 private:
  void NoteBytes() REQUIRES(mu_);

  const size_t bytes_max_;
  mutable Mutex mu_;
  CondVar room_;
  std::unique_ptr<PendingGeneration> active_ GUARDED_BY(mu_) = std::make_unique<PendingGeneration>();
  std::unique_ptr<PendingGeneration> draining_ GUARDED_BY(mu_) = std::make_unique<PendingGeneration>();
  bool drain_open_ GUARDED_BY(mu_) = false;
  bool given_up_ GUARDED_BY(mu_) = false;
  // Copies for readers without the lock.
  std::atomic<size_t> bytes_{0};
  std::atomic<size_t> active_bytes_{0};
};

}   // namespace shale
