// What the options say to the disk tier: the one place where they become its words.
#pragma once

#include "base/clock.h"
#include "engine/options.h"
#include "store/store.h"

namespace shale {

// Without path and stripes, which are no options.
Store::Config StoreConfig(const ResolvedOptions& options, Clock* clock);

}   // namespace shale
