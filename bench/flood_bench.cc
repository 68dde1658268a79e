#include "flood_bench.h"

#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench_report.h"
#include "flood_keys.h"
#include "process_stats.h"
#include "shale_handle.h"

namespace bench {
namespace {

using Keys = std::vector<std::string>;

Keys RandomLike(const Keys& crafted) {
  std::mt19937_64 random(7);
  Keys keys;
  for (const std::string& key : crafted) {
    std::string other(key.size(), '\0');
    for (char& byte : other) byte = static_cast<char>(random());
    keys.push_back(std::move(other));
  }
  return keys;
}

// Nanoseconds a put into a fresh store, or a negative number.
double PutAll(const Keys& keys, bool on_disk, const ShaleSettings& settings, std::string* why) {
  std::string directory;
  if (on_disk && (directory = MakeScratchDirectory(why)).empty()) return -1;
  double ns = -1;
  {
    ShaleHandle handle;
    if (handle.Open(on_disk ? directory.c_str() : nullptr, settings, why)) {
      bool ok = true;
      const auto start = std::chrono::steady_clock::now();
      for (const std::string& key : keys) {
        ok = ok && shale_put(handle.db(), key.data(), key.size(), "value", 5, SHALE_TTL_NEVER, nullptr, 0,
                             nullptr) == SHALE_OK;
      }
      const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
      if (ok) ns = taken.count() / static_cast<double>(keys.size());
      if (!ok) *why = "a put was refused";
      if (!handle.Close(why)) ns = -1;
    }
  }
  if (on_disk) RemoveScratchDirectory(directory);
  return ns;
}

}   // namespace

bool RunFloodBench(const BenchOptions& options) {
  const size_t count = options.keys > 0 ? static_cast<size_t>(options.keys) : 100'000;
  const std::map<std::string, Keys> sets = {{"32 bytes, product zero", ShortFlood(count)},
                                            {"512 bytes, two stripes of one sum", LongFlood(count)},
                                            {"32 bytes, pairs of complements", PairFlood(count)}};
  PrintMachine();
  std::printf("%zu keys made to collide in XXH3 without a secret, beside random ones; ns a put\n", count);
  std::vector<std::vector<std::string>> table{{"keys", "store", "crafted", "random", "ratio"}};
  for (const auto& [name, crafted] : sets) {
    const Keys random = RandomLike(crafted);
    for (const bool on_disk : {false, true}) {
      std::vector<double> seen, beside, ratios;
      for (int round = 0; round < options.rounds; ++round) {
        std::string why;
        const bool turn = round % 2 == 0;   // who begins changes
        const double one = PutAll(turn ? crafted : random, on_disk, options.settings.shale_options, &why);
        const double two = PutAll(turn ? random : crafted, on_disk, options.settings.shale_options, &why);
        if (one < 0 || two < 0) {
          std::fprintf(stderr, "shale_bench: %s\n", why.c_str());
          return false;
        }
        seen.push_back(turn ? one : two);
        beside.push_back(turn ? two : one);
        ratios.push_back(seen.back() / beside.back());
      }
      table.push_back({name, on_disk ? "disk" : "memory", FormatSpread(SpreadOf(seen), options.rounds, 0),
                       FormatSpread(SpreadOf(beside), options.rounds, 0),
                       FormatSpread(SpreadOf(ratios), options.rounds, 2)});
    }
  }
  PrintTable(table);
  return true;
}

}   // namespace bench
