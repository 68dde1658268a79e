#include "store/dir_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <utility>

#include "base/fork_guard.h"
#include "base/mutex.h"
#include "base/seeded_bug.h"

namespace shale {

namespace {

constexpr char kLockName[] = "LOCK";
constexpr int kRemovedLocksMax = 16;   // times that LOCK may vanish under one Acquire

constexpr int kExclusive = -1;

// The directories that this process holds.
struct Table {
  explicit Table(uint32_t generation) : fork_generation(generation) {}
  const uint32_t fork_generation;
  Mutex mu;
  // By device and inode: the number of shared holders, or kExclusive.
  std::map<std::pair<uint64_t, uint64_t>, int> held GUARDED_BY(mu);
};

std::atomic<Table*> g_table{nullptr};

// Never freed: handles may outlive static destructors. A forked child gets a table of its own, because a
// thread that does not exist there may have been holding the parent's.
Table* CurrentTable() {
  // Acquire pairs with the exchange below: the table must be seen as it was constructed.
  Table* table = g_table.load(std::memory_order_acquire);
  if (table != nullptr && table->fork_generation == ForkGeneration()) return table;
  auto fresh = std::make_unique<Table>(ForkGeneration());
  // Release publishes the new table; acquire, on failure, sees the one that another thread was first with.
  if (g_table.compare_exchange_strong(table, fresh.get(), std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
    return fresh.release();
  }
  return table;
}

Status LockCall(const Fd& fd, int16_t type) {
  struct flock range = {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  if (fcntl(fd.get(), SeededBug(Seed::kLockByPath) ? F_SETLK : F_OFD_SETLK, &range) == 0) return Status::Ok();
  if (errno == EAGAIN || errno == EACCES) {
    return Status::Error(Code::E_LOCKED, "LOCK is held by another process", errno);
  }
  return Status::FromErrno("lock LOCK", errno);
}

Status OpenLockFile(const Fd& dir, bool create, bool shared, Fd* out) {
  if (shared) return OpenFileForRead(dir, kLockName, out);
  const Status opened = OpenFileForWrite(dir, kLockName, out);
  if (!create || !opened.Is(Code::NOT_FOUND)) return opened;
  const Status created = CreateFile(dir, kLockName, out);
  // Another process may have been faster.
  return created.error_number() == EEXIST ? OpenFileForWrite(dir, kLockName, out) : created;
}

// Opens LOCK and locks it. The forked child's copy is taken care of before the lock is there to be inherited.
Status LockFile(const Fd& dir, bool create, bool shared, Fd* out) {
  for (int tries = 0; tries < kRemovedLocksMax; tries++) {
    Fd fd;
    const Status opened = OpenLockFile(dir, create, shared, &fd);
    if (create && opened.Is(Code::NOT_FOUND)) continue;   // made and removed by others in between
    SHALE_RETURN_IF_NOT_OK(opened);
    if (!CloseInForkedChild(fd.get())) {
      return Status::Error(Code::E_LIMIT,
                           "a process can hold " + std::to_string(kForkClosedFdsMax) + " stores");
    }
    Status s = LockCall(fd, shared ? F_RDLCK : F_WRLCK);
    struct stat st = {};
    if (s.ok() && fstat(fd.get(), &st) != 0) s = Status::FromErrno("stat LOCK", errno);
    if (s.ok() && st.st_nlink > 0) {
      *out = std::move(fd);
      return s;
    }
    ForgetForkClosedFd(fd.get());
    if (!s.ok()) return s;
  }
  return Status::Error(Code::E_LOCKED, "LOCK is being removed by another process");
}

}   // namespace

Status DirLock::Acquire(const Fd& dir, bool create, std::unique_ptr<DirLock>* out) {
  return Make(dir, create, false, out);
}

Status DirLock::AcquireShared(const Fd& dir, std::unique_ptr<DirLock>* out) {
  return Make(dir, false, true, out);
}

Status DirLock::Make(const Fd& dir, bool create, bool shared, std::unique_ptr<DirLock>* out) {
  InstallForkGuard();
  struct stat st;
  if (fstat(dir.get(), &st) != 0) return Status::FromErrno("stat of the store's directory", errno);
  std::unique_ptr<DirLock> lock(new DirLock(shared));
  lock->device_ = st.st_dev;
  lock->inode_ = st.st_ino;
  if (SeededBug(Seed::kLockByPath)) lock->inode_ += reinterpret_cast<uintptr_t>(lock.get());

  // The entry is made first and taken back on failure, so that the table's mutex is not held over disk work.
  Table* const table = CurrentTable();
  {
    MutexLock guard(&table->mu);
    const auto [entry, first] = table->held.try_emplace({lock->device_, lock->inode_}, 0);
    if (!first && (!shared || entry->second == kExclusive)) {
      return Status::Error(Code::E_LOCKED, "LOCK is held by another handle of this process");
    }
    entry->second = shared ? entry->second + 1 : kExclusive;
  }
  lock->fork_generation_ = table->fork_generation;
  lock->in_table_ = true;
  SHALE_RETURN_IF_NOT_OK(LockFile(dir, create, shared, &lock->fd_));
  *out = std::move(lock);
  return Status::Ok();
}

DirLock::~DirLock() {
  if (!in_table_) return;
  if (fork_generation_ != ForkGeneration()) {
    // The fork handler closed it, and the number may be someone else's by now.
    static_cast<void>(fd_.Release());
    return;
  }
  if (fd_.valid()) {
    ForgetForkClosedFd(fd_.get());
    // Unlocked by name too: a child made without fork handlers may hold a copy of the descriptor for a
    // moment.
    static_cast<void>(LockCall(fd_, F_UNLCK));
    fd_.Reset();
  }
  // Last, so that a thread that sees the entry gone finds the file unlocked.
  Table* const table = CurrentTable();
  MutexLock guard(&table->mu);
  const auto entry = table->held.find({device_, inode_});
  if (!shared_ || --entry->second == 0) table->held.erase(entry);
}

}   // namespace shale
