// What keys cost that were made to collide, beside others of the same length.
#pragma once

#include "bench_options.h"

namespace bench {

// Puts of each crafted set and of random keys, in turn, in memory and into a store; --keys. False if it
// failed.
bool RunFloodBench(const BenchOptions& options);

}   // namespace bench
