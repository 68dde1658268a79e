// One store under one workload: opened, measured phase by phase, closed, and a line of CSV for each phase.
//
//  1. The phases follow each other without a pause: work that a store puts off in one is paid in the next.
//  2. The last line is printed after the close, and its written bytes contain what the close wrote.
//  3. Column order and meaning are those of bench/peers/README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peer_phase.h"
#include "peer_store.h"
#include "peer_values.h"

namespace bench {

class PeerRun {
 public:
  PeerRun(const PeerSettings& settings, const PeerKind& kind);
  ~PeerRun();

  // Opens the store and makes a session a thread, and one more.
  bool Open(std::string* why);
  // live_keys is asked when the phase is over.
  void Run(const std::string& name, const PeerLoads& loads, const PeerLimits& limits, int64_t key_bytes,
           const std::function<int64_t()>& live_keys, const PeerLoads& others = {});
  // The same for loads that put groups of rows: the line tells of rows, and of no latency. False if one
  // failed.
  bool RunGroups(const PeerLoads& loads, int64_t groups_per_thread, int64_t rows, int64_t key_bytes);
  bool Close(std::string* why);

  // A line for something that is not a phase of loads: one operation, measured by the caller.
  void OneOperation(const std::string& name, double seconds, double cpu_s, int64_t live_bytes,
                    int64_t errors);

  const PeerSettings& settings() const { return settings_; }
  const PeerValues& values() const { return values_; }
  PeerStore* store() { return store_.get(); }
  PeerSession* session(int thread) { return sessions_[static_cast<size_t>(thread)].get(); }
  PeerSession* spare_session() { return sessions_.back().get(); }

 private:
  struct Line {
    std::string name;
    PeerPhase phase;
    int64_t written_bytes = -1;
    double rss_mib = 0;
    double disk_mib = 0;
    double live_mib = 0;
  };

  void Hold(const std::string& name, PeerPhase phase, int64_t live_bytes);
  void Print(const Line& line) const;
  void PrintHeld();

  const PeerSettings settings_;
  const PeerKind& kind_;
  const PeerValues values_;
  std::unique_ptr<PeerStore> store_;
  std::vector<std::unique_ptr<PeerSession>> sessions_;
  int64_t written_before_ = 0;
  std::optional<Line> held_;   // of the last phase, until it is known what the close writes
};

}   // namespace bench
