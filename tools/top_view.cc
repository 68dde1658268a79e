#include "top_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli_text.h"

namespace shale::tool {

namespace {

constexpr int kBarCells = 20;
constexpr char kLatencyFamily[] = "shale_operation_duration_seconds";

std::string Fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string Count(double value) {
  return WithCommas(std::llround(value));
}

std::string Size(double bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (std::fabs(bytes) >= 1024 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    unit++;
  }
  return Fixed(bytes, unit == 0 ? 0 : 1) + " " + units[unit];
}

std::string Duration(double seconds) {
  if (seconds < 1e-6) return Fixed(seconds * 1e9, 0) + " ns";
  if (seconds < 1e-3) return Fixed(seconds * 1e6, 1) + " us";
  if (seconds < 1) return Fixed(seconds * 1e3, 1) + " ms";
  return Fixed(seconds, 2) + " s";
}

std::string Percent(double part, double whole) {
  return whole > 0 ? Fixed(part / whole * 100, 1) + " %" : "-";
}

std::string Right(std::string text, size_t width) {
  return text.size() < width ? text.insert(0, width - text.size(), ' ') : text;
}

std::string Left(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

// Two samples with the time between them.
class Pair {
 public:
  Pair(const MetricsSample& before, const MetricsSample& now)
      : before_(before),
        now_(now),
        seconds_(std::max(1e-3, std::chrono::duration<double>(now.taken() - before.taken()).count())) {}

  double Now(const std::string& name) const { return now_.Value("shale_" + name); }
  double Grown(const std::string& name) const { return Now(name) - before_.Value("shale_" + name); }
  double Rate(const std::string& name) const { return std::max(0.0, Grown(name)) / seconds_; }
  bool Has(const std::string& name) const { return now_.Has("shale_" + name); }
  double seconds() const { return seconds_; }

  // The histogram of what happened between the samples.
  std::vector<MetricsSample::Bound> Latencies(const std::string& operation) const {
    auto bounds = now_.Histogram(kLatencyFamily, operation);
    const auto old = before_.Histogram(kLatencyFamily, operation);
    for (size_t i = 0; i < bounds.size() && i < old.size(); i++) bounds[i].count -= old[i].count;
    return bounds;
  }

 private:
  const MetricsSample& before_;
  const MetricsSample& now_;
  const double seconds_;
};

// Inside a bucket, values are taken to lie evenly.
double Quantile(const std::vector<MetricsSample::Bound>& bounds, double part) {
  const double wanted = part * bounds.back().count;
  double below = 0, from = 0;
  for (const MetricsSample::Bound& bound : bounds) {
    if (bound.count >= wanted && bound.count > below) {
      if (std::isinf(bound.seconds)) return from;
      return from + (bound.seconds - from) * (wanted - below) / (bound.count - below);
    }
    below = bound.count;
    from = bound.seconds;
  }
  return from;
}

void AddMemory(const Pair& p, std::vector<TopLine>* lines) {
  const double bytes = p.Now("cache_bytes"), capacity = p.Now("cache_capacity_bytes");
  const double filled = capacity > 0 ? std::clamp(bytes / capacity, 0.0, 1.0) : 0;
  const auto cells = static_cast<size_t>(std::lround(filled * kBarCells));
  const double hits = p.Grown("cache_hits_total"), misses = p.Grown("cache_misses_total");
  const double all_hits = p.Now("cache_hits_total"), all_misses = p.Now("cache_misses_total");
  lines->push_back({"Memory tier", true});
  lines->push_back({"  used      [" + std::string(cells, '#') + std::string(kBarCells - cells, '.') + "] " +
                    Size(bytes) + " of " + Size(capacity) + ", " + Count(p.Now("cache_items")) + " items, " +
                    Count(p.Now("cache_places")) + " places"});
  lines->push_back({"  reads     " + Count((hits + misses) / p.seconds()) + "/s, hit ratio " +
                    Percent(hits, hits + misses) + " (since open " +
                    Percent(all_hits, all_hits + all_misses) + ")"});
  lines->push_back({"  installs  " + Count(p.Rate("cache_puts_total")) + "/s by writes, " +
                    Count(p.Rate("cache_fills_total")) + "/s by reads"});
  std::string removals;
  for (const char* reason : {"evicted", "expired", "deleted", "overwritten"}) {
    const double rate = p.Rate(std::string("cache_removals_total{reason=\"") + reason + "\"}");
    removals += (removals.empty() ? "" : ", ") + Count(rate) + "/s " + reason;
  }
  lines->push_back({"  removals  " + removals});
  const auto spread = [&p](const std::string& name) {
    return Count(p.Now(name + "_least")) + " / " + Count(p.Now(name + "_median")) + " / " +
           Count(p.Now(name + "_most"));
  };
  lines->push_back({"  shards    items " + spread("cache_shard_items") + ", hits " +
                    spread("cache_shard_hits") + " (least / median / most)"});
}

void AddDisk(const Pair& p, std::vector<TopLine>* lines) {
  lines->push_back({"Disk tier", true});
  lines->push_back({"  log       " + Size(p.Rate("log_appended_bytes_total")) + "/s written, " +
                    Count(p.Rate("log_reads_total")) + "/s reads, " + Count(p.Rate("log_fsyncs_total")) +
                    "/s syncs, " + Size(p.Now("log_bytes")) + " in " + Count(p.Now("log_segments")) +
                    " segments"});
  lines->push_back({"  pending   " + Size(p.Now("pending_bytes")) + ", " +
                    Count(p.Rate("pending_drains_total")) + "/s drains of " +
                    Count(p.Rate("pending_drained_keys_total")) + "/s keys, writers waited " +
                    Duration(p.Rate("pending_stall_seconds_total")) + "/s"});
  lines->push_back({"  index     " + Count(p.Rate("index_reads_total")) + "/s reads, " +
                    Size(p.Rate("index_table_bytes_written_total")) + "/s written, " +
                    Count(p.Grown("index_flushes_total")) + " flushes, " +
                    Count(p.Grown("index_compactions_total")) + " compactions"});
  if (p.Has("gc_segments_total")) {
    lines->push_back({"  garbage   " + Size(p.Now("space_garbage_bytes")) + " in the logs, " +
                      Count(p.Grown("gc_segments_total")) + " segments collected, " +
                      Size(p.Rate("gc_moved_bytes_total")) + "/s moved, " +
                      Size(p.Now("space_pinned_bytes")) + " pinned by readers"});
  }
  if (p.Now("store_shards_read_only") > 0)
    lines->push_back(
        {"  " + Count(p.Now("store_shards_read_only")) + " SHARDS REFUSE WRITES after an error", true});
  if (p.Now("warm_running") > 0)
    lines->push_back({"  warm restart: " + Count(p.Now("warm_restored_keys")) + " keys loaded so far"});
}

void AddLatencies(const Pair& p, std::vector<TopLine>* lines) {
  bool any = false;
  for (const char* operation :
       {"get_hit", "get_miss", "load", "put", "delete", "batch", "scan_row", "sync"}) {
    const auto bounds = p.Latencies(operation);
    if (bounds.empty()) continue;
    if (!any) lines->push_back({"Latency          calls       p50       p99     p99.9", true});
    any = true;
    if (bounds.back().count <= 0) continue;
    lines->push_back(
        {"  " + Left(operation, 10) + Right(Count(bounds.back().count / p.seconds()) + "/s", 10) +
         Right(Duration(Quantile(bounds, 0.5)), 10) + Right(Duration(Quantile(bounds, 0.99)), 10) +
         Right(Duration(Quantile(bounds, 0.999)), 10)});
  }
  if (!any) lines->push_back({"Latency: not measured (option stats.histograms)"});
}

}   // namespace

std::vector<TopLine> TopLines(const MetricsSample& before, const MetricsSample& now) {
  const Pair pair(before, now);
  std::vector<TopLine> lines;
  AddMemory(pair, &lines);
  AddDisk(pair, &lines);
  AddLatencies(pair, &lines);
  return lines;
}

}   // namespace shale::tool
