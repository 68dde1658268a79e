// A range of keys is deleted by one batch with one record in the log of every shard: so it is atomic over a
// crash as every batch is, and over a cut, because all stripes are held. Its rows leave the index later
// (store/deleted_ranges.h). What costs is the memory tier, which has no order: every key in it is looked at,
// while writers wait.
#include "engine/engine.h"
#include "store/log_record.h"

namespace shale {

Status Engine::DeleteRange(Bytes from, Bytes to, bool sync) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  if (!to.empty() && from >= to) return Status::Ok();
  const LatencyTimer timer(latency_.get(), LatencyOp::kBatch);
  if (disk_ != nullptr) {
    SHALE_RETURN_IF_NOT_OK(disk_->MakeRoomForRange());
    for (int s = 0; s < kDiskShards; s++) disk_->WaitForRoom(s);
  }
  DurablePoint point;
  {
    const StripesLock lock(this, kAllStripes);
    SHALE_RETURN_IF_NOT_OK(DeleteRangeLocked(from, to, &point));
  }
  return Finish(point, sync);
}

// All stripes are held.
Status Engine::DeleteRangeLocked(Bytes from, Bytes to, DurablePoint* point) NO_THREAD_SAFETY_ANALYSIS {
  std::vector<DiskWrite> writes(disk_ != nullptr ? kDiskShards : 0);
  Buffer range;
  if (disk_ != nullptr) {
    range = EncodeRange(from, to);
    for (size_t s = 0; s < kDiskShards; s++) {
      writes[s].kind = DiskWrite::Kind::kDeleteRange;
      writes[s].key.hash = static_cast<uint64_t>(s) << (64 - kDiskShardBits);
      writes[s].value = range;
    }
    SHALE_RETURN_IF_NOT_OK(disk_->AppendBatch(writes.data(), writes.size(), point));
  }
  const StripesChange changing(this, kAllStripes);
  UnpublishedGuard guard(disk_.get(), writes.data(), writes.size());
  leases_->NoteRange(from, to);
  cache_->StartRange(from, to);
  for (const DiskWrite& write : writes) disk_->Publish(write);
  guard.Release();
  cache_->EndRange();
  return Status::Ok();
}

}   // namespace shale
