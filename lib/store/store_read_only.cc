// A store opened for reading only: nothing on disk is changed, not even by the index, which stays as it is
// between its Open and its Commit; the lock is shared with other readers.
#include <algorithm>

#include "store/store.h"

namespace shale {

Status Store::LockForReading() {
  const Status s = DirLock::AcquireShared(dir_, &lock_);
  if (!s.Is(Code::NOT_FOUND)) return s;
  return Status::Error(Code::E_INCOMPATIBLE,
                       config_.path + ": the file LOCK is missing, so nobody could be kept from writing");
}

Status Store::CheckReadableAsItIs(SessionEnd how) const {
  if (how == SessionEnd::kClean || config_.recover_in_memory) return Status::Ok();
  return Status::Error(
      Code::E_INCOMPATIBLE,
      config_.path +
          ": the store was not closed, and open.read_only cannot recover it on disk; open it for "
          "writing once, or set open.recover_in_memory");
}

// What is in the log alone goes into memtables that are never written down.
Status Store::StartReading(const std::vector<ShardScan>& scans) {
  config_.clock->RaiseTo(superblock_.clock_high_ms);
  for (const auto& shard : shards_) config_.clock->RaiseTo(shard->applied_at_open().clock_ms);
  Status s;
  for (size_t i = 0; i < shards_.size() && s.ok(); i++) {
    if (scans[i].end == scans[i].from) continue;
    s = shards_[i]->Replay(scans[i].end);
    if (!s.ok()) s = std::move(s).InShard(static_cast<int>(i));
  }
  started_ = s.ok();
  return s;
}

Status Store::CloseReading() {
  StopThreads();
  parked_.DropAll();
  for (auto& shard : shards_) shard->Abandon();
  index_pool_->Stop();
  lock_.reset();
  return Status::Ok();
}

Status Store::ReadOnlyStatus() {
  return Status::Error(Code::E_READ_ONLY, "the store was opened with open.read_only");
}

}   // namespace shale
