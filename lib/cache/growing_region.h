// A VmRegion that several shards share: whoever needs more of it first has it made usable for all.
//  (1) bytes below a CommitTo that returned true can be used for ever, by any thread
//  (2) CommitTo takes the lock only when it has to ask the kernel
// The address is constant once it is reserved.
#pragma once

#include <atomic>
#include <cstddef>

#include "base/mutex.h"
#include "base/status.h"
#include "cache/vm_region.h"

namespace shale {

class GrowingRegion {
 public:
  // Before anybody else sees it.
  Status Reserve(size_t bytes, bool huge_pages) NO_THREAD_SAFETY_ANALYSIS {
    SHALE_RETURN_IF_NOT_OK(huge_pages ? region_.ReserveHuge(bytes) : region_.Reserve(bytes));
    base_ = region_.base();
    return Status::Ok();
  }
  // False if the kernel refuses, or if that is more than was reserved.
  bool CommitTo(size_t bytes) EXCLUDES(mu_) {
    // Acquire: pairs with the release of whoever made it usable.
    return bytes <= usable_.load(std::memory_order_acquire) || CommitMore(bytes);
  }
  // Gives back the whole pages inside [from, to), which are one shard's.
  void Discard(size_t from, size_t to) EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    region_.Discard(from, to);
  }
  char* base() const { return base_; }

 private:
  bool CommitMore(size_t bytes) EXCLUDES(mu_) {
    MutexLock lock(&mu_);
    if (!region_.CommitTo(bytes)) return false;
    usable_.store(region_.committed(), std::memory_order_release);   // pairs with CommitTo
    return true;
  }

  Mutex mu_;
  VmRegion region_ GUARDED_BY(mu_);
  char* base_ = nullptr;
  std::atomic<size_t> usable_{0};
};

}   // namespace shale
