// The command line of shale_bench.
#pragma once

#include <string>
#include <vector>

#include "engines.h"

namespace bench {

struct BenchOptions {
  std::string mode;           // "store", "memory", "load", "flood", "idle"
  std::vector<int> threads;   // store: one count; memory: one column group each
  double seconds = 0;         // of each timed phase
  int value_bytes = 0;
  int noise_bits = 8;   // store: of chance in each byte of a value
  int keys = 0;         // store: written by each engine; 0: as many as it can in `seconds`; load: 0 is a million
  int rounds = 1;
  int warm_mib = 6144;   // memory touched before each engine
  std::vector<std::string> engines;
  std::string csv_path;   // empty: none
  EngineSettings settings;
};

enum class ParseResult { kRun, kHelp, kError };

// Fills *options, or prints the help, or prints to stderr what is wrong.
ParseResult ParseBenchOptions(int argc, char** argv, BenchOptions* options);

}   // namespace bench
