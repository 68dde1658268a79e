// The figures of a store in Prometheus' text format.
#pragma once

#include <string>

#include "engine/engine.h"

namespace shale {

// E_CLOSED after close. Every figure of metrics.def under its name with underscores, in base units (seconds,
// ratios) and with the endings that the format's rules ask for; removals and bytes also by label; latency
// histograms if they are kept.
Status StatsPrometheus(Engine* engine, std::string* out);

}   // namespace shale
