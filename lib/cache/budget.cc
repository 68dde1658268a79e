#include "cache/budget.h"

namespace shale {

bool Budget::Take(size_t bytes) {
  const auto wanted = static_cast<int64_t>(bytes);
  int64_t have = pool_.load(std::memory_order_relaxed);
  while (have >= wanted) {
    if (pool_.compare_exchange_weak(have, have - wanted, std::memory_order_relaxed)) return true;
  }
  return false;
}

void Budget::Resize(size_t total_bytes) {
  const size_t before = total_.exchange(total_bytes, std::memory_order_relaxed);
  pool_.fetch_add(static_cast<int64_t>(total_bytes) - static_cast<int64_t>(before),
                  std::memory_order_relaxed);
}

size_t Budget::LeaseMax() const {
  const size_t total = this->total();
  const size_t step = total / 64 + 1;
  const size_t external = (external_.load(std::memory_order_relaxed) + step - 1) / step * step;
  const size_t floor = total / 4;
  const size_t left = total > external ? total - external : 0;
  return (left > floor ? left : floor) / shards_;
}

}   // namespace shale
