// Which segment files of a shard's directory are its log, found from the headers alone. Changes nothing.
//  (1) the chain is walked from the newest file with a valid header back over `previous_end`
//  (2) files between a segment and its predecessor were cut off by a recovery: orphans, to be removed
//  (3) a gap in the numbers below a predecessor is allowed: garbage collection removes segments from
//      the middle
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/status.h"
#include "store/files.h"
#include "store/segment.h"

namespace shale {

struct LogChain {
  struct Segment {
    uint32_t number = 0;
    LogPosition previous_end = 0;
    uint32_t end = 0;   // where its log ends, told by its successor; 0 for the newest
  };
  std::vector<Segment> segments;   // oldest first
  std::vector<std::string> orphans;
  std::vector<uint32_t> headerless;   // orphans without a valid header: begun and never synced, or damaged
  uint32_t highest_number = 0;        // of any file, orphans included
};

// A segment file and what its header says; `valid`: the header can be relied on.
struct SegmentFile {
  uint32_t number = 0;
  bool valid = false;
  SegmentHeader header;
};
// The chain among files in ascending order of numbers: every file that is not part of it is an orphan.
void BuildLogChain(const std::vector<SegmentFile>& files, LogChain* chain);

struct LogIdentity {
  std::array<unsigned char, 16> uuid{};
  int shard = 0;
  int shard_count = 0;
};

// `may_be_torn`: the last session did not end cleanly, so files may lack their header.
Status ReadLogChain(const Fd& dir, const std::string& shard_name, const LogIdentity& identity,
                    bool may_be_torn, LogChain* chain);

}   // namespace shale
