#include "base/fork_guard.h"

#include <pthread.h>
#include <unistd.h>

#include <new>

#include "base/seeded_bug.h"

namespace shale {

std::atomic<uint32_t> g_fork_generation{0};

namespace {

// Descriptor + 1, 0 = free. Plain atomics, because the child of a process with threads may only do what a
// signal handler may. Every access is relaxed: a slot carries nothing but its own number, and the child has
// one thread.
std::atomic<int> g_slots[kForkClosedFdsMax];

pthread_once_t g_once = PTHREAD_ONCE_INIT;
int g_install_error = 0;   // written inside pthread_once, which orders it before every return from it

void InForkedChild() {
  if (SeededBug(Seed::kNoForkGuard)) return;
  g_fork_generation.fetch_add(1, std::memory_order_relaxed);
  for (std::atomic<int>& slot : g_slots) {
    const int fd_plus_1 = slot.exchange(0, std::memory_order_relaxed);
    if (fd_plus_1 != 0) close(fd_plus_1 - 1);
  }
}

void Install() {
  g_install_error = pthread_atfork(nullptr, nullptr, &InForkedChild);
}

}   // namespace

void InstallForkGuard() {
  pthread_once(&g_once, &Install);
  if (g_install_error != 0) throw std::bad_alloc();   // ENOMEM is the only error that pthread_atfork knows
}

bool CloseInForkedChild(int fd) {
  for (std::atomic<int>& slot : g_slots) {
    int expected = 0;
    if (slot.compare_exchange_strong(expected, fd + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

void ForgetForkClosedFd(int fd) {
  for (std::atomic<int>& slot : g_slots) {
    int expected = fd + 1;
    if (slot.compare_exchange_strong(expected, 0, std::memory_order_relaxed)) return;
  }
}

}   // namespace shale
