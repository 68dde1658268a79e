#include "fault/file_layer.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <vector>

#include "base/random.h"
#include "fault/disk_model.h"
#include "store/file_ops.h"

namespace shale_test {

namespace {

enum Call : uint32_t {
  kOpen,
  kCreate,
  kClose,
  kRead,
  kWrite,
  kShare,
  kCopy,
  kAllocate,
  kTruncate,
  kSyncData,
  kSyncDirectory,
  kMakeDirectory,
  kRename,
  kLink,
  kRemove,
  kStat,
  kList,
  kCalls,
};
constexpr const char* kCallNames[kCalls] = {"open",
                                            "create",
                                            "close",
                                            "read",
                                            "write",
                                            "FICLONE",
                                            "copy",
                                            "fallocate",
                                            "ftruncate",
                                            "fdatasync",
                                            "fsync of a directory",
                                            "mkdir",
                                            "rename",
                                            "link",
                                            "unlink",
                                            "fstat",
                                            "readdir"};

constexpr uint32_t Bit(Call call) {
  return 1u << call;
}
// Which calls can end that way, by kind.
constexpr uint32_t kAll = (1u << kCalls) - 1;
constexpr uint32_t kEntries = Bit(kMakeDirectory) | Bit(kRename) | Bit(kLink);
constexpr uint32_t kSyncs = Bit(kSyncData) | Bit(kSyncDirectory);
constexpr std::array<uint32_t, 7> kPossible = {
    0,
    kAll,
    kEntries | kSyncs | Bit(kRemove) | Bit(kWrite) | Bit(kTruncate) | Bit(kAllocate) | Bit(kClose),
    kEntries | kSyncs | Bit(kCreate) | Bit(kWrite) | Bit(kShare) | Bit(kCopy) | Bit(kAllocate) |
        Bit(kTruncate),
    Bit(kOpen) | Bit(kCreate) | Bit(kList),
    Bit(kRead) | Bit(kWrite) | Bit(kCopy),
    Bit(kOpen) | Bit(kCreate) | Bit(kClose) | Bit(kRead) | Bit(kWrite) | Bit(kAllocate) | Bit(kTruncate) |
        kSyncs,
};

std::mutex random_mu;
uint64_t random_state = 0;

}   // namespace

const char* NameOf(FaultKind kind) {
  constexpr const char* kNames[] = {"none", "EIO", "EIO-afterwards", "ENOSPC", "EMFILE", "short", "EINTR"};
  return kNames[static_cast<size_t>(kind)];
}

FileLayer& FileLayer::The() {
  static FileLayer* const layer = new FileLayer;
  return *layer;
}

void FileLayer::SetPlan(const FaultPlan& plan) {
  plan_ = plan;
  counted_ = 0;
  met_ = 0;
  first_met_[0] = '\0';
}

void FileLayer::SetCopyPlan(const CopyPlan& plan) {
  copy_plan_ = plan;
  shared_bytes_ = 0;
  copied_bytes_ = 0;
  copies_ = 0;
}

void FileLayer::SetRecorder(DiskRecorder* recorder) {
  recorder_ = recorder;
}

bool FileLayer::Meets(uint32_t call, const char* name) {
  calls_++;
  if (plan_.kind == FaultKind::kNone) return false;
  if ((kPossible[static_cast<size_t>(plan_.kind)] & (1u << call)) == 0) return false;
  const uint64_t number = counted_++;
  const bool now = number == plan_.at || (plan_.for_ever && number > plan_.at);
  if (!now || (plan_.kind == FaultKind::kInterrupted && (number - plan_.at) % 2 != 0)) return false;
  if (met_++ == 0) std::snprintf(first_met_, sizeof first_met_, "%s %s", kCallNames[call], name);
  return true;
}

void SetSystemRandomSeed(uint64_t seed) {
  const std::lock_guard<std::mutex> lock(random_mu);
  random_state = seed;
}

namespace {

int Fail(int error) {
  errno = error;
  return -1;
}

int ErrorOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNoSpace:
      return ENOSPC;
    case FaultKind::kNoFiles:
      return EMFILE;
    case FaultKind::kInterrupted:
      return EINTR;
    default:
      return EIO;
  }
}

