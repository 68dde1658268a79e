// LevelDB's background job of one index, and the memtables it has to write. LevelDB has at most one job
// outstanding; when it may run decides what a read can cost and whether a flush waits:
//
//             Schedule                     Release / LogCreated / Drain
//   (none) ------------> waiting in here ------------------------------------------> on the pool --> (none)
//             \_____________________________________________________________________/
//                              at once, if nobody has to wait
//
//  (1) before Release (the index is open but not committed) every job waits
//  (2) a job asked for by a read is a compaction that LevelDB would do because a file was looked into often.
//      It waits until the memtable is next rotated, for the version that asked for it is old then, and no
//      read writes tables; or until nobody has written for a while (RunParked)
//  (3) a waiting job blocks LevelDB's flushes, so it is let go before anybody can wait for one
//  (4) a job that stands in the pool's queue as a compaction when a memtable is rotated moves up: it is a
//      flush now
//  (5) once LevelDB is left alone (IndexHealth) no job begins; one that runs may never return, so nobody
//      waits for it and its thread of the pool is given up
//  (6) a log file stands for a memtable: LevelDB removes number n only when everything written before log n+1
//      began is in durable tables. The logs hold no bytes
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "store/background.h"
#include "store/index_health.h"

namespace shale {

class IndexJobs {
 public:
  IndexJobs(WorkPool* pool, IndexHealth* health);

  // Marks the calling thread as reading this index, for rule 2.
  class ReadScope {
   public:
    explicit ReadScope(const IndexJobs* jobs);
    ~ReadScope();

   private:
    const IndexJobs* const outer_;
  };

  void Schedule(void (*run)(void*), void* arg) EXCLUDES(mu_);
  void Release() EXCLUDES(mu_);     // ends rule 1
  void RunParked() EXCLUDES(mu_);   // lets go what rule 2 made wait
  void Drain() EXCLUDES(mu_);       // from now on no job waits
  // Until the pool holds nothing of this object, but what was running when it was abandoned.
  void AwaitIdle() EXCLUDES(mu_);
  // Rule 5. True: nobody had done so before.
  bool Abandon() EXCLUDES(mu_);
  // True on a thread that is running this index's job.
  bool OnJobThread() const;

  void LogCreated(uint64_t number) EXCLUDES(mu_);
  void LogWritten() EXCLUDES(mu_);   // bytes came to the newest log
  void LogRemoved(uint64_t number) EXCLUDES(mu_);
  bool HasLog(uint64_t number) const EXCLUDES(mu_);
  std::vector<uint64_t> Logs() const EXCLUDES(mu_);
  uint64_t NewestLog() const EXCLUDES(mu_);
  uint64_t OldestLog() const EXCLUDES(mu_);
  // Acquire: pairs with LogWritten.
  bool NewestLogIsWritten() const { return newest_written_.load(std::memory_order_acquire); }
  // Waits until every log before `number` is removed: true; or until no job is left that could do it, or will
  // ever: false.
  bool AwaitLogsRemovedBefore(uint64_t number) EXCLUDES(mu_);

  bool Validate(std::string* why) const EXCLUDES(mu_);
  uint64_t parked() const EXCLUDES(mu_);    // jobs that rule 2 made wait
  uint64_t flushes() const EXCLUDES(mu_);   // memtables written
  int running() const EXCLUDES(mu_);        // jobs inside LevelDB

 private:
  static void RunJob(void* self);
  void SubmitLocked() REQUIRES(mu_);
  void EnqueueLocked(WorkPool::Priority priority) REQUIRES(mu_);

  WorkPool* const pool_;
  IndexHealth* const health_;
  std::atomic<bool> newest_written_{false};
  mutable Mutex mu_;
  CondVar changed_;
  void (*run_)(void*) GUARDED_BY(mu_) = nullptr;
  void* arg_ GUARDED_BY(mu_) = nullptr;
  bool held_ GUARDED_BY(mu_) = true;
  bool draining_ GUARDED_BY(mu_) = false;
  bool waiting_ GUARDED_BY(mu_) = false;
  bool queued_ GUARDED_BY(mu_) = false;   // submitted, not begun
  bool queued_low_ GUARDED_BY(mu_) = false;
  int jobs_ GUARDED_BY(mu_) = 0;      // submitted, not returned; two while one has scheduled its successor
  int entries_ GUARDED_BY(mu_) = 0;   // in the pool; more than jobs_ after one has moved up (rule 4)
  bool abandoned_ GUARDED_BY(mu_) = false;
  int running_ GUARDED_BY(mu_) = 0;              // jobs inside LevelDB
  int lost_ GUARDED_BY(mu_) = 0;                 // of them, those that were there when it was abandoned
  std::vector<uint64_t> logs_ GUARDED_BY(mu_);   // ascending; three at most
  uint64_t parked_ GUARDED_BY(mu_) = 0;
  uint64_t flushes_ GUARDED_BY(mu_) = 0;
};

}   // namespace shale
