// Walks over the records of one sealed segment, for garbage collection. (LogScanner reads a whole log, before
// anything is appended.)
//  (1) every record handed out passed its checksum at its place
//  (2) END is said only where the segment ends, so whoever has reached it has seen every record
#pragma once

#include <string>

#include "base/status.h"
#include "store/files.h"
#include "store/log_record.h"

namespace shale {

class SegmentReader {
 public:
  // `file` is named in messages. `end`: where its log ends.
  SegmentReader(std::string file, uint64_t salt, uint32_t number, uint32_t end);
  Status Open(const Fd& dir);
  // OK, END, or E_CORRUPT where something else than a record lies before the end. Views live until the next
  // call.
  Status Next(LogRecord* record, LogPosition* at);
  uint32_t offset() const { return offset_; }   // of the next record

 private:
  Status Fill(size_t wanted, Bytes* raw);

  const std::string file_;
  const uint64_t salt_;
  const uint32_t number_;
  const uint32_t end_;
  Fd fd_;
  uint32_t offset_;
  Buffer buffer_;   // file bytes [buffer_start_, + buffer_size_)
  uint64_t buffer_start_ = 0;
  size_t buffer_size_ = 0;
};

}   // namespace shale
