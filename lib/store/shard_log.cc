#include "store/shard_log.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace shale {

namespace {

constexpr uint64_t kAllocateBytesMin = uint64_t{256} << 10;
constexpr uint64_t kAllocateBytesMax = uint64_t{4} << 20;
constexpr size_t kKeptScratchBytes = size_t{256} << 10;   // a larger record's memory is given back
constexpr size_t kWriteBytes = size_t{64} << 10;          // small records are written together up to this

}   // namespace

ShardLog::ShardLog(const Config& config)
    : config_(config), salt_(LogSalt(config.identity.uuid.data(), config.identity.shard)) {}

ShardLog::~ShardLog() = default;

Status ShardLog::Open(const Config& config, bool may_be_torn, std::unique_ptr<ShardLog>* out) {
  std::unique_ptr<ShardLog> log(new ShardLog(config));
  SHALE_RETURN_IF_NOT_OK(ReadLogChain(*config.dir, config.name, config.identity, may_be_torn, &log->chain_));
  log->next_number_ = log->chain_.highest_number + 1;
  *out = std::move(log);
  return Status::Ok();
}

Status ShardLog::Create(const Config& config, std::unique_ptr<ShardLog>* out) {
  std::unique_ptr<ShardLog> log(new ShardLog(config));
  SHALE_RETURN_IF_NOT_OK(log->CreateSegment(kFirstSegment, 0, 0));
  SHALE_RETURN_IF_NOT_OK(log->SyncTo(log->end()));
  *out = std::move(log);
  return Status::Ok();
}

Status ShardLog::StartAppending(const Start& start) {
  SHALE_CHECK(SegmentOf(start.end) >= kFirstSegment && OffsetOf(start.end) >= kSegmentHeaderBytes);
  next_sequence_ = start.next_sequence;
  for (const LogChain::Segment& segment : chain_.segments) {
    if (segment.number < SegmentOf(start.end)) {
      uint64_t size = segment.end;
      if (size == 0) SHALE_RETURN_IF_NOT_OK(SizeOf(segment.number, &size));   // its successor was removed
      NoteSealed(segment.number, static_cast<uint32_t>(size));
    }
    if (start.unsynced_from == 0 || segment.number < SegmentOf(start.unsynced_from)) continue;
    if (segment.number > SegmentOf(start.end)) continue;
    auto file = std::make_shared<File>();
    file->number = segment.number;
    SHALE_RETURN_IF_NOT_OK(OpenFileForRead(*config_.dir, SegmentName(segment.number), &file->fd));
    AddUnsynced(std::move(file));
  }
  // The end last: the index may already be running, and whoever syncs up to the end must find every file to
  // sync.
  end_.store(start.end, std::memory_order_release);   // pairs with the acquire in end()
  // Nothing unsynced: all there is, is durable. The first sync otherwise goes over all that was added above.
  if (start.unsynced_from == 0) synced_.store(start.end, std::memory_order_release);   // pairs with synced()
  may_resume_ = !start.cut;
  if (start.cut) {
    SHALE_RETURN_IF_NOT_OK(CreateSegment(next_number_, start.end, 0));
    SHALE_RETURN_IF_NOT_OK(SyncTo(end()));
  }
  if (chain_.orphans.empty() && !start.cut) return Status::Ok();
  for (const std::string& name : chain_.orphans) SHALE_RETURN_IF_NOT_OK(RemoveFile(*config_.dir, name));
  for (const LogChain::Segment& segment : chain_.segments) {
    if (segment.number <= SegmentOf(start.end)) continue;   // behind the cut: no longer part of the chain
    config_.files->Forget(SegmentName(segment.number));
    SHALE_RETURN_IF_NOT_OK(RemoveFile(*config_.dir, SegmentName(segment.number)));
  }
  return SyncDirectory(*config_.dir, config_.name);
}

