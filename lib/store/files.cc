#include "store/files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <limits>
#include <utility>

#include "store/file_ops.h"

namespace shale {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// O_NONBLOCK: opening a FIFO that lies in a file's place must not wait for its other end.
constexpr int kFileFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
constexpr int kCreateFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
constexpr uint64_t kOffsetMax = static_cast<uint64_t>(std::numeric_limits<off_t>::max());

std::atomic<FileFaultHook*> g_hook{nullptr};
std::atomic<uint64_t> g_size_limit{kOffsetMax};   // rule 5

// One line, whatever bytes a directory entry may contain.
std::string Shown(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

Status Failed(const char* verb, const std::string& name, int error_number) {
  return Status::FromErrno(std::string(verb) + " " + Shown(name), error_number);
}

Status FailedAt(const char* verb, const std::string& name, uint64_t offset, int error_number) {
  return Status::FromErrno(std::string(verb) + " " + Shown(name) + " at offset " + std::to_string(offset),
                           error_number);
}

Status Refused(const std::string& name, const std::string& what) {
  return Status::Error(Code::E_INCOMPATIBLE, Shown(name) + " " + what);
}

// The error that a test wants instead of this operation, or OK.
Status Fault(FileOp op, const char* verb, const std::string& name) {
  // Acquire: a hook that is set while threads run must be seen with what its constructor wrote.
  FileFaultHook* const hook = g_hook.load(std::memory_order_acquire);
  const int error_number = hook == nullptr ? 0 : hook->Before(op, name.c_str());
  return error_number == 0 ? Status::Ok() : Failed(verb, name, error_number);
}

template <typename Call>
auto Uninterrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

void NoteSizeLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return;
  // RLIM_INFINITY is the largest number. Relaxed: one number that orders nothing.
  g_size_limit.store(std::min<uint64_t>(limit.rlim_cur, kOffsetMax), std::memory_order_relaxed);
}

Status CheckGrowth(const std::string& name, uint64_t offset, uint64_t size) {
  const uint64_t limit = g_size_limit.load(std::memory_order_relaxed);   // relaxed: see NoteSizeLimit
  if (offset <= limit && size <= limit - offset) return Status::Ok();
  const std::string needed = std::to_string(size) + " bytes at offset " + std::to_string(offset);
  return Status::Error(Code::E_LIMIT, Shown(name) + ": " + needed + " are above RLIMIT_FSIZE", EFBIG);
}

bool IsPlainPart(std::string_view part) {
  return !part.empty() && part != "." && part != "..";
}

// The directory and last part of a name below `dir`: openat would follow symlinks in all parts but the last.
struct Place {
  int dir = -1;
  const char* leaf = nullptr;
  Fd holder;
};

// 0, or an errno; EINVAL for a name that is none.
int Locate(const Fd& dir, const std::string& name, Place* place) {
  place->dir = dir.get();
  size_t begin = 0;
  for (size_t slash; (slash = name.find('/', begin)) != std::string::npos; begin = slash + 1) {
    const std::string part = name.substr(begin, slash - begin);
    if (!IsPlainPart(part)) return EINVAL;
    Fd next(Uninterrupted(
        [&] { return file_ops::Open(place->dir, part.c_str(), kDirectoryFlags | O_NOFOLLOW, 0); }));
    if (!next.valid()) return errno;
    place->holder = std::move(next);
    place->dir = place->holder.get();
  }
  place->leaf = name.c_str() + begin;
  return IsPlainPart(place->leaf) && name.find('\0') == std::string::npos ? 0 : EINVAL;
}

Status BadName(const std::string& name) {
  return Status::Corrupt("file name \"" + Shown(name) + "\" is not valid");
}

// What an open that failed says about the thing in the file's place.
Status OpenFailed(const std::string& name, int error_number) {
  switch (error_number) {
    case ENOENT:
      return Code::NOT_FOUND;
    case EINVAL:
      return BadName(name);
    case ELOOP:
      return Refused(name, "is a symbolic link");
    case ENOTDIR:
      return Refused(name, "is not below a directory");
    case EISDIR:
    case ENXIO:
      return Refused(name, "is not a regular file");
    default:
      return Failed("open", name, error_number);
  }
}

Status CheckRegular(const Fd& fd, const std::string& name, int access) {
  struct stat st;
  if (file_ops::Stat(fd.get(), &st) != 0) return Failed("stat", name, errno);
  if (!S_ISREG(st.st_mode)) return Refused(name, "is not a regular file");
  // Backups share files that never change; what is written to must be nobody else's. 0 links: removed
  // meanwhile.
  if (access != O_RDONLY && st.st_nlink > 1)
    return Refused(name, "has " + std::to_string(st.st_nlink) + " hard links");
  return Status::Ok();
}

// The umask may have taken the owner's rights away. Some file systems have fixed modes.
Status RestoreMode(const Fd& fd, const std::string& name, mode_t wanted) {
  struct stat st;
  if (file_ops::Stat(fd.get(), &st) != 0) return Failed("stat", name, errno);
  if ((st.st_mode & 0777) == wanted || fchmod(fd.get(), wanted) == 0) return Status::Ok();
  return (st.st_mode & wanted) == wanted ? Status::Ok() : Failed("chmod", name, errno);
}

Status OpenExisting(const Fd& dir, const std::string& name, int access, Fd* out) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kOpen, "open", name));
  Place place;
  if (const int error = Locate(dir, name, &place); error != 0) return OpenFailed(name, error);
  Fd fd(Uninterrupted([&] { return file_ops::Open(place.dir, place.leaf, access | kFileFlags, 0); }));
  if (!fd.valid()) return OpenFailed(name, errno);
  SHALE_RETURN_IF_NOT_OK(CheckRegular(fd, name, access));
  // O_NONBLOCK off again. Nobody asks when a file of a store was last read, and to note it costs each read;
  // only the owner may leave it out.
  const int quiet = access == O_RDONLY ? O_NOATIME : 0;
  if (fcntl(fd.get(), F_SETFL, quiet) != 0 && fcntl(fd.get(), F_SETFL, 0) != 0)
    return Failed("fcntl", name, errno);
  *out = std::move(fd);
  return Status::Ok();
}

