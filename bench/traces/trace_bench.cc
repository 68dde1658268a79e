// Hit ratios of every policy over recorded traces, beside a reference: see bench/README.md.
#include <getopt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../bench_report.h"
#include "reference.h"
#include "replay.h"

namespace bench {
namespace {

constexpr char kHelp[] =
    "usage: trace_bench [options] DIRECTORY-OF-TRACES\n"
    "\n"
    "  --trace NAME         only this one; may be repeated\n"
    "  --policy NAME        only this one; may be repeated\n"
    "  --size N             only the N-th size, 0 to 2; may be repeated\n"
    "  --option NAME=VALUE  any option of Shale; may be repeated\n"
    "  --csv FILE           every cell, one line each\n"
    "  --plot FILE          the same as columns for gnuplot\n";

struct Arguments {
  std::string directory;
  std::vector<std::string> traces;
  std::vector<std::string> policies;
  std::vector<std::string> sizes;
  ShaleSettings settings;
  std::string csv_path;
  std::string plot_path;
};

bool Chosen(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

struct Cell {
  bool run = false;
  StoreSize size;
  ReplayResult result;
};

// Of one trace.
using Cells = Cell[kSizes][kPolicies];

bool RunCell(const Arguments& arguments, const Trace& trace, int policy, double percent, Cell* cell) {
  ShaleSettings settings = {{"cache.policy", kPolicyNames[policy]}};
  settings.insert(settings.end(), arguments.settings.begin(), arguments.settings.end());
  // Rounded up, as nobody wants a cache of nothing.
  const auto entries = static_cast<size_t>(std::ceil(static_cast<double>(trace.unique_keys) * percent / 100));
  std::string why;
  if (FindStoreSize(settings, entries, &cell->size, &why) &&
      Replay(settings, cell->size, trace, &cell->result, &why)) {
    cell->run = true;
    return true;
  }
  std::fprintf(stderr, "trace_bench: %s\n", why.c_str());
  return false;
}

// Over the cells that were run.
struct Summary {
  double regret_sum = 0;
  double regret_worst = 0;
  double off_worst = 0;
  int cells = 0;
  int cells_off = 0;   // by more than kOffMax
};
constexpr double kOffMax = 0.7;
constexpr double kRegretMax = 1.5;

void AddTo(Summary* summary, double best, double percent, double reference) {
  summary->cells++;
  summary->regret_sum += best - percent;
  summary->regret_worst = std::max(summary->regret_worst, best - percent);
  const double off = percent - reference;
  if (std::fabs(off) > std::fabs(summary->off_worst)) summary->off_worst = off;
  if (std::fabs(off) > kOffMax + 0.005) summary->cells_off++;
}

void Report(const TraceRow& row, const Trace& trace, const Cells& cells, CsvFile* csv, CsvFile* plot,
            std::vector<Summary>* summaries, std::vector<std::vector<std::string>>* table) {
  plot->Line(Format("# %s", row.source.name));
  for (int s = 0; s < kSizes; s++) {
    double best = 0;
    bool any = false;
    for (const Cell& cell : cells[s]) {
      any = any || cell.run;
      best = std::max(best, cell.result.hit_percent);
    }
    if (!any) continue;
    std::vector<std::string> line = {row.source.name, Format("%g%%", kSizePercents[s])};
    std::string columns = Format("%g", kSizePercents[s]);
    for (int p = 0; p < kPolicies; p++) {
      const Cell& cell = cells[s][p];
      if (!cell.run) {
        line.push_back("");
        columns += " NaN";
        continue;
      }
      const double percent = cell.result.hit_percent;
      const double reference = row.reference[s][p];
      line.push_back(Format("%.2f (%+.2f)%s", percent, percent - reference,
                            std::fabs(percent - reference) > kOffMax + 0.005 ? " !" : ""));
      columns += Format(" %.4f", percent);
      AddTo(&(*summaries)[static_cast<size_t>(p)], best, percent, reference);
      csv->Line(Format("%s,%g,%s,%zu,%.0f,%zu,%zu,%.4f,%.2f,%.2f", row.source.name, kSizePercents[s],
                       kPolicyNames[p], cell.size.entries, cell.result.entries, cell.size.budget_bytes,
                       cell.size.value_bytes, percent, reference, row.best_possible[s]));
      if (std::fabs(cell.result.entries / static_cast<double>(cell.size.entries) - 1) > 0.02) {
        std::printf("%s %g%% %s: held %.0f entries instead of %zu\n", row.source.name, kSizePercents[s],
                    kPolicyNames[p], cell.result.entries, cell.size.entries);
      }
    }
    line.push_back(Format("%.2f", row.best_possible[s]));
    plot->Line(columns + Format(" %.2f", row.best_possible[s]));
    table->push_back(line);
  }
  (void)trace;
  plot->Line("\n");
}

void PrintSummaries(const std::vector<Summary>& summaries) {
  std::vector<std::vector<std::string>> table = {
      {"policy", "mean regret", "worst regret", "farthest from reference", "cells farther than 0.7"}};
  for (int p = 0; p < kPolicies; p++) {
    const Summary& summary = summaries[static_cast<size_t>(p)];
    if (summary.cells == 0) continue;
    table.push_back({kPolicyNames[p], Format("%.2f", summary.regret_sum / summary.cells),
                     Format("%.2f", summary.regret_worst), Format("%+.2f", summary.off_worst),
                     Format("%d of %d", summary.cells_off, summary.cells)});
  }
  std::printf(
      "\nRegret: points behind the best of these policies, cell by cell; target of the default %.1f.\n\n",
      kRegretMax);
  PrintTable(table);
}

bool Run(const Arguments& arguments) {
  CsvFile csv;
  CsvFile plot;
  if (!csv.Open(arguments.csv_path,
                "trace,size_percent,policy,entries,entries_held,budget_bytes,value_bytes,hit_percent,"
                "reference_percent,"
                "best_possible_percent") ||
      !plot.Open(arguments.plot_path,
                 "# size in percent of the unique keys, then hit ratios; one block a trace")) {
    return false;
  }
  std::vector<std::vector<std::string>> table = {{"trace", "size"}};
  table[0].insert(table[0].end(), std::begin(kPolicyNames), std::end(kPolicyNames));
  table[0].push_back("best possible");
  std::vector<Summary> summaries(kPolicies);
  for (const TraceRow& row : kTraces) {
    if (!Chosen(arguments.traces, row.source.name)) continue;
    Trace trace;
    std::string why;
    if (!ReadTrace(row.source, arguments.directory, &trace, &why)) {
      std::printf("%s is left out: %s\n", row.source.name, why.c_str());
      continue;
    }
    Cells cells;
    for (int s = 0; s < kSizes; s++) {
      if (!Chosen(arguments.sizes, std::to_string(s))) continue;
      for (int p = 0; p < kPolicies; p++) {
        if (!Chosen(arguments.policies, kPolicyNames[p])) continue;
        std::fprintf(stderr, "%s %g%% %s\n", row.source.name, kSizePercents[s], kPolicyNames[p]);
        if (!RunCell(arguments, trace, p, kSizePercents[s], &cells[s][p])) return false;
      }
    }
    Report(row, trace, cells, &csv, &plot, &summaries, &table);
  }
  if (table.size() == 1) {
    std::printf("no trace was found in %s: nothing to replay\n", arguments.directory.c_str());
    return true;
  }
  std::printf("Hit ratio in percent (difference to the reference in points, ! if above 0.7)\n\n");
  PrintTable(table);
  PrintSummaries(summaries);
  return csv.Close() && plot.Close();
}

bool Parse(int argc, char** argv, Arguments* arguments) {
  static const struct option kLong[] = {
      {"trace", required_argument, nullptr, 't'},
      {"policy", required_argument, nullptr, 'p'},
      {"size", required_argument, nullptr, 's'},
      {"option", required_argument, nullptr, 'o'},
      {"csv", required_argument, nullptr, 'c'},
      {"plot", required_argument, nullptr, 'g'},
      {nullptr, 0, nullptr, 0},
  };
  for (int c = getopt_long(argc, argv, "", kLong, nullptr); c != -1;
       c = getopt_long(argc, argv, "", kLong, nullptr)) {
    const std::string text = c == '?' ? "" : optarg;
    const size_t equals = text.find('=');
    if (c == 't') arguments->traces.push_back(text);
    if (c == 'p') arguments->policies.push_back(text);
    if (c == 's') arguments->sizes.push_back(text);
    if (c == 'c') arguments->csv_path = text;
    if (c == 'g') arguments->plot_path = text;
    if (c == 'o' && equals != std::string::npos) {
      arguments->settings.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    if (c == '?' || (c == 'o' && equals == std::string::npos)) return false;
  }
  if (optind != argc - 1) return false;
  arguments->directory = argv[optind];
  return true;
}

}   // namespace
}   // namespace bench

int main(int argc, char** argv) {
  bench::Arguments arguments;
  if (!bench::Parse(argc, argv, &arguments)) {
    std::fputs(bench::kHelp, stderr);
    return 2;
  }
  return bench::Run(arguments) ? 0 : 1;
}
