// The measured cells, and what is asked of their ratios.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../bench_report.h"

namespace bench {

// One kind of work at one number of keys and threads, by one map.
struct CellName {
  const char* work;
  int64_t keys;
  int threads;
  const char* map;
  auto operator<=>(const CellName&) const = default;
};

// Nanoseconds an operation costs a core, of every round.
class Figures {
 public:
  void Add(const CellName& cell, double ns) { ns_[Text(cell)].push_back(ns); }
  bool Has(const CellName& cell) const { return ns_.count(Text(cell)) > 0; }
  const std::vector<double>& Of(const CellName& cell) const { return ns_.at(Text(cell)); }
  // Round by round, so that what slows a whole round down leaves it alone.
  std::vector<double> Ratio(const CellName& above, const CellName& below, double factor = 1) const;

 private:
  static std::string Text(const CellName& cell);
  std::map<std::string, std::vector<double>> ns_;
};

// Prints the table of cells, then the one of goals.
void PrintCells(const Figures& figures, int rounds);
void PrintGoals(const Figures& figures, int rounds);

inline constexpr const char* kGet = "get";
inline constexpr const char* kSet = "set";
inline constexpr const char* kMultiGet = "multi-get of 16";
inline constexpr int64_t kMapSizes[] = {1000, 100'000, 1'000'000};
inline constexpr int kManyThreads = 100;

}   // namespace bench
