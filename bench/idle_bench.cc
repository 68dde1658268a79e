#include "idle_bench.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "bench_report.h"
#include "process_stats.h"
#include "shale_handle.h"

namespace bench {
namespace {

constexpr double kIdleRssTargetMib = 40;
constexpr std::chrono::milliseconds kSettle{500};

double RssMib() {
  return static_cast<double>(ProcessStatusKib("VmRSS")) / 1024;
}

bool MeasureIdle(const std::string& directory, const ShaleSettings& settings, std::string* why) {
  const double before_mib = RssMib();
  ShaleHandle handle;
  if (!handle.Open(directory.c_str(), settings, why)) return false;
  // First work in the background, if any, is part of being idle.
  const double cpu_before_s = CpuSeconds();
  std::this_thread::sleep_for(kSettle);
  const double cpu_ms = (CpuSeconds() - cpu_before_s) * 1e3;
  const double open_mib = RssMib();
  std::printf(
      "idle store: RSS %.1f MiB (before opening %.1f), target <= %.0f MiB: %s; CPU %.1f ms in %lld ms\n",
      open_mib, before_mib, kIdleRssTargetMib, open_mib <= kIdleRssTargetMib ? "met" : "missed", cpu_ms,
      static_cast<long long>(kSettle.count()));
  return handle.Close(why);
}

}   // namespace

bool RunIdleBench(const BenchOptions& options) {
  std::string why;
  const std::string directory = MakeScratchDirectory(&why);
  bool ok = !directory.empty();
  if (ok) {
    PrintMachine();
    ok = MeasureIdle(directory, options.settings.shale_options, &why);
    RemoveScratchDirectory(directory);
  }
  if (!ok) std::fprintf(stderr, "shale_bench: %s\n", why.c_str());
  return ok;
}

}   // namespace bench
