#include "store/salvage_shard.h"

#include <algorithm>

namespace shale {

Status SalvagedShard::Load() {
  SHALE_RETURN_IF_NOT_OK(source_->WalkLog(
      shard_,
      [&](const SegmentScan* scan) {
        scan_ = scan;
        gaps_ = 0;
        members_left_ = 0;
      },
      [&](LogPosition at, const LogRecord& record) { return TakeRecord(at, record); },
      [](const SalvageSegment&, const SegmentScan&) {}));
  for (const SalvageTable& table : part_.tables) {
    TableScan scan;
    SHALE_RETURN_IF_NOT_OK(source_->WalkTable(
        table, [&](const TableEntry& entry) { TakeEntry(entry); }, &scan));
  }
  return Status::Ok();
}

Status SalvagedShard::TakeRecord(LogPosition at, const LogRecord& record) {
  if (scan_->gaps.size() != gaps_) members_left_ = 0;
  gaps_ = scan_->gaps.size();
  const bool applied = part_.has_applied && at < part_.applied.position;
  if (record.kind == RecordKind::kBatch) {
    FrameHeader frame;
    const bool good = DecodeFrame(record.value, &frame);
    members_left_ = good ? frame.member_count : 0;
    // What is in the index already cannot be taken out of it again.
    leave_out_ = good && batches_->broken.contains(frame.batch_id) && (part_.log_whole || !applied);
    return Status::Ok();
  }
  const bool is_range = record.kind == RecordKind::kDeleteRange;
  if (record.kind == RecordKind::kSynced || (!is_range && !source_->IsOf(shard_, record.key)))
    return Status::Ok();
  const bool member = (record.flags & kRecordInBatch) != 0;
  if (member && members_left_ > 0) {
    members_left_--;
    if (leave_out_) return Status::Ok();
  } else if (member && !applied) {
    return Status::Ok();   // the head of its frame is gone: a part of a batch
  }
  KeyRange range;
  if (is_range) {
    if (DecodeRange(record.value, &range))
      ranges_.push_back(DeletedRange{Buffer(record.value), record.sequence, at});
    return Status::Ok();
  }
  LogWitness witness;
  witness.kind = record.kind;
  witness.sequence = record.sequence;
  witness.at = witness.target = at;
  witness.deadline_ms = record.deadline_ms;
  witness.value_len = static_cast<uint32_t>(record.value.size());
  if (record.kind == RecordKind::kTouch) {
    TouchTarget target;
    if (!DecodeTouch(record.value, &target)) return Status::Ok();
    witness.target = target.position;
    witness.value_len = target.value_len;
  }
  Key& key = keys_[Buffer(record.key)];
  if (key.newest.IsOlderThan(witness)) key.newest = witness;
  if (!applied && key.tail.IsOlderThan(witness)) key.tail = witness;
  return Status::Ok();
}

void SalvagedShard::TakeEntry(const TableEntry& entry) {
  int64_t sequence = 0;
  KeyRange range;
  if (!entry.deleted && ParseRangeRowKey(entry.key, &sequence) && DecodeRange(entry.row, &range))
    ranges_.push_back(DeletedRange{Buffer(entry.row), sequence, 0});
  if (entry.key.size() < 2 || entry.key.front() != kDataSpace) return;
  const Bytes name = entry.key.substr(1);
  IndexRow row;
  if (!source_->IsOf(shard_, name) || (!entry.deleted && !DecodeIndexRow(entry.row, &row))) return;
  Key& key = keys_[Buffer(name)];
  if ((key.has_row || key.deleted) && entry.sequence < key.row_sequence) return;
  key.row_sequence = entry.sequence;
  key.has_row = !entry.deleted;
  key.deleted = entry.deleted;
  key.row = entry.row;
}

// ---- what counts

SalvagedShard::Verdict SalvagedShard::OfRecord(const LogWitness& record) {
  Verdict verdict;
  verdict.exists = record.found() && record.kind != RecordKind::kDelete;
  verdict.record = record;
  return verdict;
}

SalvagedShard::Verdict SalvagedShard::OfRow(const Key& k) {
  Verdict verdict;
  verdict.exists = verdict.from_row = k.has_row && DecodeIndexRow(k.row, &verdict.row);
  return verdict;
}

SalvagedShard::Verdict SalvagedShard::Judge(Bytes name, const Key& k) const {
  if (part_.log_whole) return OfRecord(k.newest);
  if (!part_.index_counts || part_.IsLost(DataRowKey(name))) return Guess(k);
  return k.tail.found() ? OfRecord(k.tail) : OfRow(k);
}

// Versions order the changes of a shard, so it does not matter which of the witnesses were found.
bool SalvagedShard::IsInDeletedRange(Bytes key, int64_t version) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const DeletedRange& range) { return range.Hides(key, version); });
}

