#include "store/index_jobs.h"

#include <algorithm>

#include "base/check.h"

namespace shale {

namespace {
thread_local const IndexJobs* t_reading = nullptr;
thread_local const IndexJobs* t_running = nullptr;
}   // namespace

IndexJobs::IndexJobs(WorkPool* pool, IndexHealth* health) : pool_(pool), health_(health) {
  MutexLock lock(&mu_);
  logs_.reserve(8);   // LogCreated is called where nothing may be thrown
}

IndexJobs::ReadScope::ReadScope(const IndexJobs* jobs) : outer_(t_reading) {
  t_reading = jobs;
}

IndexJobs::ReadScope::~ReadScope() {
  t_reading = outer_;
}

bool IndexJobs::OnJobThread() const {
  return t_running == this;
}

void IndexJobs::Schedule(void (*run)(void*), void* arg) {
  MutexLock lock(&mu_);
  if (abandoned_) return;
  SHALE_CHECK(!waiting_ && (run_ == nullptr || (run_ == run && arg_ == arg)));
  run_ = run;
  arg_ = arg;
  const bool asked_by_read = t_reading == this;
  if (!draining_ && (held_ || asked_by_read)) {
    waiting_ = true;
    if (asked_by_read) parked_++;
    return;
  }
  SubmitLocked();
}

void IndexJobs::SubmitLocked() {
  waiting_ = false;
  queued_ = true;
  jobs_++;
  // Two logs are two memtables: the older one has to be flushed, and a writer may wait for it.
  queued_low_ = logs_.size() < 2;
  EnqueueLocked(queued_low_ ? WorkPool::Priority::kLow : WorkPool::Priority::kHigh);
}

void IndexJobs::EnqueueLocked(WorkPool::Priority priority) {
  entries_++;
  pool_->Submit(priority, {&IndexJobs::RunJob, this});
}

void IndexJobs::RunJob(void* self) {
  auto* const jobs = static_cast<IndexJobs*>(self);
  void (*run)(void*) = nullptr;
  void* arg = nullptr;
  {
    MutexLock lock(&jobs->mu_);
    if (jobs->queued_ && !jobs->abandoned_) {
      run = jobs->run_;
      arg = jobs->arg_;
      jobs->running_++;
    }
    jobs->queued_ = false;
  }
  bool died = false;
  if (run != nullptr) {
    t_running = jobs;
    try {
      run(arg);
    } catch (...) {
      jobs->health_->MarkDead();   // std::bad_alloc went through LevelDB
      died = jobs->Abandon();
    }
    t_running = nullptr;
  }
  MutexLock lock(&jobs->mu_);
  if (run != nullptr) {
    jobs->running_--;
    jobs->jobs_--;
    if (jobs->abandoned_ && !died) jobs->lost_--;   // it has returned after all
  }
  jobs->entries_--;
  // Under the lock: AwaitIdle's caller may free this object as soon as it has it.
  jobs->changed_.NotifyAll();
}

bool IndexJobs::Abandon() {
  {
    MutexLock lock(&mu_);
    if (abandoned_) return false;
    abandoned_ = true;
    waiting_ = false;
    if (queued_) jobs_--;   // it will not begin
    lost_ = running_ - (t_running == this ? 1 : 0);
    changed_.NotifyAll();
  }
  pool_->GiveUp(this);
  return true;
}

void IndexJobs::Release() {
  MutexLock lock(&mu_);
  held_ = false;
  if (waiting_) SubmitLocked();
}

void IndexJobs::RunParked() {
  MutexLock lock(&mu_);
  if (waiting_ && !held_) SubmitLocked();
}

void IndexJobs::Drain() {
  MutexLock lock(&mu_);
  draining_ = true;
  if (waiting_) SubmitLocked();
}

void IndexJobs::AwaitIdle() {
  pool_->Refill();
  MutexLock lock(&mu_);
  while (entries_ > lost_) changed_.Wait(&mu_);
}

void IndexJobs::LogCreated(uint64_t number) {
  MutexLock lock(&mu_);
  SHALE_CHECK(logs_.empty() || logs_.back() < number);
  logs_.push_back(number);
  // Relaxed: LevelDB's one writer calls this and LogWritten in turn.
  newest_written_.store(false, std::memory_order_relaxed);
  if (waiting_ && !held_) SubmitLocked();
  if (queued_ && queued_low_) {
    queued_low_ = false;
    EnqueueLocked(WorkPool::Priority::kHigh);
  }
}

void IndexJobs::LogWritten() {
  // Relaxed: only the writer itself changes it meanwhile. Release: who asks for a flush of rows that were
  // acknowledged sees this.
  if (newest_written_.load(std::memory_order_relaxed)) return;
  newest_written_.store(true, std::memory_order_release);
}

void IndexJobs::LogRemoved(uint64_t number) {
  MutexLock lock(&mu_);
  const auto found = std::find(logs_.begin(), logs_.end(), number);
  if (found == logs_.end()) return;
  logs_.erase(found);
  flushes_++;
  changed_.NotifyAll();
}

bool IndexJobs::HasLog(uint64_t number) const {
  MutexLock lock(&mu_);
  return std::find(logs_.begin(), logs_.end(), number) != logs_.end();
}

std::vector<uint64_t> IndexJobs::Logs() const {
  MutexLock lock(&mu_);
  return logs_;
}

uint64_t IndexJobs::NewestLog() const {
  MutexLock lock(&mu_);
  return logs_.empty() ? 0 : logs_.back();
}

uint64_t IndexJobs::OldestLog() const {
  MutexLock lock(&mu_);
  return logs_.empty() ? 0 : logs_.front();
}

bool IndexJobs::AwaitLogsRemovedBefore(uint64_t number) {
  MutexLock lock(&mu_);
  for (;;) {
    if (logs_.empty() || logs_.front() >= number) return true;
    if (jobs_ == 0 || abandoned_) return false;
    changed_.Wait(&mu_);
  }
}

bool IndexJobs::Validate(std::string* why) const {
  MutexLock lock(&mu_);
  if (!std::is_sorted(logs_.begin(), logs_.end())) {
    *why = "logs are out of order";
  } else if (waiting_ && (queued_ || draining_)) {
    *why = "a job waits that is queued, or while draining";
  } else if ((jobs_ < (queued_ ? 1 : 0) && !abandoned_) || entries_ < jobs_ || running_ < lost_) {
    *why = "fewer pool entries than jobs";
  } else {
    return true;
  }
  return false;
}

uint64_t IndexJobs::parked() const {
  MutexLock lock(&mu_);
  return parked_;
}

int IndexJobs::running() const {
  MutexLock lock(&mu_);
  return running_;
}

uint64_t IndexJobs::flushes() const {
  MutexLock lock(&mu_);
  return flushes_;
}

}   // namespace shale
