#include "engine/prometheus.h"

#include <charconv>
#include <string_view>
#include <vector>

#include "engine/stats.h"

namespace shale {

namespace {

// Not printf: that writes the comma of the host's locale.
void AppendNumber(double value, std::string* out) {
  char text[32];
  out->append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// "pending.stall_micros" is shale_pending_stall_seconds with values divided by a million.
struct Unit {
  std::string_view ending;
  std::string_view base;
  double divisor;
};
constexpr Unit kUnits[] = {{"_micros", "_seconds", 1e6},
                           {"_nanos", "_seconds", 1e9},
                           {"_ms", "_seconds", 1e3},
                           {"_percent", "_ratio", 100}};

struct Name {
  std::string text;
  double divisor = 1;
};

Name NameOf(std::string_view stat, bool counter) {
  Name name;
  name.text.append("shale_").append(stat);
  for (char& c : name.text) {
    if (c == '.') c = '_';
  }
  for (const Unit& unit : kUnits) {
    if (!std::string_view(name.text).ends_with(unit.ending)) continue;
    name.text.replace(name.text.size() - unit.ending.size(), unit.ending.size(), unit.base);
    name.divisor = unit.divisor;
    break;
  }
  if (counter) name.text.append("_total");
  return name;
}

void AppendHead(std::string_view name, std::string_view kind, std::string_view doc, std::string* out) {
  out->append("# HELP ").append(name).append(" ").append(doc).append("\n");
  out->append("# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void AppendRow(const StatRow& row, int64_t value, std::string* out) {
  const bool counter = std::string_view(row.kind) == "counter";
  const Name name = NameOf(row.name, counter);
  AppendHead(name.text, row.kind, row.doc, out);
  out->append(name.text).append(" ");
  if (name.divisor == 1) {
    out->append(std::to_string(value));
  } else {
    AppendNumber(static_cast<double>(value) / name.divisor, out);
  }
  out->append("\n");
}

struct Labelled {
  std::string_view label;
  uint64_t value;
};

void AppendFamily(std::string_view name, std::string_view label, const std::vector<Labelled>& rows,
                  std::string* out) {
  for (const Labelled& row : rows) {
    out->append(name).append("{").append(label).append("=\"").append(row.label).append("\"} ");
    out->append(std::to_string(row.value)).append("\n");
  }
}

void AppendFamilies(const CacheStats& c, std::string* out) {
  AppendHead("shale_cache_removals_total", "counter", "items that have left the memory tier", out);
  AppendFamily("shale_cache_removals_total", "reason",
               {{"evicted", c.evictions},
                {"expired", c.expirations},
                {"deleted", c.deletions},
                {"overwritten", c.overwrites}},
               out);
  const uint64_t beside = c.table_bytes + c.place_bytes + c.external_bytes;
  AppendHead("shale_cache_part_bytes", "gauge", "bytes of the memory tier in use, by what for", out);
  AppendFamily("shale_cache_part_bytes", "part",
               {{"items", c.bytes > beside ? c.bytes - beside : 0},
                {"tables", c.table_bytes},
                {"places", c.place_bytes},
                {"external", c.external_bytes}},
               out);
}

void AppendHistogram(std::string_view operation, const LatencyStats::Summary& summary, std::string* out) {
  constexpr std::string_view kFamily = "shale_operation_duration_seconds";
  const auto line = [&](std::string_view ending) -> std::string& {
    return out->append(kFamily).append(ending).append("{operation=\"").append(operation).append("\"");
  };
  // A bound for each power of two from 64 ns to 17 s.
  for (int shift = 6; shift <= 34; shift++) {
    const uint64_t nanos = uint64_t{1} << shift;
    line("_bucket").append(",le=\"");
    AppendNumber(static_cast<double>(nanos) / 1e9, out);
    out->append("\"} ").append(std::to_string(summary.CountBelow(nanos))).append("\n");
  }
  line("_bucket").append(",le=\"+Inf\"} ").append(std::to_string(summary.count)).append("\n");
  line("_sum").append("} ");
  AppendNumber(static_cast<double>(summary.sum_nanos) / 1e9, out);
  out->append("\n");
  line("_count").append("} ").append(std::to_string(summary.count)).append("\n");
}

void AppendHistograms(const LatencyStats::Summaries& latencies, std::string* out) {
  AppendHead("shale_operation_duration_seconds", "histogram", "how long operations took", out);
#define LATENCY_OP(id, name, doc) AppendHistogram(name, latencies[static_cast<size_t>(LatencyOp::id)], out);
#include "engine/latency_ops.def"
#undef LATENCY_OP
}

}   // namespace

Status StatsPrometheus(Engine* engine, std::string* out) {
  std::vector<int64_t> values;
  SHALE_RETURN_IF_NOT_OK(ReadAllStats(engine, &values));
  out->clear();
  for (size_t i = 0; i < values.size(); i++) {
    const StatRow& row = *StatAt(i);
    if (!std::string_view(row.name).starts_with("latency.")) AppendRow(row, values[i], out);
  }
  AppendFamilies(engine->GetCacheStats(), out);
  if (engine->options().histograms) {
    LatencyStats::Summaries latencies;
    engine->GetLatencies(&latencies);
    AppendHistograms(latencies, out);
  }
  return Status::Ok();
}

}   // namespace shale
