// The part of StoreShard that serves walks: cursors over its index, those of the last walk taken over, and
// tables made one when walks have paid for it. Each look of a walk into one table more is taken for the
// merging of some bytes.
#include <algorithm>

#include "store/store_shard.h"

namespace shale {

Status StoreShard::NewCursor(Bytes from, Bytes to, bool fill_cache, std::unique_ptr<IndexCursor>* out) {
  return NewCursorAt(ranges_.View(), DataRowKey(from), DataRowEnd(to), fill_cache, out);
}

// `deleted` was taken before: see deleted_ranges.h.
Status StoreShard::NewCursorAt(std::shared_ptr<const RangeView> deleted, Bytes lower, Bytes upper,
                               bool fill_cache, std::unique_ptr<IndexCursor>* out) {
  Status s = index_->NewCursor(lower, upper, fill_cache, out);
  if (!s.ok()) return std::move(s).InShard(config_.number);
  if (deleted == nullptr) return s;
  (*out)->LeaveOut([deleted = std::move(deleted)](Bytes row_key, Bytes row) {
    return deleted->Hides(row_key.substr(1), row);
  });
  return s;
}

// A change is counted after it was written, and before what it brought is no longer pending. So with nothing
// pending and the count as it was before the cursor was made, the cursor shows all that was published; one
// made between a write and its counting only passes for older than it is.
Status StoreShard::RenewCursor(Bytes lower, Bytes upper, ShardCursor* cursor) {
  auto deleted = ranges_.View();
  // Acquire: what is read from here on has these changes.
  const uint64_t changes = index_changes_.load(std::memory_order_acquire);
  if (cursor->cursor != nullptr && cursor->changes == changes && cursor->deleted == deleted) {
    cursor->cursor->Retarget(lower, upper);
    return Status::Ok();
  }
  *cursor = ShardCursor();
  SHALE_RETURN_IF_NOT_OK(NewCursorAt(deleted, lower, upper, true, &cursor->cursor));
  cursor->deleted = std::move(deleted);
  cursor->changes = changes;
  return Status::Ok();
}

namespace {
// What a walk's look into one table more costs about as much as: 5 us.
constexpr uint64_t kMergedBytesPerLook = 512;
}   // namespace

bool StoreShard::WantsMerge(uint64_t walks) {
  // Acquire: pairs with the release of the merge before, whose walks_merged_ the next one reads.
  if (walks < merge_due_.load(std::memory_order_acquire) || read_only()) return false;
  merge_due_.store(kNever, std::memory_order_relaxed);
  return true;
}

Status StoreShard::MergeTables(uint64_t walks) {
  const uint64_t since = walks - walks_merged_;
  const auto runs = static_cast<uint64_t>(index_->Runs());
  uint64_t price = 0;   // in walks
  if (runs > 1) price = std::max(kWalksMin, index_->ApproximateBytes() / kMergedBytesPerLook / (runs - 1));
  uint64_t wait = kWalksMin;
  Status s;
  if (since < price) {
    wait = std::max(kWalksMin, (price - since) / 2);   // half: with more tables it will cost fewer walks
  } else {
    walks_merged_ = walks;
    if (runs > 1) s = index_->Compact();
  }
  merge_due_.store(walks + wait, std::memory_order_release);   // pairs with WantsMerge
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

}   // namespace shale
