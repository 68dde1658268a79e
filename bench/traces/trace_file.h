// A recorded stream of keys, as the replay needs it: which keys there are is not asked, only which requests
// are for the same one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

enum class TraceForm {
  kRecords32,   // four bytes a request
  kRecords64,   // eight
  kRanges,      // lines "start count ignored number": start, start + 1, ... are asked for
  kLines,       // a text a line
};

// A trace this benchmark knows: where its file is, and what a replay of it must find in it.
struct TraceSource {
  const char* name;
  const char* file;
  TraceForm form;
  size_t requests;
  size_t unique_keys;
};

struct Trace {
  std::vector<uint32_t> keys;   // numbered by first appearance
  size_t unique_keys = 0;
};

// Unpacks the file with xz, gzip or zstd. False with one line in *why, also if it is not the file that the
// source describes.
bool ReadTrace(const TraceSource& source, const std::string& directory, Trace* trace, std::string* why);

}   // namespace bench
