// The system calls by which the store touches files, and nothing else: one function each, in the words of the
// kernel (-1 and errno). What they are used for, and how safely, is files.h and file_copy.h, their only
// users.
//  (1) a test program that brings its own definition of all of them is linked with that instead of
//      file_ops.o, so each call can be counted, made to fail, cut short or written down, and nothing in the
//      library knows
//  (2) in the library each is a jump to the C library: no hook is asked, no pointer followed
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace shale::file_ops {

int Open(int dir, const char* name, int flags, mode_t mode);
int Close(int fd);
ssize_t Read(int fd, void* buf, size_t size, off_t offset);
ssize_t Write(int fd, const void* data, size_t size, off_t offset);
// All of `from` becomes the content of `to`, as the same blocks.
int Share(int from, int to);
// From and to the same offset.
ssize_t Copy(int from, int to, off_t offset, size_t size);
int Allocate(int fd, off_t offset, off_t size);
int Truncate(int fd, off_t size);
int SyncData(int fd);
int SyncDirectory(int fd);
int MakeDirectory(int dir, const char* name, mode_t mode);
int Rename(int from_dir, const char* from, int to_dir, const char* to);
int Link(int from_dir, const char* from, int to_dir, const char* to);
int Remove(int dir, const char* name, int flags);
int Stat(int fd, struct stat* st);
// All names in the directory fd, which is closed. 0 or -1 as the others.
int List(int fd, std::vector<std::string>* names);

}   // namespace shale::file_ops
