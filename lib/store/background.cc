#include "store/background.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/signals_blocked.h"
#include "store/pool_thread.h"

namespace shale {

namespace {
thread_local const void* t_crew = nullptr;   // whose thread this is
}

void WorkPool::Queue::Push(Job job) {
  if (count_ == ring_.size()) {
    std::vector<Job> larger(2 * ring_.size());
    for (size_t i = 0; i < count_; i++) larger[i] = ring_[(first_ + i) % ring_.size()];
    ring_.swap(larger);
    first_ = 0;
  }
  ring_[(first_ + count_) % ring_.size()] = job;
  count_++;
}

WorkPool::Job WorkPool::Queue::Pop() {
  SHALE_DCHECK(count_ > 0);
  const Job job = ring_[first_];
  first_ = (first_ + 1) % ring_.size();
  count_--;
  return job;
}

// ---- the threads

void WorkPool::Crew::Start(int threads) {
  MutexLock lock(&mu_);
  SHALE_CHECK(std::all_of(workers_.begin(), workers_.end(), [](const Worker& w) { return w.given_up; }));
  stopping_ = false;
  missing_ = threads;
  StartMissing();
}

void WorkPool::Crew::StartMissing() {
  const SignalsBlocked blocked;
  while (missing_ > 0) {
    Worker* const worker = &workers_.emplace_back();
    try {
      worker->thread = std::thread([crew = shared_from_this(), worker] { crew->Run(worker); });
    } catch (...) {
      workers_.pop_back();
      throw;
    }
    missing_--;
  }
}

void WorkPool::Crew::Refill() {
  MutexLock lock(&mu_);
  if (missing_ == 0) return;
  try {
    StartMissing();
  } catch (...) {
    // Neither memory nor threads: those that are left do the work until the next time.
  }
}

void WorkPool::Crew::Stop() {
  std::list<Worker> ended;
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    missing_ = 0;
    wake_.NotifyAll();
    for (auto at = workers_.begin(); at != workers_.end();) {
      const auto worker = at++;
      if (!worker->given_up) ended.splice(ended.end(), workers_, worker);
    }
  }
  for (Worker& worker : ended) worker.thread.join();
  // All were given up and none could be started anew: rule 3.
  Job job;
  for (bool low, more = true; more;) {
    {
      MutexLock lock(&mu_);
      more = NextJob(&job, &low);
    }
    if (more) job.run(job.arg);
  }
}

void WorkPool::Crew::Submit(Priority priority, Job job) {
  SHALE_CHECK(job.run != nullptr);
  MutexLock lock(&mu_);
  (priority == Priority::kHigh ? high_ : low_).Push(job);
  wake_.NotifyOne();
}

void WorkPool::Crew::GiveUp(const void* arg) {
  {
    MutexLock lock(&mu_);
    for (Worker& worker : workers_) {
      if (worker.arg != arg || worker.given_up || worker.thread.get_id() == std::this_thread::get_id())
        continue;
      worker.given_up = true;
      worker.thread.detach();
      missing_++;
      if (worker.low) Ended(true);
    }
  }
  Refill();
}

bool WorkPool::Crew::NextJob(Job* job, bool* low) {
  *low = false;
  if (!high_.empty()) {
    *job = high_.Pop();
    return true;
  }
  if (low_.empty() || low_running_ >= low_running_max_) return false;
  *job = low_.Pop();
  *low = true;
  return true;
}

void WorkPool::Crew::Ended(bool low) {
  if (!low) return;
  low_running_--;
  // A waiting job of low priority may have a thread now; when stopping, every thread must look again
  // whether it is over.
  if (stopping_) {
    wake_.NotifyAll();
  } else {
    wake_.NotifyOne();
  }
}

void WorkPool::Crew::Run(Worker* self) {
  t_crew = this;
  MarkPoolThread();
  // For whoever looks at the process; failing does no harm.
  pthread_setname_np(pthread_self(), name_.c_str());
  for (;;) {
    Job job;
    {
      MutexLock lock(&mu_);
      while (!NextJob(&job, &self->low)) {
        if (stopping_ && low_.empty()) return;
        wake_.Wait(&mu_);
      }
      if (self->low) low_running_++;
      self->arg = job.arg;
    }
    job.run(job.arg);
    MutexLock lock(&mu_);
    if (self->given_up) return;
    self->arg = nullptr;
    Ended(self->low);
  }
}

// ---- the pool

WorkPool::WorkPool(std::string name, int threads, int low_running_max)
    : name_(name.substr(0, 15)),
      thread_count_(threads),
      crew_(std::make_shared<Crew>(name_, low_running_max)) {
  SHALE_CHECK(threads > 0 && low_running_max > 0);
}

WorkPool::~WorkPool() {
  Stop();
}

Status WorkPool::Start() {
  int error_number = 0;
  try {
    crew_->Start(thread_count_);
  } catch (const std::system_error& e) {
    error_number = e.code().value();
  } catch (const std::bad_alloc&) {
    error_number = ENOMEM;
  }
  if (error_number == 0) return Status::Ok();
  Stop();
  return Status::Error(Code::E_LIMIT, name_ + ": cannot start " + std::to_string(thread_count_) + " threads",
                       error_number);
}

void WorkPool::Stop() {
  crew_->Stop();
}

void WorkPool::Submit(Priority priority, Job job) {
  crew_->Submit(priority, job);
}

bool WorkPool::OnOwnThread() const {
  return t_crew == crew_.get();
}

void WorkPool::GiveUp(const void* arg) {
  crew_->GiveUp(arg);
}

void WorkPool::Refill() {
  crew_->Refill();
}

}   // namespace shale
