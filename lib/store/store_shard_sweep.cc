// Expired keys leave the index in the order of their deadlines. Nothing is logged: a key past its deadline
// does not exist, so an index that forgot the sweep in a crash says the same. No drain runs meanwhile, so the
// row that is judged is the row that is removed; what is pending comes over it later.
#include <algorithm>
#include <limits>
#include <vector>

#include "base/coding.h"
#include "store/store_shard.h"

namespace shale {

namespace {

constexpr size_t kDeadlineRowHead = 9;      // keyspace, deadline
constexpr uint64_t kTombstonesMin = 2048;   // fewer do no harm

int64_t DeadlineIn(Bytes row_key) {
  uint64_t deadline = 0;
  for (size_t i = 1; i < kDeadlineRowHead; i++)
    deadline = deadline << 8 | static_cast<unsigned char>(row_key[i]);
  return static_cast<int64_t>(deadline);
}

}   // namespace

// Called with drain_mu_ held: never between a sweep's look and its verdict.
void StoreShard::NoteDeadline(int64_t deadline_ms) {
  if (deadline_ms < next_deadline_ms_.load(std::memory_order_relaxed))
    next_deadline_ms_.store(deadline_ms, std::memory_order_relaxed);
}

void StoreShard::RemoveRow(Bytes row_key, size_t row_bytes, RemovedRows* removed) {
  drain_batch_.Delete(row_key);
  removed->rows++;
  removed->bytes += row_key.size() + row_bytes;
}

void StoreShard::RemoveDataRow(Bytes row_key, Bytes raw, const IndexRow& row, RemovedRows* removed) {
  RemoveRow(row_key, raw.size(), removed);
  if (!row.inline_value)
    removed->records.push_back({row.position, RecordBytes(row_key.size() - 1, row.value_len)});
}

void StoreShard::NoteRemoved(const RemovedRows& removed) {
  for (const RemovedRows::Record& record : removed.records) ledger_.Remove(record.at, record.bytes, 1);
  tombstones_ += removed.rows;
  tombstone_bytes_ += removed.bytes;
}

Status StoreShard::SweepExpired(size_t rows_max, Sweep* sweep) {
  *sweep = Sweep();
  const int64_t now_ms = SweepMs();
  if (next_deadline_ms() > now_ms || read_only()) return Status::Ok();
  MutexLock lock(&drain_mu_);
  std::unique_ptr<IndexCursor> cursor;
  // From where the last sweep ended: what it removed still lies before it, and would be walked over again.
  SHALE_RETURN_IF_NOT_OK(index_->NewCursor(DeadlineRowKey(next_deadline_ms(), Bytes()),
                                           Buffer(1, kDeadlineSpace + 1), false, &cursor));
  drain_batch_.Clear();
  RemovedRows removed;
  int64_t next_ms = std::numeric_limits<int64_t>::max();
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    const Bytes row_key = cursor->key();
    if (row_key.size() <= kDeadlineRowHead)
      return Status::Corrupt(name_ + ": a deadline row is malformed").InShard(config_.number);
    const int64_t deadline_ms = DeadlineIn(row_key);
    sweep->more = deadline_ms <= now_ms;
    next_ms = deadline_ms;
    if (!sweep->more || sweep->rows == rows_max) break;
    next_ms = std::numeric_limits<int64_t>::max();
    sweep->more = false;
    sweep->rows++;
    RemoveRow(row_key, 0, &removed);
    const Buffer data_key = DataRowKey(row_key.substr(kDeadlineRowHead));
    Status s = index_->Get(data_key, &replaced_);
    if (s.Is(Code::NOT_FOUND)) continue;
    SHALE_RETURN_IF_NOT_OK(s);
    IndexRow row;
    if (!DecodeIndexRow(replaced_, &row)) return MalformedRow();
    if (row.deadline_ms != deadline_ms) continue;   // written again since, with another deadline or none
    RemoveDataRow(data_key, replaced_, row, &removed);
    sweep->keys++;
  }
  SHALE_RETURN_IF_NOT_OK(cursor->status());
  if (sweep->rows > 0) {
    sweeps_.fetch_add(1, std::memory_order_release);   // for ReadRow
    SHALE_RETURN_IF_NOT_OK(WriteDrainBatch(applied_, false));
  }
  next_deadline_ms_.store(next_ms, std::memory_order_relaxed);
  NoteRemoved(removed);
  swept_rows_.fetch_add(sweep->rows, std::memory_order_relaxed);
  swept_keys_.fetch_add(sweep->keys, std::memory_order_relaxed);
  return Status::Ok();
}

Status StoreShard::CompactIfSwept() {
  {
    MutexLock lock(&drain_mu_);
    if (tombstones_ < kTombstonesMin || read_only()) return Status::Ok();
    if (tombstone_bytes_ < index_->ApproximateBytes() / 4) return Status::Ok();
    tombstones_ = tombstone_bytes_ = 0;
  }
  swept_compactions_.fetch_add(1, std::memory_order_relaxed);
  Status s = index_->Compact();
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

}   // namespace shale
