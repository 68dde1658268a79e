// Latency histograms: what they say of values that are known, and of operations that were counted.
#include "engine/latency.h"

#include <algorithm>
#include <thread>

#include "base/random.h"
#include "engine/prometheus.h"
#include "engine/scan.h"
#include "engine/stats.h"
#include "store/scratch_dir.h"
#include "test.h"

namespace shale {
namespace {

std::unique_ptr<LatencyStats> NewStats() {
  std::unique_ptr<LatencyStats> stats;
  ASSERT_OK(LatencyStats::Create(&stats));
  return stats;
}

LatencyStats::Summary SummaryOf(const LatencyStats& stats, LatencyOp op) {
  auto all = std::make_unique<LatencyStats::Summaries>();
  stats.Read(all.get());
  return (*all)[static_cast<size_t>(op)];
}

TEST(quantiles_are_within_an_eighth_of_the_exact_ones) {
  Random random(TestSeed());
  for (int round = 0; round < 20; round++) {
    const auto stats = NewStats();
    std::vector<uint64_t> values;
    uint64_t sum = 0;
    for (int i = 0; i < 20'000; i++) {
      const uint64_t value = 8 + (random.Next() >> (64 - 1 - random.Next() % 36));
      values.push_back(value);
      sum += value;
      stats->Record(LatencyOp::kPut, value);
    }
    std::sort(values.begin(), values.end());
    const LatencyStats::Summary summary = SummaryOf(*stats, LatencyOp::kPut);
    assert_int_equal(summary.count, values.size());
    assert_int_equal(summary.sum_nanos, sum);
    assert_int_equal(summary.max_nanos, values.back());
    for (const double part : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const size_t at = std::max<size_t>(1, static_cast<size_t>(part * static_cast<double>(values.size())));
      const auto exact = static_cast<double>(values[at - 1]);
      const auto told = static_cast<double>(summary.QuantileNanos(part));
      if (told < exact * 0.875 || told > exact * 1.126) fail_msg("%g: told %.0f, is %.0f", part, told, exact);
    }
    for (int shift = 3; shift < 40; shift++) {
      const uint64_t bound = uint64_t{1} << shift;
      const auto below = std::lower_bound(values.begin(), values.end(), bound) - values.begin();
      if (shift < 37) assert_int_equal(summary.CountBelow(bound), below);
    }
  }
}

TEST(extremes_are_counted) {
  const auto stats = NewStats();
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{3}, UINT64_MAX / 2})
    stats->Record(LatencyOp::kSync, value);
  const LatencyStats::Summary summary = SummaryOf(*stats, LatencyOp::kSync);
  assert_int_equal(summary.count, 4);
  assert_int_equal(summary.max_nanos, UINT64_MAX / 2);
  assert_int_equal(summary.QuantileNanos(0.25), 0);
  assert_int_equal(SummaryOf(*stats, LatencyOp::kPut).count, 0);
  assert_int_equal(SummaryOf(*stats, LatencyOp::kPut).QuantileNanos(0.5), 0);
}

