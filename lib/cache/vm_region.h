// A stretch of address space that is reserved once and filled with memory as it is needed. The structures of
// a memory shard live in such regions, because a reference can then be a small offset, growing never moves
// anything, and what was given back is still readable: nobody who follows an old reference can fault.
//  (1) [0, committed) is readable and writable from the first CommitTo until the region is destroyed; it
//      starts as zeros
//  (2) committed <= reserved, both whole pages; the address never changes
//  (3) a page costs memory only after it was written, and again nothing after Discard
#pragma once

#include <cstddef>

#include "base/status.h"

namespace shale {

// Step of our accounting; a kernel with larger pages only rounds up more.
inline constexpr size_t kPageBytes = 4096;
// The usual huge page; where it is another size, there are just none.
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

inline constexpr size_t RoundUpTo(size_t n, size_t step) {
  return (n + step - 1) / step * step;
}

class VmRegion {
 public:
  VmRegion() = default;
  ~VmRegion();
  VmRegion(const VmRegion&) = delete;
  VmRegion& operator=(const VmRegion&) = delete;

  Status Reserve(size_t bytes);
  // With huge pages where the kernel has some: then a page may cost memory together with its neighbours.
  // `bytes` and what is committed are rounded up to whole huge pages.
  Status ReserveHuge(size_t bytes);
  // At least so much. False if bytes is above the reservation or the kernel refuses.
  bool CommitTo(size_t bytes);
  // Gives back the whole pages inside [from, to); they read as zeros until written again.
  void Discard(size_t from, size_t to);

  char* base() const { return base_; }
  size_t reserved() const { return reserved_; }
  size_t committed() const { return committed_; }

 private:
  Status Map(size_t bytes, size_t align);
  bool Commit(size_t bytes);

  char* base_ = nullptr;
  size_t step_ = 0;   // of what is committed
  size_t reserved_ = 0;
  size_t committed_ = 0;
};

}   // namespace shale
