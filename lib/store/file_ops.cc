#include "store/file_ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace shale::file_ops {

int Open(int dir, const char* name, int flags, mode_t mode) {
  return openat(dir, name, flags, mode);
}

int Close(int fd) {
  return close(fd);
}

ssize_t Read(int fd, void* buf, size_t size, off_t offset) {
  return pread(fd, buf, size, offset);
}

ssize_t Write(int fd, const void* data, size_t size, off_t offset) {
  return pwrite(fd, data, size, offset);
}

int Share(int from, int to) {
  return ioctl(to, FICLONE, from);
}

ssize_t Copy(int from, int to, off_t offset, size_t size) {
  off_t to_offset = offset;
  return copy_file_range(from, &offset, to, &to_offset, size, 0);
}

int Allocate(int fd, off_t offset, off_t size) {
  return fallocate(fd, 0, offset, size);
}

int Truncate(int fd, off_t size) {
  return ftruncate(fd, size);
}

int SyncData(int fd) {
  return fdatasync(fd);
}

int SyncDirectory(int fd) {
  return fsync(fd);
}

int MakeDirectory(int dir, const char* name, mode_t mode) {
  return mkdirat(dir, name, mode);
}

int Rename(int from_dir, const char* from, int to_dir, const char* to) {
  return renameat(from_dir, from, to_dir, to);
}

int Link(int from_dir, const char* from, int to_dir, const char* to) {
  return linkat(from_dir, from, to_dir, to, 0);
}

int Remove(int dir, const char* name, int flags) {
  return unlinkat(dir, name, flags);
}

int Stat(int fd, struct stat* st) {
  return fstat(fd, st);
}

int List(int fd, std::vector<std::string>* names) {
  DIR* const stream = fdopendir(fd);
  if (stream == nullptr) {
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  errno = 0;
  try {
    while (const dirent* const entry = readdir(stream)) {
      names->emplace_back(entry->d_name);
      errno = 0;
    }
  } catch (...) {
    closedir(stream);
    throw;
  }
  const int error = errno;   // a listing cut short must not pass for a whole one
  closedir(stream);
  errno = error;
  return error == 0 ? 0 : -1;
}

}   // namespace shale::file_ops
