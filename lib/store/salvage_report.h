// What became of the keys of a damaged store.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "store/check_report.h"

namespace shale {

struct SalvageReport {
  static constexpr size_t kKeysMax = 100;   // of the dropped ones, named
  CheckReport check;                        // of the damaged store
  uint64_t recovered = 0;                   // keys
  uint64_t recovered_bytes = 0;             // of their values
  uint64_t suspicious = 0;                  // of recovered
  uint64_t dropped = 0;                     // keys that are there, whose value is not
  uint64_t expired = 0;
  uint64_t deleted = 0;
  uint64_t batches_dropped = 0;
  uint64_t batches_in_part = 0;
  uint64_t unreadable_bytes = 0;   // of logs
  std::vector<Buffer> dropped_keys;
};

}   // namespace shale
