// shale_bench: see bench/README.md.
#include "bench_options.h"
#include "flood_bench.h"
#include "idle_bench.h"
#include "load_bench.h"
#include "memory_bench.h"
#include "store_bench.h"

int main(int argc, char** argv) {
  bench::BenchOptions options;
  switch (bench::ParseBenchOptions(argc, argv, &options)) {
    case bench::ParseResult::kHelp:
      return 0;
    case bench::ParseResult::kError:
      return 2;
    case bench::ParseResult::kRun:
      break;
  }
  bool ok = false;
  if (options.mode == "store") ok = bench::RunStoreBench(options);
  if (options.mode == "memory") ok = bench::RunMemoryBench(options);
  if (options.mode == "load") ok = bench::RunLoadBench(options);
  if (options.mode == "flood") ok = bench::RunFloodBench(options);
  if (options.mode == "idle") ok = bench::RunIdleBench(options);
  return ok ? 0 : 1;
}
