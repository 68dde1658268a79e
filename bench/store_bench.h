// The comparison on disk: all engines in turn, round after round, one table and the ratios that Shale is held
// to.
#pragma once

#include "bench_options.h"

namespace bench {

// False if an engine failed. Missing a target is printed, never a failure: a machine's mood is no defect.
bool RunStoreBench(const BenchOptions& options);

}   // namespace bench
