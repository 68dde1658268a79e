// Reads a log in order, for replay at open: from a position, over the chain, to the first thing that is not a
// record.
//  (1) every record handed out passed its checksum at its place
//  (2) kBroken inside a segment that has a successor, or before its known end, is told apart from kEnd
#pragma once

#include <memory>

#include "store/files.h"
#include "store/shard_log.h"

namespace shale {

class LogScanner {
 public:
  enum class Step { kRecord, kEnd, kBroken };

  // The log must outlive the scanner and not be appended to meanwhile.
  LogScanner(const ShardLog* log, const Fd* dir, LogPosition from);

  // On kRecord: record (views live until the next call), its place and the end of it. On kEnd and kBroken
  // `at` is where the valid records end. `upto` stops early: no record that starts there or behind is handed
  // out (kEnd).
  Status Next(LogPosition upto, LogRecord* record, LogPosition* at, LogPosition* next, Step* step);

 private:
  Status EnterSegment(size_t index, uint32_t offset);
  Status Fill(size_t wanted, Bytes* raw);

  const ShardLog* const log_;
  const Fd* const dir_;
  size_t index_ = 0;      // in log_->chain().segments
  uint32_t offset_ = 0;   // of the next record in that segment
  Fd fd_;
  Buffer buffer_;   // file bytes [buffer_start_, + buffer_size_)
  uint64_t buffer_start_ = 0;
  size_t buffer_size_ = 0;
  Status start_status_;
};

// What lies behind the end of the valid records of a log, in its segment and in those after it.
struct LogTail {
  bool empty = true;                 // nothing but zeros to the end of the file
  bool record_behind = false;        // at least one valid record
  LogPosition synced_evidence = 0;   // highest position that a record behind says was durable
};
Status InspectTail(const ShardLog& log, const Fd& dir, LogPosition end, LogTail* tail);

}   // namespace shale
