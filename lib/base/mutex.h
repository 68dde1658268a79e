// Locks as types that clang can check. One order for the whole library:
//
//   engine iterators -> hot options -> stripe (append lock of a disk shard, by index) -> runs of keys
//   -> memory shard -> growing region
//   -> key filter -> pending -> entry of an index -> log sync -> file cache
//
// No lock is held over disk work but a stripe, and the entry of an index for those who wait there. A waiter tries
// again for a microsecond, for most locks are held for less than it takes to sleep and be woken; then it
// sleeps in the kernel (futex): with 64 threads on 2 cores one that spins for longer burns the time slice that
// the holder needs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/annotations.h"

namespace shale {

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void Lock() ACQUIRE() {
    if (!mu_.try_lock()) [[unlikely]]
      LockSlowly();
  }
  void Unlock() RELEASE() { mu_.unlock(); }
  bool TryLock() TRY_ACQUIRE(true) { return mu_.try_lock(); }
  void AssertHeld() ASSERT_CAPABILITY(this) {}

 private:
  friend class CondVar;
  void LockSlowly();
  std::mutex mu_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex* mu) ACQUIRE(mu) : mu_(mu) { mu_->Lock(); }
  ~MutexLock() RELEASE() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

class CondVar {
 public:
  void Wait(Mutex* mu) REQUIRES(mu) {
    std::unique_lock<std::mutex> lock(mu->mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  // False on timeout.
  bool WaitForMs(Mutex* mu, int64_t ms) REQUIRES(mu) {
    std::unique_lock<std::mutex> lock(mu->mu_, std::adopt_lock);
    const bool woken = cv_.wait_for(lock, std::chrono::milliseconds(ms)) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}   // namespace shale
