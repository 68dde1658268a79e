#include "store/file_copy.h"

#include <cerrno>

#include "store/file_ops.h"

namespace shale {

Status ShareBytes(const Fd& from, const Fd& to, const std::string& name, uint64_t size, bool* shared) {
  *shared = false;
  if (size == 0) return Status::Ok();
  // Its length first: that asks for the limit of file sizes, which the kernel would answer with a signal.
  SHALE_RETURN_IF_NOT_OK(TruncateFile(to, name, size));
  int result;
  do {
    result = file_ops::Share(from.get(), to.get());
  } while (result < 0 && errno == EINTR);
  *shared = result == 0;
  // What was allocated ahead in `from` came along.
  return TruncateFile(to, name, *shared ? size : 0);
}

uint64_t CopyBytes(const Fd& from, const Fd& to, uint64_t offset, uint64_t size) {
  uint64_t copied = 0;
  while (copied < size) {
    const ssize_t n = file_ops::Copy(from.get(), to.get(), static_cast<off_t>(offset + copied),
                                     static_cast<size_t>(size - copied));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    copied += static_cast<uint64_t>(n);
  }
  return copied;
}

}   // namespace shale
