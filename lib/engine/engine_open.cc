// Begin and end of an engine, one the reverse of the other.
#include <system_error>

#include "base/random.h"
#include "base/signals_blocked.h"
#include "engine/engine.h"
#include "engine/scan.h"
#include "engine/snapshot.h"
#include "engine/store_config.h"
#include "engine/warm_restart.h"

namespace shale {

namespace {
constexpr int64_t kSweepIntervalMs = 100;
constexpr size_t kExpireBudget = 20'000;   // items a sweep looks at
constexpr size_t kRunsPart = 16;       // of them, at most, for keys in order
constexpr size_t kMissingPart = 128;   // of the memory tier's bytes, for keys that are known to be missing
}   // namespace

Status DestroyStore(const std::string& path) {
  return Store::Destroy(path);
}

Engine::Engine(const ResolvedOptions& options, Clock* clock)
    : options_(options), clock_(clock), key_runs_(options.cache_bytes / kRunsPart) {}

Engine::~Engine() {
  (void)Close();
}   // who cares about the result has called Close

Status Engine::Open(const std::string& path, const Options& options, std::shared_ptr<Engine>* out) {
  ResolvedOptions resolved;
  SHALE_RETURN_IF_NOT_OK(Resolve(options, path.empty(), &resolved));
  std::shared_ptr<Engine> engine(new Engine(resolved, Clock::Default()));
  SHALE_RETURN_IF_NOT_OK(engine->OpenTiers(path));
  if (resolved.histograms) SHALE_RETURN_IF_NOT_OK(LatencyStats::Create(&engine->latency_));
  SHALE_RETURN_IF_NOT_OK(engine->StartSweeper());
  if (resolved.warm_restart && engine->disk_ != nullptr)
    engine->warm_ = std::make_unique<WarmRestart>(engine.get());
  *out = std::move(engine);
  return Status::Ok();
}

Status Engine::OpenTiers(const std::string& path) {
  Cache::Config cache;
  const size_t missing_bytes_max = options_.cache_bytes / kMissingPart;
  leases_ = std::make_shared<LeaseTable>(clock_, missing_bytes_max);
  cache.capacity_bytes = options_.cache_bytes - missing_bytes_max;
  cache.grace_ms = options_.grace_ms;
  cache.alone = path.empty();
  cache.idle_ms = options_.idle_ms;
  cache.policy = options_.cache_policy;
  cache.huge_pages = options_.huge_pages;
  cache.place_percent = path.empty() ? 0 : options_.cache_place_percent;
  cache.events_bytes = options_.events_bytes;
  cache.clock = clock_;
  for (cache.shard_bits_max = 0; (1 << cache.shard_bits_max) < options_.cache_shards;) cache.shard_bits_max++;
  SHALE_RETURN_IF_NOT_OK(Cache::Create(cache, &cache_));
  if (path.empty()) return SystemRandom(secret_.bytes, HashSecret::kBytes);
  std::unique_ptr<Store> store;
  Store::Config config = StoreConfig(options_, clock_);
  config.path = path;
  for (size_t s = 0; s < kDiskShards; s++) config.stripes[s] = &stripes_[s].mu;
  SHALE_RETURN_IF_NOT_OK(Store::Open(config, &store));
  options_.key.reset();
  secret_ = store->secret();
  options_.SetFilesOpenMax(static_cast<int>(store->open_files_max()));
  disk_ = std::move(store);
  on_disk_ = true;
  return Status::Ok();
}

Status Engine::StartSweeper() {
  const SignalsBlocked blocked;
  try {
    sweeper_ = std::thread([this] { SweepLoop(); });
  } catch (const std::system_error& e) {
    return Status::Error(Code::E_LIMIT, "cannot start the sweeper thread", e.code().value());
  }
  return Status::Ok();
}

// Gives back what is over and moves on what waits. Correctness does not depend on it: every read checks the
// deadline.
void Engine::SweepLoop() {
  MutexLock lock(&sweep_mu_);
  while (!sweep_stop_) {
    (void)sweep_wake_.WaitForMs(&sweep_mu_, kSweepIntervalMs);
    if (sweep_stop_) return;
    sweep_mu_.Unlock();
    try {
      cache_->ExpireSome(clock_->NowMs(), kExpireBudget);
      if (disk_ != nullptr) disk_->Tick();
    } catch (const std::bad_alloc&) {
      // The next round may have memory again.
    }
    sweep_mu_.Lock();
  }
}

void Engine::StopSweeper() {
  if (!sweeper_.joinable()) return;
  {
    MutexLock lock(&sweep_mu_);
    sweep_stop_ = true;
    sweep_wake_.NotifyAll();
  }
  sweeper_.join();
}

Status Engine::Close() {
  MutexLock lock(&close_mu_);
  if (close_done_) return Status::Ok();
  close_done_ = true;
  (void)in_flight_.CloseDoor();
  if (leases_ != nullptr) leases_->Close();   // whoever waits for a load is inside
  in_flight_.WaitForAll();
  {
    // No scan is being made any more; those that exist lose their cursor before the disk tier goes.
    MutexLock scans(&scans_mu_);
    for (Scan* scan : scans_) scan->EndByClose();
    for (Snapshot* snapshot : snapshots_) snapshot->EndByClose();
    for (std::unique_ptr<DiskBackup>* backup : backups_) backup->reset();
  }
  StopSweeper();
  if (warm_ != nullptr) warm_->StopAndSave();
  // Files and memory go now, not with the last handle: in a language with a collector that may be much later.
  // Nobody is inside the disk tier; a read that is still inside the memory tier finds it empty, and then the
  // door closed.
  Status s;
  try {
    if (disk_ != nullptr) s = disk_->Close();
  } catch (const std::bad_alloc&) {
    s = Code::E_NO_MEMORY;   // what is not written down is in the logs
  }
  disk_.reset();
  if (cache_ != nullptr) cache_->Clear();   // there is none if an open ran out of memory
  return s;
}

Status Engine::ClosedStatus() const {
  return Status::Error(Code::E_CLOSED, "the database is closed");
}

Status Engine::ReadOnlyStatus() {
  return Status::Error(Code::E_READ_ONLY, "the store was opened with open.read_only");
}

void Engine::Register(Scan* scan) {
  MutexLock lock(&scans_mu_);
  scans_.insert(scan);
}

void Engine::Unregister(Scan* scan) {
  MutexLock lock(&scans_mu_);
  scans_.erase(scan);
}

void Engine::Register(Snapshot* snapshot) {
  MutexLock lock(&scans_mu_);
  snapshots_.insert(snapshot);
}

void Engine::Unregister(Snapshot* snapshot) {
  MutexLock lock(&scans_mu_);
  snapshots_.erase(snapshot);
}

int64_t Engine::OpenSnapshots() {
  MutexLock lock(&scans_mu_);
  return static_cast<int64_t>(snapshots_.size());
}

Status Engine::Flush() {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  return disk_ != nullptr ? disk_->Flush() : Status::Ok();
}

Status Engine::Sync() {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kSync);
  return disk_ != nullptr ? disk_->SyncAll() : Status::Ok();
}

Status Engine::ShardReadOnly(int shard, bool* read_only) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  *read_only = disk_ != nullptr && disk_->ShardReadOnly(shard);
  return Status::Ok();
}

}   // namespace shale
