// The part of StoreShard that deals with ranges of keys.
#include <algorithm>

#include "store/store_shard.h"

namespace shale {

namespace {
constexpr size_t kDropRows = 2048;
}

Status StoreShard::NewCursor(Bytes from, Bytes to, bool fill_cache, std::unique_ptr<IndexCursor>* out) {
  auto deleted = ranges_.View();   // before the cursor: see deleted_ranges.h
  Buffer lower = DataRowKey(from);
  Buffer upper = DataRowEnd(to);
  Status s = index_->NewCursor(lower, upper, fill_cache, out);
  if (!s.ok()) return std::move(s).InShard(config_.number);
  if (deleted == nullptr) return s;
  (*out)->LeaveOut([deleted = std::move(deleted)](Bytes row_key, Bytes row) {
    return deleted->Hides(row_key.substr(1), row);
  });
  return s;
}

// Known to readers before a drain can say that the index covers its record.
void StoreShard::PublishRange(const DiskWrite& write) {
  ranges_.Add(DeletedRange{Buffer(write.value), write.version, write.place});
  if (!write.batch_last) return;
  batch_id_high_ = std::max(batch_id_high_, write.batch_id);
  pending_.Advance(MarkNow());
}

void StoreShard::AddRangeRows(const AppliedMark& mark) {
  const auto deleted = ranges_.View();
  if (deleted == nullptr) return;
  for (const DeletedRange& range : deleted->ranges()) {
    if (range.position != 0 && range.position < mark.position)
      drain_batch_.Put(RangeRowKey(range.sequence), range.raw);
  }
}

Status StoreShard::ReadRanges() {
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(index_->NewCursor(RangeRowKey(0), RangeRowKey(-1), false, &cursor));
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    int64_t sequence = 0;
    KeyRange range;
    if (!ParseRangeRowKey(cursor->key(), &sequence) || !DecodeRange(cursor->row(), &range))
      return Status::Corrupt(name_ + ": the index row of a deleted range is malformed");
    ranges_.Add(DeletedRange{Buffer(cursor->row()), sequence, 0});
  }
  return cursor->status();
}

// As SweepExpired: no drain runs meanwhile. What is pending is newer than the range, or was hidden by it when
// the index came to tell of the range, and so went into the index with that or before.
Status StoreShard::DropRangeRows(size_t rows_max, Sweep* sweep) {
  *sweep = Sweep();
  const auto deleted = ranges_.View();
  if (deleted == nullptr || read_only()) return Status::Ok();
  MutexLock lock(&drain_mu_);
  const DeletedRange* found = nullptr;
  const auto now = ranges_.View();   // another caller may have ended one
  for (size_t i = 0; now != nullptr && i < now->ranges().size() && found == nullptr; i++) {
    if (now->ranges()[i].position == 0) found = &now->ranges()[i];
  }
  if (found == nullptr) return Status::Ok();
  const KeyRange keys = found->keys();
  if (dropping_ != found->sequence) drop_next_.assign(keys.from);
  dropping_ = found->sequence;
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(index_->NewCursor(DataRowKey(drop_next_), DataRowEnd(keys.to), false, &cursor));
  drain_batch_.Clear();
  std::vector<IndexRow> dead;
  std::vector<size_t> key_lens;
  Buffer next;
  uint64_t bytes = 0, removed = 0;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    const Bytes key = cursor->key().substr(1);
    if (sweep->rows == rows_max) {
      next.assign(key);
      break;
    }
    sweep->rows++;
    IndexRow row;
    if (!DecodeIndexRow(cursor->row(), &row)) return MalformedRow();
    if (!found->Hides(key, row.version)) continue;
    drain_batch_.Delete(cursor->key());
    if (row.deadline_ms != kNoDeadline) drain_batch_.Delete(DeadlineRowKey(row.deadline_ms, key));
    removed += row.deadline_ms != kNoDeadline ? 2 : 1;
    bytes += cursor->key().size() + cursor->row().size();
    sweep->keys++;
    if (row.inline_value) continue;
    dead.push_back(row);
    key_lens.push_back(key.size());
  }
  SHALE_RETURN_IF_NOT_OK(cursor->status());
  const bool done = next.empty();
  if (done) drain_batch_.Delete(RangeRowKey(found->sequence));
  SHALE_RETURN_IF_NOT_OK(WriteDrainBatch(applied_, false));
  // Only now: a batch that fails has removed nothing.
  for (size_t i = 0; i < dead.size(); i++)
    ledger_.Remove(dead[i].position, RecordBytes(key_lens[i], dead[i].value_len), 1);
  tombstones_ += removed;
  tombstone_bytes_ += bytes;
  dropped_keys_.fetch_add(sweep->keys, std::memory_order_relaxed);   // a statistic
  drop_next_ = std::move(next);
  if (done) ranges_.Remove(found->sequence);
  sweep->more = ranges_.size() > 0;
  return Status::Ok();
}

Status StoreShard::FinishRanges() {
  const auto deleted = ranges_.View();
  if (deleted == nullptr) return Status::Ok();
  const int64_t last = deleted->ranges().back().sequence;
  SHALE_RETURN_IF_NOT_OK(Drain());   // then the index tells of all of them
  while (true) {
    const auto left = ranges_.View();
    if (left == nullptr || left->ranges().front().sequence > last) return Status::Ok();
    if (read_only()) {
      return Status::Error(Code::E_READ_ONLY,
                           "a deleted range cannot be cleared after an earlier write error")
          .InShard(config_.number);
    }
    Sweep sweep;
    SHALE_RETURN_IF_NOT_OK(DropRangeRows(kDropRows, &sweep));
  }
}

uint64_t StoreShard::IndexBytes(Bytes from, Bytes to) {
  return index_->ApproximateBytes(DataRowKey(from), DataRowEnd(to));
}

Status StoreShard::CompactIndex(Bytes from, Bytes to) {
  SHALE_RETURN_IF_NOT_OK(Drain());
  const bool all = from.empty() && to.empty();   // rows of deadlines and the shard's own too
  const Buffer lower = all ? Buffer() : DataRowKey(from);
  const Buffer upper = all ? Buffer() : DataRowEnd(to);
  Status s = index_->Compact(lower, upper);
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

}   // namespace shale
