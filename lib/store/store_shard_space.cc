// The part of StoreShard that garbage collection stands on: what is counted when the index changes, how a
// live value moves, and what is known to be durable.
#include <algorithm>

#include "base/thread_scratch.h"
#include "store/store_shard.h"

namespace shale {

namespace {
// Rows of large values are all looked up when they are replaced, of small ones one in eight: a look-up costs
// about as much as the change itself.
constexpr uint64_t kAlwaysCountedBytes = 4096;
constexpr uint32_t kSmallOneIn = 8;
}   // namespace

bool StoreShard::CountRow(Bytes row_key, const IndexRow* row) {
  const size_t key_len = row_key.size() - 1;
  const bool points = row != nullptr && !row->inline_value;
  const uint64_t bytes = points ? RecordBytes(key_len, row->value_len) : 0;
  const uint32_t one_in = bytes >= kAlwaysCountedBytes ? 1 : kSmallOneIn;
  const bool first = points && ledger_.Add(row->position, bytes);
  if (ledger_.empty() || (one_in > 1 && sample_.Below(one_in) != 0)) return first;
  IndexRow old;
  // An error here is met again by whoever needs the row.
  if (!index_->Get(row_key, &replaced_).ok() || !DecodeIndexRow(replaced_, &old) || old.inline_value)
    return first;
  ledger_.Remove(old.position, RecordBytes(key_len, old.value_len), one_in);
  return first;
}

// A replay may meet a row again that the index has already: then too much is counted, never too little.
void StoreShard::CountReplayed(Bytes row, size_t key_len) {
  IndexRow r;
  if (DecodeIndexRow(row, &r) && !r.inline_value)
    static_cast<void>(ledger_.Add(r.position, RecordBytes(key_len, r.value_len)));
}

void StoreShard::NoteWritten(const AppliedMark& mark) {
  applied_ = mark;
  applied_serial_++;
  index_changes_.fetch_add(1, std::memory_order_release);   // after the write: see RenewCursor
  const uint64_t memtable = index_->NewestMemtable();
  if (written_.empty() || written_.back().memtable != memtable) written_.push_back(Written{memtable, 0});
  written_.back().serial = applied_serial_;
}

uint64_t StoreShard::applied_serial() const {
  MutexLock lock(&drain_mu_);
  return applied_serial_;
}

uint64_t StoreShard::durable_serial() {
  MutexLock lock(&drain_mu_);
  const uint64_t oldest = index_->OldestMemtable();
  while (!written_.empty() && written_.front().memtable < oldest) {
    durable_serial_ = written_.front().serial;
    written_.pop_front();
  }
  return durable_serial_;
}

LogPosition StoreShard::applied_position() const {
  MutexLock lock(&drain_mu_);
  return applied_.position;
}

Status StoreShard::PointsTo(const KeyRef& key, LogPosition at, bool* yes) {
  struct PointedRow;
  Buffer& raw = *ThreadScratch<Buffer, PointedRow>();
  *yes = false;
  Status s = ReadRow(key, &raw);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  IndexRow row;
  if (!DecodeIndexRow(raw, &row)) return MalformedRow();
  *yes = !row.inline_value && row.position == at;
  return Status::Ok();
}

// The record carries the key's version and deadline of now, so that replay takes it for what it is: a touch
// since the value was written is in it.
Status StoreShard::Move(const KeyRef& key, LogPosition at, const StoredValue& value, bool* moved) {
  *moved = false;
  if (read_only())
    return Status::Error(Code::E_READ_ONLY, "a shard that refuses writes is not collected")
        .InShard(config_.number);
  Buffer raw;
  Status s = ReadRow(key, &raw);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  IndexRow row;
  if (!DecodeIndexRow(raw, &row)) return MalformedRow();
  if (row.inline_value || row.position != at) return Status::Ok();
  LogRecord record;
  record.kind = RecordKind::kPut;
  record.flags = kRecordMoved | value.form;
  record.sequence = row.version;
  record.deadline_ms = row.deadline_ms;
  record.key = key.key;
  record.value = value.bytes;
  s = log_->Reserve(RecordBytes(key.key.size(), value.bytes.size()), true);
  if (s.ok()) s = log_->Append(record, &row.position);
  if (!s.ok()) return std::move(s).InShard(config_.number);
  row.position_sequence = row.version;
  EncodeIndexRow(row, &raw);
  const AppliedMark mark = MarkNow();
  filter_.Add(key.hash);
  pending_.Publish(key, raw, &mark);
  *moved = true;
  return s;
}

Status StoreShard::MakeRoom() {
  return WantsDrain() ? Drain() : Status::Ok();
}

bool StoreShard::ValidateSpace(std::string* why) {
  MutexLock lock(&drain_mu_);
  std::map<uint32_t, int64_t> live;
  std::unique_ptr<IndexCursor> cursor;
  Status s = index_->NewCursor(DataRowKey(Bytes()), DataRowEnd(Bytes()), false, &cursor);
  for (cursor->SeekToFirst(); s.ok() && cursor->Valid(); cursor->Next()) {
    IndexRow row;
    if (!DecodeIndexRow(cursor->row(), &row)) {
      *why = MalformedRow().message();
      return false;
    }
    if (row.inline_value) continue;
    live[SegmentOf(row.position)] +=
        static_cast<int64_t>(RecordBytes(cursor->key().size() - 1, row.value_len));
  }
  if (s.ok()) s = cursor->status();
  if (!s.ok()) {
    *why = name_ + ": " + s.message();
    return false;
  }
  const std::map<uint32_t, uint32_t> sealed = log_->Sealed();
  for (const auto& [segment, bytes] : live) {
    const SegmentLedger::Entry entry = ledger_.Get(segment);
    const bool there = sealed.contains(segment) || segment == SegmentOf(log_->end());
    if (there && entry.pointed && (!entry.most_known || entry.live_most >= bytes)) continue;
    *why = log_->FileName(segment) + ": rows point to " + std::to_string(bytes) + " bytes, the ledger says " +
           (there ? "at most " + std::to_string(entry.live_most) : std::string("it is gone"));
    return false;
  }
  return true;
}

}   // namespace shale
