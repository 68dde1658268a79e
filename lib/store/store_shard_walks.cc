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
constexpr uint64_t kWalksMin = 256;   // fewer are not worth asking how many tables there are
// A walk's look into one table more costs about what merging so many bytes of tables does: 5 us.
constexpr uint64_t kMergedBytesPerLook = 512;
}   // namespace

bool StoreShard::WantsMerge(uint64_t walks) {
  const uint64_t since = walks - walks_merged_;
  if (since < kWalksMin || read_only()) return false;
  const auto runs = static_cast<uint64_t>(index_->Runs());
  if (runs > 1 && since * (runs - 1) < index_->ApproximateBytes() / kMergedBytesPerLook) return false;
  walks_merged_ = walks;
  return runs > 1;
}

Status StoreShard::MergeTables() {
  Status s = index_->Compact();
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

}   // namespace shale
