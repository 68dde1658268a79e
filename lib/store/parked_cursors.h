// Index cursors of all shards, kept between two walks: to make 64 of them, and to throw them away, is a
// good part of a short walk. A walk takes a set, renews the cursors whose shards have changed, and gives
// the set back at its end.
//  (1) a set that is taken belongs to its taker alone: whether its cursors still show their shards as they
//      are, he asks the shards
//  (2) a parked cursor keeps memtables and tables that its index may have done with, and blocks of them. So
//      DropAll empties the place, and a set that was out at the time is not taken back
//  (3) a cursor that has met damage is not parked
//  (4) all sets are gone before the shards close
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/limits.h"
#include "base/mutex.h"
#include "store/deleted_ranges.h"
#include "store/index_cursor.h"

namespace shale {

// A cursor over the data rows of one shard, and what the shard was like when it was made.
struct ShardCursor {
  std::unique_ptr<IndexCursor> cursor;   // null: none was made, or it went bad
  std::shared_ptr<const RangeView> deleted;
  uint64_t changes = 0;   // see StoreShard::RenewCursor
};

struct CursorSet {
  std::array<ShardCursor, kDiskShards> shards;
  uint64_t made_in = 0;   // the place's own
};

class ParkedCursors {
 public:
  static constexpr size_t kSetsMost = 8;   // threads that walk at one instant are not many more than cores

  explicit ParkedCursors(size_t sets_max) : sets_max_(std::min(sets_max, kSetsMost)) {}

  // One that was parked, or a new one without cursors.
  std::unique_ptr<CursorSet> Take() EXCLUDES(mu_);
  void Park(std::unique_ptr<CursorSet> set) EXCLUDES(mu_);
  void DropAll() EXCLUDES(mu_);
  size_t count() const EXCLUDES(mu_);

 private:
  const size_t sets_max_;
  mutable Mutex mu_;
  uint64_t drops_ GUARDED_BY(mu_) = 0;
  // The first count_ of them, the one used last at the end.
  std::array<std::unique_ptr<CursorSet>, kSetsMost> sets_ GUARDED_BY(mu_);
  size_t count_ GUARDED_BY(mu_) = 0;
};

}   // namespace shale
