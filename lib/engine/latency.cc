#include "engine/latency.h"

#include <algorithm>

namespace shale {

Status LatencyStats::Create(std::unique_ptr<LatencyStats>* out) {
  std::unique_ptr<LatencyStats> made(new LatencyStats);
  const size_t bytes = RoundUpTo(kThreadNumbers * sizeof(PerThread), kPageBytes);
  SHALE_RETURN_IF_NOT_OK(made->region_.Reserve(bytes));
  if (!made->region_.CommitTo(bytes)) return Code::E_NO_MEMORY;
  made->threads_ = reinterpret_cast<PerThread*>(made->region_.base());
  *out = std::move(made);
  return Status::Ok();
}

void LatencyStats::Record(LatencyOp op, uint64_t nanos) {
  const uint32_t number = ThreadNumber();
  Histogram& h = threads_[number].ops[static_cast<size_t>(op)];
  Racy<uint64_t>& count = h.counts[BucketOf(nanos)];
  if (number != 0) [[likely]] {
    count++;
    h.sum_nanos = h.sum_nanos + nanos;
    if (nanos > h.max_nanos) h.max_nanos = nanos;
    return;
  }
  // Shared by all threads without a number; each word is right by itself.
  count.AddShared(1);
  h.sum_nanos.AddShared(nanos);
  for (uint64_t most = h.max_nanos; nanos > most && !h.max_nanos.Exchange(most, nanos);) most = h.max_nanos;
}

void LatencyStats::Read(Summaries* out) const {
  for (size_t op = 0; op < kOps; op++) {
    Summary& sum = (*out)[op] = Summary();
    for (uint32_t number = 0; number < kThreadNumbers; number++) {
      const Histogram& h = threads_[number].ops[op];
      for (size_t bucket = 0; bucket < kBuckets; bucket++) sum.counts[bucket] += h.counts[bucket];
      sum.sum_nanos += h.sum_nanos;
      sum.max_nanos = std::max(sum.max_nanos, h.max_nanos.Get());
    }
    for (const uint64_t count : sum.counts) sum.count += count;
  }
}

uint64_t LatencyStats::Summary::QuantileNanos(double part) const {
  const double wanted = part * static_cast<double>(count);
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets && count > 0; bucket++) {
    seen += counts[bucket];
    if (counts[bucket] == 0 || static_cast<double>(seen) < wanted) continue;
    const uint64_t next = bucket + 1 < kBuckets ? FloorOf(bucket + 1) : max_nanos;
    return std::min(max_nanos, (FloorOf(bucket) + std::max(next, FloorOf(bucket))) / 2);
  }
  return max_nanos;
}

uint64_t LatencyStats::Summary::CountBelow(uint64_t nanos) const {
  uint64_t below = 0;
  for (size_t bucket = 0; bucket < kBuckets && FloorOf(bucket) < nanos; bucket++) below += counts[bucket];
  return below;
}

}   // namespace shale
