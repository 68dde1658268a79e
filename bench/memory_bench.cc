#include "memory_bench.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "bench_report.h"
#include "fast_random.h"
#include "memory_key.h"
#include "phase.h"
#include "process_stats.h"
#include "shale_handle.h"

namespace bench {
namespace {

constexpr int64_t kMemoryHotKeys = 1000;
constexpr int64_t kMemoryAllKeys = 1'000'000;
constexpr int64_t kMemoryBatchOps = 256;

// What all loads here share: random keys, counted misses.
class MemoryLoad : public Load {
 public:
  MemoryLoad(shale_db* db, int thread, int64_t keys, int value_bytes)
      : db_(db),
        keys_(keys),
        random_(static_cast<uint64_t>(thread)),
        value_(static_cast<size_t>(value_bytes), 'v') {}
  int64_t batch_ops() const final { return kMemoryBatchOps; }
  int64_t misses() const { return misses_; }

 protected:
  void NextKey(char* key) { WriteMemoryKey(static_cast<uint32_t>(random_.Below(keys_)), key); }

  shale_db* const db_;
  const int64_t keys_;
  FastRandom random_;
  std::string value_;
  int64_t misses_ = 0;
};

// Chooses keys and does nothing with them: what of every other figure is the benchmark's own.
class EmptyLoad final : public MemoryLoad {
 public:
  using MemoryLoad::MemoryLoad;
  bool RunBatch(std::string*) override {
    for (int64_t i = 0; i < kMemoryBatchOps; ++i) {
      char key[kMemoryKeyBytes];
      NextKey(key);
      asm volatile("" : : "r"(key) : "memory");   // or the compiler removes it all
    }
    return true;
  }
};

class GetLoad final : public MemoryLoad {
 public:
  using MemoryLoad::MemoryLoad;
  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kMemoryBatchOps; ++i) {
      char key[kMemoryKeyBytes];
      NextKey(key);
      size_t size = 0;
      const shale_status status =
          shale_get_into(db_, key, sizeof key, value_.data(), value_.size(), &size, nullptr, 0, nullptr);
      if (status == SHALE_NOT_FOUND) {
        ++misses_;
      } else if (status != SHALE_OK) {
        *why = std::string("shale_get_into: ") + shale_status_text(status);
        return false;
      } else if (size != value_.size() || std::memcmp(value_.data(), key, sizeof key) != 0) {
        *why = "shale_get_into: the value belongs to another key";
        return false;
      }
    }
    return true;
  }
};

// The same keys, so many a call.
class MultiGetLoad final : public MemoryLoad {
 public:
  using MemoryLoad::MemoryLoad;
  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kMemoryBatchOps; i += kKeys) {
      for (int64_t k = 0; k < kKeys; ++k) {
        NextKey(keys_of_call_[k]);
        slices_[k] = {keys_of_call_[k], kMemoryKeyBytes};
      }
      shale_results* results = nullptr;
      const shale_status status = shale_multi_get(db_, slices_, kKeys, &results, 0, nullptr);
      if (status != SHALE_OK) {
        *why = std::string("shale_multi_get: ") + shale_status_text(status);
        return false;
      }
      const bool right = Check(results);
      shale_results_free(results);
      if (right) continue;
      *why = "shale_multi_get: the value belongs to another key";
      return false;
    }
    return true;
  }

 private:
  static constexpr int64_t kKeys = 64;
  bool Check(const shale_results* results) {
    for (size_t k = 0; k < kKeys; ++k) {
      const void* value = nullptr;
      size_t size = 0;
      if (shale_results_at(results, k, &value, &size, nullptr) == SHALE_NOT_FOUND) {
        ++misses_;
      } else if (size != value_.size() || std::memcmp(value, keys_of_call_[k], kMemoryKeyBytes) != 0) {
        return false;
      }
    }
    return true;
  }
  char keys_of_call_[kKeys][kMemoryKeyBytes];
  shale_slice slices_[kKeys];
};

class PutLoad final : public MemoryLoad {
 public:
  using MemoryLoad::MemoryLoad;
  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kMemoryBatchOps; ++i) {
      NextKey(value_.data());
      if (!PutValue(why)) return false;
    }
    return true;
  }

  // Every key once, in order.
  bool Fill(std::string* why) {
    for (int64_t n = 0; n < keys_; ++n) {
      WriteMemoryKey(static_cast<uint32_t>(n), value_.data());
      if (!PutValue(why)) return false;
    }
    return true;
  }

 private:
  // The value starts with its key, so one buffer is both.
  bool PutValue(std::string* why) {
    const shale_status status = shale_put(db_, value_.data(), kMemoryKeyBytes, value_.data(), value_.size(),
                                          SHALE_TTL_DEFAULT, nullptr, 0, nullptr);
    if (status == SHALE_OK) [[likely]]
      return true;
    *why = std::string("shale_put: ") + shale_status_text(status);
    return false;
  }
};

struct Cell {
  double ns_per_op = 0;
  double cpu_ns_per_op = 0;
  double mops_per_s = 0;
  double miss_percent = 0;
};

