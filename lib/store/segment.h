// A log segment: a file <number as 8 hex digits>.seg whose header says whose it is and what it follows.
// Segments form a chain backwards: each names its predecessor and where that one ends. Bytes of a predecessor
// behind that end, and files that the chain does not reach, do not exist for replay. So a tail that recovery
// cut off stays cut off without being erased.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "store/log_record.h"

namespace shale {

inline constexpr size_t kSegmentHeaderBytes = 128;   // the first record starts here
inline constexpr uint32_t kFirstSegment = 1;

struct SegmentHeader {
  std::array<unsigned char, 16> uuid{};   // of the store
  uint16_t shard = 0;
  uint16_t shard_count = 0;
  uint32_t segment = 0;
  LogPosition previous_end = 0;   // end of the log in the predecessor; 0 for the first segment
  int64_t first_sequence = 0;     // no record here has a smaller one, moved records excepted
};

void EncodeSegmentHeader(const SegmentHeader& header, char out[kSegmentHeaderBytes]);
// E_CORRUPT, or E_INCOMPATIBLE for a newer format.
Status DecodeSegmentHeader(Bytes raw, const std::string& name, SegmentHeader* header);

std::string SegmentName(uint32_t segment);
bool ParseSegmentName(const std::string& name, uint32_t* segment);

}   // namespace shale
