// The histogram that latencies of the comparison with other stores go through: no quantile is off by more
// than 1 %.
#include "bench/peers/native/latency_histogram.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "test.h"   // last: cmocka has a macro named fail

namespace bench {
namespace {

void AssertNear(int64_t seen, int64_t exact) {
  if (std::abs(seen - exact) * 100 > exact)
    fail_msg("%lld, not %lld", static_cast<long long>(seen), static_cast<long long>(exact));
}

TEST(an_empty_histogram_tells_zero) {
  const auto histogram = std::make_unique<LatencyHistogram>();
  assert_int_equal(histogram->Quantile(0.5), 0);
  assert_int_equal(histogram->max(), 0);
}

TEST(one_figure_of_any_size_is_told_within_a_hundredth) {
  for (int64_t nanos = 1; nanos < int64_t{3600} * 1'000'000'000; nanos += 1 + nanos / 37) {
    const auto histogram = std::make_unique<LatencyHistogram>();
    histogram->Add(nanos);
    AssertNear(histogram->Quantile(0.5), nanos);
    assert_int_equal(histogram->max(), nanos);
    histogram->Add(nanos * 2);   // so that the greatest does not bound what is told
    AssertNear(histogram->Quantile(0), nanos);
  }
}

TEST(quantiles_are_those_of_the_sorted_figures) {
  shale::Random random(TestSeed());
  const auto histogram = std::make_unique<LatencyHistogram>();
  const auto half = std::make_unique<LatencyHistogram>();
  std::vector<int64_t> all;
  for (int i = 0; i < 20'000; ++i) {
    // Of all sizes alike, not of all figures.
    const int64_t nanos = static_cast<int64_t>(random.Next() >> (20 + random.Next() % 43));
    all.push_back(nanos);
    (i % 2 == 0 ? histogram : half)->Add(nanos);
  }
  histogram->Merge(*half);
  std::sort(all.begin(), all.end());
  assert_int_equal(histogram->count(), 20'000);
  assert_int_equal(histogram->max(), all.back());
  for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999}) {
    const int64_t exact = all[static_cast<size_t>(share * static_cast<double>(all.size()))];
    const int64_t seen = histogram->Quantile(share);
    // Above the last bucket, an hour, only the greatest is exact.
    if (exact < int64_t{1} << 42) AssertNear(seen, exact);
  }
}

}   // namespace
}   // namespace bench

RUN()
