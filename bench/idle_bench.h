// What an open store costs a process that does nothing with it.
#pragma once

#include "bench_options.h"

namespace bench {

// A fresh store on disk with default options (and those given by --option): memory and CPU time over half a
// second. False if it failed.
bool RunIdleBench(const BenchOptions& options);

}   // namespace bench