// Opens the directory `leaf` of `parent`, made before if create is set and it is absent.
Status OpenOrMakeDirectory(int parent, const char* leaf, int extra_flags, bool create,
                           const std::string& name, bool* made, Fd* out) {
  *made = false;
  if (create) {
    SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kCreate, "create directory", name));
    *made = file_ops::MakeDirectory(parent, leaf, kDirectoryMode) == 0;
    if (!*made && errno != EEXIST) return Failed("create directory", name, errno);
  }
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kOpen, "open directory", name));
  const auto open_it = [&] { return file_ops::Open(parent, leaf, kDirectoryFlags | extra_flags, 0); };
  Fd fd(Uninterrupted(open_it));
  if (!fd.valid() && errno == EACCES && *made) {
    // The umask left no right to read what was made just now.
    if (fchmodat(parent, leaf, kDirectoryMode, 0) != 0) return Failed("chmod", name, errno);
    fd = Fd(Uninterrupted(open_it));
  }
  if (!fd.valid() && errno == ENOENT) return Code::NOT_FOUND;
  if (!fd.valid() && (errno == ENOTDIR || errno == ELOOP)) return Refused(name, "is not a directory");
  if (!fd.valid()) return Failed("open directory", name, errno);
  if (*made) SHALE_RETURN_IF_NOT_OK(RestoreMode(fd, name, kDirectoryMode));
  *out = std::move(fd);
  return Status::Ok();
}

// Blocks of zeros beyond the end of the file, where the file system cannot allocate.
Status FillWithZeros(const Fd& fd, const std::string& name, uint64_t offset, uint64_t end) {
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, name, &size));
  static constexpr char kZeros[64 << 10] = {};
  uint64_t at = std::max(offset, size);
  while (at < end) {
    const uint64_t n = std::min<uint64_t>(sizeof kZeros, end - at);
    SHALE_RETURN_IF_NOT_OK(WriteAt(fd, name, at, MakeBytes(kZeros, n)));
    at += n;
  }
  return Status::Ok();
}

Status Remove(const Fd& dir, const std::string& name, int flags) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kRemove, "remove", name));
  Place place;
  int error = Locate(dir, name, &place);
  if (error == EINVAL) return BadName(name);
  if (error == 0 && file_ops::Remove(place.dir, place.leaf, flags) != 0) error = errno;
  if (error == ENOENT) return Code::NOT_FOUND;
  return error == 0 ? Status::Ok() : Failed("remove", name, error);
}

}   // namespace

