// How long operations took: counts in buckets that are 1/64 of their power of two wide, so that no figure is
// off by more than 1 %, from a nanosecond to an hour, in 20 KiB a thread. (Debian has no HdrHistogram for
// C++.)
//
//  1. Used by one thread; the sums of several are made afterwards.
//  2. Max is exact.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

class LatencyHistogram {
 public:
  void Add(int64_t nanos) {
    nanos = std::max<int64_t>(nanos, 0);
    ++buckets_[std::min(BucketOf(static_cast<uint64_t>(nanos)), kBuckets - 1)];
    ++count_;
    max_ = std::max(max_, nanos);
  }

  void Merge(const LatencyHistogram& other) {
    for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  int64_t count() const { return count_; }
  int64_t max() const { return max_; }

  // The middle of the bucket in which the operation stands that is slower than a share of all; 0 if there
  // were none.
  int64_t Quantile(double share) const {
    const int64_t rank = std::min(static_cast<int64_t>(share * static_cast<double>(count_)), count_ - 1);
    int64_t seen = 0;
    for (size_t i = 0; i < kBuckets; ++i) {
      seen += buckets_[i];
      if (seen > rank) return std::min(Middle(i), max_);
    }
    return 0;
  }

 private:
  static constexpr unsigned kBits = 6;
  static constexpr size_t kHalf = size_t{1} << kBits;
  static constexpr size_t kBuckets = (43 - kBits) * kHalf;

  // Below 128 a bucket is one nanosecond; above, the power of two and the six bits that follow its first.
  static size_t BucketOf(uint64_t nanos) {
    if (nanos < 2 * kHalf) return nanos;
    const unsigned shift = static_cast<unsigned>(std::bit_width(nanos)) - kBits - 1;
    return shift * kHalf + static_cast<size_t>(nanos >> shift);
  }

  static int64_t Middle(size_t bucket) {
    if (bucket < 2 * kHalf) return static_cast<int64_t>(bucket);
    const size_t shift = bucket / kHalf - 1;
    const int64_t least = static_cast<int64_t>((bucket % kHalf + kHalf) << shift);
    return least + (int64_t{1} << shift) / 2;
  }

  std::array<int64_t, kBuckets> buckets_ = {};
  int64_t count_ = 0;
  int64_t max_ = 0;
};

}   // namespace bench