Status ShardLog::Reserve(size_t bytes, bool frees) {
  if (poisoned()) return PoisonStatus();
  const LogPosition synced_now = synced();   // once: a sync may end meanwhile
  if (marked_ != synced_now) bytes += RecordBytes(0, sizeof(LogPosition));
  if (active_ == nullptr) SHALE_RETURN_IF_NOT_OK(OpenActive(bytes));
  if (OffsetOf(end()) + bytes > segment_limit_) SHALE_RETURN_IF_NOT_OK(Rotate(bytes));
  SHALE_RETURN_IF_NOT_OK(Extend(OffsetOf(end()) + bytes, frees));
  return marked_ != synced_now ? MarkSynced(synced_now) : Status::Ok();
}

Status ShardLog::Append(const LogRecord& record, LogPosition* at) {
  MakeScratch(RecordBytes(record.key.size(), record.value.size()));
  *at = Encode(record);
  Status s = WriteScratch();
  TrimScratch();
  return s;
}

Status ShardLog::AppendAll(const std::vector<LogRecord>& records, std::vector<LogPosition>* places) {
  places->clear();
  places->reserve(records.size());
  size_t all = 0, longest = 0;
  for (const LogRecord& record : records) {
    const size_t size = RecordBytes(record.key.size(), record.value.size());
    all += size;
    longest = std::max(longest, size);
  }
  MakeScratch(std::min(all, std::max(longest, kWriteBytes)));
  for (const LogRecord& record : records) {
    const size_t size = RecordBytes(record.key.size(), record.value.size());
    if (encoded_bytes_ + size > kWriteBytes && encoded_bytes_ != 0) SHALE_RETURN_IF_NOT_OK(WriteScratch());
    places->push_back(Encode(record));
  }
  Status s = encoded_bytes_ != 0 ? WriteScratch() : Status::Ok();
  TrimScratch();
  return s;
}

// May throw, so it comes before anything is written.
void ShardLog::MakeScratch(size_t bytes) {
  encoded_bytes_ = 0;
  if (bytes > scratch_.size()) scratch_.resize(bytes);
}

void ShardLog::TrimScratch() {
  if (scratch_.capacity() > kKeptScratchBytes) Buffer().swap(scratch_);
}

// Behind what is in scratch_; where it will be.
LogPosition ShardLog::Encode(const LogRecord& record) {
  const LogPosition at = end() + encoded_bytes_;
  const size_t upto = encoded_bytes_ + RecordBytes(record.key.size(), record.value.size());
  SHALE_CHECK(upto <= scratch_.size());
  EncodeRecord(record, salt_, at, scratch_.data() + encoded_bytes_);
  encoded_bytes_ = upto;
  return at;
}

Status ShardLog::WriteScratch() {
  const LogPosition here = end();
  const size_t size = std::exchange(encoded_bytes_, 0);
  SHALE_CHECK(OffsetOf(here) + size <= allocated_end_);
  Status s = WriteAt(active_->fd, FileName(active_->number), OffsetOf(here), Bytes(scratch_).substr(0, size));
  if (!s.ok()) return Poison(std::move(s));
  appended_bytes_.fetch_add(size, std::memory_order_relaxed);   // a statistic
  // Release: who sees this end may read, sync or apply the bytes before it.
  end_.store(here + size, std::memory_order_release);
  return Status::Ok();
}

Status ShardLog::MarkSynced(LogPosition synced_now) {
  LogRecord mark;
  mark.kind = RecordKind::kSynced;
  mark.sequence = next_sequence_ - 1;
  mark.value = MakeBytes(&synced_now, sizeof synced_now);
  LogPosition at;
  SHALE_RETURN_IF_NOT_OK(Append(mark, &at));
  marked_ = synced_now;
  NoteProven();
  marks_.push_back(Mark{synced_now, end()});
  return Status::Ok();
}

