#include "load_bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "bench_report.h"
#include "process_stats.h"
#include "shale_handle.h"

namespace bench {
namespace {

constexpr int kGroupRows = 1000;
constexpr size_t kKeyBytes = 16;

struct Rows {
  std::string keys;
  std::vector<shale_slice> key_slices, value_slices;
};

// All values are one: what the store does with a value does not depend on its bytes.
void MakeRows(int count, const std::string& value, Rows* rows) {
  rows->keys.reserve(static_cast<size_t>(count) * kKeyBytes + 1);
  for (int i = 0; i < count; ++i) {
    char key[kKeyBytes + 1];
    std::snprintf(key, sizeof key, "row/%012d", i);
    rows->keys.append(key, kKeyBytes);
  }
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    rows->key_slices.push_back({rows->keys.data() + i * kKeyBytes, kKeyBytes});
    rows->value_slices.push_back({value.data(), value.size()});
  }
}

using WayToLoad = bool (*)(shale_db* db, const Rows& rows, uint32_t flags);

bool ByPut(shale_db* db, const Rows& rows, uint32_t flags) {
  for (size_t i = 0; i < rows.key_slices.size(); ++i) {
    if (shale_put(db, rows.key_slices[i].data, kKeyBytes, rows.value_slices[i].data,
                  rows.value_slices[i].size, SHALE_TTL_NEVER, nullptr, flags, nullptr) != SHALE_OK)
      return false;
  }
  return true;
}

bool ByGroup(shale_db* db, const Rows& rows, uint32_t flags) {
  for (size_t i = 0; i < rows.key_slices.size(); i += kGroupRows) {
    const size_t count = std::min<size_t>(kGroupRows, rows.key_slices.size() - i);
    if (shale_multi_put(db, &rows.key_slices[i], &rows.value_slices[i], count, SHALE_TTL_NEVER, flags,
                        nullptr) != SHALE_OK)
      return false;
  }
  return true;
}

bool ByBatch(shale_db* db, const Rows& rows, uint32_t flags) {
  shale_batch* batch = nullptr;
  bool ok = shale_batch_new(&batch) == SHALE_OK;
  for (size_t i = 0; ok && i < rows.key_slices.size(); ++i) {
    ok = shale_batch_put(batch, rows.key_slices[i].data, kKeyBytes, rows.value_slices[i].data,
                         rows.value_slices[i].size, SHALE_TTL_NEVER, nullptr) == SHALE_OK;
    if (shale_batch_count(batch) < kGroupRows && i + 1 < rows.key_slices.size()) continue;
    ok = ok && shale_write(db, batch, flags, nullptr) == SHALE_OK;
    shale_batch_clear(batch);
  }
  shale_batch_free(batch);
  return ok;
}

struct NamedWay {
  const char* name;
  WayToLoad load;
  uint32_t flags;
};
constexpr NamedWay kWays[] = {
    {"put", ByPut, 0},
    {"put, around memory", ByPut, SHALE_WRITE_AROUND},
    {"multi-put of 1000", ByGroup, 0},
    {"multi-put of 1000, around memory", ByGroup, SHALE_WRITE_AROUND},
    {"batch of 1000", ByBatch, 0},
    {"batch of 1000, around memory", ByBatch, SHALE_WRITE_AROUND},
};

// Seconds, or a negative number.
double LoadOnce(const NamedWay& way, const Rows& rows, const ShaleSettings& settings, std::string* why) {
  const std::string directory = MakeScratchDirectory(why);
  if (directory.empty()) return -1;
  double seconds = -1;
  ShaleHandle handle;
  if (handle.Open(directory.c_str(), settings, why)) {
    const auto start = std::chrono::steady_clock::now();
    bool ok = way.load(handle.db(), rows, way.flags);
    if (!ok) *why = std::string(way.name) + ": a row was refused";
    ok = handle.Close(why) && ok;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (ok) seconds = taken.count();
  }
  RemoveScratchDirectory(directory);
  return seconds;
}

void Print(const std::map<std::string, std::vector<double>>& rates, const BenchOptions& options) {
  std::vector<std::vector<std::string>> table{{"way", "K rows/s", "x put"}};
  for (const NamedWay& way : kWays) {
    const std::vector<double>& all = rates.at(way.name);
    std::vector<double> ratios;
    for (size_t i = 0; i < all.size(); ++i) ratios.push_back(all[i] / rates.at(kWays[0].name)[i]);
    table.push_back({way.name, FormatSpread(SpreadOf(all), options.rounds, 0),
                     FormatSpread(SpreadOf(ratios), options.rounds, 2)});
  }
  PrintTable(table);
}

}   // namespace

bool RunLoadBench(const BenchOptions& options) {
  const int count = options.keys > 0 ? options.keys : 1'000'000;
  const std::string value(static_cast<size_t>(options.value_bytes), 'v');
  Rows rows;
  MakeRows(count, value, &rows);
  PrintMachine();
  std::printf("%d sorted rows of %zu + %d bytes, one thread, until closed\n", count, kKeyBytes,
              options.value_bytes);
  std::map<std::string, std::vector<double>> rates;   // of each round
  for (int round = 0; round < options.rounds; ++round) {
    for (const NamedWay& way : kWays) {
      std::string why;
      const double seconds = LoadOnce(way, rows, options.settings.shale_options, &why);
      if (seconds < 0) {
        std::fprintf(stderr, "shale_bench: %s\n", why.c_str());
        return false;
      }
      rates[way.name].push_back(count / seconds / 1000);
    }
  }
  Print(rates, options);
  return true;
}

}   // namespace bench
