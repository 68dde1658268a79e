// The world as LevelDB sees it: one object per shard, nothing shared with LevelDB's own default. LevelDB's
// rules of safety are weaker than ours (no directory sync, no log sync before tables, errors forgotten, jobs
// of all databases on one thread), and its Env is the place where ours can be put under it.
//  (1) names are resolved below the shard's directory; LevelDB never sees a path. A name with a directory
//      part is refused
//  (2) held (from construction to Commit): writes, renames and removals happen in memory only, reads see them
//  (3) Commit: new manifest, then directory, then CURRENT, then removals; nothing is removed if anything
//      failed
//  (4) after a failure (IndexHealth) every write, creation and rename fails, and removals are silently left
//      out: a manifest whose rename may have happened must not be deleted
//  (5) *.log files are numbers in IndexJobs; one on disk is not ours, and Load refuses the directory
//  (6) no callback throws while spare statuses last, and none calls back into LevelDB
#pragma once

#include <leveldb/env.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "store/index_files.h"
#include "store/index_jobs.h"

namespace shale {

class IndexEnv : public leveldb::Env {
 public:
  // `name` is what LevelDB will be told as its directory. Everything given must outlive this object.
  IndexEnv(std::string name, const Fd* dir, FileCache* files, LogSyncer* log, WorkPool* pool);
  ~IndexEnv() override;

  // Reads the directory; before anything else.
  Status Load() EXCLUDES(mu_);
  // Rule 3, and lets background jobs begin.
  Status Commit() EXCLUDES(mu_);
  // Makes background jobs end soon: no table is begun any more, and no job waits.
  void BeginClose();
  // Memory ran out inside LevelDB: see IndexHealth and IndexJobs. The object must not be freed any more.
  void Die();
  // For a copy of the directory, see Index. LevelDB believes a file gone that is held back.
  void HoldRemovals() EXCLUDES(mu_);
  void ReleaseRemovals() EXCLUDES(mu_);
  // Waits for background work, then compares what LevelDB is shown with the directory. For tests.
  bool Validate(std::string* why) EXCLUDES(mu_);

  IndexFileContext& context() { return context_; }
  IndexHealth& health() { return context_.health; }
  IndexJobs& jobs() { return jobs_; }
  leveldb::Logger* logger() { return logger_.get(); }
  // Cursors live longer than the calls that make them; Close must not come before their end.
  // Relaxed: the caller orders Close after them.
  void CursorMade() { cursors_.fetch_add(1, std::memory_order_relaxed); }
  void CursorGone() { cursors_.fetch_sub(1, std::memory_order_relaxed); }
  int cursors() const { return cursors_.load(std::memory_order_relaxed); }
  // Relaxed: a number for people.
  uint64_t stall_micros() const { return stall_micros_.load(std::memory_order_relaxed); }

  leveldb::Status NewSequentialFile(const std::string& path, leveldb::SequentialFile** out) override;
  leveldb::Status NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** out) override;
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** out) override;
  leveldb::Status NewAppendableFile(const std::string& path, leveldb::WritableFile** out) override;
  bool FileExists(const std::string& path) override;
  leveldb::Status GetChildren(const std::string& path, std::vector<std::string>* out) override;
  leveldb::Status RemoveFile(const std::string& path) override;
  leveldb::Status DeleteFile(const std::string& path) override { return RemoveFile(path); }
  leveldb::Status CreateDir(const std::string& path) override;
  leveldb::Status RemoveDir(const std::string& path) override;
  leveldb::Status DeleteDir(const std::string& path) override { return RemoveDir(path); }
  leveldb::Status GetFileSize(const std::string& path, uint64_t* size) override;
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** lock) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  void Schedule(void (*run)(void*), void* arg) override;
  void StartThread(void (*run)(void*), void* arg) override;
  leveldb::Status GetTestDirectory(std::string* path) override;
  leveldb::Status NewLogger(const std::string& path, leveldb::Logger** out) override;
  uint64_t NowMicros() override;
  void SleepForMicroseconds(int micros) override;

 private:
  using Output = std::shared_ptr<IndexOutput>;

  Status FileNameOf(const std::string& path, std::string* file) const;
  Status CreateOutput(const std::string& file, Output* out) EXCLUDES(mu_);
  Status Remove(const std::string& file) EXCLUDES(mu_);
  Status RemoveFromDisk(const std::string& file) EXCLUDES(mu_);
  Status Rename(const std::string& from, const std::string& to) EXCLUDES(mu_);
  Status WriteDown() EXCLUDES(mu_);
  Output FindHeld(const std::string& file) const EXCLUDES(mu_);
  void DropHeld(const std::string& file) REQUIRES(mu_);

  const std::string name_;
  WorkPool* const pool_;
  IndexFileContext context_;
  IndexJobs jobs_;
  std::unique_ptr<leveldb::Logger> logger_;
  leveldb::FileLock lock_;   // stands for nothing: DirLock keeps other openers out
  std::atomic<uint64_t> stall_micros_{0};
  std::atomic<int> cursors_{0};

  mutable Mutex mu_;
  bool held_ GUARDED_BY(mu_) = true;
  std::set<std::string> names_ GUARDED_BY(mu_);        // all files LevelDB may see, but logs
  std::set<std::string> on_disk_ GUARDED_BY(mu_);      // as Load found them; empty once committed
  std::vector<Output> held_outputs_ GUARDED_BY(mu_);   // in order of creation
  std::vector<std::string> held_removals_ GUARDED_BY(mu_);
  int removal_holds_ GUARDED_BY(mu_) = 0;
  std::set<std::string> late_removals_ GUARDED_BY(mu_);   // while removal_holds_; still in names_
};

}   // namespace shale
