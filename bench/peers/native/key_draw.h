// How keys are chosen that are not all alike: some are asked for far more often than others.
#pragma once

#include <cmath>
#include <cstdint>

#include "fast_random.h"

namespace bench {

// Ranks from 0 with a frequency of 1 / (rank + 1)^0.99, as YCSB draws them (Gray and others, "Quickly
// generating billion-record synthetic databases"). Made once, drawn by any number of threads.
class ZipfRanks {
 public:
  explicit ZipfRanks(int64_t count) : count_(static_cast<double>(count)) {
    for (int64_t i = 1; i <= count; ++i) zeta_ += std::pow(1.0 / static_cast<double>(i), kTheta);
    const double zeta2 = 1 + std::pow(0.5, kTheta);
    eta_ = (1 - std::pow(2 / count_, 1 - kTheta)) / (1 - zeta2 / zeta_);
  }

  int64_t Draw(FastRandom* random) const {
    const double u = static_cast<double>(random->Next() >> 11) * 0x1p-53;
    const double uz = u * zeta_;
    if (uz < 1) return 0;
    if (uz < 1 + std::pow(0.5, kTheta)) return 1;
    const auto rank = static_cast<int64_t>(count_ * std::pow(eta_ * u - eta_ + 1, 1 / (1 - kTheta)));
    return rank < static_cast<int64_t>(count_) ? rank : static_cast<int64_t>(count_) - 1;
  }

 private:
  static constexpr double kTheta = 0.99;
  double count_;
  double zeta_ = 0;
  double eta_ = 0;
};

}   // namespace bench
