#include "base/thread_number.h"

#include <vector>

#include "base/mutex.h"

namespace shale {

constinit thread_local uint32_t thread_number_plus_1 = 0;

namespace {

struct FreeNumbers {
  Mutex mu;
  std::vector<uint32_t> free GUARDED_BY(mu);
  FreeNumbers() {
    MutexLock lock(&mu);
    for (uint32_t n = kThreadNumbers - 1; n > 0; n--) free.push_back(n);   // the lowest is given first
  }
};

// Never destroyed: threads may end after the statics are gone.
FreeNumbers& Numbers() {
  static auto* numbers = new FreeNumbers;
  return *numbers;
}

// Gives the number back when its thread ends.
struct Holder {
  uint32_t number = 0;
  ~Holder() {
    thread_number_plus_1 = 1;   // what this thread still does, it does as one of those without a number
    if (number == 0) return;
    FreeNumbers& numbers = Numbers();
    MutexLock lock(&numbers.mu);
    numbers.free.push_back(number);
  }
};

}   // namespace

uint32_t TakeThreadNumber() {
  static thread_local Holder holder;
  FreeNumbers& numbers = Numbers();
  MutexLock lock(&numbers.mu);
  if (!numbers.free.empty()) {
    holder.number = numbers.free.back();
    numbers.free.pop_back();
  }
  thread_number_plus_1 = holder.number + 1;
  return holder.number;
}

}   // namespace shale
