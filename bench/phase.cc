#include "phase.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include "process_stats.h"

namespace bench {
namespace {

// A cache line to itself: neighbours are written by other threads.
struct alignas(64) Outcome {
  int64_t ops = 0;
  int64_t end_ns = 0;
  std::string failure;
};

struct Signals {
  explicit Signals(std::ptrdiff_t threads) : ready(threads), go(1) {}
  std::latch ready;
  std::latch go;
  int64_t deadline_ns = 0;   // written before go, read after it; so is the next
  int64_t ops_per_thread = 0;
  std::atomic<bool> failed{false};
};

void RunThread(Load* load, Signals* signals, Outcome* outcome) {
  signals->ready.count_down();
  signals->go.wait();
  const int64_t batch_ops = load->batch_ops();
  int64_t ops = 0;
  int64_t now_ns = 0;
  do {
    if (!load->RunBatch(&outcome->failure)) {
      // Relaxed: only asks the others to stop; what they read about it is ordered by the join.
      signals->failed.store(true, std::memory_order_relaxed);
      break;
    }
    ops += batch_ops;
    now_ns = NowNs();
    const bool more =
        signals->ops_per_thread > 0 ? ops < signals->ops_per_thread : now_ns < signals->deadline_ns;
    if (!more) break;
  } while (!signals->failed.load(std::memory_order_relaxed));   // as above
  outcome->ops = ops;
  outcome->end_ns = now_ns;
}

}   // namespace

PhaseResult RunPhase(const std::vector<std::unique_ptr<Load>>& loads, double seconds,
                     int64_t ops_per_thread) {
  Signals signals(static_cast<std::ptrdiff_t>(loads.size()));
  std::vector<Outcome> outcomes(loads.size());
  std::vector<std::thread> threads;
  threads.reserve(loads.size());
  for (size_t i = 0; i < loads.size(); ++i) {
    threads.emplace_back(RunThread, loads[i].get(), &signals, &outcomes[i]);
  }
  signals.ready.wait();
  const double cpu_before_s = CpuSeconds();
  const int64_t start_ns = NowNs();
  signals.deadline_ns = start_ns + static_cast<int64_t>(seconds * 1e9);
  signals.ops_per_thread = ops_per_thread;
  signals.go.count_down();
  for (std::thread& thread : threads) thread.join();

  PhaseResult result;
  result.cpu_s = CpuSeconds() - cpu_before_s;
  int64_t end_ns = start_ns + 1;
  for (const Outcome& outcome : outcomes) {
    result.ops += outcome.ops;
    end_ns = std::max(end_ns, outcome.end_ns);
    if (result.failure.empty()) result.failure = outcome.failure;
  }
  result.wall_s = static_cast<double>(end_ns - start_ns) * 1e-9;
  return result;
}

}   // namespace bench
