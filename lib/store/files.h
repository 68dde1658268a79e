// Every touch of the file system by the store: log, index Env and superblock alike. One layer, so that each
// operation can be numbered and made to fail by a test, and so that the rules of safe file use are written
// once:
//  (1) names are resolved below a directory descriptor, never through a symlink (O_NOFOLLOW) and never by
//      ".."; only regular files, to be written only with one link (else E_INCOMPATIBLE), close-on-exec, 0600 (directories 0700)
//      whatever the umask is
//  (2) EINTR and short transfers are looped over here; a short read means end of file
//  (3) an fsync that failed is never tried again here: the caller must stop trusting the file
//  (4) a rename or creation is durable only after SyncDirectory
//  (5) a file is not grown above RLIMIT_FSIZE as it was when a file was last opened or allocated: E_LIMIT
//      instead of the signal that would end the process
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace shale {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { Reset(); }
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = other.fd_;
      other.fd_ = -1;
    }
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void Reset();   // closes, ignoring the result; use CloseFile where it matters
  // Gives the number away unclosed.
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_ = -1;
};

// What a fault hook is told before each operation.
enum class FileOp {
  kOpen,
  kCreate,
  kRead,
  kWrite,
  kSync,
  kSyncDirectory,
  kAllocate,
  kTruncate,
  kRename,
  kRemove,
  kList,
  kClose,
  kLink,
};

// Test only. Before() returns 0 to let the operation happen, or the errno with which it fails instead.
class FileFaultHook {
 public:
  virtual ~FileFaultHook() = default;
  virtual int Before(FileOp op, const char* name) = 0;
};
void SetFileFaultHookForTest(FileFaultHook* hook);

// `name` in messages is what the user would look for: "07/00000001.seg". Where it is also looked up below
// `dir`, each part is; a name that is empty, absolute or leads upwards is E_CORRUPT, for such names come from
// damaged files only. The directories: NOT_FOUND if absent and not to be created, E_INCOMPATIBLE if they are
// something else. `path` is the user's own and may be a symlink; its parent must exist.
// OpenDirectory also syncs the parent when it creates; after OpenSubdirectory the caller syncs `dir`.
Status OpenDirectory(const std::string& path, bool create, Fd* out);
Status OpenSubdirectory(const Fd& dir, const std::string& name, bool create, Fd* out);
Status OpenFileForRead(const Fd& dir, const std::string& name, Fd* out);    // NOT_FOUND if absent
Status OpenFileForWrite(const Fd& dir, const std::string& name, Fd* out);   // the same, read and write
Status CreateFile(const Fd& dir, const std::string& name, Fd* out);   // read and write; EEXIST if it exists
Status ReadAt(const Fd& fd, const std::string& name, uint64_t offset, void* buf, size_t size, size_t* got);
Status WriteAt(const Fd& fd, const std::string& name, uint64_t offset, Bytes data);
Status SyncData(const Fd& fd, const std::string& name);   // fdatasync
Status SyncDirectory(const Fd& dir, const std::string& name);
// What the file system of an open file has left for us, and in all; false if it does not say.
bool FileSystemSpace(const Fd& fd, uint64_t* left, uint64_t* total);
// Real blocks, not a hole; grows the file.
Status AllocateRange(const Fd& fd, const std::string& name, uint64_t offset, uint64_t size);
Status TruncateFile(const Fd& fd, const std::string& name, uint64_t size);
Status FileSize(const Fd& fd, const std::string& name, uint64_t* size);
Status RenameFile(const Fd& dir, const std::string& from, const std::string& to);
// The same file under the same name in another directory. *linked false: these two directories cannot.
// NOT_FOUND.
Status LinkFile(const Fd& from, const std::string& file, const Fd& to, bool* linked);
Status RemoveFile(const Fd& dir, const std::string& name);   // NOT_FOUND if absent
Status RemoveSubdirectory(const Fd& dir, const std::string& name);
Status RemoveEmptyDirectory(const std::string& path);
// Without . and .., in no order.
Status ListDirectory(const Fd& dir, const std::string& name, std::vector<std::string>* names);
Status CloseFile(Fd* fd, const std::string& name);   // reports what close(2) reports

// Whole small files. NOT_FOUND if absent, E_CORRUPT above size_max.
Status ReadSmallFile(const Fd& dir, const std::string& name, size_t size_max, Buffer* out);
// Temporary file, sync, rename over `name`, sync the directory: afterwards the old content or the new, never
// a mixture.
Status ReplaceFile(const Fd& dir, const std::string& name, Bytes content);

}   // namespace shale
