// The part of verify that looks at values: do the rows of the index lead to them, and can what is stored be
// turned into one?
#include <algorithm>

#include "store/verify_shard.h"

namespace shale {

Status ShardVerifier::CheckRows(StoreShard* shard) {
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(shard->NewCursor(Bytes(), Bytes(), false, &cursor));
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    config_.report->keys++;
    CheckRow(shard, cursor->key().substr(1), cursor->row());
    if (config_.report->keys % 4096 == 0 && !(*config_.progress)(config_.report->done, config_.report->total))
      return Code::CANCELLED;
  }
  return cursor->status();
}

void ShardVerifier::CheckRow(StoreShard* shard, Bytes key, Bytes raw) {
  IndexRow row;
  if (!DecodeIndexRow(raw, &row)) return Add(name_, Severity::kDamaged, 0, "a row of the index is malformed");
  if (row.deadline_ms != kNoDeadline) {
    Buffer unused;
    if (shard->index()->Get(DeadlineRowKey(row.deadline_ms, key), &unused).Is(Code::NOT_FOUND))
      Add(name_, Severity::kSuspicious, 0, "a row has a deadline that no row of deadlines tells");
  }
  if (row.inline_value) return CheckValue(name_, 0, key, {row.value, row.value_form});
  const auto it = std::lower_bound(places_.begin(), places_.end(), row.position,
                                   [](const Place& place, LogPosition at) { return place.position < at; });
  const bool found = it != places_.end() && it->position == row.position && it->key_sum == Checksum64(key) &&
                     it->value_len == row.value_len && it->sequence == row.position_sequence;
  if (found) return;
  const std::string file = SegmentName(SegmentOf(row.position));
  const bool there = std::find(files_.begin(), files_.end(), file) != files_.end();
  Add(Path(file), Severity::kDamaged, OffsetOf(row.position),
      there ? "the index points to a value that is not here" : "missing, and the index points into it");
}

void ShardVerifier::CheckValue(const std::string& path, uint64_t offset, Bytes key,
                               const StoredValue& stored) {
  const bool encrypted = (stored.form & kRecordEncrypted) != 0;
  if (config_.report->superblock && encrypted != config_.report->encrypted)
    return Add(path, Severity::kDamaged, offset,
               encrypted ? "an encrypted value in a store that is not" : "a value that is not encrypted");
  if (encrypted && !config_.codec->encrypts()) {
    config_.report->values_checked = false;
    return;
  }
  if (stored.form == 0) return;
  value_.assign(stored.bytes);
  Bytes value = value_;
  const Status s = config_.codec->Unseal(key, stored.form, &value_, &value);
  if (!s.ok()) Add(path, Severity::kDamaged, offset, s.message());
}

}   // namespace shale
