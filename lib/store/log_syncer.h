// How the index reaches the log it points into, without knowing it: tables hold positions of log records, so
// a table that is durable before those records would point to nothing after a power cut.
#pragma once

#include "base/status.h"

namespace shale {

// Owned by whoever has the log: makes every log byte appended so far durable, of this shard and of the
// partners of its batches. Called on threads of the index pool and from Index::Commit, with no lock of the
// index held.
class LogSyncer {
 public:
  virtual ~LogSyncer() = default;
  virtual Status SyncLogBeforeTables() = 0;
};

}   // namespace shale
