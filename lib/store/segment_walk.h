// One segment file read from its beginning to its end, over damage: what a look at every byte needs, and what
// is left of a damaged log. (Replay is the opposite: LogScanner ends at the first thing that is not right.)
//  (1) every record handed out passed its checksum at its place
//  (2) each piece of bytes in which a record was and cannot be read any more is told
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "store/files.h"
#include "store/log_record.h"
#include "store/segment.h"

namespace shale {

struct SegmentGap {
  uint32_t from = 0;   // first byte that belongs to no record
  uint32_t upto = 0;   // where the next valid record starts, or where the log should end
};

struct SegmentScan {
  uint64_t file_bytes = 0;
  uint64_t records = 0;
  uint32_t end = 0;                // behind the last valid record
  std::vector<SegmentGap> gaps;    // in order; the last may reach to the end of the file
  std::vector<uint32_t> padding;   // records behind which the padding is not zero: nothing is lost by that
};

struct SegmentRange {
  uint32_t number = 0;
  uint64_t salt = 0;
  uint32_t stop = 0;    // the log ends here, whatever lies behind; 0: at the last record
  uint32_t least = 0;   // it reaches at least to here; 0: nobody knows
};

using RecordVisit = std::function<Status(LogPosition at, const LogRecord& record)>;

// An error is one of reading the file, or of `visit`.
Status WalkSegment(const Fd& dir, const std::string& path, const std::string& name, const SegmentRange& range,
                   const RecordVisit& visit, SegmentScan* scan);

}   // namespace shale
