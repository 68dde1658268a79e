#include "base/thread_number.h"

#include <new>

#include "base/mutex.h"
#include "base/thread_scratch.h"

namespace shale {

constinit thread_local uint32_t thread_number_plus_1 = 0;

namespace {

// Without a destructor: threads may end after the statics are gone.
struct FreeNumbers {
  Mutex mu;
  uint32_t returned[kThreadNumbers] GUARDED_BY(mu) = {};   // by threads that have ended
  uint32_t returned_count GUARDED_BY(mu) = 0;
  uint32_t next GUARDED_BY(mu) = 1;   // never given yet
};
constinit FreeNumbers g_numbers;

// Gives the number back when its thread ends.
struct Holder {
  uint32_t number = 0;
  ~Holder() {
    thread_number_plus_1 = 1;   // what this thread still does, it does as one of those without a number
    if (number == 0) return;
    MutexLock lock(&g_numbers.mu);
    g_numbers.returned[g_numbers.returned_count++] = number;
  }
};

Holder* HolderOfThread() {
  try {
    return ThreadScratch<Holder, Holder>();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}   // namespace

uint32_t TakeThreadNumber() {
  Holder* const holder = HolderOfThread();
  if (holder == nullptr) return 0;   // for now
  MutexLock lock(&g_numbers.mu);
  if (g_numbers.returned_count > 0) {
    holder->number = g_numbers.returned[--g_numbers.returned_count];
  } else if (g_numbers.next < kThreadNumbers) {
    holder->number = g_numbers.next++;
  }
  thread_number_plus_1 = holder->number + 1;
  return holder->number;
}

}   // namespace shale
