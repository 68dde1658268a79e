#include "store/background.h"

#include <pthread.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/signals_blocked.h"

namespace shale {

namespace {
thread_local const WorkPool* t_pool = nullptr;   // whose thread this is
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

WorkPool::WorkPool(std::string name, int threads, int low_running_max)
    : name_(name.substr(0, 15)), thread_count_(threads), low_running_max_(low_running_max) {
  SHALE_CHECK(threads > 0 && low_running_max > 0);
}

WorkPool::~WorkPool() {
  Stop();
}

Status WorkPool::Start() {
  SHALE_CHECK(threads_.empty());
  {
    MutexLock lock(&mu_);
    stopping_ = false;
  }
  int error_number = 0;
  try {
    const SignalsBlocked blocked;
    threads_.reserve(static_cast<size_t>(thread_count_));
    for (int i = 0; i < thread_count_; i++) threads_.emplace_back([this] { Run(); });
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
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkPool::Submit(Priority priority, Job job) {
  SHALE_CHECK(job.run != nullptr);
  MutexLock lock(&mu_);
  (priority == Priority::kHigh ? high_ : low_).Push(job);
  wake_.NotifyOne();
}

bool WorkPool::OnOwnThread() const {
  return t_pool == this;
}

bool WorkPool::NextJob(Job* job, bool* low) {
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

void WorkPool::Run() {
  t_pool = this;
  // For whoever looks at the process; failing does no harm.
  pthread_setname_np(pthread_self(), name_.c_str());
  for (;;) {
    Job job;
    bool low;
    {
      MutexLock lock(&mu_);
      while (!NextJob(&job, &low)) {
        if (stopping_ && low_.empty()) return;
        wake_.Wait(&mu_);
      }
      if (low) low_running_++;
    }
    job.run(job.arg);
    if (!low) continue;
    MutexLock lock(&mu_);
    low_running_--;
    // A waiting job of low priority may have a thread now; when stopping, every thread must look again
    // whether it is over.
    if (stopping_) {
      wake_.NotifyAll();
    } else {
      wake_.NotifyOne();
    }
  }
}

}   // namespace shale
