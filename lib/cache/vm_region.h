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

inline constexpr size_t RoundUpTo(size_t n, size_t step) {
  return (n + step - 1) / step * step;
}

class VmRegion {
 public:
  VmRegion() = default;
  ~VmRegion();
  VmRegion(const VmRegion&) = delete;
  VmRegion& operator=(const VmRegion&) = delete;

  // The address is a multiple of `align`, a power of two.
  Status Reserve(size_t bytes, size_t align = kPageBytes);
  // Asks the kernel to use huge pages where it can: then a page costs memory together with its neighbours.
  void PreferHugePages();
  // False if bytes is above the reservation or the kernel refuses.
  bool CommitTo(size_t bytes);
  // Gives back the whole pages inside [from, to); they read as zeros until written again.
  void Discard(size_t from, size_t to);

  char* base() const { return base_; }
  size_t reserved() const { return reserved_; }
  size_t committed() const { return committed_; }

 private:
  char* base_ = nullptr;
  size_t reserved_ = 0;
  size_t committed_ = 0;
};

}   // namespace shale
