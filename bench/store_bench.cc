#include "store_bench.h"

#include <cstdio>
#include <map>

#include "bench_report.h"
#include "engine_run.h"

namespace bench {
namespace {

using Runs = std::map<std::string, std::vector<EngineRun>>;

// How much faster than a plain LevelDB, and than 64 of them, Shale is to be at the defaults of this
// benchmark.
struct Target {
  int phase;
  const char* beside;
  double ratio;   // 0: none, shown for information
};
constexpr Target kTargets[] = {
    {0, "leveldb", 4.5}, {0, "leveldb64", 2.2}, {1, "leveldb", 15},
    {1, "leveldb64", 0}, {2, "leveldb", 3},     {2, "leveldb64", 0},
};
constexpr int kTargetThreads = 64;
constexpr int kTargetValueBytes = 1024;
constexpr double kTargetSeconds = 3;
// What the process may need above its memory budget: code, stacks, the benchmark itself.
constexpr double kRssAllowanceMib = 64;

void WriteCsvLine(const std::string& engine, int round, const EngineRun& run, const BenchOptions& options,
                  CsvFile* csv) {
  csv->Line(Format("%d,%s,%d,%d,%g,%.1f,%.1f,%.1f,%.3f,%.3f,%.3f,%.1f,%.3f", round, engine.c_str(),
                   options.threads[0], options.value_bytes, options.seconds, run.phases[0].kops_per_s,
                   run.phases[1].kops_per_s, run.phases[2].kops_per_s, run.phases[0].cpu_us_per_op,
                   run.phases[1].cpu_us_per_op, run.phases[2].cpu_us_per_op, run.peak_rss_mib, run.close_s));
}

// One figure of every round.
template <typename Pick>
Spread SpreadOfRuns(const std::vector<EngineRun>& runs, Pick pick) {
  std::vector<double> numbers;
  for (const EngineRun& run : runs) numbers.push_back(pick(run));
  return SpreadOf(numbers);
}

void PrintEngines(const Runs& runs, const BenchOptions& options) {
  std::vector<std::vector<std::string>> rows = {{"engine", "write K/s", "hot K/s", "uniform K/s",
                                                 "write CPU us/op", "hot CPU us/op", "uniform CPU us/op",
                                                 "peak RSS MiB"}};
  for (const std::string& engine : options.engines) {
    const std::vector<EngineRun>& mine = runs.at(engine);
    std::vector<std::string> row = {engine};
    for (int p = 0; p < kPhaseCount; ++p) {
      const Spread speed = SpreadOfRuns(mine, [p](const EngineRun& run) { return run.phases[p].kops_per_s; });
      row.push_back(FormatSpread(speed, options.rounds, 0));
    }
    for (int p = 0; p < kPhaseCount; ++p) {
      const Spread cpu =
          SpreadOfRuns(mine, [p](const EngineRun& run) { return run.phases[p].cpu_us_per_op; });
      row.push_back(FormatSpread(cpu, options.rounds, 2));
    }
    const Spread rss = SpreadOfRuns(mine, [](const EngineRun& run) { return run.peak_rss_mib; });
    row.push_back(FormatSpread(rss, options.rounds, 0));
    rows.push_back(row);
  }
  PrintTable(rows);
}

// A target inside the spread of the rounds is neither met nor missed.
const char* Verdict(const Spread& ratio, double target) {
  if (target == 0) return "-";
  if (ratio.least >= target) return "met";
  return ratio.most < target ? "missed" : "within the spread";
}

// Rounds are compared in pairs, so that a slow minute of the machine touches both sides of a ratio.
void PrintRatios(const Runs& runs, const BenchOptions& options) {
  const auto shale = runs.find("shale");
  if (shale == runs.end()) return;
  const bool at_targets = options.threads[0] == kTargetThreads && options.value_bytes == kTargetValueBytes &&
                          options.seconds == kTargetSeconds && options.keys == 0;
  std::vector<std::vector<std::string>> rows = {{"shale / beside", "ratio", "target", "result"}};
  for (const Target& target : kTargets) {
    const auto beside = runs.find(target.beside);
    if (beside == runs.end()) continue;
    std::vector<double> ratios;
    for (size_t r = 0; r < shale->second.size(); ++r) {
      ratios.push_back(shale->second[r].phases[target.phase].kops_per_s /
                       beside->second[r].phases[target.phase].kops_per_s);
    }
    const Spread spread = SpreadOf(ratios);
    const double wanted = at_targets ? target.ratio : 0;
    rows.push_back({Format("%s / %s", kPhaseNames[target.phase], target.beside),
                    FormatSpread(spread, options.rounds, 2), wanted == 0 ? "-" : Format(">= %.1f", wanted),
                    Verdict(spread, wanted)});
  }
  if (rows.size() == 1) return;
  std::printf("\n");
  PrintTable(rows);
  if (!at_targets) {
    std::printf("targets are for %d threads, %d-byte values, %g s, as many keys as an engine can write\n",
                kTargetThreads, kTargetValueBytes, kTargetSeconds);
  }
}

void PrintMemory(const Runs& runs, const BenchOptions& options) {
  const auto shale = runs.find("shale");
  if (shale == runs.end()) return;
  const double budget_mib = static_cast<double>(options.settings.shale_budget_bytes >> 20);
  const Spread rss = SpreadOfRuns(shale->second, [](const EngineRun& run) { return run.peak_rss_mib; });
  std::printf("\nshale: peak RSS %s MiB; budget %.0f + %.0f = %.0f MiB: %s\n",
              FormatSpread(rss, options.rounds, 0).c_str(), budget_mib, kRssAllowanceMib,
              budget_mib + kRssAllowanceMib, rss.most <= budget_mib + kRssAllowanceMib ? "met" : "missed");
}

bool RunRound(int round, const BenchOptions& options, Runs* runs, CsvFile* csv) {
  const size_t count = options.engines.size();
  for (size_t i = 0; i < count; ++i) {
    // Another engine is first in each round: being first or last is no advantage over all.
    const std::string& engine = options.engines[(i + static_cast<size_t>(round)) % count];
    std::fprintf(stderr, "round %d of %d: %s\n", round + 1, options.rounds, engine.c_str());
    const EngineRun run = RunEngineInChild(engine, options);
    if (run.failure[0] != '\0') {
      std::fprintf(stderr, "shale_bench: %s: %s\n", engine.c_str(), run.failure);
      return false;
    }
    (*runs)[engine].push_back(run);
    WriteCsvLine(engine, round + 1, run, options, csv);
  }
  return true;
}

}   // namespace

bool RunStoreBench(const BenchOptions& options) {
  CsvFile csv;
  if (!csv.Open(
          options.csv_path,
          "round,engine,threads,value_bytes,seconds,write_kops,hot_kops,uniform_kops,write_cpu_us,hot_cpu_us,"
          "uniform_cpu_us,peak_rss_mib,close_s")) {
    return false;
  }
  PrintMachine();
  std::printf("%d threads, %d-byte values, %g s a phase, %d round%s\n\n", options.threads[0],
              options.value_bytes, options.seconds, options.rounds,
              options.rounds == 1 ? "" : "s, median (least-most)");
  InstallInterruptHandlers();
  Runs runs;
  for (int round = 0; round < options.rounds; ++round) {
    if (!RunRound(round, options, &runs, &csv)) return false;
  }
  PrintEngines(runs, options);
  PrintRatios(runs, options);
  PrintMemory(runs, options);
  return csv.Close();
}

}   // namespace bench
