// Random bytes from the kernel for secrets and identities, and a small fast generator for sampling.
#pragma once

#include <cstdint>

#include "base/status.h"

namespace shale {

Status SystemRandom(void* out, size_t size);

// xorshift64*: not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u | 1) {}
  uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }
  uint64_t Below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * n) >> 64);
  }

 private:
  uint64_t state_;
};

}   // namespace shale