template <typename AnyLoad>
bool MeasureCell(shale_db* db, int threads, int64_t keys, double seconds, int value_bytes, Cell* cell) {
  std::vector<std::unique_ptr<Load>> loads;
  std::vector<const MemoryLoad*> typed;
  for (int t = 0; t < threads; ++t) {
    auto load = std::make_unique<AnyLoad>(db, t, keys, value_bytes);
    typed.push_back(load.get());
    loads.push_back(std::move(load));
  }
  const PhaseResult result = RunPhase(loads, seconds);
  if (!result.failure.empty()) {
    std::fprintf(stderr, "shale_bench: %s\n", result.failure.c_str());
    return false;
  }
  int64_t misses = 0;
  for (const MemoryLoad* load : typed) misses += load->misses();
  const double ops = static_cast<double>(result.ops);
  cell->ns_per_op = result.wall_s * std::min(threads, CoreCount()) / ops * 1e9;
  cell->cpu_ns_per_op = result.cpu_s / ops * 1e9;
  cell->mops_per_s = ops / result.wall_s * 1e-6;
  cell->miss_percent = static_cast<double>(misses) / ops * 100;
  return true;
}

struct Workload {
  const char* name;
  int64_t keys;
  bool (*measure)(shale_db*, int, int64_t, double, int, Cell*);
};
constexpr Workload kWorkloads[] = {
    {"get hot", kMemoryHotKeys, MeasureCell<GetLoad>},
    {"get uniform", kMemoryAllKeys, MeasureCell<GetLoad>},
    {"multi-get hot", kMemoryHotKeys, MeasureCell<MultiGetLoad>},
    {"multi-get uniform", kMemoryAllKeys, MeasureCell<MultiGetLoad>},
    {"put hot", kMemoryHotKeys, MeasureCell<PutLoad>},
    {"put uniform", kMemoryAllKeys, MeasureCell<PutLoad>},
};

// One workload at one number of threads, over all rounds.
struct Row {
  const Workload* workload;
  int threads;
  std::vector<Cell> cells;
};

bool RunMemoryRound(const BenchOptions& options, int round, std::vector<Row>* rows, CsvFile* csv) {
  ShaleSettings settings = {{"memory.budget", std::to_string(options.settings.shale_budget_bytes)}};
  settings.insert(settings.end(), options.settings.shale_options.begin(),
                  options.settings.shale_options.end());
  ShaleHandle handle;
  std::string why;
  if (!handle.Open(nullptr, settings, &why) ||
      !PutLoad(handle.db(), 0, kMemoryAllKeys, options.value_bytes).Fill(&why)) {
    std::fprintf(stderr, "shale_bench: %s\n", why.c_str());
    return false;
  }
  for (Row& row : *rows) {
    Cell cell;
    const Workload& work = *row.workload;
    if (!work.measure(handle.db(), row.threads, work.keys, options.seconds, options.value_bytes, &cell))
      return false;
    row.cells.push_back(cell);
    csv->Line(Format("%d,%s,%d,%d,%.2f,%.2f,%.3f,%.3f", round, work.name, row.threads, options.value_bytes,
                     cell.ns_per_op, cell.cpu_ns_per_op, cell.mops_per_s, cell.miss_percent));
  }
  if (handle.Close(&why)) return true;
  std::fprintf(stderr, "shale_bench: %s\n", why.c_str());
  return false;
}

std::string FormatCells(const std::vector<Cell>& cells, double Cell::*figure, int rounds, int decimals) {
  std::vector<double> numbers;
  for (const Cell& cell : cells) numbers.push_back(cell.*figure);
  return FormatSpread(SpreadOf(numbers), rounds, decimals);
}

void PrintRows(const std::vector<Row>& rows, int rounds) {
  std::vector<std::vector<std::string>> table = {
      {"workload", "threads", "ns/op", "CPU ns/op", "M ops/s", "misses %"}};
  for (const Row& row : rows) {
    table.push_back({row.workload->name, std::to_string(row.threads),
                     FormatCells(row.cells, &Cell::ns_per_op, rounds, 1),
                     FormatCells(row.cells, &Cell::cpu_ns_per_op, rounds, 1),
                     FormatCells(row.cells, &Cell::mops_per_s, rounds, 2),
                     FormatCells(row.cells, &Cell::miss_percent, rounds, 2)});
  }
  PrintTable(table);
}

}   // namespace

bool RunMemoryBench(const BenchOptions& options) {
  CsvFile csv;
  if (!csv.Open(options.csv_path,
                "round,workload,threads,value_bytes,ns_per_op,cpu_ns_per_op,mops,miss_percent")) {
    return false;
  }
  PrintMachine();
  std::printf(
      "in memory, %zu-byte keys, %d-byte values; hot %lld keys, uniform %lld keys; %g s each, %d round%s\n",
      kMemoryKeyBytes, options.value_bytes, static_cast<long long>(kMemoryHotKeys),
      static_cast<long long>(kMemoryAllKeys), options.seconds, options.rounds,
      options.rounds == 1 ? "" : "s, median (least-most)");
  Cell own;
  if (!MeasureCell<EmptyLoad>(nullptr, 1, kMemoryAllKeys, 0.1, options.value_bytes, &own)) return false;
  std::printf("choosing a key: %.1f ns, contained in every figure\n\n", own.ns_per_op);

  std::vector<Row> rows;
  for (const Workload& workload : kWorkloads) {
    for (const int threads : options.threads) rows.push_back(Row{&workload, threads, {}});
  }
  for (int round = 1; round <= options.rounds; ++round) {
    std::fprintf(stderr, "round %d of %d\n", round, options.rounds);
    if (!RunMemoryRound(options, round, &rows, &csv)) return false;
  }
  PrintRows(rows, options.rounds);
  return csv.Close();
}

}   // namespace bench
