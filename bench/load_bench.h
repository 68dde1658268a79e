// How fast many rows get into a store: one by one, in groups, in atomic batches.
#pragma once

#include "bench_options.h"

namespace bench {

// The same sorted rows into a fresh store, by each way in turn; --keys and --value-bytes. From the first row
// to the end of shale_close, so that nothing is left to be done later. False if it failed.
bool RunLoadBench(const BenchOptions& options);

}   // namespace bench
