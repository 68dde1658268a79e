#include "engine/stats.h"

namespace shale {

namespace {

constexpr StatRow kRows[] = {
#define METRIC(name, kind, doc, value) {name, #kind, doc},
#include "engine/metrics.def"
#undef METRIC
};
constexpr size_t kRowCount = sizeof kRows / sizeof kRows[0];

}   // namespace

Status ReadAllStats(Engine* engine, std::vector<int64_t>* out) {
  if (engine->closed()) return Status::Error(Code::E_CLOSED, "the database is closed");
  const CacheStats c = engine->GetCacheStats();
  const int64_t o = engine->OpenSnapshots();
  const LeaseStats l = engine->GetLeaseStats();
  StoreStats s;
  (void)engine->GetStoreStats(&s);   // false without a path: all zero
  const Engine::WarmStats w = engine->GetWarmStats();
  const KeyRuns::Stats k = engine->key_runs().GetStats();
  LatencyStats::Summaries t;
  engine->GetLatencies(&t);
  out->clear();
#define METRIC(name, kind, doc, value) out->push_back(static_cast<int64_t>(value));
#include "engine/metrics.def"
#undef METRIC
  return Status::Ok();
}

size_t StatCount() {
  return kRowCount;
}

const StatRow* StatAt(size_t index) {
  return index < kRowCount ? &kRows[index] : nullptr;
}

Status ReadStat(Engine* engine, std::string_view name, int64_t* value) {
  std::vector<int64_t> values;
  SHALE_RETURN_IF_NOT_OK(ReadAllStats(engine, &values));
  for (size_t i = 0; i < kRowCount; i++) {
    if (name != kRows[i].name) continue;
    *value = values[i];
    return Status::Ok();
  }
  return Code::NOT_FOUND;
}

// Names are plain words and dots, values integers: nothing needs escaping.
Status StatsJson(Engine* engine, std::string* out) {
  std::vector<int64_t> values;
  SHALE_RETURN_IF_NOT_OK(ReadAllStats(engine, &values));
  out->clear();
  for (size_t i = 0; i < kRowCount; i++) {
    out->append(i == 0 ? "{\"" : ",\"").append(kRows[i].name).append("\":").append(std::to_string(values[i]));
  }
  out->append("}");
  return Status::Ok();
}

}   // namespace shale
