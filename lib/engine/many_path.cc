// Changes of many keys in one call, each by itself: those of one shard go into the log with one write, under
// its stripe taken once.
#include <algorithm>

#include "base/yield_point.h"
#include "engine/engine.h"

namespace shale {

namespace {
// What is taken up at a time, so that memory does not grow with the call.
constexpr size_t kWindowWrites = 4096;
constexpr size_t kWindowBytes = size_t{4} << 20;
// What one stripe is held for, which others may be waiting for.
constexpr size_t kGroupBytes = size_t{256} << 10;
constexpr size_t kPrefetchAhead = 4;
}   // namespace

Status Engine::PutMany(const std::vector<KeyValue>& items, const WriteOptions& options) {
  if (options.ttl_ms == kTtlKeep) {   // each must look at what is there
    for (const KeyValue& item : items) SHALE_RETURN_IF_NOT_OK(Put(item.key, item.value, options, nullptr));
    return Status::Ok();
  }
  std::vector<DiskWrite> window;
  size_t bytes = 0;
  for (const KeyValue& item : items) {
    DiskWrite write;
    write.key = Ref(item.key);
    write.value = item.value;
    write.deadline_ms = DeadlineFor(options.ttl_ms, 0);
    window.push_back(std::move(write));
    bytes += item.key.size() + item.value.size();
    if (window.size() < kWindowWrites && bytes < kWindowBytes) continue;
    SHALE_RETURN_IF_NOT_OK(WriteWindow(&window, options.install));
    window.clear();
    bytes = 0;
  }
  return WriteWindow(&window, options.install);
}

Status Engine::DeleteMany(const std::vector<Bytes>& keys) {
  std::vector<DiskWrite> window;
  for (const Bytes key : keys) {
    DiskWrite write;
    write.kind = DiskWrite::Kind::kDelete;
    write.key = Ref(key);
    window.push_back(std::move(write));
    if (window.size() < kWindowWrites) continue;
    SHALE_RETURN_IF_NOT_OK(WriteWindow(&window, false));
    window.clear();
  }
  return WriteWindow(&window, false);
}

Status Engine::WriteWindow(std::vector<DiskWrite>* window, bool install) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  std::array<std::vector<DiskWrite*>, kDiskShards> of_shard;   // in the order of the call
  for (DiskWrite& write : *window) {
    SHALE_RETURN_IF_NOT_OK(CheckInstallable(write.key.key, write.value));
    of_shard[static_cast<size_t>(DiskShardOf(write.key.hash))].push_back(&write);
  }
  std::vector<DiskWrite*> group;
  for (const std::vector<DiskWrite*>& writes : of_shard) {
    size_t bytes = 0;
    for (DiskWrite* const write : writes) {
      group.push_back(write);
      bytes += write->key.key.size() + write->value.size();
      if (bytes < kGroupBytes && write != writes.back()) continue;
      SHALE_RETURN_IF_NOT_OK(WriteGroup(group, install));
      group.clear();
      bytes = 0;
    }
  }
  return Status::Ok();
}

Status Engine::WriteGroup(const std::vector<DiskWrite*>& group, bool install) {
  const LatencyTimer timer(latency_.get(), LatencyOp::kBatch);
  WaitForRoom(group.front()->key);
  if (disk_ != nullptr) {
    for (DiskWrite* const write : group) SHALE_RETURN_IF_NOT_OK(disk_->Prepare(write));
  }
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(group.front()->key);
    MutexLock lock(&stripe.mu);
    for (const DiskWrite* const write : group) leases_->NoteWrite(write->key);
    if (disk_ != nullptr) {
      SHALE_RETURN_IF_NOT_OK(disk_->AppendGroup(group, &point));
    } else {
      for (DiskWrite* const write : group) write->version = ++stripe.last_version;
    }
    YieldAt(YieldPoint::kAppended);
    UnpublishedGuard guard(disk_.get(), group.front(), 1);   // its shard is that of all
    for (size_t i = 0; i < group.size(); i++) {
      if (i + kPrefetchAhead < group.size()) cache_->Prefetch(group[i + kPrefetchAhead]->key.hash);
      SHALE_RETURN_IF_NOT_OK(MakeVisible(*group[i], install, i + 1 == group.size() ? &guard : nullptr));
    }
  }
  return Finish(point, false);
}

}   // namespace shale
