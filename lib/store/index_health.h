// Whether an index can still be written, and what went wrong, in our words. LevelDB keeps going after a
// failed append and only knows its own statuses; here the first failure is kept, with its errno, and ends all
// writing until the store is opened again.
//
//   healthy --Poison--> poisoned (reads go on) ;  any --MarkDead--> dead (nothing is called any more)
//
//  (1) the first cause stays
//  (2) dead: memory ran out inside LevelDB, which is built without exceptions and may hold its mutex for
//      ever. It is left alone then, and never freed
//  (3) what LevelDB still asks for when it is dead is refused, so that after AwaitOutside a job that goes on
//      in there reaches nothing that is freed (CallbackScope)
//  (4) a call that makes memory under LevelDB's mutex (a write, a new iterator) goes in alone, and so do the
//      calls of the library's own threads: whose turn comes after a death sees it, where it would wait for
//      the mutex for ever, and the close for the thread (EntryScope)
#pragma once

#include <leveldb/status.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "base/status.h"
#include "store/pool_thread.h"

namespace shale {

class IndexHealth {
 public:
  IndexHealth();

  // Acquire: the cause is seen with it.
  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }
  void Poison(const Status& cause) EXCLUDES(mu_);
  // "index: <cause>", or OK.
  Status PoisonCause() const EXCLUDES(mu_);
  // E_READ_ONLY with the cause, if poisoned; else OK.
  Status Refusal() const EXCLUDES(mu_);

  bool dead() const { return dead_.load(std::memory_order_relaxed); }   // relaxed: guards no data here
  void MarkDead() { dead_.store(true); }   // in one order with the entries of CallbackScope
  // Until no callback is being run that found the index alive. Only when it is dead.
  void AwaitOutside() const;

  // A call into LevelDB, as far as rule 4 asks for it.
  class EntryScope {
   public:
    // Not for the analysis: it is taken or not.
    EntryScope(IndexHealth* health, bool makes_memory_under_mutex) NO_THREAD_SAFETY_ANALYSIS
        : alone_(makes_memory_under_mutex || OnPoolThread() ? &health->alone_ : nullptr) {
      if (alone_ != nullptr) alone_->Lock();
    }
    ~EntryScope() NO_THREAD_SAFETY_ANALYSIS {
      if (alone_ != nullptr) alone_->Unlock();
    }
    EntryScope(const EntryScope&) = delete;
    EntryScope& operator=(const EntryScope&) = delete;

   private:
    Mutex* const alone_;
  };

  // A callback of LevelDB, while it runs.
  class CallbackScope {
   public:
    explicit CallbackScope(IndexHealth* health);
    ~CallbackScope();
    CallbackScope(const CallbackScope&) = delete;
    CallbackScope& operator=(const CallbackScope&) = delete;
    bool refused() const { return refused_; }

   private:
    IndexHealth* const health_;
    bool refused_ = false;
  };

  // For LevelDB. Remembers the error, so that FromLevel can give its code and errno back.
  leveldb::Status ToLevel(const Status& status) EXCLUDES(mu_);
  // What an Env callback returns when memory ran out. Made beforehand; throws std::bad_alloc when all are
  // spent.
  leveldb::Status OutOfMemory();
  // From LevelDB: "index: <what it says>". It seldom names the file; `last_read_failed`: the caller knows
  // that it is the table this thread touched last.
  Status FromLevel(const leveldb::Status& status, bool last_read_failed) const EXCLUDES(mu_);

  // Every touch of a table by the calling thread goes through this.
  void NoteTableRead(uint64_t table, uint64_t offset) const;
  // How often the calling thread has noted one, in all indexes. Unchanged: no new damage can have been met.
  static uint64_t TableReadsOfThread();

 private:
  const uint64_t id_;
  std::atomic<bool> poisoned_{false};
  std::atomic<bool> dead_{false};
  std::atomic<int> inside_{0};   // callbacks being run
  Mutex alone_;                  // rule 4
  std::array<leveldb::Status, 8> spare_;
  std::atomic<size_t> spare_used_{0};
  mutable Mutex mu_;
  Status cause_ GUARDED_BY(mu_);
  Status last_error_ GUARDED_BY(mu_);
};

}   // namespace shale
