#include "store/disk_snapshot.h"

#include "store/merge_cursor.h"

namespace shale {

namespace {
struct SnapshotWalk : public RowsOwner {
  std::vector<std::unique_ptr<SnapshotRows>> rows;
};
}   // namespace

StoreSnapshot::StoreSnapshot(const std::array<std::unique_ptr<StoreShard>, kDiskShards>& shards,
                             std::unique_ptr<SegmentPin> pin)
    : pin_(std::move(pin)) {
  for (size_t s = 0; s < kDiskShards; s++) shards_[s] = shards[s].get();
}

Status StoreSnapshot::Hold() {
  for (size_t s = 0; s < kDiskShards; s++) {
    MutexLock lock(&cursors_[s].mu);
    SHALE_RETURN_IF_NOT_OK(shards_[s]->NewCursor(Bytes(), Bytes(), true, &cursors_[s].cursor));
  }
  return Status::Ok();
}

Status StoreSnapshot::Read(const KeyRef& key, DiskRead* out) {
  const auto s = static_cast<size_t>(DiskShardOf(key.hash));
  const Buffer row_key = DataRowKey(key.key);
  Buffer row_bytes;
  {
    MutexLock lock(&cursors_[s].mu);
    IndexCursor* const cursor = cursors_[s].cursor.get();
    cursor->Seek(row_key);
    SHALE_RETURN_IF_NOT_OK(cursor->status());
    if (!cursor->Valid() || cursor->key() != row_key) return Code::NOT_FOUND;
    row_bytes.assign(cursor->row());
  }
  IndexRow row;
  if (!DecodeIndexRow(row_bytes, &row)) return shards_[s]->MalformedRow();
  out->version = row.version;
  out->deadline_ms = row.deadline_ms;
  out->value_len = row.value_len;
  return shards_[s]->ReadRowValue(key.key, row, &out->storage, &out->value);
}

Status StoreSnapshot::NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) {
  auto walk = std::make_unique<SnapshotWalk>();
  const Buffer lower = DataRowKey(bounds.from);
  const Buffer upper = DataRowEnd(bounds.to);
  MergeCursor<SnapshotRows>::Cursors rows{};
  for (size_t s = 0; s < kDiskShards; s++) {
    walk->rows.push_back(std::make_unique<SnapshotRows>(&cursors_[s], lower, upper));
    rows[s] = walk->rows.back().get();
  }
  *out = std::make_unique<MergeCursor<SnapshotRows>>(shards_, rows, std::move(walk), bounds.reverse,
                                                     bounds.keys_only);
  return Status::Ok();
}

}   // namespace shale
