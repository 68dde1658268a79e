#include "cache/budget.h"

namespace shale {

bool Budget::Take(size_t bytes) {
  size_t have = pool_.load(std::memory_order_relaxed);
  while (have >= bytes) {
    if (pool_.compare_exchange_weak(have, have - bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

size_t Budget::LeaseMax() const {
  const size_t step = total_ / 64 + 1;
  const size_t external = (external_.load(std::memory_order_relaxed) + step - 1) / step * step;
  const size_t floor = total_ / 4;
  const size_t left = total_ > external ? total_ - external : 0;
  return (left > floor ? left : floor) / shards_;
}

}   // namespace shale
