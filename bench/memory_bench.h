// The in-memory mode alone: what a get and a put cost when nothing but memory is in the way, and how that
// holds from one thread to a hundred.
#pragma once

#include "bench_options.h"

namespace bench {

// False if the store failed or gave a wrong answer.
bool RunMemoryBench(const BenchOptions& options);

}   // namespace bench
