// Memory that runs out: the N-th allocation fails, once or with all that follow, of the calling thread or of
// the whole process but the store's pools, in which LevelDB's jobs run (what is promised of those: shale.h,
// rule 13). Linked into a program by including it in one file; under a sanitizer, which has an allocator of
// its own, nothing fails.
#pragma once

#include <sys/prctl.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "model/store_kit.h"

namespace shale_test {

struct FailurePlan {
  int64_t nth = INT64_MAX;   // counted from 0
  bool for_ever = false;
  bool everybody = false;
};

class FailingMemory {
 public:
  // Until Disarm, on this thread or on all.
  static void Arm(const FailurePlan& plan) {
    plan_ = plan;
    seen_ = 0;
    failed_ = false;
    (plan.everybody ? everybody_armed_.store(true) : static_cast<void>(thread_armed_ = true));
  }
  // How many allocations there were.
  static int64_t Disarm() {
    thread_armed_ = false;
    everybody_armed_ = false;
    return seen_;
  }
  static bool failed() { return failed_; }

  static bool Fails() {
    if (everybody_armed_.load(std::memory_order_relaxed) && OfPool()) return false;
    if (!thread_armed_ && !everybody_armed_.load(std::memory_order_relaxed)) return false;
    const int64_t number = seen_.fetch_add(1);
    if (number < plan_.nth || (number > plan_.nth && !plan_.for_ever)) return false;
    failed_ = true;
    errno = ENOMEM;
    return true;
  }

 private:
  // Asked of the kernel each time: a thread is given its name when it has begun.
  static bool OfPool() {
    char name[16] = "";
    return prctl(PR_GET_NAME, name) == 0 && std::strncmp(name, "shale-", 6) == 0;
  }
  inline static FailurePlan plan_;
  inline static std::atomic<int64_t> seen_{0};
  inline static std::atomic<bool> failed_{false}, everybody_armed_{false};
  inline static thread_local bool thread_armed_ = false;
};

}   // namespace shale_test

#ifndef SHALE_TEST_SANITIZED
// In front of the C library's own, for the whole program.
extern "C" {
void* __libc_malloc(size_t size);                   // NOLINT
void* __libc_calloc(size_t count, size_t size);     // NOLINT
void* __libc_realloc(void* memory, size_t size);    // NOLINT
void* __libc_memalign(size_t align, size_t size);   // NOLINT

void* malloc(size_t size) noexcept {
  return shale_test::FailingMemory::Fails() ? nullptr : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
  return shale_test::FailingMemory::Fails() ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) noexcept {
  return shale_test::FailingMemory::Fails() ? nullptr : __libc_realloc(memory, size);
}
void* aligned_alloc(size_t align, size_t size) noexcept {
  return shale_test::FailingMemory::Fails() ? nullptr : __libc_memalign(align, size);
}
int posix_memalign(void** out, size_t align, size_t size) noexcept {
  *out = shale_test::FailingMemory::Fails() ? nullptr : __libc_memalign(align, size);
  return *out != nullptr ? 0 : ENOMEM;
}
}
#endif
