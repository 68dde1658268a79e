// The store's own threads. LevelDB's default is one thread per process for all databases; 64 shards would
// queue behind each other, and a flush behind a long compaction. Two pools that never wait for each other:
//   index pool: LevelDB's jobs of all shards. Flushes first, and one thread is always kept free of
//               compactions, because a writer may be waiting for a flush.
//   drain pool: applies pending updates to the indexes. A drain may block until a flush has run, which is why
//               it must not run on the index pool.
//  (1) threads are made at Start (E_LIMIT if the system refuses), with all signals blocked, and joined at
//      Stop
//  (2) nothing is ever run inline in Submit
//  (3) Stop runs everything that was submitted before it, and what those jobs submit
//  (4) Submit allocates nothing while at most kQueuedMax jobs of a priority wait: it is called where nothing
//      may be thrown
//  (5) a thread whose job can never return (LevelDB's mutex, see index_health.h) is given up: it counts no
//      more, is not joined, and finds nothing here gone should it return after all. Another takes its place,
//      at the next Refill if the system has none just then
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"

namespace shale {

class WorkPool {
 public:
  enum class Priority { kHigh, kLow };
  struct Job {
    void (*run)(void* arg) = nullptr;   // must not throw
    void* arg = nullptr;
  };
  static constexpr size_t kQueuedMax = 1024;

  // At most low_running_max jobs of low priority run at a time.
  WorkPool(std::string name, int threads, int low_running_max);
  ~WorkPool();
  Status Start();
  // Not at the same time as GiveUp or Refill.
  void Stop();
  void Submit(Priority priority, Job job);
  // True on a thread of this pool.
  bool OnOwnThread() const;
  // Rule 5, for all other threads that now run a job with this argument.
  void GiveUp(const void* arg);
  // Starts the threads that are missing, as far as they can be started.
  void Refill();

 private:
  // First in, first out.
  class Queue {
   public:
    Queue() : ring_(kQueuedMax) {}
    bool empty() const { return count_ == 0; }
    void Push(Job job);
    Job Pop();

   private:
    std::vector<Job> ring_;
    size_t first_ = 0;
    size_t count_ = 0;
  };

  struct Worker {
    const void* arg = nullptr;   // of the job that runs
    bool low = false;            // it is of low priority
    bool given_up = false;
    std::thread thread;
  };

  // What the threads use. Each keeps it alive, as one that was given up outlives the pool.
  class Crew : public std::enable_shared_from_this<Crew> {
   public:
    Crew(std::string name, int low_running_max) : name_(std::move(name)), low_running_max_(low_running_max) {}
    // Throws what the system says if it refuses a thread.
    void Start(int threads) EXCLUDES(mu_);
    void Stop() EXCLUDES(mu_);
    void Submit(Priority priority, Job job) EXCLUDES(mu_);
    void GiveUp(const void* arg) EXCLUDES(mu_);
    void Refill() EXCLUDES(mu_);

   private:
    void StartMissing() REQUIRES(mu_);
    void Run(Worker* self) EXCLUDES(mu_);
    bool NextJob(Job* job, bool* low) REQUIRES(mu_);
    void Ended(bool low) REQUIRES(mu_);

    const std::string name_;
    const int low_running_max_;
    Mutex mu_;
    CondVar wake_;
    Queue high_ GUARDED_BY(mu_);
    Queue low_ GUARDED_BY(mu_);
    int low_running_ GUARDED_BY(mu_) = 0;
    int missing_ GUARDED_BY(mu_) = 0;   // threads to be started
    bool stopping_ GUARDED_BY(mu_) = false;
    std::list<Worker> workers_ GUARDED_BY(mu_);
  };

  const std::string name_;
  const int thread_count_;
  const std::shared_ptr<Crew> crew_;
};

}   // namespace shale
