#include "store/segment_walk.h"

#include <algorithm>

#include "base/coding.h"

namespace shale {

namespace {

constexpr size_t kSearchPassesMax = 64;   // times a file may be read over while looking for records in it

class Walk {
 public:
  Walk(Bytes file, const SegmentRange& range, const RecordVisit& visit, SegmentScan* scan)
      : file_(file), range_(range), visit_(visit), scan_(scan), budget_(kSearchPassesMax * file.size()) {
    if (range.stop != 0) file_ = file_.substr(0, range.stop);
  }

  Status Run() {
    size_t at = kSegmentHeaderBytes;
    scan_->end = static_cast<uint32_t>(at);
    while (at < file_.size()) {
      LogRecord record;
      size_t size = 0;
      if (Decode(at, &record, &size)) {
        SHALE_RETURN_IF_NOT_OK(Take(at, record, size));
        at += size;
        continue;
      }
      if (IsFree(at)) break;
      const size_t next = FindRecord(at + 8);
      AddGap(at, next);
      at = next;
    }
    // It ends too early for what is known of it.
    const size_t least = std::max(range_.stop, range_.least);
    const bool told = !scan_->gaps.empty() && scan_->gaps.back().upto >= scan_->end &&
                      scan_->gaps.back().from >= scan_->end;
    if (scan_->end < least && !told) AddGap(scan_->end, least);
    return Status::Ok();
  }

 private:
  bool Decode(size_t at, LogRecord* record, size_t* size) const {
    const LogPosition position = MakePosition(range_.number, static_cast<uint32_t>(at));
    return DecodeRecord(file_.substr(at), range_.salt, position, record, size) == Decoded::kRecord;
  }

  Status Take(size_t at, const LogRecord& record, size_t size) {
    const size_t used = kRecordHeaderBytes + record.key.size() + record.value.size();
    const Bytes padding = file_.substr(at + used, size - used);
    if (padding.find_first_not_of('\0') != Bytes::npos)
      scan_->padding.push_back(static_cast<uint32_t>(at + used));
    scan_->records++;
    scan_->end = static_cast<uint32_t>(at + size);
    return visit_(MakePosition(range_.number, static_cast<uint32_t>(at)), record);
  }

  // Nothing but zeros from here on, and nothing says that there was more.
  bool IsFree(size_t at) const {
    return file_.substr(at).find_first_not_of('\0') == Bytes::npos &&
           at >= std::max(range_.stop, range_.least);
  }

  // The next valid record, or the end. What may be spent on bytes that only look like records is bounded.
  size_t FindRecord(size_t at) {
    for (; at + kRecordHeaderBytes <= file_.size(); at += 8) {
      if (LoadLE<uint64_t>(file_.data() + at) == 0) continue;
      LogRecord record;
      size_t size = 0;
      if (Decode(at, &record, &size)) return at;
      const size_t looked_at = std::min(size, file_.size() - at);
      budget_ -= std::min(budget_, looked_at);
      if (budget_ == 0) break;
    }
    return file_.size();
  }

  void AddGap(size_t from, size_t upto) {
    if (range_.stop == 0 && upto == file_.size()) {
      // Free space behind what is damaged.
      const size_t last = file_.find_last_not_of('\0');
      upto = last == Bytes::npos ? from : std::max(from, last + 1);
      upto = std::max<size_t>(upto, range_.least);
    }
    scan_->gaps.push_back(SegmentGap{static_cast<uint32_t>(from), static_cast<uint32_t>(upto)});
  }

  Bytes file_;
  const SegmentRange& range_;
  const RecordVisit& visit_;
  SegmentScan* const scan_;
  size_t budget_;
};

}   // namespace

Status WalkSegment(const Fd& dir, const std::string& path, const std::string& name, const SegmentRange& range,
                   const RecordVisit& visit, SegmentScan* scan) {
  *scan = SegmentScan();
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, name, &fd));
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, path, &scan->file_bytes));
  // Positions have 32 bits.
  Buffer bytes(std::min<uint64_t>(scan->file_bytes, UINT32_MAX & ~uint32_t{7}), '\0');
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, path, 0, bytes.data(), bytes.size(), &got));
  bytes.resize(got);
  return Walk(bytes, range, visit, scan).Run();
}

}   // namespace shale