SalvagedShard::Verdict SalvagedShard::Guess(const Key& k) const {
  IndexRow row;
  const bool has_row = k.has_row && DecodeIndexRow(k.row, &row);
  Verdict verdict;
  if (k.deleted && !k.tail.found()) return verdict;
  const bool row_is_newer = has_row && (!k.newest.found() || row.version >= k.newest.sequence);
  verdict = row_is_newer ? OfRow(k) : OfRecord(k.newest);
  verdict.suspicious = verdict.exists;
  return verdict;
}

// ---- values

Status SalvagedShard::FetchAt(Bytes key, LogPosition at, uint32_t stored_len, Buffer* storage,
                              StoredValue* stored, bool* found) {
  *found = false;
  for (const SalvageSegment& segment : part_.segments) {
    if (segment.file.number != SegmentOf(at) || segment.cut_off) continue;
    Fd fd;
    const std::string path = SalvageSource::PathOf(segment.directory, segment.name);
    SHALE_RETURN_IF_NOT_OK(OpenFileForRead(source_->directory(segment.directory), segment.name, &fd));
    storage->resize(kRecordHeaderBytes + key.size() + stored_len);
    size_t got = 0;
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd, path, OffsetOf(at), storage->data(), storage->size(), &got));
    LogRecord record;
    size_t size = 0;
    *found = DecodeRecord(Bytes(*storage).substr(0, got), source_->salt(shard_), at, &record, &size) ==
                 Decoded::kRecord &&
             record.kind == RecordKind::kPut && record.key == key && record.value.size() == stored_len;
    if (*found) *stored = {record.value, static_cast<uint8_t>(record.flags & kRecordForm)};
    return Status::Ok();
  }
  return Status::Ok();
}

Status SalvagedShard::Fetch(Bytes key, const Key& k, const Verdict& verdict, Buffer* storage,
                            StoredValue* stored, bool* found) {
  if (!verdict.from_row) {
    const LogWitness& r = verdict.record;
    SHALE_RETURN_IF_NOT_OK(FetchAt(key, r.target, r.value_len, storage, stored, found));
    if (*found || !k.has_row) return Status::Ok();
    // A touched value of which the index knows a newer place.
    IndexRow row;
    if (!DecodeIndexRow(k.row, &row) || row.version != r.sequence) return Status::Ok();
    return Fetch(key, k, OfRow(k), storage, stored, found);
  }
  const IndexRow& row = verdict.row;
  if (row.inline_value) {
    storage->assign(row.value);
    *stored = {*storage, row.value_form};
    *found = true;
    return Status::Ok();
  }
  SHALE_RETURN_IF_NOT_OK(FetchAt(key, row.position, row.value_len, storage, stored, found));
  // Moved or written again under the same version.
  const LogWitness& r = k.newest;
  if (*found || !r.found() || r.sequence != row.version || r.target == row.position) return Status::Ok();
  return FetchAt(key, r.target, r.value_len, storage, stored, found);
}

// A value whose checksum is right and that cannot be decrypted all the same was put there by somebody else.
Status SalvagedShard::Unseal(Bytes key, const StoredValue& stored, Buffer* storage, Bytes* value,
                             bool* found) {
  *value = stored.bytes;
  const bool encrypted = (stored.form & kRecordEncrypted) != 0;
  if (encrypted != source_->codec().encrypts() && !report_->check.superblock) {
    return Status::Error(Code::E_INCOMPATIBLE, encrypted ? "the store is encrypted, and no key was given"
                                                         : "the store is not encrypted, and a key was given");
  }
  *found = source_->codec().Unseal(key, stored.form, storage, value).ok();
  return Status::Ok();
}

Status SalvagedShard::ForEach(int64_t now_ms, const std::function<Status(Bytes, Bytes, int64_t)>& take) {
  Buffer storage;
  for (const auto& [key, k] : keys_) {
    const Verdict verdict = Judge(key, k);
    const int64_t version = verdict.from_row ? verdict.row.version : verdict.record.sequence;
    if (!verdict.exists || IsInDeletedRange(key, version)) {
      report_->deleted++;
      continue;
    }
    const int64_t deadline_ms = verdict.from_row ? verdict.row.deadline_ms : verdict.record.deadline_ms;
    if (deadline_ms != kNoDeadline && deadline_ms <= now_ms) {
      report_->expired++;
      continue;
    }
    Bytes value;
    bool found = false;
    StoredValue stored;
    SHALE_RETURN_IF_NOT_OK(Fetch(key, k, verdict, &storage, &stored, &found));
    if (found) SHALE_RETURN_IF_NOT_OK(Unseal(key, stored, &storage, &value, &found));
    if (!found) {
      report_->dropped++;
      if (report_->dropped_keys.size() < SalvageReport::kKeysMax) report_->dropped_keys.push_back(key);
      continue;
    }
    SHALE_RETURN_IF_NOT_OK(take(key, value, deadline_ms));
    report_->recovered++;
    report_->recovered_bytes += value.size();
    report_->suspicious += verdict.suspicious;
  }
  return Status::Ok();
}

}   // namespace shale