// The call, unless the plan wants it to fail; and the record of it, in the order in which it happened.
template <typename Real, typename Record>
int Run(Call call, const char* name, Real real, Record record) {
  FileLayer& layer = FileLayer::The();
  const bool fails = layer.Meets(call, name);
  if (fails && layer.kind() != FaultKind::kIoAfterwards && layer.kind() != FaultKind::kShort)
    return Fail(ErrorOf(layer.kind()));
  int result;
  if (layer.recorder() != nullptr) {
    const std::lock_guard<std::mutex> lock(layer.recorder()->mu());
    result = real();
    if (result >= 0) record(layer.recorder(), result);
  } else {
    result = real();
  }
  if (fails && layer.kind() == FaultKind::kIoAfterwards) return Fail(EIO);
  return result;
}

const auto kNotRecorded = [](DiskRecorder*, int) {};

}   // namespace

}   // namespace shale_test

namespace shale::file_ops {

using namespace shale_test;   // NOLINT

int Open(int dir, const char* name, int flags, mode_t mode) {
  const bool creates = (flags & O_CREAT) != 0;
  const int fd = Run(
      creates ? kCreate : kOpen, name, [&] { return openat(dir, name, flags, mode); },
      [&](DiskRecorder* r, int made) { r->Opened(made, dir, name, creates); });
  if (fd >= 0) FileLayer::The().CountOpen(1);
  return fd;
}

// The number is free again whatever is reported.
int Close(int fd) {
  FileLayer& layer = FileLayer::The();
  const bool fails = layer.Meets(kClose, "");
  layer.CountOpen(-1);
  int result;
  if (layer.recorder() != nullptr) {
    const std::lock_guard<std::mutex> lock(layer.recorder()->mu());
    layer.recorder()->Closed(fd);
    result = close(fd);
  } else {
    result = close(fd);
  }
  return fails ? Fail(ErrorOf(layer.kind())) : result;
}

ssize_t Read(int fd, void* buf, size_t size, off_t offset) {
  FileLayer& layer = FileLayer::The();
  if (layer.Meets(kRead, "")) {
    if (layer.kind() != FaultKind::kShort) return Fail(ErrorOf(layer.kind()));
    size = (size + 1) / 2;
  }
  return pread(fd, buf, size, offset);
}

ssize_t Write(int fd, const void* data, size_t size, off_t offset) {
  FileLayer& layer = FileLayer::The();
  bool fails = layer.Meets(kWrite, "");
  if (fails && (layer.kind() == FaultKind::kShort || layer.kind() == FaultKind::kIoAfterwards)) {
    size = (size + 1) / 2;
    fails = layer.kind() == FaultKind::kIoAfterwards;
  } else if (fails) {
    return Fail(ErrorOf(layer.kind()));
  }
  ssize_t n;
  if (layer.recorder() != nullptr) {
    const std::lock_guard<std::mutex> lock(layer.recorder()->mu());
    n = pwrite(fd, data, size, offset);
    if (n > 0) layer.recorder()->Wrote(fd, data, static_cast<size_t>(n), offset);
  } else {
    n = pwrite(fd, data, size, offset);
  }
  return fails ? Fail(EIO) : n;
}

// By reads and writes, so that a record has the bytes.
int Share(int from, int to) {
  FileLayer& layer = FileLayer::The();
  if (layer.Meets(kShare, "")) return Fail(ErrorOf(layer.kind()));
  if (!layer.copy_plan().shares) return Fail(EOPNOTSUPP);
  struct stat whole;
  if (fstat(from, &whole) != 0 || Truncate(to, 0) != 0) return -1;
  std::vector<char> bytes(static_cast<size_t>(whole.st_size));
  const ssize_t n = pread(from, bytes.data(), bytes.size(), 0);
  if (n != static_cast<ssize_t>(bytes.size()) || Write(to, bytes.data(), bytes.size(), 0) != n)
    return Fail(EIO);
  layer.CountCopy(true, bytes.size());
  return 0;
}

ssize_t Copy(int from, int to, off_t offset, size_t size) {
  FileLayer& layer = FileLayer::The();
  if (layer.Meets(kCopy, "")) {
    if (layer.kind() != FaultKind::kShort) return Fail(ErrorOf(layer.kind()));
    size = (size + 1) / 2;
  }
  size = std::min<size_t>(size, layer.copy_plan().copies_most);
  if (size == 0) return Fail(EXDEV);
  if (layer.NextCopy() >= layer.copy_plan().copies_end) return Fail(EIO);
  std::vector<char> bytes(size);
  ssize_t n = pread(from, bytes.data(), size, offset);
  if (n > 0) n = Write(to, bytes.data(), static_cast<size_t>(n), offset);
  if (n > 0) layer.CountCopy(false, static_cast<uint64_t>(n));
  return n;
}

int Allocate(int fd, off_t offset, off_t size) {
  return Run(
      kAllocate, "", [&] { return fallocate(fd, 0, offset, size); },
      [&](DiskRecorder* r, int) { r->Allocated(fd, offset, size); });
}

int Truncate(int fd, off_t size) {
  return Run(
      kTruncate, "", [&] { return ftruncate(fd, size); },
      [&](DiskRecorder* r, int) { r->Truncated(fd, size); });
}

int SyncData(int fd) {
  return Run(
      kSyncData, "", [] { return 0; }, [&](DiskRecorder* r, int) { r->SyncedData(fd); });
}

int SyncDirectory(int fd) {
  return Run(
      kSyncDirectory, "", [] { return 0; }, [&](DiskRecorder* r, int) { r->SyncedDirectory(fd); });
}

int MakeDirectory(int dir, const char* name, mode_t mode) {
  return Run(
      kMakeDirectory, name, [&] { return mkdirat(dir, name, mode); },
      [&](DiskRecorder* r, int) { r->MadeDirectory(dir, name); });
}

int Rename(int from_dir, const char* from, int to_dir, const char* to) {
  return Run(
      kRename, to, [&] { return renameat(from_dir, from, to_dir, to); },
      [&](DiskRecorder* r, int) { r->Renamed(from_dir, from, to_dir, to); });
}

int Link(int from_dir, const char* from, int to_dir, const char* to) {
  return Run(
      kLink, to, [&] { return linkat(from_dir, from, to_dir, to, 0); },
      [&](DiskRecorder* r, int) { r->Linked(from_dir, from, to_dir, to); });
}

int Remove(int dir, const char* name, int flags) {
  return Run(
      kRemove, name, [&] { return unlinkat(dir, name, flags); },
      [&](DiskRecorder* r, int) { r->Removed(dir, name); });
}

int Stat(int fd, struct stat* st) {
  return Run(
      kStat, "", [&] { return fstat(fd, st); }, kNotRecorded);
}

int List(int fd, std::vector<std::string>* names) {
  FileLayer& layer = FileLayer::The();
  layer.CountOpen(-1);
  if (layer.recorder() != nullptr) {
    const std::lock_guard<std::mutex> lock(layer.recorder()->mu());
    layer.recorder()->Closed(fd);
  }
  DIR* const stream = layer.Meets(kList, "") ? nullptr : fdopendir(fd);
  if (stream == nullptr) {
    close(fd);
    return Fail(ErrorOf(layer.kind()));
  }
  while (const dirent* const entry = readdir(stream)) names->emplace_back(entry->d_name);
  closedir(stream);
  return 0;
}

}   // namespace shale::file_ops

namespace shale {

Status SystemRandom(void* out, size_t size) {
  const std::lock_guard<std::mutex> lock(shale_test::random_mu);
  if (shale_test::random_state == 0) {
    if (getrandom(out, size, 0) != static_cast<ssize_t>(size)) return Status::FromErrno("getrandom", errno);
    return Status::Ok();
  }
  Random random(shale_test::random_state++);
  random.Next();
  for (size_t i = 0; i < size; i++)
    static_cast<unsigned char*>(out)[i] = static_cast<unsigned char>(random.Next() >> 32);
  return Status::Ok();
}

}   // namespace shale
