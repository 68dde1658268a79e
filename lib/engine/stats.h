// Every figure of a store by name: one table (metrics.def) makes names, kinds, texts and values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace shale {

struct StatRow {
  const char* name;
  const char* kind;   // "counter" or "gauge"
  const char* doc;
};
size_t StatCount();
const StatRow* StatAt(size_t index);   // nullptr past the end

// NOT_FOUND for an unknown name; E_CLOSED after close.
Status ReadStat(Engine* engine, std::string_view name, int64_t* value);
// Values of all rows, in their order.
Status ReadAllStats(Engine* engine, std::vector<int64_t>* out);
// One JSON object of all figures.
Status StatsJson(Engine* engine, std::string* out);

}   // namespace shale
