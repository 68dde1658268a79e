#include "peer_phase.h"

#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <latch>
#include <system_error>
#include <thread>

#include "process_stats.h"

namespace bench {
namespace {

struct alignas(64) ThreadOutcome {
  int64_t ops = 0;
  int64_t errors = 0;
  int64_t write_ops = 0;
  int64_t end_ns = 0;
  std::string first_error;
  LatencyHistogram reads;
  LatencyHistogram writes;
};

struct PhaseSignals {
  explicit PhaseSignals(std::ptrdiff_t threads) : ready(threads), go(1) {}
  std::latch ready;
  std::latch go;
  int64_t deadline_ns = 0;   // written before go, read after it; so is the next
  int64_t ops_per_thread = 0;
  std::atomic<bool> over{false};   // for loads without a limit of their own
};

void RunLoad(PeerLoad* load, PhaseSignals* signals, bool counted, ThreadOutcome* outcome) {
  signals->ready.count_down();
  signals->go.wait();
  const int sample = load->sample();
  for (int64_t n = 0;;) {
    load->Prepare();
    int64_t now_ns = 0;
    if (n % sample == 0) {
      const int64_t start_ns = NowNs();
      load->Act();
      now_ns = NowNs();
      (load->was_write() ? outcome->writes : outcome->reads).Add(now_ns - start_ns);
    } else {
      load->Act();
    }
    if (!load->Judge()) [[unlikely]] {
      if (outcome->errors++ == 0) outcome->first_error = load->why();
    }
    outcome->write_ops += load->was_write() ? 1 : 0;
    ++n;
    const bool last = counted && n == signals->ops_per_thread;
    if (last || (now_ns != 0 && signals->deadline_ns != 0 && now_ns >= signals->deadline_ns) ||
        // Relaxed: only ends the loop; what it did is ordered by the join.
        (!counted && signals->over.load(std::memory_order_relaxed))) {
      outcome->ops = n;
      break;
    }
  }
  outcome->end_ns = NowNs();
}

}   // namespace

void RunPeerPhase(const PeerLoads& loads, const PeerLoads& others, const PeerLimits& limits,
                  PeerPhase* phase) {
  PhaseSignals signals(static_cast<std::ptrdiff_t>(loads.size() + others.size()));
  std::vector<ThreadOutcome> outcomes(loads.size());
  std::vector<ThreadOutcome> uncounted(others.size());
  std::vector<std::thread> threads, helpers;
  for (size_t i = 0; i < loads.size(); ++i) {
    threads.emplace_back(RunLoad, loads[i].get(), &signals, true, &outcomes[i]);
  }
  for (size_t i = 0; i < others.size(); ++i) {
    helpers.emplace_back(RunLoad, others[i].get(), &signals, false, &uncounted[i]);
  }
  signals.ready.wait();
  const double cpu_before_s = CpuSeconds();
  const int64_t start_ns = NowNs();
  signals.deadline_ns = limits.seconds > 0 ? start_ns + static_cast<int64_t>(limits.seconds * 1e9) : 0;
  signals.ops_per_thread = limits.ops_per_thread;
  signals.go.count_down();
  for (std::thread& thread : threads) thread.join();
  phase->cpu_s = CpuSeconds() - cpu_before_s;
  signals.over.store(true, std::memory_order_relaxed);   // as above
  for (std::thread& thread : helpers) thread.join();

  int64_t end_ns = start_ns + 1;
  for (const std::vector<ThreadOutcome>* list : {&outcomes, &uncounted}) {
    for (const ThreadOutcome& outcome : *list) {
      if (phase->errors == 0 && outcome.errors > 0)
        std::fprintf(stderr, "error: %s\n", outcome.first_error.c_str());
      phase->errors += outcome.errors;
    }
  }
  for (const ThreadOutcome& outcome : outcomes) {
    phase->ops += outcome.ops;
    phase->write_ops += outcome.write_ops;
    end_ns = std::max(end_ns, outcome.end_ns);
    phase->latency.Merge(outcome.reads);
    phase->latency.Merge(outcome.writes);
    phase->write_latency.Merge(outcome.writes);
  }
  phase->wall_s = static_cast<double>(end_ns - start_ns) * 1e-9;
}

int64_t WrittenBytes() {
  FILE* file = std::fopen("/proc/self/io", "re");
  if (file == nullptr) return -1;
  char line[128];
  int64_t bytes = -1;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::strncmp(line, "write_bytes:", 12) == 0) bytes = std::strtoll(line + 12, nullptr, 10);
  }
  std::fclose(file);
  return bytes;
}

int64_t DirectoryBytes(const std::string& path) {
  int64_t bytes = 0;
  std::error_code error;
  // Files go away while we look: a stat that fails counts nothing.
  for (auto i = std::filesystem::recursive_directory_iterator(path, error);
       i != std::filesystem::recursive_directory_iterator(); i.increment(error)) {
    struct stat status;
    if (lstat(i->path().c_str(), &status) == 0) bytes += static_cast<int64_t>(status.st_blocks) * 512;
    if (error) break;
  }
  return bytes;
}

}   // namespace bench
