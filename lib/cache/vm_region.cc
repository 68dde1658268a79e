#include "cache/vm_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace shale {

namespace {
size_t SystemPageBytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}
}   // namespace

VmRegion::~VmRegion() {
  if (base_ != nullptr) munmap(base_, reserved_);
}

Status VmRegion::Reserve(size_t bytes, size_t align) {
  SHALE_CHECK(base_ == nullptr);
  bytes = RoundUpTo(bytes, SystemPageBytes());
  const size_t more = align > SystemPageBytes() ? align : 0;
  void* p = mmap(nullptr, bytes + more, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    return Status::FromErrno("cache: reserving " + std::to_string(bytes) + " bytes of address space", errno);
  }
  char* const mapped = static_cast<char*>(p);
  const size_t before =
      more == 0 ? 0 : RoundUpTo(reinterpret_cast<uintptr_t>(p), align) - reinterpret_cast<uintptr_t>(p);
  // What alignment has left over on both sides.
  if (before > 0) munmap(mapped, before);
  if (more > before) munmap(mapped + before + bytes, more - before);
  base_ = mapped + before;
  reserved_ = bytes;
  return Status::Ok();
}

void VmRegion::PreferHugePages() {
  // A kernel without them goes on with small ones.
  (void)madvise(base_, reserved_, MADV_HUGEPAGE);
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