void SetFileFaultHookForTest(FileFaultHook* hook) {
  g_hook.store(hook, std::memory_order_release);   // release: pairs with the acquire in Fault
}

void Fd::Reset() {
  if (fd_ >= 0) file_ops::Close(fd_);
  fd_ = -1;
}

Status OpenDirectory(const std::string& path, bool create, Fd* out) {
  if (path.empty()) return Status::Invalid("directory path is empty");
  bool made;
  SHALE_RETURN_IF_NOT_OK(OpenOrMakeDirectory(AT_FDCWD, path.c_str(), 0, create, path, &made, out));
  if (!made) return Status::Ok();
  std::string parent = path;
  while (parent.size() > 1 && parent.back() == '/') parent.pop_back();
  const size_t slash = parent.rfind('/');
  parent = slash == std::string::npos ? "." : parent.substr(0, std::max<size_t>(slash, 1));
  Fd parent_fd;
  SHALE_RETURN_IF_NOT_OK(OpenDirectory(parent, false, &parent_fd));
  return SyncDirectory(parent_fd, parent);
}

Status OpenSubdirectory(const Fd& dir, const std::string& name, bool create, Fd* out) {
  Place place;
  if (const int error = Locate(dir, name, &place); error != 0) return OpenFailed(name, error);
  bool made;
  return OpenOrMakeDirectory(place.dir, place.leaf, O_NOFOLLOW, create, name, &made, out);
}

Status OpenFileForRead(const Fd& dir, const std::string& name, Fd* out) {
  return OpenExisting(dir, name, O_RDONLY, out);
}

Status OpenFileForWrite(const Fd& dir, const std::string& name, Fd* out) {
  NoteSizeLimit();
  return OpenExisting(dir, name, O_RDWR, out);
}

Status CreateFile(const Fd& dir, const std::string& name, Fd* out) {
  NoteSizeLimit();
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kCreate, "create", name));
  Place place;
  const int error = Locate(dir, name, &place);
  if (error == EINVAL) return BadName(name);
  if (error != 0) return Failed("create", name, error);
  Fd fd(Uninterrupted([&] { return file_ops::Open(place.dir, place.leaf, kCreateFlags, kFileMode); }));
  if (!fd.valid()) return Failed("create", name, errno);
  SHALE_RETURN_IF_NOT_OK(RestoreMode(fd, name, kFileMode));
  *out = std::move(fd);
  return Status::Ok();
}

Status ReadAt(const Fd& fd, const std::string& name, uint64_t offset, void* buf, size_t size, size_t* got) {
  *got = 0;
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kRead, "read", name));
  // An offset read from a damaged file may be anything; no file has bytes up there.
  if (offset > kOffsetMax || size > kOffsetMax - offset) return Status::Ok();
  auto* const p = static_cast<char*>(buf);
  while (*got < size) {
    const ssize_t n = Uninterrupted(
        [&] { return file_ops::Read(fd.get(), p + *got, size - *got, static_cast<off_t>(offset + *got)); });
    if (n < 0) return FailedAt("read", name, offset + *got, errno);
    if (n == 0) break;
    *got += static_cast<size_t>(n);
  }
  return Status::Ok();
}

Status WriteAt(const Fd& fd, const std::string& name, uint64_t offset, Bytes data) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kWrite, "write", name));
  SHALE_RETURN_IF_NOT_OK(CheckGrowth(name, offset, data.size()));
  while (!data.empty()) {
    const ssize_t n = Uninterrupted(
        [&] { return file_ops::Write(fd.get(), data.data(), data.size(), static_cast<off_t>(offset)); });
    if (n <= 0) return FailedAt("write", name, offset, n < 0 ? errno : EIO);
    data.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return Status::Ok();
}

Status SyncData(const Fd& fd, const std::string& name) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kSync, "sync", name));
  // Rule 3: EINTR is a failure too.
  return file_ops::SyncData(fd.get()) == 0 ? Status::Ok() : Failed("sync", name, errno);
}

Status SyncDirectory(const Fd& dir, const std::string& name) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kSyncDirectory, "sync directory", name));
  // EINVAL: this file system has no such operation, and its names are as durable as it makes them.
  if (file_ops::SyncDirectory(dir.get()) == 0 || errno == EINVAL) return Status::Ok();
  return Failed("sync directory", name, errno);
}

