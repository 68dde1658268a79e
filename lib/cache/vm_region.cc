#include "cache/vm_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>

#include "base/check.h"

namespace shale {

namespace {
// To make more of it usable waits for every thread that is just having a page filled, which may have lost its
// processor meanwhile; and who needs more waits with locks in its hands. So it is done seldom: for twice as
// much each time, up to this.
constexpr size_t kAheadBytesMax = size_t{64} << 20;

size_t SystemPageBytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}
}   // namespace

VmRegion::~VmRegion() {
  if (base_ != nullptr) munmap(base_, reserved_);
}

Status VmRegion::Reserve(size_t bytes) {
  step_ = SystemPageBytes();
  return Map(RoundUpTo(bytes, step_), 0);
}

Status VmRegion::ReserveHuge(size_t bytes) {
  step_ = std::max(kHugePageBytes, SystemPageBytes());
  SHALE_RETURN_IF_NOT_OK(Map(RoundUpTo(bytes, step_), step_));
  // A kernel without them goes on with small ones.
  (void)madvise(base_, reserved_, MADV_HUGEPAGE);
  return Status::Ok();
}

Status VmRegion::Map(size_t bytes, size_t align) {
  SHALE_CHECK(base_ == nullptr);
  void* p = mmap(nullptr, bytes + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    return Status::FromErrno("cache: reserving " + std::to_string(bytes) + " bytes of address space", errno);
  }
  char* const mapped = static_cast<char*>(p);
  const auto address = reinterpret_cast<uintptr_t>(p);
  const size_t before = align == 0 ? 0 : RoundUpTo(address, align) - address;
  // What alignment has left over on both sides.
  if (before > 0) munmap(mapped, before);
  if (align > before) munmap(mapped + before + bytes, align - before);
  base_ = mapped + before;
  reserved_ = bytes;
  return Status::Ok();
}

bool VmRegion::CommitTo(size_t bytes) {
  if (bytes <= committed_) return true;
  bytes = RoundUpTo(bytes, step_);
  if (bytes > reserved_) return false;
  const size_t ahead = committed_ + std::min(committed_, kAheadBytesMax);   // whole steps, both
  const size_t more = std::min(std::max(bytes, ahead), reserved_);
  return Commit(more) || (more > bytes && Commit(bytes));
}

bool VmRegion::Commit(size_t bytes) {
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
