#include "cache/vm_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string>

#include "base/check.h"

namespace shale {

namespace {
size_t SystemPageBytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

// Hundreds of regions of one size would all begin at addresses that are equal in their lower bits, and so
// push each other's pages out of the few places that a processor has for such addresses: in its TLB, and in
// the caches for the entries of page tables, which lie at the same place of as many tables. So each begins at
// another page of the 512 that a table is for; the step is the golden section of that, so that the same
// region of each shard gets pages far apart, however many regions a shard has.
constexpr size_t kColours = 512;
constexpr size_t kColourStep = 317;

// From a page to the next one of the colour whose turn it is.
size_t PagesToNextColour(uintptr_t page_number) {
  static std::atomic<size_t> turn{0};
  // Relaxed: any order is good.
  return (turn.fetch_add(1, std::memory_order_relaxed) * kColourStep - page_number) % kColours;
}
}   // namespace

VmRegion::~VmRegion() {
  if (base_ != nullptr) munmap(base_, reserved_);
}

Status VmRegion::Reserve(size_t bytes) {
  SHALE_CHECK(base_ == nullptr);
  const size_t page = SystemPageBytes();
  bytes = RoundUpTo(bytes, page);
  const size_t most = bytes + kColours * page;
  void* p = mmap(nullptr, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    return Status::FromErrno("cache: reserving " + std::to_string(bytes) + " bytes of address space", errno);
  }
  char* const all = static_cast<char*>(p);
  const size_t before = PagesToNextColour(reinterpret_cast<uintptr_t>(all) / page) * page;
  // A refusal keeps some address space for nothing.
  if (before > 0) (void)munmap(all, before);
  if (before < kColours * page) (void)munmap(all + before + bytes, kColours * page - before);
  base_ = all + before;
  reserved_ = bytes;
  return Status::Ok();
}

bool VmRegion::CommitTo(size_t bytes) {
  if (bytes <= committed_) return true;
  bytes = RoundUpTo(bytes, SystemPageBytes());
  if (bytes > reserved_) return false;
  if (mprotect(base_ + committed_, bytes - committed_, PROT_READ | PROT_WRITE) != 0) return false;
  committed_ = bytes;
  return true;
}

void VmRegion::Discard(size_t from, size_t to) {
  const size_t page = SystemPageBytes();
  from = RoundUpTo(from, page);
  to = to / page * page;
  if (to > committed_) to = committed_;
  // A refusal leaves the old bytes in place, which costs memory but harms nobody.
  if (from < to) (void)madvise(base_ + from, to - from, MADV_DONTNEED);
}

}   // namespace shale
