// Decides, before anything is written, where each shard's log ends. Pure reading and reasoning: 64 scans,
// then one rule.
//
// How the last session ended says what may be wrong with a log:
//   kClean        nothing: behind the last record there is free space, and every batch is whole
//   kProcessDied  the page cache survived: only the record or frame being written at that moment may be
//                 incomplete, and nothing valid can follow it
//   kMachineDied  anything not synced may be missing, in pieces: the log ends at the first gap, unless a
//                 record behind the gap proves that the gap was durable
// Anything else is damage, and the open is refused.
// A batch counts only if each of its shards has its frame, or has it in the index already. At an incomplete
// one the log of every shard that has a frame of it ends, which may make other batches incomplete: repeated
// until nothing changes.
#pragma once

#include <vector>

#include "store/batch_links.h"
#include "store/store_shard.h"
#include "store/superblock.h"

namespace shale {

enum class SessionEnd { kClean, kProcessDied, kMachineDied };

// The superblock says it, and the kernel under which we run.
SessionEnd HowEnded(const Superblock& superblock);

struct ShardScan {
  struct Frame {
    uint64_t batch_id = 0;
    uint64_t shard_set = 0;
    LogPosition start = 0;
    LogPosition end = 0;
  };
  std::vector<Frame> frames;       // whole ones, in order
  uint64_t applied_batch_id = 0;   // frames up to this id are in the index
  LogPosition from = 0;            // first position not in the index
  LogPosition end = 0;             // where the log ends: lowered while deciding
  LogPosition stop = 0;            // where the valid records stop; behind `end` after an incomplete frame
  bool stopped_inside = false;     // ... before the known end of a segment that has a successor
  bool cut = false;                // bytes behind `end` must be made dead
  int64_t sequence_high = 0;
  uint64_t batch_id_high = 0;
};

// Reads one shard's log from its applied mark.
Status ScanShard(const StoreShard& shard, SessionEnd how, ShardScan* scan);
// Looks at the batches of all shards; lowers ends.
Status ResolveBatches(SessionEnd how, std::vector<ShardScan>* scans);
// The ties between the shards' unsynced frames, for BatchLinks.
std::vector<std::vector<BatchLinks::Frame>> LinksOf(const std::vector<ShardScan>& scans);

}   // namespace shale
