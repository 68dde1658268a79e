// One opener of a store, through whatever path it was reached: an open-file-description lock on the file LOCK
// keeps other processes out, a table by (device, inode) keeps this process out (such locks do not conflict
// within one description, and a path string is no identity). A forked child closes its copies of the lock
// descriptors, so an orphan holds nothing.
//  (1) while a DirLock is held no other DirLock on the same directory can be acquired, in any process; but
//      any number of shared ones together
//  (2) acquiring never writes into the directory except creating LOCK when `create` is set
//  (3) a LOCK file may be removed only by its holder, as its last act: an opener that waited on it sees that
//      it is gone and starts again
//  (4) in a forked child the parent's locks count for nothing: the child may acquire anew, and destroying a
//      DirLock that it inherited does nothing
#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "store/files.h"

namespace shale {

class DirLock {
 public:
  // E_LOCKED if it is held elsewhere; NOT_FOUND if there is no LOCK file and create is false.
  static Status Acquire(const Fd& dir, bool create, std::unique_ptr<DirLock>* out);
  // For readers; needs no right to write. NOT_FOUND if there is no LOCK file.
  static Status AcquireShared(const Fd& dir, std::unique_ptr<DirLock>* out);
  ~DirLock();

 private:
  explicit DirLock(bool shared) : shared_(shared) {}
  static Status Make(const Fd& dir, bool create, bool shared, std::unique_ptr<DirLock>* out);

  const bool shared_;
  Fd fd_;
  uint64_t device_ = 0;   // of the directory
  uint64_t inode_ = 0;
  uint32_t fork_generation_ = 0;
  bool in_table_ = false;
};

}   // namespace shale
