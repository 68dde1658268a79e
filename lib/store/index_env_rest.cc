// The rest of what LevelDB asks of an Env: time, threads, locks, things that the store does by itself.
#include <sched.h>
#include <time.h>

#include "store/index_env.h"

namespace shale {

// Made by the store.
leveldb::Status IndexEnv::CreateDir(const std::string&) {
  return leveldb::Status::OK();
}

leveldb::Status IndexEnv::RemoveDir(const std::string& path) {
  return GuardCallback(&context_.health,
                       [&] { return leveldb::Status::NotSupported(path, "belongs to the store"); });
}

leveldb::Status IndexEnv::LockFile(const std::string&, leveldb::FileLock** lock) {
  *lock = &lock_;
  return leveldb::Status::OK();
}

leveldb::Status IndexEnv::UnlockFile(leveldb::FileLock*) {
  return leveldb::Status::OK();
}

void IndexEnv::Schedule(void (*run)(void*), void* arg) {
  jobs_.Schedule(run, arg);
}

void IndexEnv::StartThread(void (*run)(void*), void* arg) {
  pool_->Submit(WorkPool::Priority::kLow, {run, arg});
}

leveldb::Status IndexEnv::GetTestDirectory(std::string* path) {
  path->clear();
  return GuardCallback(&context_.health, [] { return leveldb::Status::NotSupported("no test directory"); });
}

leveldb::Status IndexEnv::NewLogger(const std::string&, leveldb::Logger** out) {
  *out = nullptr;
  return GuardCallback(&context_.health, [&] {
    *out = NewCountingLogger(&context_).release();
    return leveldb::Status::OK();
  });
}

uint64_t IndexEnv::NowMicros() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

void IndexEnv::SleepForMicroseconds(int micros) {
  // Asked of a writer while level 0 is long. The store has its own back-pressure; the time is counted instead
  // of slept.
  stall_micros_.fetch_add(static_cast<uint64_t>(micros), std::memory_order_relaxed);
  sched_yield();
}

}   // namespace shale
