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

constexpr double kEntriesOffMax = 0.01;

// Of one trace.
using Cells = Cell[kSizes][kPolicies];

bool RunCell(const Arguments& arguments, const Trace& trace, int policy, double percent, Cell* cell) {
  ShaleSettings settings = {{"cache.policy", kPolicyNames[policy]}};
  settings.insert(settings.end(), arguments.settings.begin(), arguments.settings.end());
  // Rounded up, as nobody wants a cache of nothing.
  const auto entries = static_cast<size_t>(std::ceil(static_cast<double>(trace.unique_keys) * percent / 100));
  std::string why;
  bool good = FindStoreSize(settings, entries, &cell->size, &why) &&
              Replay(settings, cell->size, trace, &cell->result, &why);
  // The trace makes a policy take notes that the filling did not: once more with values of another length.
  const double held = cell->result.entries / static_cast<double>(entries);
  if (good && std::fabs(held - 1) > kEntriesOffMax) {
    cell->size.value_bytes =
        static_cast<size_t>(static_cast<double>(cell->size.value_bytes) * held) / 8 * 8 + 4;
    good = Replay(settings, cell->size, trace, &cell->result, &why);
  }
  cell->run = good;
  if (!good) std::fprintf(stderr, "trace_bench: %s\n", why.c_str());
  return good;
}

// Of one policy, over the cells that were run.
struct Summary {
  int cells = 0;
  double regret_sum = 0;
  double regret_worst = 0;
  double below_worst = 0;
  double above_most = 0;
  int cells_above = 0;       // by more than kOffMax
  int cells_below = 0;       // by more than kOffMax
  double overhead_sum = 0;   // bytes of the budget for an entry, beside its key and value
  int overhead_cells = 0;
};
constexpr double kOffMax = 0.7;
constexpr double kRegretMax = 1.5;
constexpr size_t kManyEntries = 1000;   // so that what a store has once is not counted for an entry

struct Output {
  CsvFile csv;
  CsvFile plot;
  std::vector<std::vector<std::string>> table;
  std::vector<Summary> summaries;
};

void AddTo(Summary* summary, const Cell& cell, double best, double reference) {
  const double percent = cell.result.hit_percent;
  summary->cells++;
  summary->regret_sum += best - percent;
  summary->regret_worst = std::max(summary->regret_worst, best - percent);
  summary->below_worst = std::min(summary->below_worst, percent - reference);
  summary->above_most = std::max(summary->above_most, percent - reference);
  if (percent < reference - kOffMax) summary->cells_below++;
  if (percent > reference + kOffMax) summary->cells_above++;
  if (cell.size.entries < kManyEntries) return;
  summary->overhead_cells++;
  summary->overhead_sum += static_cast<double>(cell.size.budget_bytes) / cell.result.entries -
                           static_cast<double>(cell.size.value_bytes + sizeof(uint32_t));
}

// One policy at one size; returns what stands in the table.
std::string ReportCell(const TraceRow& row, int s, int p, const Cell& cell, double best, Output* output) {
  const double percent = cell.result.hit_percent;
  const double reference = row.reference[s][p];
  AddTo(&output->summaries[static_cast<size_t>(p)], cell, best, reference);
  output->csv.Line(Format("%s,%g,%s,%zu,%.0f,%zu,%zu,%.4f,%.2f,%.2f", row.source.name, kSizePercents[s],
                          kPolicyNames[p], cell.size.entries, cell.result.entries, cell.size.budget_bytes,
                          cell.size.value_bytes, percent, reference, row.best_possible[s]));
  return Format("%.2f (%+.2f)%s", percent, percent - reference,
                percent < reference - kOffMax   ? " !"
                : percent > reference + kOffMax ? " +"
                                                : "");
}

void Report(const TraceRow& row, const Cells& cells, Output* output) {
  // For gnuplot: two empty lines end a block; its first line names the columns.
  std::string head = Format("#trace %s\nsize", row.source.name);
  for (const char* name : kPolicyNames) head += std::string(" ") + name;
  output->plot.Line(head + " best_possible");
  for (int s = 0; s < kSizes; s++) {
    double best = -1;
    for (const Cell& cell : cells[s]) best = std::max(best, cell.run ? cell.result.hit_percent : -1);
    if (best < 0) continue;
    std::vector<std::string> line = {row.source.name, Format("%g%%", kSizePercents[s])};
    std::string points = Format("%g", kSizePercents[s]);
    for (int p = 0; p < kPolicies; p++) {
      const Cell& cell = cells[s][p];
      line.push_back(cell.run ? ReportCell(row, s, p, cell, best, output) : "");
      points += cell.run ? Format(" %.4f", cell.result.hit_percent) : " NaN";
    }
    line.push_back(Format("%.2f", row.best_possible[s]));
    output->table.push_back(line);
    output->plot.Line(points + Format(" %.2f", row.best_possible[s]));
  }
  output->plot.Line("\n");
}

void PrintSummaries(const std::vector<Summary>& summaries) {
  std::vector<std::vector<std::string>> table = {{"policy", "mean regret", "worst regret", "to the reference",
                                                  "cells > 0.7 below", "cells > 0.7 above",
                                                  "bytes per entry"}};
  for (int p = 0; p < kPolicies; p++) {
    const Summary& summary = summaries[static_cast<size_t>(p)];
    if (summary.cells == 0) continue;
    table.push_back(
        {kPolicyNames[p], Format("%.2f", summary.regret_sum / summary.cells),
         Format("%.2f", summary.regret_worst),
         Format("%+.2f to %+.2f", summary.below_worst, summary.above_most),
         Format("%d of %d", summary.cells_below, summary.cells),
         Format("%d of %d", summary.cells_above, summary.cells),
         summary.overhead_cells == 0 ? "" : Format("%.0f", summary.overhead_sum / summary.overhead_cells)});
  }
  std::printf(
      "\nRegret: points behind the best of these policies, cell by cell; target of the default, s3fifo: %.1f "
      "in the "
      "mean.\nBytes per entry: of the budget, beside key and value, where there are %zu entries or more.\n\n",
      kRegretMax, kManyEntries);
  PrintTable(table);
}

bool Run(const Arguments& arguments) {
  Output output;
  if (!output.csv.Open(arguments.csv_path,
                       "trace,size_percent,policy,entries,entries_held,budget_bytes,value_bytes,hit_percent,"
                       "reference_percent,best_possible_percent") ||
      !output.plot.Open(arguments.plot_path, "# hit ratios in percent; size in percent of the unique keys")) {
    return false;
  }
  std::vector<std::string> head = {"trace", "size"};
  head.insert(head.end(), std::begin(kPolicyNames), std::end(kPolicyNames));
  head.push_back("best possible");
  output.table.push_back(head);
  output.summaries.resize(kPolicies);
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
    Report(row, cells, &output);
  }
  if (output.table.size() == 1) {
    std::printf("no trace was found in %s: nothing to replay\n", arguments.directory.c_str());
    return output.csv.Close() && output.plot.Close();
  }
  std::printf(
      "Hit ratio in percent (difference to the reference in points; ! where it is more than %.1f below, + "
      "above)\n\n",
      kOffMax);
  PrintTable(output.table);
  PrintSummaries(output.summaries);
  return output.csv.Close() && output.plot.Close();
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