Status AllocateRange(const Fd& fd, const std::string& name, uint64_t offset, uint64_t size) {
  const Status fault = Fault(FileOp::kAllocate, "allocate", name);
  if (size == 0) return fault;
  NoteSizeLimit();
  SHALE_RETURN_IF_NOT_OK(CheckGrowth(name, offset, size));
  int error = fault.ok() ? EINTR : fault.error_number();
  // tmpfs undoes everything at a signal: under a profiler's timer it might never finish.
  for (int tries = 0; tries < 4 && error == EINTR; tries++) {
    error =
        file_ops::Allocate(fd.get(), static_cast<off_t>(offset), static_cast<off_t>(size)) == 0 ? 0 : errno;
  }
  if (error == 0) return Status::Ok();
  if (error != EOPNOTSUPP && error != ENOSYS && error != EINTR) return Failed("allocate", name, error);
  return FillWithZeros(fd, name, offset, offset + size);
}

Status TruncateFile(const Fd& fd, const std::string& name, uint64_t size) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kTruncate, "truncate", name));
  NoteSizeLimit();
  SHALE_RETURN_IF_NOT_OK(CheckGrowth(name, 0, size));
  const int result = Uninterrupted([&] { return file_ops::Truncate(fd.get(), static_cast<off_t>(size)); });
  return result == 0 ? Status::Ok() : Failed("truncate", name, errno);
}

Status FileSize(const Fd& fd, const std::string& name, uint64_t* size) {
  struct stat st;
  if (file_ops::Stat(fd.get(), &st) != 0) return Failed("stat", name, errno);
  *size = static_cast<uint64_t>(st.st_size);
  return Status::Ok();
}

Status RenameFile(const Fd& dir, const std::string& from, const std::string& to) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kRename, "rename to", to));
  Place old_place, new_place;
  int error = Locate(dir, from, &old_place);
  if (error == EINVAL) return BadName(from);
  if (error != 0) return Failed("rename", from, error);
  error = Locate(dir, to, &new_place);
  if (error == EINVAL) return BadName(to);
  if (error != 0) return Failed("rename to", to, error);
  const int result = file_ops::Rename(old_place.dir, old_place.leaf, new_place.dir, new_place.leaf);
  return result == 0 ? Status::Ok() : Failed("rename to", to, errno);
}

Status LinkFile(const Fd& from, const std::string& file, const Fd& to, bool* linked) {
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kLink, "link", file));
  *linked = file_ops::Link(from.get(), file.c_str(), to.get(), file.c_str()) == 0;
  if (*linked || errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP)
    return Status::Ok();
  return errno == ENOENT ? Status(Code::NOT_FOUND) : Failed("link", file, errno);
}

Status RemoveFile(const Fd& dir, const std::string& name) {
  return Remove(dir, name, 0);
}

Status RemoveSubdirectory(const Fd& dir, const std::string& name) {
  return Remove(dir, name, AT_REMOVEDIR);
}

Status RemoveEmptyDirectory(const std::string& path) {
  return file_ops::Remove(AT_FDCWD, path.c_str(), AT_REMOVEDIR) == 0
             ? Status::Ok()
             : Status::FromErrno(path + ": rmdir", errno);
}

Status ListDirectory(const Fd& dir, const std::string& name, std::vector<std::string>* names) {
  names->clear();
  SHALE_RETURN_IF_NOT_OK(Fault(FileOp::kList, "list", name));
  // A descriptor of its own: a copy of `dir` would share its place in the listing with other threads.
  Fd own(Uninterrupted([&] { return file_ops::Open(dir.get(), ".", kDirectoryFlags, 0); }));
  if (!own.valid()) return Failed("list", name, errno);
  if (file_ops::List(own.Release(), names) != 0) return Failed("list", name, errno);
  std::erase_if(*names, [](const std::string& entry) { return !IsPlainPart(entry); });
  return Status::Ok();
}

Status CloseFile(Fd* fd, const std::string& name) {
  if (!fd->valid()) return Status::Ok();
  Status fault = Fault(FileOp::kClose, "close", name);
  // The number is free again even when close reports an error: it is never closed twice.
  return file_ops::Close(fd->Release()) == 0 ? fault : Failed("close", name, errno);
}

}   // namespace shale
