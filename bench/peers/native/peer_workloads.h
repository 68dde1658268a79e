// The workloads, by name. Each function runs one from the open of the store to its close.
#pragma once

#include <string>

#include "peer_run.h"

namespace bench {

// Not done: the store cannot do this; kFailed: it should have, and did not.
enum class WorkloadResult { kDone, kNotDone, kFailed };

// *why: one line unless done.
WorkloadResult RunPeerWorkload(const PeerSettings& settings, const PeerKind& kind, std::string* why);

bool RunSeedsWorkload(PeerRun* run);
bool RunYcsbWorkload(PeerRun* run, char which);
bool RunDbBenchWorkload(PeerRun* run);
bool RunFillSyncWorkload(PeerRun* run);
bool RunSyncWorkload(PeerRun* run);
bool RunScanWorkload(PeerRun* run, int64_t rows);
bool RunDeadlineWorkload(PeerRun* run);
// These open and close by themselves.
WorkloadResult RunOpenWorkload(const PeerSettings& settings, const PeerKind& kind, bool after_kill,
                               std::string* why);
// The memory tier alone.
bool RunCacheWorkload(PeerRun* run, const std::string& which);

}   // namespace bench
