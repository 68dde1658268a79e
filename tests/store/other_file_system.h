// A log writes through a shared mapping only where the file system's allocation is a promise. This lets a
// test say that the file system is another one, by standing in front of the C library's fstatfs. Included by
// one file of a test program.
#pragma once

#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>

namespace shale {

inline std::atomic<bool> other_file_system{false};

// For the length of its life logs are written with pwrite.
struct OtherFileSystem {
  OtherFileSystem() { other_file_system = true; }
  ~OtherFileSystem() { other_file_system = false; }
};

}   // namespace shale

extern "C" int fstatfs(int fd, struct statfs* info) noexcept {
  const long result = syscall(SYS_fstatfs, fd, info);
  if (result == 0 && shale::other_file_system) info->f_type = 0x9123683E;
  return static_cast<int>(result);
}