Status ShardLog::OpenActive(size_t bytes) {
  if (may_resume_) {
    may_resume_ = false;
    bool resumed = false;
    SHALE_RETURN_IF_NOT_OK(ResumeNewest(bytes, &resumed));
    if (resumed) return Status::Ok();
  }
  return CreateSegment(next_number_, end(), bytes);
}

// A store that is opened and closed often should not leave a trail of tiny segments.
Status ShardLog::ResumeNewest(size_t bytes, bool* resumed) {
  const uint32_t number = SegmentOf(end());
  if (OffsetOf(end()) + bytes > config_.segment_bytes / 4 * 3) return Status::Ok();
  auto file = std::make_shared<File>();
  file->number = number;
  const Status opened = OpenFileForWrite(*config_.dir, SegmentName(number), &file->fd);
  if (opened.Is(Code::E_INCOMPATIBLE)) return Status::Ok();   // shared with a backup
  SHALE_RETURN_IF_NOT_OK(opened);
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(file->fd, FileName(number), &size));
  if (size < OffsetOf(end())) return Status::Ok();   // ends inside the last padding: not worth mending
  active_ = file;
  segment_limit_ = config_.segment_bytes;
  SetAllocated(OffsetOf(end()));   // blocks behind it may be there or not: Extend makes sure
  AddUnsynced(std::move(file));
  *resumed = true;
  return Status::Ok();
}

Status ShardLog::Rotate(size_t bytes) {
  SealActive();
  return CreateSegment(next_number_, end(), bytes);
}

void ShardLog::SealActive() {
  if (active_ == nullptr) return;
  // Gives back what was allocated and not used. If that fails, some blocks of zeros stay: no record is
  // touched.
  (void)TruncateFile(active_->fd, FileName(active_->number), OffsetOf(end()));
  active_.reset();
}

Status ShardLog::CreateSegment(uint32_t number, LogPosition previous_end, size_t bytes) {
  auto file = std::make_shared<File>();
  file->number = number;
  next_number_ = number + 1;   // also when it fails below: a name is never tried twice
  const std::string name = FileName(number);
  Status s = CreateFile(*config_.dir, SegmentName(number), &file->fd);
  if (s.error_number() == EEXIST) return s;   // not ours
  SegmentHeader header;
  header.uuid = config_.identity.uuid;
  header.shard = static_cast<uint16_t>(config_.identity.shard);
  header.shard_count = static_cast<uint16_t>(config_.identity.shard_count);
  header.segment = number;
  header.previous_end = previous_end;
  header.first_sequence = next_sequence_;
  char raw[kSegmentHeaderBytes];
  EncodeSegmentHeader(header, raw);
  if (s.ok()) s = WriteAt(file->fd, name, 0, Bytes(raw, sizeof raw));
  if (!s.ok()) {
    // It may be there even if it could not be created.
    leftovers_.push_back(SegmentName(number));
    (void)RemoveLeftovers();   // else at the end
    return s;
  }
  active_ = file;
  segment_limit_ = std::max<uint64_t>(config_.segment_bytes, kSegmentHeaderBytes + bytes);
  SetAllocated(kSegmentHeaderBytes);
  if (previous_end != 0) NoteSealed(SegmentOf(previous_end), OffsetOf(previous_end));
  AddUnsynced(std::move(file));
  end_.store(MakePosition(number, kSegmentHeaderBytes), std::memory_order_release);   // as in WriteAtEnd
  return Status::Ok();
}

bool ShardLog::HasRoomFor(uint64_t bytes) const {
  if (config_.space == nullptr || config_.space->kept == 0) return true;
  uint64_t left = 0, total = 0;
  // If nobody knows, the allocation will tell.
  return !FileSystemSpace(active_->fd, &left, &total) || left >= bytes + config_.space->kept;
}

