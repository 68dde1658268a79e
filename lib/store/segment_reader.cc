#include "store/segment_reader.h"

#include <algorithm>

#include "store/segment.h"

namespace shale {

namespace {
constexpr size_t kReadBytes = size_t{256} << 10;
}

SegmentReader::SegmentReader(std::string file, uint64_t salt, uint32_t number, uint32_t end)
    : file_(std::move(file)), salt_(salt), number_(number), end_(end), offset_(kSegmentHeaderBytes) {}

Status SegmentReader::Open(const Fd& dir) {
  return OpenFileForRead(dir, SegmentName(number_), &fd_);
}

// At least `wanted` bytes from offset_ on, fewer only at the end of the file.
Status SegmentReader::Fill(size_t wanted, Bytes* raw) {
  const bool inside = offset_ >= buffer_start_ && offset_ + wanted <= buffer_start_ + buffer_size_;
  if (!inside) {
    buffer_.resize(std::max(wanted, kReadBytes));
    buffer_start_ = offset_;
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd_, file_, offset_, buffer_.data(), buffer_.size(), &buffer_size_));
  }
  *raw = Bytes(buffer_.data(), buffer_size_).substr(offset_ - buffer_start_);
  return Status::Ok();
}

Status SegmentReader::Next(LogRecord* record, LogPosition* at) {
  if (offset_ >= end_) return Code::END;
  *at = MakePosition(number_, offset_);
  Bytes raw;
  size_t size = kRecordHeaderBytes;
  SHALE_RETURN_IF_NOT_OK(Fill(size, &raw));
  Decoded decoded = DecodeRecord(raw, salt_, *at, record, &size);
  if (decoded == Decoded::kPartial && raw.size() < size && size <= end_ - offset_) {
    SHALE_RETURN_IF_NOT_OK(Fill(size, &raw));
    decoded = DecodeRecord(raw, salt_, *at, record, &size);
  }
  if (decoded != Decoded::kRecord || size > end_ - offset_) {
    return Status::Corrupt(file_ + ": no valid record at offset " + std::to_string(offset_));
  }
  offset_ += static_cast<uint32_t>(size);
  return Status::Ok();
}

}   // namespace shale
