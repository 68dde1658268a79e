// Ranges of keys that were deleted from one shard, and of which rows may still be in the index. To delete a
// range takes one record in the log; its rows are hidden from then on, and removed a little at a time. A
// reader asks here about each row that he finds, which costs one load while there are no ranges.
//
// The life of a range:  logged, added here -> told by the index, with the mark that covers its record ->
//                       its rows removed, and with the last of them what the index tells of it -> forgotten
//
//  (1) a row is hidden by a range if its key is inside and its version is below the range's sequence: in one
//      shard versions grow in the order of changes, and a moved record keeps its key's version
//  (2) a range is forgotten only when no row that it hides is in pending or in the index. So a reader who
//      takes the ranges BEFORE he looks for the row never sees what was deleted before he came
//  (3) at most kCountMax at a time, but for those that come while that is being seen to
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "store/log_record.h"

namespace shale {

struct DeletedRange {
  Buffer raw;   // EncodeRange
  int64_t sequence = 0;
  LogPosition position = 0;   // of its record; 0 if the index told of it
  bool Hides(Bytes key, int64_t version) const;
  KeyRange keys() const;
};

// As they are at one moment.
class RangeView {
 public:
  explicit RangeView(std::vector<DeletedRange> ranges) : ranges_(std::move(ranges)) {}
  // `row` is a data row, not empty. One that cannot be decoded is not hidden: whoever reads it finds out.
  bool Hides(Bytes key, Bytes row) const;
  const std::vector<DeletedRange>& ranges() const { return ranges_; }

 private:
  const std::vector<DeletedRange> ranges_;   // by sequence
};

class DeletedRanges {
 public:
  static constexpr size_t kCountMax = 16;

  // Null if there are none.
  std::shared_ptr<const RangeView> View() const {
    // Acquire: pairs with the release in Set. Who was told that the range is deleted sees it.
    return count_.load(std::memory_order_acquire) == 0 ? nullptr : Locked();
  }
  size_t size() const { return count_.load(std::memory_order_acquire); }
  void Add(DeletedRange range) EXCLUDES(mu_);   // stripe held, or alone
  // The index tells of all that lie before the position.
  void NoteInIndex(LogPosition before) EXCLUDES(mu_);
  void Remove(int64_t sequence) EXCLUDES(mu_);

 private:
  std::shared_ptr<const RangeView> Locked() const EXCLUDES(mu_);
  void Set(std::vector<DeletedRange> ranges) REQUIRES(mu_);

  mutable Mutex mu_;
  std::shared_ptr<const RangeView> view_ GUARDED_BY(mu_);
  std::atomic<size_t> count_{0};
};

}   // namespace shale
