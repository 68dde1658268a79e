#include "store/range_estimate.h"

#include <algorithm>
#include <cmath>

#include "base/deadline.h"

namespace shale {

Status RangeEstimator::Count(const StoreShard& shard, IndexCursor* cursor, bool back, uint64_t rows_max,
                             Walk* walk) {
  for (back ? cursor->SeekToLast() : cursor->SeekToFirst(); cursor->Valid();
       back ? cursor->Prev() : cursor->Next()) {
    if (walk->rows == rows_max) {
      walk->stopped_at.assign(cursor->key());
      break;
    }
    walk->rows++;
    IndexRow row;
    if (!DecodeIndexRow(cursor->row(), &row)) return shard.MalformedRow();
    if (row.deadline_ms != kNoDeadline && Expired(row.deadline_ms, now_ms_)) continue;
    walk->count.keys++;
    walk->count.bytes += cursor->key().size() - 1 + row.value_len;
  }
  rows_ += walk->rows;
  return cursor->status();
}

Status RangeEstimator::Take(StoreShard* shard) {
  SHALE_RETURN_IF_NOT_OK(shard->Drain());
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(shard->NewCursor(bounds_.from, bounds_.to, false, &cursor));
  shards_++;
  Walk front, back;
  SHALE_RETURN_IF_NOT_OK(Count(*shard, cursor.get(), false, kShardRowsMax, &front));
  if (!front.stopped_at.empty()) {
    // From the other end, and never over what was counted already.
    SHALE_RETURN_IF_NOT_OK(shard->NewCursor(Bytes(front.stopped_at).substr(1), bounds_.to, false, &cursor));
    SHALE_RETURN_IF_NOT_OK(Count(*shard, cursor.get(), true, kShardRowsMax, &back));
  }
  keys_ += static_cast<double>(front.count.keys + back.count.keys);
  bytes_ += static_cast<double>(front.count.bytes + back.count.bytes);
  if (!back.stopped_at.empty()) AddCut(shard, front, back);
  return Status::Ok();
}

// What lies between the two walks has as many keys a byte of table as they had. An end that lies in memtables
// has no bytes, and tells nothing about the tables.
void RangeEstimator::AddCut(StoreShard* shard, const Walk& front, const Walk& back) {
  const Bytes first = Bytes(front.stopped_at).substr(1);
  const Bytes last = Bytes(back.stopped_at).substr(1);
  const uint64_t sizes[2] = {shard->IndexBytes(bounds_.from, first), shard->IndexBytes(last, bounds_.to)};
  const RangeCount counts[2] = {front.count, back.count};
  double table = 0, keys = 0, bytes = 0;
  for (int i = 0; i < 2; i++) {
    if (sizes[i] == 0) continue;
    table += static_cast<double>(sizes[i]);
    keys += static_cast<double>(counts[i].keys);
    bytes += static_cast<double>(counts[i].bytes);
  }
  if (table == 0) return;
  const double between = static_cast<double>(shard->IndexBytes(first, last)) / table;
  keys_ += between * keys;
  bytes_ += between * bytes;
}

RangeCount RangeEstimator::Result() const {
  RangeCount result;
  if (shards_ == 0) return result;
  const double times = static_cast<double>(kDiskShards) / shards_;
  result.keys = static_cast<uint64_t>(std::llround(keys_ * times));
  result.bytes = static_cast<uint64_t>(std::llround(bytes_ * times));
  return result;
}

}   // namespace shale
