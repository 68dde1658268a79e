#include "store/log_scanner.h"

#include <algorithm>
#include <cstring>

#include "base/coding.h"
#include "base/seeded_bug.h"

namespace shale {

namespace {
constexpr size_t kReadBytes = size_t{256} << 10;
constexpr size_t kInspectPassesMax = 64;   // times a tail may be read over while looking for records in it

bool ReadSyncedMark(const LogRecord& record, LogPosition* position) {
  if (record.kind != RecordKind::kSynced || record.value.size() != sizeof(LogPosition)) return false;
  *position = LoadLE<LogPosition>(record.value.data());
  return true;
}

// Looks for anything behind `offset` of one segment file.
Status InspectFile(const ShardLog& log, const Fd& dir, uint32_t number, uint32_t offset, LogTail* tail) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, SegmentName(number), &fd));
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, log.FileName(number), &size));
  if (size <= offset) return Status::Ok();
  Buffer rest(size - offset, '\0');
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, log.FileName(number), offset, rest.data(), rest.size(), &got));
  rest.resize(got);
  // Values may look like records, at every eighth byte and as long as they like: what is checked is bounded.
  size_t budget = kInspectPassesMax * (rest.size() + kReadBytes);
  for (size_t i = 0; i + 8 <= rest.size(); i += 8) {
    if (LoadLE<uint64_t>(rest.data() + i) == 0)
      continue;   // a record starts with its checksum, which is not zero
    tail->empty = false;
    LogRecord record;
    size_t record_size = 0;
    const LogPosition at = MakePosition(number, static_cast<uint32_t>(offset + i));
    if (budget == 0) continue;
    if (DecodeRecord(Bytes(rest).substr(i), log.salt(), at, &record, &record_size) != Decoded::kRecord)
      continue;
    tail->record_behind = true;
    LogPosition synced = 0;
    if (ReadSyncedMark(record, &synced)) tail->synced_evidence = std::max(tail->synced_evidence, synced);
    i += record_size - 8;
  }
  // The last few bytes of an odd-sized file.
  for (size_t i = rest.size() & ~size_t{7}; i < rest.size(); i++)
    tail->empty = tail->empty && rest[i] == '\0';
  return Status::Ok();
}
}   // namespace

LogScanner::LogScanner(const ShardLog* log, const Fd* dir, LogPosition from) : log_(log), dir_(dir) {
  const auto& segments = log->chain().segments;
  for (size_t i = 0; i < segments.size(); i++) {
    if (segments[i].number != SegmentOf(from)) continue;
    start_status_ = EnterSegment(i, OffsetOf(from));
    return;
  }
  start_status_ =
      Status::Corrupt(log->FileName(SegmentOf(from)) + ": segment is missing, and the index ends in it");
}

Status LogScanner::EnterSegment(size_t index, uint32_t offset) {
  index_ = index;
  offset_ = offset;
  buffer_start_ = 0;
  buffer_size_ = 0;
  return OpenFileForRead(*dir_, SegmentName(log_->chain().segments[index].number), &fd_);
}

// At least `wanted` bytes from offset_ on, fewer only at the end of the file.
Status LogScanner::Fill(size_t wanted, Bytes* raw) {
  const bool inside = offset_ >= buffer_start_ && offset_ + wanted <= buffer_start_ + buffer_size_;
  if (!inside) {
    buffer_.resize(std::max(wanted, kReadBytes));
    buffer_start_ = offset_;
    const std::string name = log_->FileName(log_->chain().segments[index_].number);
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd_, name, offset_, buffer_.data(), buffer_.size(), &buffer_size_));
  }
  *raw = Bytes(buffer_.data(), buffer_size_).substr(offset_ - buffer_start_);
  return Status::Ok();
}

Status LogScanner::Next(LogPosition upto, LogRecord* record, LogPosition* at, LogPosition* next, Step* step) {
  SHALE_RETURN_IF_NOT_OK(start_status_);
  const auto& segments = log_->chain().segments;
  while (segments[index_].end != 0 && offset_ == segments[index_].end && index_ + 1 < segments.size()) {
    if (segments[index_ + 1].previous_end != MakePosition(segments[index_].number, offset_)) break;
    SHALE_RETURN_IF_NOT_OK(EnterSegment(index_ + 1, kSegmentHeaderBytes));
  }
  const LogChain::Segment& segment = segments[index_];
  *at = MakePosition(segment.number, offset_);
  *step = Step::kEnd;
  if (*at >= upto) return Status::Ok();
  Bytes raw;
  size_t size = kRecordHeaderBytes;
  SHALE_RETURN_IF_NOT_OK(Fill(size, &raw));
  Decoded decoded = DecodeRecord(raw, log_->salt(), *at, record, &size);
  if (decoded == Decoded::kPartial && raw.size() < size) {
    SHALE_RETURN_IF_NOT_OK(Fill(size, &raw));
    decoded = DecodeRecord(raw, log_->salt(), *at, record, &size);
  }
  const bool crosses_end = segment.end != 0 && offset_ + size > segment.end;
  if (decoded != Decoded::kRecord || crosses_end) {
    const bool newest = index_ + 1 == segments.size() || SeededBug(Seed::kTornTailInside);
    *step = newest ? Step::kEnd : Step::kBroken;
    return Status::Ok();
  }
  offset_ += static_cast<uint32_t>(size);
  *next = MakePosition(segment.number, offset_);
  *step = Step::kRecord;
  return Status::Ok();
}

Status InspectTail(const ShardLog& log, const Fd& dir, LogPosition end, LogTail* tail) {
  *tail = LogTail();
  for (const uint32_t number : log.chain().headerless) {
    if (number < SegmentOf(end)) continue;
    SHALE_RETURN_IF_NOT_OK(InspectFile(log, dir, number, static_cast<uint32_t>(kSegmentHeaderBytes), tail));
  }
  for (const LogChain::Segment& segment : log.chain().segments) {
    if (segment.number < SegmentOf(end)) continue;
    const bool first = segment.number == SegmentOf(end);
    if (!first) tail->record_behind = true;   // a later segment exists: there was more log
    if (!first) tail->empty = false;
    const auto offset = first ? OffsetOf(end) : static_cast<uint32_t>(kSegmentHeaderBytes);
    SHALE_RETURN_IF_NOT_OK(InspectFile(log, dir, segment.number, offset, tail));
  }
  return Status::Ok();
}

}   // namespace shale
