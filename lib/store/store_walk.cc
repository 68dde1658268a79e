// Walks over the store as it is: cursors of all shards at one instant, merged.
#include "store/merge_cursor.h"
#include "store/store.h"

namespace shale {

namespace {

// The pin was taken before any cursor was made or found to be current, and goes after the last use of them.
class CursorWalk : public RowsOwner {
 public:
  CursorWalk(SegmentPins* pins, ParkedCursors* parked, bool keeps)
      : pin_(pins, PinUse::kIterator),
        parked_(keeps ? parked : nullptr),
        set_(keeps ? parked->Take() : std::make_unique<CursorSet>()) {}
  ~CursorWalk() override {
    if (parked_ != nullptr) parked_->Park(std::move(set_));
  }
  CursorSet* set() { return set_.get(); }

 private:
  const SegmentPin pin_;
  ParkedCursors* const parked_;
  std::unique_ptr<CursorSet> set_;
};

// Reads the whole index once: what it reads should not drive out of the block cache what others read often,
// and its cursors are made for it alone.
bool IsWholeWalk(const CursorBounds& bounds) {
  return bounds.from.empty() && bounds.to.empty() && bounds.rows_max < 0;
}

}   // namespace

Status Store::NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) {
  SHALE_RETURN_IF_NOT_OK(DrainAll());
  walks_.fetch_add(1, std::memory_order_relaxed);   // what Tick goes by, near enough
  const bool whole = IsWholeWalk(bounds);
  auto walk = std::make_unique<CursorWalk>(&pins_, &parked_, !whole);
  const Buffer lower = DataRowKey(bounds.from);
  const Buffer upper = DataRowEnd(bounds.to);
  MergeCursor<IndexCursor>::Shards shards{};
  MergeCursor<IndexCursor>::Cursors cursors{};
  for (size_t s = 0; s < kDiskShards; s++) {
    ShardCursor* const cursor = &walk->set()->shards[s];
    SHALE_RETURN_IF_NOT_OK(whole ? shards_[s]->NewCursor(bounds.from, bounds.to, false, &cursor->cursor)
                                 : shards_[s]->RenewCursor(lower, upper, cursor));
    shards[s] = shards_[s].get();
    cursors[s] = cursor->cursor.get();
  }
  *out = std::make_unique<MergeCursor<IndexCursor>>(shards, cursors, std::move(walk), bounds.reverse,
                                                    bounds.keys_only);
  return Status::Ok();
}

}   // namespace shale
