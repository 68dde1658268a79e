// One engine measured once, in a process of its own.
//
//  1. The parent never opens a store, so a child starts as small as the next one and inherits no thread.
//  2. The directory is fresh, and the parent removes it however the child ends.
//  3. The three phases follow each other without a pause: work that an engine puts off in one is paid in the
//  next.
#pragma once

#include <string>

#include "bench_options.h"

namespace bench {

inline constexpr int kPhaseCount = 3;
inline constexpr const char* kPhaseNames[kPhaseCount] = {"write", "hot", "uniform"};

// Crosses a pipe as bytes, hence no strings.
struct EngineRun {
  struct Phase {
    double kops_per_s;
    double cpu_us_per_op;
  };
  Phase phases[kPhaseCount];
  double peak_rss_mib;
  double close_s;
  char failure[256];   // empty if all went well
};

EngineRun RunEngineInChild(const std::string& engine, const BenchOptions& options);

// SIGINT and SIGTERM end the running child; the directory is removed and the run reads as failed.
void InstallInterruptHandlers();
bool Interrupted();

}   // namespace bench
