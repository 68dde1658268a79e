// The memory tier beside an unlocked std::unordered_map and oneTBB's concurrent_hash_map, all in one run: see
// bench/README.md.
#include <getopt.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "../process_stats.h"
#include "goals.h"
#include "hit_instructions.h"
#include "map_loads.h"

namespace bench {
namespace {

constexpr char kHelp[] =
    "usage: cache_bench [options]\n"
    "\n"
    "  --rounds N           every cell so many times, in turn; prints the median (least-most) (5)\n"
    "  --seconds S          length of one cell (0.2)\n"
    "  --option NAME=VALUE  any option of Shale; may be repeated\n"
    "  --csv FILE           every single measurement, one line each\n";

constexpr double kOverheadAsked = 48;

struct Arguments {
  int rounds = 5;
  double seconds = 0.2;
  std::string csv_path;
};

bool AddSetting(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  ShaleMap::more_settings.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  return true;
}

bool ParseArguments(int argc, char** argv, Arguments* arguments) {
  const struct option known[] = {{"rounds", required_argument, nullptr, 'r'},
                                 {"seconds", required_argument, nullptr, 's'},
                                 {"option", required_argument, nullptr, 'o'},
                                 {"csv", required_argument, nullptr, 'c'},
                                 {nullptr, 0, nullptr, 0}};
  for (int c; (c = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    if (c == 'r') arguments->rounds = std::atoi(optarg);
    if (c == 's') arguments->seconds = std::atof(optarg);
    if (c == 'o' && !AddSetting(optarg)) return false;
    if (c == 'c') arguments->csv_path = optarg;
    if (c == '?') return false;
  }
  return optind == argc && arguments->rounds > 0 && arguments->seconds > 0;
}

// The three maps with the same keys.
struct Maps {
  int64_t keys = 0;
  ShaleMap shale;
  StdMap std_map;
  TbbMap tbb;
};

class CacheBench {
 public:
  explicit CacheBench(const Arguments& arguments) : arguments_(arguments) {}
  bool Run();

 private:
  template <typename Map>
  bool Fill(Map* map, int64_t keys, size_t* rss_bytes);
  bool MakeMaps();
  void PrintOverhead() const;
  // RunPhase with as many of these loads as there are threads.
  template <typename AnyLoad, typename Map>
  bool Measure(const char* work, Map* map, int64_t keys, int threads);
  bool MeasureOn(Maps* maps, int turn);
  bool MeasureOwnWork();

  const Arguments arguments_;
  CsvFile csv_;
  Maps maps_[std::size(kMapSizes)];
  size_t rss_bytes_[3] = {};   // what a million entries take, by map
  Figures figures_;
  int round_ = 0;
  std::string why_;
};

// Only what is touched for the first time can be seen in this figure: the largest map comes first.
size_t AnonBytes() {
  return static_cast<size_t>(ProcessStatusKib("RssAnon")) * 1024;
}

template <typename Map>
bool CacheBench::Fill(Map* map, int64_t keys, size_t* rss_bytes) {
  const size_t before = AnonBytes();
  if (!map->Open(kMapValueBytes, &why_) || !MapPuts<Map>(map, 0, keys).Fill(&why_)) return false;
  if (rss_bytes != nullptr) *rss_bytes = AnonBytes() - before;
  return true;
}

bool CacheBench::MakeMaps() {
  for (size_t i = std::size(kMapSizes); i-- > 0;) {
    Maps& maps = maps_[i];
    maps.keys = kMapSizes[i];
    const bool largest = i + 1 == std::size(kMapSizes);
    if (!Fill(&maps.shale, maps.keys, largest ? &rss_bytes_[0] : nullptr) ||
        !Fill(&maps.std_map, maps.keys, largest ? &rss_bytes_[1] : nullptr) ||
        !Fill(&maps.tbb, maps.keys, largest ? &rss_bytes_[2] : nullptr))
      return false;
  }
  return true;
}

void CacheBench::PrintOverhead() const {
  const Maps& maps = maps_[std::size(kMapSizes) - 1];
  const auto entries = static_cast<double>(maps.keys);
  const double data = kMemoryKeyBytes + kMapValueBytes;
  const auto above_data = [&](size_t bytes) { return static_cast<double>(bytes) / entries - data; };
  int64_t bytes = 0;
  (void)shale_stat(maps.shale.db(), "cache.bytes", &bytes, nullptr);
  const double used = above_data(static_cast<size_t>(bytes));
  std::printf(
      "bytes an entry beside key and value, %lld entries: shale %.1f in use (asked <= %.0f: %s); resident: "
      "shale %.1f, unordered_map %.1f, oneTBB %.1f\n",
      static_cast<long long>(maps.keys), used, kOverheadAsked, used <= kOverheadAsked ? "met" : "missed",
      above_data(rss_bytes_[0]), above_data(rss_bytes_[1]), above_data(rss_bytes_[2]));
}

template <typename AnyLoad, typename Map>
bool CacheBench::Measure(const char* work, Map* map, int64_t keys, int threads) {
  std::vector<std::unique_ptr<Load>> loads;
  for (int t = 0; t < threads; ++t) loads.push_back(std::make_unique<AnyLoad>(map, t, keys));
  const PhaseResult result = RunPhase(loads, arguments_.seconds);
  if (!result.failure.empty()) {
    why_ = result.failure;
    return false;
  }
  const double ns = result.wall_s * std::min(threads, CoreCount()) / static_cast<double>(result.ops) * 1e9;
  figures_.Add({work, keys, threads, Map::kName}, ns);
  csv_.Line(
      Format("%d,%s,%lld,%d,%s,%.2f", round_, work, static_cast<long long>(keys), threads, Map::kName, ns));
  return true;
}

// `turn` decides who comes first.
bool CacheBench::MeasureOn(Maps* maps, int turn) {
  const int64_t keys = maps->keys;
  const bool smallest = keys == kMapSizes[0];
  const bool largest = keys == kMapSizes[std::size(kMapSizes) - 1];
  const auto gets = [&](auto* map) {
    using Map = std::remove_pointer_t<decltype(map)>;
    if (!Measure<MapGets<Map>>(kGet, map, keys, 1)) return false;
    if constexpr (!std::is_same_v<Map, StdMap>) {
      for (const int threads : {2, kManyThreads}) {
        if (!Measure<MapGets<Map>>(kGet, map, keys, threads)) return false;
        if (smallest && !Measure<MapGets<Map>>(kGet, map, 1, threads)) return false;
      }
    }
    return Measure<MapPuts<Map>>(kSet, map, keys, 1);
  };
  const std::function<bool()> of_each[] = {[&] { return gets(&maps->shale); },
                                           [&] { return gets(&maps->std_map); },
                                           [&] { return gets(&maps->tbb); }};
  for (size_t i = 0; i < std::size(of_each); ++i) {
    if (!of_each[(i + static_cast<size_t>(turn)) % std::size(of_each)]()) return false;
  }
  // Beside the single gets of the same round.
  return !largest || Measure<ShaleMultiGets>(kMultiGet, &maps->shale, keys, 1);
}

bool CacheBench::MeasureOwnWork() {
  NoMap none;
  const int64_t keys = kMapSizes[0];
  if (!Measure<MapGets<NoMap>>(kGet, &none, keys, 1)) return false;
  std::printf("choosing a key and looking at the value: %.1f ns, contained in every figure\n",
              figures_.Of({kGet, keys, 1, NoMap::kName}).front());
  return true;
}

bool CacheBench::Run() {
  if (!csv_.Open(arguments_.csv_path, "round,work,keys,threads,map,ns_per_op")) return false;
  PrintMachine();
  std::printf("%zu-byte keys, %zu-byte values, keys drawn evenly; %g s a cell, %d round%s\n", kMemoryKeyBytes,
              kMapValueBytes, arguments_.seconds, arguments_.rounds,
              arguments_.rounds == 1 ? "" : "s in turn, median (least-most)");
  bool good = MakeMaps() && MeasureOwnWork();
  if (good) PrintOverhead();
  for (round_ = 1; good && round_ <= arguments_.rounds; ++round_) {
    std::fprintf(stderr, "round %d of %d\n", round_, arguments_.rounds);
    for (Maps& maps : maps_) good = good && MeasureOn(&maps, round_);
  }
  if (!good) {
    std::fprintf(stderr, "cache_bench: %s\n", why_.c_str());
    return false;
  }
  double instructions = 0;
  if (CountHitInstructions(&instructions, &why_)) {
    std::printf("instructions of a hit: %.0f (callgrind, shale_get_into, 1 k keys)\n\n", instructions);
  } else {
    std::printf("instructions of a hit: not counted: %s\n\n", why_.c_str());
  }
  PrintCells(figures_, arguments_.rounds);
  std::printf("\n");
  PrintGoals(figures_, arguments_.rounds);
  return csv_.Close();
}

}   // namespace
}   // namespace bench

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], bench::kHitsWord) == 0) return bench::RunOnlyHits();
  bench::Arguments arguments;
  if (!bench::ParseArguments(argc, argv, &arguments)) {
    std::fputs(bench::kHelp, stderr);
    return 2;
  }
  return bench::CacheBench(arguments).Run() ? 0 : 1;
}
