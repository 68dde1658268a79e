// A generator that costs about a nanosecond, so that choosing a key is not what a loop measures.
#pragma once

#include <cstdint>

namespace bench {

class FastRandom {
 public:
  // The multiplier spreads neighbouring seeds (thread numbers) over the state; zero is no state and is
  // avoided.
  explicit FastRandom(uint64_t seed) : state_((seed + 1) * 0x9E3779B97F4A7C15u | 1) {}

  uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }

  // Evenly from [0, n) by the high half of a product: a division would cost more than all the rest.
  int64_t Below(int64_t n) {
    return static_cast<int64_t>((static_cast<unsigned __int128>(Next()) * static_cast<uint64_t>(n)) >> 64);
  }

 private:
  uint64_t state_;
};

}   // namespace bench
