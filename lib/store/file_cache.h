// A bound on open read-only descriptors of one disk shard: log segments and tables share it, least recently
// used goes first. Without it a store of some thousand files would run into RLIMIT_NOFILE, which we may not
// change in someone else's process.
//  (1) at most open_max descriptors are kept; one in use by a reader lives until that reader drops it
//  (2) a file that was removed must be forgotten with Forget, or its blocks stay allocated; an open that runs
//      meanwhile is served but not kept
//  (3) no file is opened or closed under the lock
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/status.h"
#include "store/files.h"

namespace shale {

class FileCache {
 public:
  // `dir` must outlive this object.
  FileCache(const Fd& dir, size_t open_max);
  ~FileCache();

  // The open file, from the cache or opened now. NOT_FOUND if there is none.
  Status Acquire(const std::string& name, std::shared_ptr<const Fd>* out) EXCLUDES(mu_);
  void Forget(const std::string& name) EXCLUDES(mu_);
  void SetOpenMax(size_t open_max) EXCLUDES(mu_);
  size_t open_count() const EXCLUDES(mu_);

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const Fd> fd;
  };
  // Moves what lies above the bound out, for the caller to close after unlocking.
  std::list<Entry> TrimLocked() REQUIRES(mu_);

  const Fd& dir_;
  mutable Mutex mu_;
  size_t open_max_ GUARDED_BY(mu_);
  uint64_t forgotten_ GUARDED_BY(mu_) = 0;    // number of Forget calls
  std::list<Entry> recent_ GUARDED_BY(mu_);   // most recent first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_name_ GUARDED_BY(mu_);
};

}   // namespace shale
