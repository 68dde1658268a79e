#include "goals.h"

#include <algorithm>

#include "../process_stats.h"
#include "maps.h"

namespace bench {

namespace {

const char* const kShale = ShaleMap::kName;
const char* const kStd = StdMap::kName;
const char* const kTbb = TbbMap::kName;

using Table = std::vector<std::vector<std::string>>;

// A row of the goals: a ratio that is to be at most, or at least, so much.
class GoalRows {
 public:
  explicit GoalRows(int rounds) : rounds_(rounds) { rows_ = {{"goal", "ratio", "asked", "result"}}; }
  void AtMost(const std::string& what, const std::vector<double>& ratios, double most) {
    const Spread spread = SpreadOf(ratios);
    Add(what, spread, Format("<= %.2f", most),
        spread.median <= most  ? "met"
        : spread.least <= most ? "missed, within the spread"
                               : "missed");
  }
  void AtLeast(const std::string& what, const std::vector<double>& ratios, double least) {
    const Spread spread = SpreadOf(ratios);
    Add(what, spread, Format(">= %.2f", least),
        spread.median >= least ? "met"
        : spread.most >= least ? "missed, within the spread"
                               : "missed");
  }
  void Print() const { PrintTable(rows_); }

 private:
  void Add(const std::string& what, const Spread& spread, const std::string& asked, const char* result) {
    rows_.push_back({what, FormatSpread(spread, rounds_, 2), asked, result});
  }
  const int rounds_;
  Table rows_;
};

std::string Keys(int64_t keys) {
  if (keys >= 1'000'000) return Format("%lld M", static_cast<long long>(keys / 1'000'000));
  if (keys >= 1000) return Format("%lld k", static_cast<long long>(keys / 1000));
  return std::to_string(keys);
}

void AddRow(const Figures& figures, int rounds, const char* work, int64_t keys, int threads, Table* table) {
  std::vector<std::string> row = {work, Keys(keys), std::to_string(threads)};
  for (const char* map : {kShale, kStd, kTbb}) {
    const CellName cell{work, keys, threads, map};
    row.push_back(figures.Has(cell) ? FormatSpread(SpreadOf(figures.Of(cell)), rounds, 1) : "-");
  }
  if (row[3] != "-" || row[4] != "-" || row[5] != "-") table->push_back(row);
}

}   // namespace

std::string Figures::Text(const CellName& cell) {
  return Format("%s|%lld|%d|%s", cell.work, static_cast<long long>(cell.keys), cell.threads, cell.map);
}

std::vector<double> Figures::Ratio(const CellName& above, const CellName& below, double factor) const {
  const std::vector<double>& a = Of(above);
  const std::vector<double>& b = Of(below);
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) ratios.push_back(factor * a[i] / b[i]);
  return ratios;
}

void PrintCells(const Figures& figures, int rounds) {
  Table table = {{"ns/op", "keys", "threads", kShale, kStd, kTbb}};
  for (const char* work : {kGet, kSet, kMultiGet}) {
    for (const int64_t keys : {int64_t{1}, kMapSizes[0], kMapSizes[1], kMapSizes[2]}) {
      for (const int threads : {1, 2, kManyThreads}) AddRow(figures, rounds, work, keys, threads, &table);
    }
  }
  PrintTable(table);
}

void PrintGoals(const Figures& figures, int rounds) {
  GoalRows goals(rounds);
  for (const int64_t keys : kMapSizes) {
    goals.AtMost("get, " + Keys(keys) + " keys: shale / unlocked unordered_map",
                 figures.Ratio({kGet, keys, 1, kShale}, {kGet, keys, 1, kStd}), 0.75);
  }
  // ns/op is counted per core, so the cores stand in the ratio of what is done in all.
  const double cores = std::min(2, CoreCount());
  for (const int64_t keys : kMapSizes) {
    goals.AtLeast("get, " + Keys(keys) + " keys: two threads / one, in all",
                  figures.Ratio({kGet, keys, 1, kShale}, {kGet, keys, 2, kShale}, cores), 1.9);
  }
  const double more_cores = std::min(kManyThreads, CoreCount()) / cores;
  for (const int64_t keys : kMapSizes) {
    goals.AtLeast("get, " + Keys(keys) + " keys: 100 threads / two, in all",
                  figures.Ratio({kGet, keys, 2, kShale}, {kGet, keys, kManyThreads, kShale}, more_cores),
                  0.9);
  }
  for (const int threads : {2, kManyThreads}) {
    goals.AtMost(Format("get, %d threads: one key for all / 1 k different", threads),
                 figures.Ratio({kGet, 1, threads, kShale}, {kGet, kMapSizes[0], threads, kShale}), 1);
  }
  for (const int64_t keys : kMapSizes) {
    goals.AtMost("set / get, " + Keys(keys) + " keys",
                 figures.Ratio({kSet, keys, 1, kShale}, {kGet, keys, 1, kShale}), 4);
  }
  const int64_t most_keys = kMapSizes[2];
  goals.AtMost("multi-get of 16 / single gets, " + Keys(most_keys) + " keys",
               figures.Ratio({kMultiGet, most_keys, 1, kShale}, {kGet, most_keys, 1, kShale}), 0.65);
  for (const char* work : {kGet, kSet}) {
    for (const int64_t keys : {int64_t{1}, kMapSizes[0], kMapSizes[1], kMapSizes[2]}) {
      for (const int threads : {1, 2, kManyThreads}) {
        const CellName ours{work, keys, threads, kShale};
        const CellName theirs{work, keys, threads, kTbb};
        if (!figures.Has(ours) || !figures.Has(theirs)) continue;
        goals.AtLeast(Format("%s, %s keys, %d threads: oneTBB / shale", work, Keys(keys).c_str(), threads),
                      figures.Ratio(theirs, ours), 2);
      }
    }
  }
  goals.Print();
}

}   // namespace bench
