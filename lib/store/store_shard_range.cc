// The part of StoreShard that deals with ranges of keys.
#include <algorithm>

#include "store/store_shard.h"

namespace shale {

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

// Of the first range that the index tells of; where the rows of another one were being removed, that is over.
const DeletedRange* StoreShard::RangeToDrop(const RangeView* ranges) {
  if (ranges == nullptr) return nullptr;
  for (const DeletedRange& range : ranges->ranges()) {
    if (range.position != 0) continue;
    if (dropping_ != range.sequence) drop_next_.assign(range.keys().from);
    dropping_ = range.sequence;
    return &range;
  }
  return nullptr;
}

// As SweepExpired: no drain runs meanwhile. What is pending is newer than the range, or was hidden by it when
// the index came to tell of the range, and so went into the index with that or before.
Status StoreShard::DropRangeRows(size_t rows_max, Sweep* sweep) {
  *sweep = Sweep();
  if (ranges_.size() == 0 || read_only()) return Status::Ok();
  MutexLock lock(&drain_mu_);
  const auto deleted = ranges_.View();   // with the lock: another caller may have ended one
  const DeletedRange* const range = RangeToDrop(deleted.get());
  if (range == nullptr) return Status::Ok();
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(
      index_->NewCursor(DataRowKey(drop_next_), DataRowEnd(range->keys().to), false, &cursor));
  drain_batch_.Clear();
  RemovedRows removed;
  Buffer next;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    const Bytes key = cursor->key().substr(1);
    if (sweep->rows == rows_max) {
      next.assign(key);
      break;
    }
    sweep->rows++;
    IndexRow row;
    if (!DecodeIndexRow(cursor->row(), &row)) return MalformedRow();
    if (!range->Hides(key, row.version)) continue;
    RemoveDataRow(cursor->key(), cursor->row(), row, &removed);
    if (row.deadline_ms != kNoDeadline) RemoveRow(DeadlineRowKey(row.deadline_ms, key), 0, &removed);
    sweep->keys++;
  }
  SHALE_RETURN_IF_NOT_OK(cursor->status());
  const bool done = next.empty();
  if (done) drain_batch_.Delete(RangeRowKey(range->sequence));
  SHALE_RETURN_IF_NOT_OK(WriteDrainBatch(applied_, false));
  NoteRemoved(removed);
  dropped_keys_.fetch_add(sweep->keys, std::memory_order_relaxed);   // a statistic
  drop_next_ = std::move(next);
  if (done) ranges_.Remove(range->sequence);
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
    SHALE_RETURN_IF_NOT_OK(DropRangeRows(kSweepRows, &sweep));
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
