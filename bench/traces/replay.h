// One trace, one policy, one size, through the library as a program would use it: an in-memory store, a get,
// and after a miss a put.
#pragma once

#include <cstddef>
#include <string>

#include "../shale_handle.h"
#include "trace_file.h"

namespace bench {

// A store that holds `entries` values when it is full. The budget pays for everything, so how many that are
// is tried out: it is filled, asked, and the size of the values changed until the number is right.
struct StoreSize {
  size_t entries = 0;
  size_t budget_bytes = 0;
  size_t value_bytes = 0;
};

struct ReplayResult {
  double hit_percent = 0;
  double entries = 0;   // mean over the second half
};

// False with one line in *why.
bool FindStoreSize(const ShaleSettings& settings, size_t entries, StoreSize* size, std::string* why);
bool Replay(const ShaleSettings& settings, const StoreSize& size, const Trace& trace, ReplayResult* result,
            std::string* why);

}   // namespace bench
