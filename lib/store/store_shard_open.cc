// The beginning and the end of a StoreShard: creation, checks that change nothing, replay, close.
#include <algorithm>

#include "base/check.h"
#include "base/seeded_bug.h"
#include "store/log_scanner.h"
#include "store/store_shard.h"

namespace shale {

namespace {
constexpr size_t kReplayBatchBytes = size_t{256} << 10;
}

Status StoreShard::OpenParts(const Fd& root, bool create, bool may_be_torn) {
  Status s = OpenSubdirectory(root, name_, create, &dir_);
  if (s.Is(Code::NOT_FOUND))
    return Status::Error(Code::E_INCOMPATIBLE, name_ + ": shard directory is missing");
  SHALE_RETURN_IF_NOT_OK(s);
  files_ = std::make_unique<FileCache>(dir_, config_.open_files_max);
  ShardLog::Config log;
  log.name = name_;
  log.dir = &dir_;
  log.files = files_.get();
  log.identity = LogIdentity{config_.uuid, config_.number, kDiskShards};
  log.segment_bytes = config_.segment_bytes;
  log.space = config_.space;
  SHALE_RETURN_IF_NOT_OK(create ? ShardLog::Create(log, &log_) : ShardLog::Open(log, may_be_torn, &log_));
  Index::Config index;
  index.name = name_;
  index.dir = &dir_;
  index.files = files_.get();
  index.pool = config_.index_pool;
  index.log = config_.syncer;
  index.block_cache = config_.block_cache;
  index.write_buffer_bytes = config_.write_buffer_bytes;
  index.create = create;
  index.read_only = config_.read_only;
  index.machine_died = config_.machine_died;
  SHALE_RETURN_IF_NOT_OK(Index::Open(index, &index_));
  open_ = true;
  return Status::Ok();
}

Status StoreShard::Create(const Config& config, const Fd& root, std::unique_ptr<StoreShard>* out) {
  std::unique_ptr<StoreShard> shard(new StoreShard(config));
  Status s = shard->OpenParts(root, true, false);
  if (s.ok()) s = shard->index_->Commit();
  if (s.ok()) s = shard->WriteIdentity();
  if (s.ok()) shard->filter_.StartEmpty();
  if (!s.ok()) return std::move(s).InShard(config.number);
  *out = std::move(shard);
  return s;
}

// In tables from the start: an index without identity is never right, so a missing or foreign one is always
// noticed.
Status StoreShard::WriteIdentity() {
  IndexBatch batch;
  batch.Put(IdentityRowKey(),
            EncodeIdentity(ShardIdentity{config_.uuid, static_cast<uint32_t>(config_.number), kDiskShards}));
  applied_at_open_.position = log_->end();
  applied_at_open_.clock_ms = config_.clock->NowMs();
  batch.Put(AppliedRowKey(), EncodeApplied(applied_at_open_));
  batch.Put(LedgerRowKey(), ledger_.Encode());
  {
    MutexLock lock(&drain_mu_);
    applied_ = applied_at_open_;
  }
  SHALE_RETURN_IF_NOT_OK(index_->Write(&batch));
  return index_->Flush();
}

Status StoreShard::Open(const Config& config, const Fd& root, bool may_be_torn,
                        std::unique_ptr<StoreShard>* out) {
  std::unique_ptr<StoreShard> shard(new StoreShard(config));
  Status s = shard->OpenParts(root, false, may_be_torn);
  if (s.ok()) s = shard->CheckIdentity();
  if (!s.ok()) return std::move(s).InShard(config.number);
  *out = std::move(shard);
  return s;
}

Status StoreShard::CheckIdentity() {
  Buffer raw;
  Status s = index_->Get(IdentityRowKey(), &raw);
  ShardIdentity found;
  if (s.Is(Code::NOT_FOUND) || (s.ok() && !DecodeIdentity(raw, &found))) {
    return Status::Corrupt(name_ + ": the index does not say whose it is");
  }
  SHALE_RETURN_IF_NOT_OK(s);
  if (found.uuid != config_.uuid)
    return Status::Error(Code::E_INCOMPATIBLE, name_ + ": the index belongs to another store");
  if (found.shard != static_cast<uint32_t>(config_.number) || found.shard_count != kDiskShards) {
    return Status::Error(Code::E_INCOMPATIBLE, name_ + ": the index belongs to shard " +
                                                   std::to_string(found.shard) + " of " +
                                                   std::to_string(found.shard_count));
  }
  s = index_->Get(AppliedRowKey(), &raw);
  if (s.Is(Code::NOT_FOUND) || (s.ok() && !DecodeApplied(raw, &applied_at_open_))) {
    return Status::Corrupt(name_ + ": the index does not say how far it reaches");
  }
  if (s.ok()) s = ReadLedger();
  return s.ok() ? ReadRanges() : s;
}

Status StoreShard::Start(const StartPoint& start) {
  batch_id_high_ = start.batch_id_high;
  last_sequence_ = start.log.next_sequence - 1;
  {
    MutexLock lock(&drain_mu_);
    applied_ = applied_at_open_;
  }
  Status s = index_->Commit();
  if (s.ok()) s = log_->StartAppending(start.log);
  if (s.ok()) StartLedger(start.clean);
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

// While nothing has been changed yet: a shard whose ledger cannot be read is refused.
Status StoreShard::ReadLedger() {
  Status s = index_->Get(LedgerRowKey(), &ledger_at_open_);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  has_ledger_ = true;
  if (ledger_.Decode(ledger_at_open_, false)) return Status::Ok();
  return Status::Corrupt(name_ + ": the index row that says what its segments hold is malformed");
}

void StoreShard::StartLedger(bool clean) {
  if (has_ledger_) SHALE_CHECK(ledger_.Decode(ledger_at_open_, clean));
  Buffer().swap(ledger_at_open_);
  if (has_ledger_) return;
  for (const auto& [segment, end] : log_->Sealed()) ledger_.SetUnknown(segment);
  ledger_.SetUnknown(SegmentOf(log_->end()));
}

Status StoreShard::Replay(LogPosition upto) {
  LogScanner scanner(log_.get(), &dir_, applied_at_open_.position);
  IndexBatch batch;
  AppliedMark mark = applied_at_open_;
  uint64_t records = 0;
  uint32_t members_left = 0;
  Buffer row;
  while (true) {
    LogRecord record;
    LogPosition at = 0, next = 0;
    LogScanner::Step step;
    SHALE_RETURN_IF_NOT_OK(scanner.Next(upto, &record, &at, &next, &step));
    const bool done = step != LogScanner::Step::kRecord;
    // Never in the middle of a frame: the mark would point between its members.
    if (members_left == 0 && (done ? records > 0 : batch.bytes() >= kReplayBatchBytes)) {
      mark.position = at;
      mark.clock_ms = config_.clock->NowMs();
      batch.Put(AppliedRowKey(), EncodeApplied(mark));
      batch.Put(LedgerRowKey(), ledger_.Encode());
      SHALE_RETURN_IF_NOT_OK(index_->Write(&batch));
      batch.Clear();
      MutexLock lock(&drain_mu_);
      NoteWritten(mark);
    }
    if (done) break;
    records++;
    mark.sequence = std::max(mark.sequence, record.sequence);
    if (record.kind == RecordKind::kSynced) continue;
    if (record.kind == RecordKind::kBatch) {
      FrameHeader frame;
      if (!DecodeFrame(record.value, &frame))
        return Status::Corrupt(log_->FileName(SegmentOf(at)) + ": malformed frame");
      mark.batch_id = std::max(mark.batch_id, frame.batch_id);
      members_left = frame.member_count;
      continue;
    }
    if (members_left > 0) members_left--;
    if (record.kind == RecordKind::kDeleteRange) {
      KeyRange range;
      if (!DecodeRange(record.value, &range))
        return Status::Corrupt(log_->FileName(SegmentOf(at)) + ": malformed range");
      batch.Put(RangeRowKey(record.sequence), record.value);
      ranges_.Add(DeletedRange{Buffer(record.value), record.sequence, 0});
      continue;
    }
    DiskWrite write;
    write.kind = record.kind == RecordKind::kPut      ? DiskWrite::Kind::kPut
                 : record.kind == RecordKind::kDelete ? DiskWrite::Kind::kDelete
                                                      : DiskWrite::Kind::kTouch;
    write.key.key = record.key;
    write.value = record.value;   // as it is stored
    write.form = record.flags & kRecordForm;
    write.deadline_ms = record.deadline_ms;
    write.version = record.sequence;
    write.place = at;
    if (write.kind == DiskWrite::Kind::kTouch && record.value.size() != TouchTarget::kBytes) {
      return Status::Corrupt(log_->FileName(SegmentOf(at)) + ": malformed touch record");
    }
    RowFor(write, &row);
    if (row.empty()) {
      batch.Delete(DataRowKey(record.key));
    } else {
      batch.Put(DataRowKey(record.key), row);
      CountReplayed(row, record.key.size());
      if (record.deadline_ms != kNoDeadline)
        batch.Put(DeadlineRowKey(record.deadline_ms, record.key), Bytes());
    }
  }
  recovered_records_.store(records, std::memory_order_relaxed);
  return Status::Ok();
}

Status StoreShard::Close() {
  SHALE_CHECK(open_);
  open_ = false;
  Status first =
      read_only() ? Status::Error(Code::E_READ_ONLY, "closed after an earlier write error") : Status::Ok();
  if (first.ok() && !SeededBug(Seed::kNoDrainAtClose)) first = Flush();
  Status s = log_->Close();
  if (first.ok()) first = std::move(s);
  s = index_->Close();
  if (first.ok()) first = std::move(s);
  return first.ok() ? first : std::move(first).InShard(config_.number);
}

void StoreShard::Abandon() {
  if (!open_) return;
  open_ = false;
  (void)index_->Close();   // nothing was changed, so nothing can be lost
}

}   // namespace shale
