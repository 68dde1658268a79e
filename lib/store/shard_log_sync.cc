// The part of ShardLog that any thread may run: making it durable, and refusing once that has failed.
#include <new>

#include "base/seeded_bug.h"
#include "store/shard_log.h"

namespace shale {

void ShardLog::AddUnsynced(std::shared_ptr<File> file) {
  MutexLock lock(&sync_mu_);
  unsynced_.push_back(std::move(file));
}

Status ShardLog::SyncTo(LogPosition target) {
  if (synced() >= target && !poisoned()) return Status::Ok();
  MutexLock lock(&sync_mu_);
  while (true) {
    if (!poison_status_.ok()) return poison_status_;
    if (synced() >= target) return Status::Ok();
    if (!syncing_) break;
    sync_done_.Wait(&sync_mu_);
  }
  // This thread leads: one fdatasync for everything appended by now, and for all who wait. What can throw
  // stands before the mark that they wait for, or is caught.
  const LogPosition goal = end();
  const std::vector<std::shared_ptr<File>> files(unsynced_.begin(), unsynced_.end());
  syncing_ = true;
  fsyncs_ += files.size();
  sync_mu_.Unlock();
  Status s;
  try {
    s = SyncFiles(files);
  } catch (const std::bad_alloc&) {
    s = Code::E_NO_MEMORY;   // nothing was written wrong: the next call may try again
  }
  sync_mu_.Lock();
  syncing_ = false;
  if (s.ok()) {
    // Release: who sees this position may rely on the bytes before it being durable.
    synced_.store(goal, std::memory_order_release);
    while (!unsynced_.empty() && unsynced_.front()->number < SegmentOf(goal)) unsynced_.pop_front();
  } else if (!s.Is(Code::E_NO_MEMORY) && !SeededBug(Seed::kNoPoison)) {
    PoisonLocked(s);
  }
  sync_done_.NotifyAll();
  return s;
}

Status ShardLog::SyncFiles(const std::vector<std::shared_ptr<File>>& files) {
  for (const std::shared_ptr<File>& file : files) {
    SHALE_RETURN_IF_NOT_OK(SyncData(file->fd, FileName(file->number)));
    if (file->entry_durable || SeededBug(Seed::kNoDirectorySync)) continue;
    SHALE_RETURN_IF_NOT_OK(SyncDirectory(*config_.dir, config_.name));
    file->entry_durable = true;
  }
  return Status::Ok();
}

// The first cause stays; without its words if there is no memory for them, for to refuse is what matters.
void ShardLog::PoisonLocked(const Status& why) {
  try {
    if (poison_status_.ok()) poison_status_ = why;
  } catch (const std::bad_alloc&) {
    poison_status_ = Code::E_NO_MEMORY;
  }
  poisoned_.store(true, std::memory_order_release);   // pairs with the acquire in poisoned()
}

Status ShardLog::Poison(Status why) {
  Refuse(why);
  return why;
}

void ShardLog::Refuse(const Status& why) {
  MutexLock lock(&sync_mu_);
  PoisonLocked(why);
}

Status ShardLog::PoisonStatus() const {
  MutexLock lock(&sync_mu_);
  return Status::Error(Code::E_READ_ONLY, std::string("read-only after: ") + poison_status_.message(),
                       poison_status_.error_number());
}

}   // namespace shale