// More threads than there are numbers for: the rest shares a line, and nothing is lost there either.
TEST(threads_add_up) {
  const auto stats = NewStats();
  constexpr int kThreads = 300;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  std::atomic<int> arrived{0};
  for (int t = 0; t < kThreads; t++) {
    threads.emplace_back([&] {
      (void)ThreadNumber();
      arrived++;
      while (arrived < kThreads) std::this_thread::yield();   // all alive at once
      for (int i = 0; i < kEach; i++) stats->Record(LatencyOp::kGetHit, static_cast<uint64_t>(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const LatencyStats::Summary summary = SummaryOf(*stats, LatencyOp::kGetHit);
  assert_int_equal(summary.count, kThreads * kEach);
  assert_int_equal(summary.sum_nanos, kThreads * kEach * (kEach - 1) / 2);
  assert_int_equal(summary.max_nanos, kEach - 1);
}

std::shared_ptr<Engine> Open(const std::string& path, bool histograms) {
  Options options;
  ASSERT_OK(options.Set("memory.budget", "16MiB"));
  ASSERT_OK(options.Set("stats.histograms", histograms ? "true" : "false"));
  std::shared_ptr<Engine> engine;
  ASSERT_OK(Engine::Open(path, options, &engine));
  return engine;
}

int64_t StatOf(Engine* engine, const std::string& name) {
  int64_t value = -1;
  ASSERT_OK(ReadStat(engine, name, &value));
  return value;
}

void UseAll(Engine* engine) {
  char buf[16];
  ReadRequest request;
  request.mode = ReadMode::kCopy;
  request.buf = buf;
  request.cap = sizeof buf;
  ReadResult result;
  int64_t sum = 0;
  Buffer old;
  for (const char* key : {"a", "b", "c"}) ASSERT_OK(engine->Put(key, "1", WriteOptions(), nullptr));
  ASSERT_OK(engine->Incr("a", 1, false, &sum));
  ASSERT_OK(engine->GetAndSet("b", "2", WriteOptions(), &old, nullptr));
  ASSERT_OK(engine->Read("a", request, &result));
  ASSERT_OK(engine->Read("b", request, &result));
  assert_true(engine->Read("none", request, &result).Is(Code::NOT_FOUND));
  WriteBatch batch;
  ASSERT_OK(batch.Put("d", "4", kTtlNever));
  ASSERT_OK(engine->Write(batch, true, false));
  ASSERT_OK(engine->Delete("c", WriteOptions()));
  ASSERT_OK(engine->Sync());
  std::unique_ptr<Scan> scan;
  ASSERT_OK(engine->NewScan({}, &scan));
  for (Bytes key, value; scan->Next(&key, &value).ok();) {
  }
}

TEST(each_operation_is_counted_as_what_it_is) {
  ScratchDir scratch;
  const auto engine = Open(scratch / "store", true);
  UseAll(engine.get());
  const std::pair<const char*, int> wanted[] = {{"get_hit", 2},  {"get_miss", 1}, {"load", 1},
                                                {"put", 5},      {"delete", 1},   {"batch", 1},
                                                {"scan_row", 4}, {"sync", 1}};
  for (const auto& [name, count] : wanted) {
    const std::string stat = std::string("latency.") + name;
    assert_int_equal(StatOf(engine.get(), stat + "_count"), count);
    assert_true(StatOf(engine.get(), stat + "_p50_nanos") > 0);
    assert_true(StatOf(engine.get(), stat + "_p99_nanos") <= StatOf(engine.get(), stat + "_max_nanos"));
  }
}

TEST(without_the_option_nothing_is_measured) {
  const auto engine = Open("", false);
  UseAll(engine.get());
  for (size_t i = 0; i < StatCount(); i++) {
    const std::string name = StatAt(i)->name;
    if (name.starts_with("latency.")) assert_int_equal(StatOf(engine.get(), name), 0);
  }
  std::string text;
  ASSERT_OK(StatsPrometheus(engine.get(), &text));
  assert_null(std::strstr(text.c_str(), "duration"));
}

// A figure that is added to the table appears in the text by itself, once, with help and type.
TEST(every_figure_is_in_the_prometheus_text) {
  const auto engine = Open("", true);
  UseAll(engine.get());
  std::string text;
  ASSERT_OK(StatsPrometheus(engine.get(), &text));
  for (size_t i = 0; i < StatCount(); i++) {
    std::string name = StatAt(i)->name;
    if (name.starts_with("latency.")) continue;
    std::replace(name.begin(), name.end(), '.', '_');
    for (const char* unit : {"_micros", "_nanos", "_ms", "_percent"}) {
      if (name.ends_with(unit)) name.resize(name.size() - std::strlen(unit));
    }
    const std::string type = "\n# TYPE shale_" + name;
    // Another figure's name may begin like this one.
    std::string line;
    for (size_t at = text.find(type); at != std::string::npos && line.empty(); at = text.find(type, at + 1)) {
      std::string ending = text.substr(at + type.size(), text.find(' ', at + type.size()) - at - type.size());
      if (ending.ends_with("_total")) ending.resize(ending.size() - std::strlen("_total"));
      if (ending.empty() || ending == "_seconds" || ending == "_ratio") {
        line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      }
    }
    if (line.empty()) fail_msg("%s is not in the text", name.c_str());
    if (!line.ends_with(StatAt(i)->kind)) fail_msg("%s: %s", StatAt(i)->name, line.c_str());
    const bool total = line.find("_total ") != std::string::npos;
    assert_true(total == (std::string(StatAt(i)->kind) == "counter"));
  }
  for (const char* line :
       {"\nshale_cache_puts_total 6\n", "\nshale_cache_removals_total{reason=\"deleted\"} 1\n",
        "\nshale_cache_removals_total{reason=\"overwritten\"} 2\n",
        "\nshale_operation_duration_seconds_count{operation=\"put\"} 5\n",
        "\nshale_operation_duration_seconds_bucket{operation=\"put\",le=\"+Inf\"} 5\n"}) {
    if (text.find(line) == std::string::npos) fail_msg("missing:%s in %s", line, text.c_str());
  }
}

}   // namespace
}   // namespace shale

RUN()
