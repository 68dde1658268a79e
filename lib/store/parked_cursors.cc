#include "store/parked_cursors.h"

#include <utility>

namespace shale {

std::unique_ptr<CursorSet> ParkedCursors::Take() {
  uint64_t drops = 0;
  {
    MutexLock lock(&mu_);
    if (count_ > 0) return std::move(sets_[--count_]);
    drops = drops_;
  }
  auto fresh = std::make_unique<CursorSet>();
  fresh->made_in = drops;
  return fresh;
}

void ParkedCursors::Park(std::unique_ptr<CursorSet> set) {
  for (ShardCursor& shard : set->shards) {
    if (shard.cursor != nullptr && !shard.cursor->status().ok()) shard = ShardCursor();
  }
  MutexLock lock(&mu_);
  // What is not kept goes after the lock was given back: `set` is the caller's until then.
  if (set->made_in == drops_ && count_ < sets_max_) sets_[count_++] = std::move(set);
}

void ParkedCursors::DropAll() {
  std::array<std::unique_ptr<CursorSet>, kSetsMost> gone;   // goes without the lock
  MutexLock lock(&mu_);
  drops_++;
  gone.swap(sets_);
  count_ = 0;
}

size_t ParkedCursors::count() const {
  MutexLock lock(&mu_);
  return count_;
}

}   // namespace shale