Status ShardLog::Extend(uint64_t wanted_end, bool frees) {
  wanted_end = std::min(wanted_end, segment_limit_);
  if (wanted_end <= allocated_end_) return Status::Ok();
  // Bigger steps as the segment proves to be used: a store that is hardly written stays small.
  const uint64_t step = std::clamp(allocated_end_, kAllocateBytesMin, kAllocateBytesMax);
  uint64_t target = std::min(segment_limit_, std::max(wanted_end, allocated_end_ + step));
  if (!HasRoomFor(target - allocated_end_)) {
    target = wanted_end;
    if (!frees && !HasRoomFor(target - allocated_end_)) {
      return Status::Error(Code::E_NO_SPACE,
                           FileName(active_->number) + ": the last " + std::to_string(config_.space->kept) +
                               " bytes of the file system are kept for the index and for deletes");
    }
  }
  SHALE_RETURN_IF_NOT_OK(
      AllocateRange(active_->fd, FileName(active_->number), allocated_end_, target - allocated_end_));
  SetAllocated(target);
  return Status::Ok();
}

// Files without a header, of segments that could not be begun. They have to be gone for good before the store
// is called clean, for then each file must have one.
Status ShardLog::RemoveLeftovers() {
  if (leftovers_.empty()) return Status::Ok();
  for (const std::string& name : leftovers_) {
    if (Status s = RemoveFile(*config_.dir, name); s.IsError()) return s;
  }
  SHALE_RETURN_IF_NOT_OK(SyncDirectory(*config_.dir, config_.name));
  leftovers_.clear();
  return Status::Ok();
}

Status ShardLog::NotAsIndexed(LogPosition at) const {
  return Status::Corrupt(FileName(SegmentOf(at)) + ": record at offset " + std::to_string(OffsetOf(at)) +
                         " is not what the index says");
}

Status ShardLog::Read(LogPosition at, Bytes key, uint32_t stored_len, Buffer* scratch, LogRecord* record) {
  SHALE_RETURN_IF_NOT_OK(ReadUpTo(at, key, stored_len, scratch, record));
  return record->value.size() == stored_len ? Status::Ok() : NotAsIndexed(at);
}

Status ShardLog::ReadUpTo(LogPosition at, Bytes key, size_t stored_len_most, Buffer* scratch,
                          LogRecord* record) {
  std::shared_ptr<const Fd> fd;
  // Short enough to cost no allocation; the whole path is for who must be told of it.
  const std::string name = SegmentName(SegmentOf(at));
  SHALE_RETURN_IF_NOT_OK(config_.files->Acquire(name, &fd));
  const size_t size = kRecordHeaderBytes + key.size() + stored_len_most;
  scratch->resize(size);
  size_t got = 0;
  const Status read = ReadAt(*fd, name, OffsetOf(at), scratch->data(), size, &got);
  if (!read.ok())
    return Status::Error(read.code(), FileName(SegmentOf(at)) + ": " + read.message(), read.error_number());
  size_t record_size = 0;
  const bool valid =
      DecodeRecord(Bytes(scratch->data(), got), salt_, at, record, &record_size) == Decoded::kRecord &&
      record->kind == RecordKind::kPut && record->key == key;
  return valid ? Status::Ok() : NotAsIndexed(at);
}

Status ShardLog::Close() {
  Status removed = RemoveLeftovers();
  Status s = poisoned() ? PoisonStatus() : SyncTo(end());
  if (s.ok()) s = std::move(removed);
  SealActive();
  MutexLock lock(&sync_mu_);
  unsynced_.clear();
  return s;
}

LogStats ShardLog::Stats() const {
  LogStats stats;
  stats.appended_bytes = appended_bytes_.load(std::memory_order_relaxed);   // statistics need no order
  stats.segment_bytes = OffsetOf(end());
  {
    MutexLock lock(&segments_mu_);
    stats.segment_count = sealed_.size() + 1;
    for (const auto& [segment, end] : sealed_) stats.sealed_bytes += end;
  }
  stats.segment_bytes += stats.sealed_bytes;
  MutexLock lock(&sync_mu_);
  stats.fsyncs = fsyncs_;
  return stats;
}

}   // namespace shale
