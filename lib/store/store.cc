#include "store/store.h"

#include <algorithm>
#include <bit>
#include <new>

#include "base/check.h"
#include "store/disk_snapshot.h"

namespace shale {

Status Store::Read(const KeyRef& key, bool want_value, DiskRead* out) {
  return shards_[static_cast<size_t>(DiskShardOf(key.hash))]->Read(key, want_value, out);
}

Status Store::ReadPlace(const KeyRef& key, DiskPlace place, uint32_t value_len, DiskRead* out) {
  return shards_[static_cast<size_t>(DiskShardOf(key.hash))]->ReadPlace(key, place, value_len, out);
}

DiskPlace Store::PlaceOf(const DiskWrite& write) const {
  return shards_[static_cast<size_t>(DiskShardOf(write.key.hash))]->PlaceOf(write);
}

void Store::WaitForRoom(int shard) {
  if (collector_ != nullptr) collector_->WaitForSpace();
  shards_[static_cast<size_t>(shard)]->WaitForRoom();
}

Status Store::Append(DiskWrite* write, DurablePoint* point) {
  if (config_.read_only) return ReadOnlyStatus();
  point->shard = DiskShardOf(write->key.hash);
  StoreShard& shard = *shards_[static_cast<size_t>(point->shard)];
  SHALE_RETURN_IF_NOT_OK(shard.Append(write));
  point->position = shard.log().end();
  return Status::Ok();
}

Status Store::AppendGroup(const std::vector<DiskWrite*>& writes, DurablePoint* point) {
  if (config_.read_only) return ReadOnlyStatus();
  point->shard = DiskShardOf(writes.front()->key.hash);
  StoreShard& shard = *shards_[static_cast<size_t>(point->shard)];
  SHALE_RETURN_IF_NOT_OK(shard.AppendGroup(writes));
  point->position = shard.log().end();
  return Status::Ok();
}

void Store::Publish(const DiskWrite& write) {
  const int number = DiskShardOf(write.key.hash);
  StoreShard& shard = *shards_[static_cast<size_t>(number)];
  shard.Publish(write);
  if (shard.WantsDrain()) QueueDrain(number);
}

void Store::RefuseWrites(int shard) {
  shards_[static_cast<size_t>(shard)]->RefuseWrites(Code::E_NO_MEMORY);
}

// *frames has room. To where a failure came, each shard that may hold a frame is in it; also when memory ran
// out, between two frames or behind the last: a batch that is nowhere refused, and not whole, is damage to
// the next open.
Status Store::AppendFrames(const std::array<std::vector<DiskWrite*>, kDiskShards>& members, uint64_t batch_id,
                           uint64_t shard_set, std::vector<BatchLinks::Frame>* frames) {
  try {
    for (size_t s = 0; s < kDiskShards; s++) {
      if (members[s].empty()) continue;
      frames->emplace_back(static_cast<int>(s), shards_[s]->log().end());
      SHALE_RETURN_IF_NOT_OK(shards_[s]->AppendFrame(members[s], batch_id, shard_set));
      frames->back().second = shards_[s]->log().end();
    }
    if (frames->size() > 1) links_.Add(std::vector<BatchLinks::Frame>(*frames));
  } catch (const std::bad_alloc&) {
    return Code::E_NO_MEMORY;
  }
  return Status::Ok();
}

Status Store::AppendBatch(DiskWrite* writes, size_t count, DurablePoint* point) {
  if (config_.read_only) return ReadOnlyStatus();
  std::array<std::vector<DiskWrite*>, kDiskShards> members;
  uint64_t shard_set = 0;
  for (size_t i = 0; i < count; i++) {
    const auto s = static_cast<size_t>(DiskShardOf(writes[i].key.hash));
    members[s].push_back(&writes[i]);
    shard_set |= uint64_t{1} << s;
  }
  for (size_t s = 0; s < kDiskShards; s++) {
    if (!members[s].empty()) SHALE_RETURN_IF_NOT_OK(shards_[s]->ReserveFrame(members[s]));
  }
  std::vector<BatchLinks::Frame> frames;
  frames.reserve(kDiskShards);
  // Taken under the stripes of all involved shards: in each of them ids grow in log order.
  const uint64_t batch_id = next_batch_id_.fetch_add(1, std::memory_order_relaxed);
  Status status = AppendFrames(members, batch_id, shard_set, &frames);
  if (!status.ok()) {
    // Nothing may follow a frame whose batch is not whole: recovery will end those logs at it.
    for (const BatchLinks::Frame& frame : frames)
      shards_[static_cast<size_t>(frame.first)]->RefuseWrites(status);
    return status;
  }
  *point = DurablePoint{frames.front().first, frames.front().second};
  for (size_t i = 0; i < count; i++) writes[i].batch_id = batch_id;
  for (size_t s = 0; s < kDiskShards; s++) {
    if (!members[s].empty()) members[s].back()->batch_last = true;
  }
  return Status::Ok();
}

Status Store::MakeDurable(const DurablePoint& point) {
  return SyncTo(point.shard, point.position);
}

Status Store::SyncTo(int shard, LogPosition position) {
  if (links_.empty()) {
    Status s = shards_[static_cast<size_t>(shard)]->mutable_log()->SyncTo(position);
    return s.ok() ? s : std::move(s).InShard(shard);
  }
  LogPosition goals[kDiskShards] = {};
  goals[shard] = position;
  links_.Close(goals);
  Status first;
  for (int s = 0; s < kDiskShards; s++) {
    if (goals[s] == 0) continue;
    Status status = shards_[static_cast<size_t>(s)]->mutable_log()->SyncTo(goals[s]);
    if (!status.ok() && first.ok()) first = std::move(status).InShard(s);
  }
  LogPosition synced[kDiskShards];
  for (size_t s = 0; s < kDiskShards; s++) synced[s] = shards_[s]->log().synced();
  links_.Forget(synced);
  return first;
}

Status Store::Syncer::SyncLogBeforeTables() {
  // Acquire: pairs with the release after the last shard was set. Before that, logs hold nothing that is not
  // durable: shards are being created, or opened without writing.
  if (!store_->shards_ready_.load(std::memory_order_acquire)) return Status::Ok();
  return store_->SyncTo(shard_, store_->shards_[static_cast<size_t>(shard_)]->log().end());
}

void Store::QueueDrain(int shard) {
  StoreShard& s = *shards_[static_cast<size_t>(shard)];
  // Acquire-release: the drain that clears the mark sees what was published before it was set.
  if (s.drain_queued.exchange(true, std::memory_order_acq_rel)) return;
  try {
    drain_pool_->Submit(WorkPool::Priority::kHigh,
                        WorkPool::Job{&Store::RunDrain, &drain_args_[static_cast<size_t>(shard)]});
  } catch (const std::bad_alloc&) {
    // What was published stays; the next write, or the next tick, asks again.
    s.drain_queued.store(false, std::memory_order_release);
  }
}

void Store::RunDrain(void* arg) {
  const auto* a = static_cast<DrainArg*>(arg);
  StoreShard& shard = *a->store->shards_[static_cast<size_t>(a->shard)];
  // Cleared first: what comes later queues again. Release: pairs with the exchange in QueueDrain.
  shard.drain_queued.store(false, std::memory_order_release);
  (void)shard.Drain();   // an error makes the shard read-only, which every writer is told
}

template <Store::SpareWork kWork>
void Store::RunSpare(void* arg) {
  const auto* a = static_cast<DrainArg*>(arg);
  const auto shard = static_cast<size_t>(a->shard);
  if (a->store->stopping_.load(std::memory_order_relaxed)) return;   // relaxed: nothing is read by it
  try {
    // As in RunDrain; what cannot be read, reads find.
    (void)kWork(a->store, a->store->shards_[shard].get(), a->store->StripeOfShard(shard));
  } catch (const std::bad_alloc&) {
    // A later one does it.
  }
}

template <Store::SpareWork kWork>
void Store::QueueSpare(size_t shard) {
  drain_pool_->Submit(WorkPool::Priority::kLow, WorkPool::Job{&Store::RunSpare<kWork>, &drain_args_[shard]});
}

Status Store::FlushQuiet(Store* /*store*/, StoreShard* shard, Mutex* /*stripe*/) {
  return shard->Flush();
}

Status Store::BuildFilter(Store* /*store*/, StoreShard* shard, Mutex* stripe) {
  return shard->BuildFilter(stripe);
}

Status Store::MergeTables(Store* store, StoreShard* shard, Mutex* /*stripe*/) {
  return shard->MergeTables(store->walks_.load(std::memory_order_relaxed));   // near enough
}

Status Store::DrainAll() {
  for (auto& shard : shards_) {
    if (shard->HasPending()) SHALE_RETURN_IF_NOT_OK(shard->Drain());
  }
  return Status::Ok();
}

Status Store::NewSnapshot(std::unique_ptr<DiskSnapshot>* out) {
  SHALE_RETURN_IF_NOT_OK(DrainAll());
  auto pin = std::make_unique<SegmentPin>(&pins_, PinUse::kSnapshot);
  auto snapshot = std::make_unique<StoreSnapshot>(shards_, std::move(pin));
  SHALE_RETURN_IF_NOT_OK(snapshot->Hold());
  *out = std::move(snapshot);
  return Status::Ok();
}

Status Store::ReclaimStep(ReclaimState* state) {
  return collector_->ReclaimStep(state);
}

Status Store::SyncAll() {
  if (config_.read_only) return Status::Ok();
  Status first;
  for (int s = 0; s < kDiskShards; s++) {
    Status status = SyncTo(s, shards_[static_cast<size_t>(s)]->log().end());
    if (!status.ok() && first.ok()) first = std::move(status);
  }
  return first;
}

void Store::Tick() {
  parked_.DropAll();
  if (config_.read_only) return;
  const uint64_t walks = walks_.load(std::memory_order_relaxed);   // near enough
  for (size_t s = 0; s < kDiskShards; s++) {
    StoreShard* const shard = shards_[s].get();
    if (shard->HasPending()) QueueDrain(static_cast<int>(s));
    if (shard->WantsFilter()) QueueSpare<&Store::BuildFilter>(s);
    if (shard->WantsMerge(walks)) QueueSpare<&Store::MergeTables>(s);
    if (shard->NoteQuiet()) QueueSpare<&Store::FlushQuiet>(s);
  }
  collector_->Tick();
}

bool Store::ShardReadOnly(int shard) const {
  return config_.read_only || shards_[static_cast<size_t>(shard)]->read_only();
}

StoreStats Store::Stats() const {
  StoreStats stats;
  for (const auto& shard : shards_) shard->AddStats(&stats);
  if (collector_ != nullptr) collector_->AddStats(&stats);   // none in a store that is only read
  if (config_.read_only) stats.shards_read_only = kDiskShards;
  return stats;
}

bool Store::ValidateSpace(std::string* why) {
  return std::all_of(shards_.begin(), shards_.end(),
                     [why](const auto& shard) { return shard->ValidateSpace(why); });
}

void Store::SyncLoop() {
  MutexLock lock(&sync_loop_mu_);
  while (!sync_loop_stop_) {
    (void)sync_loop_wake_.WaitForMs(&sync_loop_mu_, config_.sync_interval_ms);
    if (sync_loop_stop_) return;
    sync_loop_mu_.Unlock();
    try {
      (void)SyncAll();   // a failure poisons the shard, which every writer is told
    } catch (const std::bad_alloc&) {
      // Nothing was called durable that is not; the next round tries again.
    }
    sync_loop_mu_.Lock();
  }
}

}   // namespace shale
