// The logs of a damaged store, looked over before any record is used: is a log whole, and which batches are
// not?
#pragma once

#include <map>
#include <unordered_set>

#include "store/salvage_source.h"

namespace shale {

struct SalvageBatches {
  std::unordered_set<uint64_t> broken;   // ids
  uint64_t in_part = 0;                  // of them, with a part in an index already
};

// Sets log_whole of all shards and settles index_counts. Adds damage to the report.
Status LookOverLogs(SalvageSource* source, const std::function<Status()>& progress, CheckReport* report,
                    uint64_t* unreadable_bytes, SalvageBatches* batches);

}   // namespace shale
