#include "peer_workloads.h"

namespace bench {
namespace {

// Empty if it can be done, else why not.
std::string WhyNot(const PeerSettings& settings, const PeerKind& kind) {
  const std::string& workload = settings.workload;
  if (workload == "ttl" && !kind.has_deadlines) {
    return kind.name + " has no time to live that a read heeds";
  }
  if ((workload.rfind("cache-", 0) == 0) != (kind.clazz == "cache")) {
    return workload + " is not for a " + kind.clazz;
  }
  if (settings.durability == Durability::kNone && !kind.has_none)
    return kind.name + " cannot do without its log";
  return "";
}

bool RunByName(PeerRun* run, const std::string& workload) {
  if (workload == "seeds") return RunSeedsWorkload(run);
  if (workload == "dbbench") return RunDbBenchWorkload(run);
  if (workload == "fillsync") return RunFillSyncWorkload(run);
  if (workload == "sync") return RunSyncWorkload(run);
  if (workload == "scan10") return RunScanWorkload(run, 10);
  if (workload == "scan1000") return RunScanWorkload(run, 1000);
  if (workload == "ttl") return RunDeadlineWorkload(run);
  if (workload.rfind("ycsb-", 0) == 0) return RunYcsbWorkload(run, workload.back());
  return RunCacheWorkload(run, workload.substr(6));
}

bool IsKnown(const std::string& workload) {
  for (const char* name :
       {"seeds", "dbbench", "fillsync", "sync", "scan10", "scan1000", "ttl", "ycsb-a", "ycsb-b", "ycsb-c",
        "ycsb-d", "ycsb-e", "ycsb-f", "open", "recover", "cache-read", "cache-write", "cache-mixed"}) {
    if (workload == name) return true;
  }
  return false;
}

}   // namespace

WorkloadResult RunPeerWorkload(const PeerSettings& settings, const PeerKind& kind, std::string* why) {
  *why = IsKnown(settings.workload) ? WhyNot(settings, kind) : "no workload is called " + settings.workload;
  if (!why->empty()) return WorkloadResult::kNotDone;
  if (settings.workload == "open" || settings.workload == "recover") {
    return RunOpenWorkload(settings, kind, settings.workload == "recover", why);
  }
  PeerRun run(settings, kind);
  if (!run.Open(why)) return WorkloadResult::kFailed;
  const bool done = RunByName(&run, settings.workload);
  const bool closed = run.Close(why);
  if (done && closed) return WorkloadResult::kDone;
  if (why->empty()) *why = "the workload ended early; see above";
  return WorkloadResult::kFailed;
}

}   // namespace bench
