// Atomic batches: all stripes involved are held, in index order, from the first frame in a log to the last
// item installed.
#include "engine/engine.h"

namespace shale {

Engine::StripesLock::StripesLock(Engine* engine, uint64_t set) : engine_(engine), set_(set) {
  for (size_t s = 0; s < kDiskShards; s++) {
    if ((set_ >> s & 1) != 0) engine_->stripes_[s].mu.Lock();
  }
}

Engine::StripesLock::~StripesLock() {
  for (size_t s = kDiskShards; s-- > 0;) {
    if ((set_ >> s & 1) != 0) engine_->stripes_[s].mu.Unlock();
  }
}

Engine::StripesChange::StripesChange(Engine* engine, uint64_t set) : engine_(engine), set_(set) {
  for (size_t s = 0; s < kDiskShards; s++) {
    if ((set_ >> s & 1) != 0) engine_->stripes_[s].mark.Begin(ChangeMark::Of::kBatch);
  }
}

Engine::StripesChange::~StripesChange() {
  for (size_t s = 0; s < kDiskShards; s++) {
    if ((set_ >> s & 1) != 0) engine_->stripes_[s].mark.End(ChangeMark::Of::kBatch);
  }
}

Engine::UnpublishedGuard::~UnpublishedGuard() {
  for (size_t i = 0; disk_ != nullptr && i < count_; i++)
    disk_->RefuseWrites(DiskShardOf(writes_[i].key.hash));
}

Status Engine::Write(const WriteBatch& batch, bool install, bool sync) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kBatch);
  if (batch.count() == 0) return Status::Ok();
  std::vector<DiskWrite> writes;
  writes.reserve(batch.count());
  uint64_t set = 0;
  size_t bytes = 0;
  for (const WriteBatch::Op& op : batch.ops()) {
    DiskWrite write;
    write.kind = op.is_delete ? DiskWrite::Kind::kDelete : DiskWrite::Kind::kPut;
    write.key = Ref(batch.key(op));
    write.value = op.is_delete ? Bytes() : batch.value(op);
    write.deadline_ms = op.is_delete ? kNoDeadline : DeadlineFor(op.ttl_ms, 0);
    SHALE_RETURN_IF_NOT_OK(CheckInstallable(write.key.key, write.value));
    bytes += write.key.key.size() + write.value.size();
    set |= uint64_t{1} << DiskShardOf(write.key.hash);
    writes.push_back(std::move(write));
  }
  if (disk_ == nullptr && bytes > cache_->capacity_bytes() / 2) {
    return Status::Error(Code::E_TOO_LARGE, "a batch may fill at most half of the memory budget");
  }
  for (int s = 0; s < kDiskShards && disk_ != nullptr; s++) {
    if ((set >> s & 1) != 0) disk_->WaitForRoom(s);
  }
  for (DiskWrite& write : writes) {
    if (disk_ != nullptr) SHALE_RETURN_IF_NOT_OK(disk_->Prepare(&write));
  }
  DurablePoint point;
  {
    const StripesLock lock(this, set);
    SHALE_RETURN_IF_NOT_OK(WriteLocked(&writes, set, install, &point));
  }
  return Finish(point, sync);
}

// All stripes of the batch are held.
Status Engine::WriteLocked(std::vector<DiskWrite>* writes, uint64_t set, bool install,
                           DurablePoint* point) NO_THREAD_SAFETY_ANALYSIS {
  if (disk_ != nullptr) {
    SHALE_RETURN_IF_NOT_OK(disk_->AppendBatch(writes->data(), writes->size(), point));
  } else {
    for (DiskWrite& write : *writes) write.version = ++StripeOf(write.key).last_version;
  }
  Status first;
  const StripesChange changing(this, set);
  UnpublishedGuard guard(disk_.get(), writes->data(), writes->size());
  for (const DiskWrite& write : *writes) {
    leases_->NoteWrite(write.key);
    Status s = MakeVisible(write, install, &write == &writes->back() ? &guard : nullptr);
    if (first.ok()) first = std::move(s);
  }
  return first;
}

}   // namespace shale
