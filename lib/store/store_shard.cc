#include "store/store_shard.h"

#include <algorithm>
#include <cstdio>

#include "base/check.h"
#include "base/seeded_bug.h"
#include "base/thread_scratch.h"
#include "base/yield_point.h"

namespace shale {

namespace {
// A drain pays from this many bytes on; far below the bound, so that writers rarely wait.
constexpr size_t kDrainBytesMin = size_t{48} << 10;
constexpr int kQuietTicks = 10;                 // a second
constexpr uint64_t kQuietFlushKeysMin = 1000;   // fewer are not worth a table

Buffer* RowKeyScratch(Bytes key) {
  struct RowKey;
  auto* const buffer = ThreadScratch<Buffer, RowKey>();
  buffer->clear();
  buffer->push_back(kDataSpace);
  buffer->append(key);
  return buffer;
}
}   // namespace

std::string StoreShard::DirectoryName(int number) {
  char name[8];
  std::snprintf(name, sizeof name, "%02d", number);
  return name;
}

bool StoreShard::IsDirectoryName(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return name.size() == 2 && is_digit(name[0]) && is_digit(name[1]) &&
         (name[0] - '0') * 10 + (name[1] - '0') < kDiskShards;
}

StoreShard::StoreShard(const Config& config)
    : config_(config),
      name_(DirectoryName(config.number)),
      pending_(config.pending_bytes_max),
      filter_(config.filter_bytes_max),
      sample_(static_cast<uint64_t>(config.number) + 1) {}

StoreShard::~StoreShard() {
  Abandon();
}

Status StoreShard::MalformedRow() const {
  return Status::Corrupt(name_ + ": an index row is malformed").InShard(config_.number);
}

Status StoreShard::Read(const KeyRef& key, bool want_value, DiskRead* out) {
  struct ReadRowBytes;
  Buffer& row_bytes = *ThreadScratch<Buffer, ReadRowBytes>();
  LogPosition gone = 0;
  while (true) {
    SHALE_RETURN_IF_NOT_OK(ReadRow(key, &row_bytes));
    IndexRow row;
    if (!DecodeIndexRow(row_bytes, &row)) return MalformedRow();
    out->version = row.version;
    out->deadline_ms = row.deadline_ms;
    out->value_len = row.value_len;
    out->place = row.inline_value ? 0 : row.position;
    out->value = Bytes();
    if (!want_value) return Status::Ok();
    Status s = FetchValue(key.key, row, &out->storage, &out->value);
    out->value_len = static_cast<uint32_t>(out->value.size());
    if (!s.Is(Code::NOT_FOUND)) return s;
    // Collected between the look at the row and at the segment: then the row has changed, and is looked up
    // again.
    if (row.position == gone) return MissingSegment(row);
    gone = row.position;
  }
}

Status StoreShard::ReadRow(const KeyRef& key, Buffer* row) {
  if (!filter_.MayHold(key.hash)) return Code::NOT_FOUND;
  const auto deleted = ranges_.View();   // before the look: see deleted_ranges.h
  // Acquire, both: a row that a sweep has removed may have been replaced before its end, after the look at
  // what is pending.
  for (uint64_t sweeps = sweeps_.load(std::memory_order_acquire);;) {
    if (pending_.Find(key, row)) {
      if (row->empty()) return Code::NOT_FOUND;
      break;
    }
    YieldAt(YieldPoint::kNotPending);
    index_reads_.fetch_add(1, std::memory_order_relaxed);
    Status s = index_->Get(*RowKeyScratch(key.key), row);
    if (s.ok()) break;
    if (s.IsError()) return std::move(s).InShard(config_.number);
    const uint64_t now = sweeps_.load(std::memory_order_acquire);
    if (now == sweeps) {
      index_misses_.fetch_add(1,
                              std::memory_order_relaxed);   // nothing is concluded but what a filter is worth
      return s;
    }
    sweeps = now;
  }
  return deleted != nullptr && deleted->Hides(key.key, *row) ? Status(Code::NOT_FOUND) : Status::Ok();
}

Status StoreShard::ReadRowValue(Bytes key, const IndexRow& row, Buffer* storage, Bytes* value) {
  Status s = FetchValue(key, row, storage, value);
  return s.Is(Code::NOT_FOUND) ? MissingSegment(row) : s;
}

Status StoreShard::MissingSegment(const IndexRow& row) const {
  return Status::Corrupt(log_->FileName(SegmentOf(row.position)) + ": segment is missing")
      .InShard(config_.number);
}

void StoreShard::WaitForRoom() {
  const uint64_t waited = pending_.WaitForRoom();
  if (waited != 0) stall_micros_.fetch_add(waited, std::memory_order_relaxed);
}

Status StoreShard::Append(DiskWrite* write) {
  if (read_only()) {
    return Status::Error(Code::E_READ_ONLY, "writes are refused after an earlier write error")
        .InShard(config_.number);
  }
  if (write->kind == DiskWrite::Kind::kTouch) return AppendTouch(write);
  SHALE_RETURN_IF_NOT_OK(Prepare(write));
  LogRecord record;
  record.kind = write->kind == DiskWrite::Kind::kPut ? RecordKind::kPut : RecordKind::kDelete;
  record.flags = write->form;
  record.key = write->key.key;
  record.value = write->stored();
  record.deadline_ms = write->deadline_ms;
  Status s =
      log_->Reserve(RecordBytes(record.key.size(), record.value.size()), record.kind == RecordKind::kDelete);
  if (s.ok()) {
    record.sequence = last_sequence_ = log_->NextSequence();
    const bool forgets = SeededBug(Seed::kAckBeforeAppend) && record.value.size() <= config_.inline_max;
    s = forgets ? Status::Ok() : log_->Append(record, &write->place);
  }
  if (!s.ok()) return std::move(s).InShard(config_.number);
  write->version = record.sequence;
  CountSealed(*write);
  return s;
}

// An inline value is written again with its new deadline; a large one stays where it is, and the record says
// where.
Status StoreShard::AppendTouch(DiskWrite* write) {
  Buffer row_bytes;
  SHALE_RETURN_IF_NOT_OK(ReadRow(write->key, &row_bytes));
  IndexRow row;
  if (!DecodeIndexRow(row_bytes, &row)) return MalformedRow();
  if (row.inline_value) {
    write->stored_bytes.assign(row.value);
    write->stored_apart = write->prepared = true;
    write->form = row.value_form;
    write->kind = DiskWrite::Kind::kPut;
    return Append(write);
  }
  const TouchTarget target{row.position, row.position_sequence, row.value_len};
  char raw[TouchTarget::kBytes];
  EncodeTouch(target, raw);
  write->stored_bytes.assign(raw, sizeof raw);   // for RowFor, too
  write->stored_apart = write->prepared = true;
  LogRecord record;
  record.kind = RecordKind::kTouch;
  record.key = write->key.key;
  record.value = write->stored();
  record.deadline_ms = write->deadline_ms;
  Status s = log_->Reserve(RecordBytes(record.key.size(), record.value.size()));
  if (s.ok()) {
    record.sequence = last_sequence_ = log_->NextSequence();
    s = log_->Append(record, &write->place);
  }
  if (!s.ok()) return std::move(s).InShard(config_.number);
  write->version = record.sequence;
  return s;
}

void StoreShard::RowFor(const DiskWrite& write, Buffer* row) const {
  row->clear();
  if (write.kind == DiskWrite::Kind::kDelete) return;
  IndexRow r;
  r.version = write.version;
  r.deadline_ms = write.deadline_ms;
  if (write.kind == DiskWrite::Kind::kTouch) {
    TouchTarget target;
    SHALE_CHECK(DecodeTouch(write.stored(), &target));
    r.position = target.position;
    r.position_sequence = target.sequence;
    r.value_len = target.value_len;
  } else {
    const StoredValue stored{write.stored(), write.form};
    r.inline_value = LiesInIndex(stored);
    r.value = stored.bytes;
    r.value_form = stored.form;
    r.position = write.place;
    r.position_sequence = write.version;
    r.value_len = static_cast<uint32_t>(stored.bytes.size());
  }
  EncodeIndexRow(r, row);
}

AppliedMark StoreShard::MarkNow() const {
  AppliedMark mark;
  mark.position = log_->end();
  mark.sequence = last_sequence_;
  mark.batch_id = batch_id_high_;
  return mark;
}

void StoreShard::Publish(const DiskWrite& write) {
  if (write.kind == DiskWrite::Kind::kDeleteRange) return PublishRange(write);
  struct PublishedRow;
  Buffer& row = *ThreadScratch<Buffer, PublishedRow>();
  RowFor(write, &row);
  // A frame's mark comes with its last member. A drain in between is harmless: it writes early rows under an
  // older mark, its tables wait for the frame and its partners to be durable, and a replay from that mark
  // applies the whole frame again.
  const bool whole = write.batch_id == 0 || write.batch_last;
  if (whole) batch_id_high_ = std::max(batch_id_high_, write.batch_id);
  const AppliedMark mark = whole ? MarkNow() : AppliedMark();
  if (!row.empty()) filter_.Add(write.key.hash);   // before: see key_filter.h
  pending_.Publish(write.key, row, whole ? &mark : nullptr);
}

bool StoreShard::WantsDrain() const {
  return pending_.active_bytes() >= std::min(kDrainBytesMin, config_.pending_bytes_max / 4);
}

Status StoreShard::Drain() {
  MutexLock lock(&drain_mu_);
  const PendingGeneration* generation = pending_.BeginDrain();
  if (generation == nullptr) {
    // Either nothing to do, or an earlier drain failed and what is pending stays pending.
    if (!read_only() || pending_.bytes() == 0) return Status::Ok();
    return Status::Error(Code::E_READ_ONLY, "pending updates cannot be applied after an earlier error")
        .InShard(config_.number);
  }
  Status s = Code::E_NO_MEMORY;
  try {
    s = DrainGeneration(*generation);
  } catch (const std::bad_alloc&) {
    // What was counted is counted, so this cannot be done again: the next open does it.
  }
  if (!s.ok()) {
    RefuseWrites(s);   // else what is pending would pass for drained, and grow for ever
    pending_.GiveUp();
    return s;
  }
  drains_.fetch_add(1, std::memory_order_relaxed);
  drained_keys_.fetch_add(generation->entries().size(), std::memory_order_relaxed);
  YieldAt(YieldPoint::kDrained);
  pending_.FinishDrain();
  return s;
}

Status StoreShard::DrainGeneration(const PendingGeneration& generation) {
  drain_batch_.Clear();
  bool with_ledger = false;
  for (const PendingGeneration::Entry& entry : generation.entries()) {
    if (entry.row_len == 0) {
      drain_batch_.Delete(entry.row_key());
      with_ledger |= CountRow(entry.row_key(), nullptr);
      continue;
    }
    drain_batch_.Put(entry.row_key(), entry.row());
    IndexRow row;
    SHALE_CHECK(DecodeIndexRow(entry.row(), &row));
    with_ledger |= CountRow(entry.row_key(), &row);
    if (row.deadline_ms == kNoDeadline) continue;
    drain_batch_.Put(DeadlineRowKey(row.deadline_ms, entry.key()), Bytes());
    NoteDeadline(row.deadline_ms);
  }
  AddRangeRows(generation.applied);
  SHALE_RETURN_IF_NOT_OK(WriteDrainBatch(generation.applied, with_ledger));
  ranges_.NoteInIndex(generation.applied.position);
  return Status::Ok();
}

// The index and what it says about itself change together.
Status StoreShard::WriteDrainBatch(const AppliedMark& mark, bool with_ledger) {
  AppliedMark next = mark;
  next.clock_ms = config_.clock->NowMs();
  drain_batch_.Put(AppliedRowKey(), EncodeApplied(next));
  if (with_ledger) drain_batch_.Put(LedgerRowKey(), ledger_.Encode());
  Status s = index_->Write(&drain_batch_);
  if (!s.ok()) return std::move(s).InShard(config_.number);
  NoteWritten(next);
  return s;
}

bool StoreShard::NoteQuiet() {
  const LogPosition end_now = log_->end();
  quiet_ticks_ = end_now == end_seen_ ? quiet_ticks_ + 1 : 0;
  end_seen_ = end_now;
  if (quiet_ticks_ < kQuietTicks || quiet_ticks_ % kQuietTicks != 0) return false;
  if (quiet_ticks_ > kQuietTicks) index_->RunParked();
  const uint64_t drained = drained_keys_.load(std::memory_order_relaxed);   // a statistic, near enough
  if (read_only() || drained - flushed_keys_ < kQuietFlushKeysMin) return false;
  flushed_keys_ = drained;
  return true;
}

Status StoreShard::BeginFlush() {
  SHALE_RETURN_IF_NOT_OK(Drain());
  if (ledger_.changed() && !read_only()) {
    MutexLock lock(&drain_mu_);
    drain_batch_.Clear();
    SHALE_RETURN_IF_NOT_OK(WriteDrainBatch(applied_, true));
  }
  // Who writes to the index does so alone: behind one whom memory fails inside LevelDB, another would wait
  // for ever.
  MutexLock lock(&drain_mu_);
  Status s = index_->BeginFlush();
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

Status StoreShard::Flush() {
  SHALE_RETURN_IF_NOT_OK(BeginFlush());
  Status s = index_->Flush();
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

void StoreShard::AddStats(StoreStats* stats) const {
  // Statistics need no order.
  stats->index_reads += index_reads_.load(std::memory_order_relaxed);
  stats->log_reads += log_reads_.load(std::memory_order_relaxed);
  stats->drains += drains_.load(std::memory_order_relaxed);
  stats->drained_keys += drained_keys_.load(std::memory_order_relaxed);
  stats->stall_micros += stall_micros_.load(std::memory_order_relaxed);
  stats->recovered_records += recovered_records_.load(std::memory_order_relaxed);
  stats->pending_bytes += pending_.bytes();
  stats->compressed_values += compressed_values_.load(std::memory_order_relaxed);
  stats->compressed_from_bytes += compressed_from_.load(std::memory_order_relaxed);
  stats->compressed_to_bytes += compressed_to_.load(std::memory_order_relaxed);
  stats->compression_raw_bytes += raw_bytes_.load(std::memory_order_relaxed);
  const LogStats log = log_->Stats();
  stats->log_appended_bytes += log.appended_bytes;
  stats->log_segments += log.segment_count;
  stats->log_bytes += log.segment_bytes;
  stats->log_fsyncs += log.fsyncs;
  const IndexStats index = index_->Stats();
  stats->index_flushes += index.flushes;
  stats->index_compactions += index.compactions;
  stats->index_parked_compactions += index.parked_compactions;
  stats->index_table_bytes_written += index.table_bytes_written;
  stats->index_fsyncs += index.fsyncs;
  stats->stall_micros += index.stall_micros;
  stats->index_memtable_bytes += index_->memtable_bytes();
  stats->shards_read_only += read_only() ? 1 : 0;
  stats->open_files += files_->open_count();
  stats->space_live_bytes += ledger_.live_bytes();
  stats->swept_rows += swept_rows_.load(std::memory_order_relaxed);
  stats->swept_compactions += swept_compactions_.load(std::memory_order_relaxed);
  stats->dropped_keys += dropped_keys_.load(std::memory_order_relaxed);
  stats->deleted_ranges += ranges_.size();
  stats->swept_keys += swept_keys_.load(std::memory_order_relaxed);
}

}   // namespace shale
