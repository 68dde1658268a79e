// How a store begins and ends: create, open (read and check everything, then change), close.
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/check.h"
#include "base/fork_guard.h"
#include "base/random.h"
#include "base/seeded_bug.h"
#include "base/signals_blocked.h"
#include "store/backup_manifest.h"
#include "store/dir_owner.h"
#include "store/segment.h"
#include "store/store.h"
#include "store/store_destroy.h"
#include "store/store_key.h"

namespace shale {

namespace {

// Opening waits for the disk more than for the processor. In tests with a few shards: none but the caller.
constexpr int kOpenThreads = kDiskShards / 8;
constexpr size_t kFilesPerShard = 3;   // directory, manifest, active segment
constexpr size_t kCachedPerShardMin = 2;
constexpr size_t kCachedPerShardMax = 64;
constexpr size_t kFilesSpare = 48;                       // tables being written, the host's own next files
constexpr size_t kFilterPart = 4;                        // of the block cache's bytes, one in so many
constexpr uint64_t kKeptBytesMax = uint64_t{64} << 20;   // of the file system: see LogSpace

// For the filters of keys of all shards. A store that is only read has none.
size_t FilterBytes(const Store::Config& config) {
  return config.read_only ? 0 : config.block_cache_bytes / kFilterPart;
}

// What runs out of memory on a thread of ours must not end the process.
Status WorkOrNoMemory(const std::function<Status(int)>& work, int shard) {
  try {
    return work(shard);
  } catch (const std::bad_alloc&) {
    return Code::E_NO_MEMORY;
  }
}

// Runs work(shard) for all shards on a few threads; the error of the lowest shard.
Status ForAllShards(const std::function<Status(int)>& work) {
  std::array<Status, kDiskShards> results;
  std::atomic<int> next{0};
  auto run = [&] {
    for (int s; (s = next.fetch_add(1, std::memory_order_relaxed)) < kDiskShards;)
      results[static_cast<size_t>(s)] = WorkOrNoMemory(work, s);
  };
  std::vector<std::thread> threads;
  try {
    const SignalsBlocked blocked;
    for (int i = 1; i < kOpenThreads; i++) threads.emplace_back(run);
  } catch (const std::exception&) {
    // No thread, or no memory for one. Fewer threads than wished: the rest is done here.
  }
  run();
  for (std::thread& t : threads) t.join();
  for (Status& s : results) {
    if (!s.ok()) return std::move(s);
  }
  return Status::Ok();
}

bool IsStoreFile(const std::string& name) {
  return name == "LOCK" || IsSuperblockName(name) || name == Store::kHintName || name.ends_with(".tmp") ||
         name == "lost+found";
}

// Does a shard directory of a store without superblock hold any record?
Status ShardIsEmpty(const Fd& root, const std::string& name, bool* empty) {
  Fd dir;
  SHALE_RETURN_IF_NOT_OK(OpenSubdirectory(root, name, false, &dir));
  std::vector<std::string> files;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir, name, &files));
  for (const std::string& file : files) {
    uint32_t segment = 0;
    if (!ParseSegmentName(file, &segment)) {
      *empty = *empty && (IsIndexFileName(file) || file.ends_with(".tmp"));
      continue;
    }
    Fd fd;
    SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, file, &fd));
    char raw[kSegmentHeaderBytes + kRecordHeaderBytes] = {};
    size_t got = 0;
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd, file, 0, raw, sizeof raw, &got));
    const bool any = std::any_of(raw + kSegmentHeaderBytes, raw + sizeof raw, [](char c) { return c != 0; });
    if (segment != kFirstSegment || any) *empty = false;
  }
  return Status::Ok();
}

}   // namespace

// A set may hold two MiB of blocks, and one is always kept.
Store::Store(const Config& config)
    : config_(config), parked_(1 + config.block_cache_bytes / (size_t{2} << 20)) {
  if (config_.read_only) config_.create = false;
  for (int s = 0; s < kDiskShards; s++) {
    syncers_.push_back(std::make_unique<Syncer>(this, s));
    drain_args_.push_back(DrainArg{this, s});
  }
}

Store::~Store() {
  StopThreads();
  parked_.DropAll();
  DropShards();
  if (block_cache_ != nullptr) Index::DeleteBlockCache(block_cache_);
}

// A job of one index may be about to make the logs of all shards durable: none goes before all jobs have
// ended.
void Store::DropShards() {
  for (auto& shard : shards_) {
    if (shard != nullptr) shard->Abandon();
  }
  for (auto& shard : shards_) shard.reset();
}

Status Store::Open(const Config& config, std::unique_ptr<Store>* out) {
  InstallForkGuard();
  std::unique_ptr<Store> store(new Store(config));
  bool exists = false;
  SHALE_RETURN_IF_NOT_OK(store->OpenDirectoryAndLock(&exists));
  SHALE_RETURN_IF_NOT_OK(store->CheckFileLimit());
  store->KeepSpace();
  store->block_cache_ = Index::NewBlockCache(config.block_cache_bytes - FilterBytes(config));
  SHALE_RETURN_IF_NOT_OK(store->StartThreads());
  Status s = exists ? store->OpenAll() : store->CreateAll();
  if (!s.ok()) {
    // The pools outlive the shards: LevelDB's destructor waits for its jobs.
    store->DropShards();
    return s;
  }
  SHALE_RETURN_IF_NOT_OK(store->StartSyncLoop());
  *out = std::move(store);
  return Status::Ok();
}

Status Store::OpenDirectoryAndLock(bool* exists) {
  Status s = OpenDirectory(config_.path, false, &dir_);
  const bool made = s.Is(Code::NOT_FOUND);
  const std::string no_store = config_.path + ": no store here, and open.create is off";
  if (s.Is(Code::NOT_FOUND)) {
    if (!config_.create) return Status::Error(Code::E_NO_STORE, no_store);
    s = OpenDirectory(config_.path, true, &dir_);
  }
  SHALE_RETURN_IF_NOT_OK(s);
  if (!config_.shared_directory) s = CheckDirectoryIsOurs(dir_, config_.path);
  if (!s.ok() && made) (void)RemoveEmptyDirectory(config_.path);   // what is refused leaves nothing behind
  SHALE_RETURN_IF_NOT_OK(s);
  // A look before locking: a directory that is refused gets no LOCK file.
  int damaged = 0;
  s = ReadSuperblock(dir_, &superblock_, &damaged);
  if (s.Is(Code::NOT_FOUND) && !config_.create) return Status::Error(Code::E_NO_STORE, no_store);
  if (s.IsError()) return s;
  if (s.ok()) SHALE_RETURN_IF_NOT_OK(CheckStoreKey(config_.path, superblock_, config_.key.get()));
  if (s.Is(Code::NOT_FOUND)) {
    std::vector<std::string> names;
    SHALE_RETURN_IF_NOT_OK(ListDirectory(dir_, config_.path, &names));
    for (const std::string& name : names) {
      if (StoreShard::IsDirectoryName(name) || IsStoreFile(name)) continue;
      return Status::Error(Code::E_INCOMPATIBLE,
                           config_.path + ": not a store, and not empty (" + name + ")");
    }
  }
  SHALE_RETURN_IF_NOT_OK(config_.read_only ? LockForReading() : DirLock::Acquire(dir_, true, &lock_));
  s = ReadSuperblock(dir_, &superblock_, &damaged);   // again: another process may have been at it
  if (s.IsError()) return s;
  *exists = s.ok();
  if (*exists) SHALE_RETURN_IF_NOT_OK(CheckStoreKey(config_.path, superblock_, config_.key.get()));
  if (*exists && config_.error_if_exists) {
    return Status::Error(Code::EXISTS, config_.path + ": a store is here, and open.error_if_exists is on");
  }
  return Status::Ok();
}

Status Store::CheckFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  std::vector<std::string> open_now;
  Fd proc;
  size_t used = 64;   // a guess where /proc is not there
  if (OpenDirectory("/proc/self/fd", false, &proc).ok() &&
      ListDirectory(proc, "/proc/self/fd", &open_now).ok()) {
    used = open_now.size();
  }
  const size_t base = used + kFilesSpare + kDiskShards * kFilesPerShard;
  const size_t needed = base + kDiskShards * kCachedPerShardMin;
  const auto soft = static_cast<size_t>(limit.rlim_cur);
  if (limit.rlim_cur != RLIM_INFINITY && soft < needed) {
    return Status::Error(Code::E_LIMIT, "the limit of open files (RLIMIT_NOFILE) is " + std::to_string(soft) +
                                            ", at least " + std::to_string(needed) + " is needed");
  }
  if (config_.open_files_max != 0) return Status::Ok();
  // Half of what is left is for the host.
  const size_t left = limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX / 2 : soft - base;
  const size_t per_shard = std::clamp(left / 2 / kDiskShards, kCachedPerShardMin, kCachedPerShardMax);
  config_.open_files_max = per_shard * kDiskShards;
  return Status::Ok();
}

// What memtables hold can then be written, and a little be logged: an index that meets a full disk refuses
// writes until it is opened again, a log does not.
void Store::KeepSpace() {
  uint64_t left = 0, total = 0;
  if (!FileSystemSpace(dir_, &left, &total)) return;
  space_.kept = std::min({kKeptBytesMax, total / 8, uint64_t{config_.write_buffer_bytes} * kDiskShards});
}

StoreShard::Config Store::ShardConfig(int shard) {
  StoreShard::Config c;
  c.number = shard;
  c.uuid = superblock_.uuid;
  c.segment_bytes = config_.segment_bytes;
  c.pending_bytes_max = config_.pending_bytes_max / kDiskShards;
  c.inline_max = config_.inline_max;
  // Equal hashing fills 64 equal buffers at the same moment; unequal ones are flushed one after the other.
  c.write_buffer_bytes = config_.write_buffer_bytes / 2 +
                         config_.write_buffer_bytes / 2 * static_cast<size_t>(shard) / (kDiskShards - 1);
  c.open_files_max = std::max(kCachedPerShardMin, config_.open_files_max / kDiskShards);
  c.index_pool = index_pool_.get();
  c.block_cache = block_cache_;
  c.syncer = syncers_[static_cast<size_t>(shard)].get();
  c.clock = config_.clock;
  c.grace_ms = config_.grace_ms;
  c.space = &space_;
  c.codec = &codec_;
  c.secret = &secret_;
  c.filter_bytes_max = FilterBytes(config_) / kDiskShards;
  c.read_only = config_.read_only;
  return c;
}

// Shard directories without a superblock: a creation that was cut off (it writes the superblock last) - or a
// store whose superblock somebody removed. Only what holds no record at all is taken for the first.
Status Store::CleanIncompleteCreation() {
  bool empty = true;
  std::vector<std::string> names;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir_, config_.path, &names));
  std::erase_if(names, [](const std::string& name) { return !StoreShard::IsDirectoryName(name); });
  for (const std::string& name : names) SHALE_RETURN_IF_NOT_OK(ShardIsEmpty(dir_, name, &empty));
  if (!empty) {
    return Status::Error(Code::E_INCOMPATIBLE,
                         config_.path + ": shards with data, but SHALE-A and SHALE-B are missing");
  }
  bool all_gone = true;
  for (const std::string& name : names) SHALE_RETURN_IF_NOT_OK(RemoveShardFiles(dir_, name, &all_gone));
  return Status::Ok();
}

Status Store::CreateAll() {
  SHALE_RETURN_IF_NOT_OK(CleanIncompleteCreation());
  SHALE_RETURN_IF_NOT_OK(SystemRandom(superblock_.uuid.data(), superblock_.uuid.size()));
  SHALE_RETURN_IF_NOT_OK(SystemRandom(superblock_.secret_seed.data(), superblock_.secret_seed.size()));
  if (config_.key != nullptr) {
    superblock_.incompatible |= kStoreEncrypted;
    superblock_.key_id = ValueCipher::IdOf(*config_.key, superblock_.uuid);
  }
  SHALE_RETURN_IF_NOT_OK(StartCodec());
  superblock_.shard_count = kDiskShards;
  superblock_.state = StoreState::kOpen;
  superblock_.boot_id = CurrentBootId();
  DeriveSecret(superblock_.secret_seed.data(), &secret_);
  SHALE_RETURN_IF_NOT_OK(ForAllShards(
      [this](int s) { return StoreShard::Create(ShardConfig(s), dir_, &shards_[static_cast<size_t>(s)]); }));
  shards_ready_.store(true, std::memory_order_release);   // pairs with the acquire in SyncLogBeforeTables
  SHALE_RETURN_IF_NOT_OK(SyncDirectory(dir_, config_.path));
  // Last: from here on it is a store.
  SHALE_RETURN_IF_NOT_OK(WriteSuperblock(dir_, &superblock_));
  // Relaxed: before any other thread writes.
  next_batch_id_.store((superblock_.generation << 32) + 1, std::memory_order_relaxed);
  SHALE_RETURN_IF_NOT_OK(StartCollector());
  started_ = true;
  return Status::Ok();
}

Status Store::OpenAll() {
  if (superblock_.shard_count != kDiskShards) {
    return Status::Error(Code::E_INCOMPATIBLE,
                         config_.path + ": made with " + std::to_string(superblock_.shard_count) +
                             " shards, this library has " + std::to_string(kDiskShards));
  }
  SHALE_RETURN_IF_NOT_OK(StartCodec());
  DeriveSecret(superblock_.secret_seed.data(), &secret_);
  const SessionEnd how = HowEnded(superblock_);
  if (config_.read_only) SHALE_RETURN_IF_NOT_OK(CheckReadableAsItIs(how));
  std::vector<ShardScan> scans(kDiskShards);
  Status checked = ForAllShards([&](int s) {
    auto& shard = shards_[static_cast<size_t>(s)];
    StoreShard::Config config = ShardConfig(s);
    config.machine_died = how == SessionEnd::kMachineDied;
    Status status = StoreShard::Open(config, dir_, how != SessionEnd::kClean, &shard);
    if (status.ok()) status = ScanShard(*shard, how, &scans[static_cast<size_t>(s)]);
    return status.ok() ? status : std::move(status).InShard(s);
  });
  SHALE_RETURN_IF_NOT_OK(checked);
  SHALE_RETURN_IF_NOT_OK(ResolveBatches(how, &scans));
  return config_.read_only ? StartReading(scans) : StartAll(how, scans);
}

// From here on the directory is changed.
Status Store::StartAll(SessionEnd how, const std::vector<ShardScan>& scans) {
  shards_ready_.store(true, std::memory_order_release);   // pairs with the acquire in SyncLogBeforeTables
  config_.clock->RaiseTo(superblock_.clock_high_ms);
  uint64_t batch_id_high = superblock_.batch_id_high;
  for (const ShardScan& scan : scans) batch_id_high = std::max(batch_id_high, scan.batch_id_high);
  for (const auto& shard : shards_) config_.clock->RaiseTo(shard->applied_at_open().clock_ms);
  const bool exact_ledgers = superblock_.state == StoreState::kClean;
  superblock_.state = StoreState::kOpen;
  // It is a store of its own from here on, and not what the list of the backup says.
  if (const Status s = RemoveFile(dir_, kBackupName); s.IsError()) return s;
  // After a power cut the old boot id stays until every cut is durable: a recovery that dies must be judged
  // as this one.
  if (how != SessionEnd::kMachineDied) superblock_.boot_id = CurrentBootId();
  superblock_.batch_id_high = batch_id_high;
  superblock_.clock_high_ms = config_.clock->NowMs();
  SHALE_RETURN_IF_NOT_OK(WriteSuperblock(dir_, &superblock_));
  batch_id_high = std::max(batch_id_high, superblock_.generation << 32);
  next_batch_id_.store(batch_id_high + 1, std::memory_order_relaxed);   // before any other thread writes
  if (how != SessionEnd::kClean) {
    for (auto& frames : LinksOf(scans)) links_.Add(std::move(frames));
  }
  Status started = ForAllShards([&](int s) {
    const ShardScan& scan = scans[static_cast<size_t>(s)];
    StoreShard::StartPoint start;
    start.log.end = scan.end;
    start.log.cut = scan.cut;
    start.log.unsynced_from = how == SessionEnd::kClean ? 0 : scan.from;
    start.log.next_sequence = scan.sequence_high + 1;
    start.batch_id_high = scan.batch_id_high;
    start.clean = exact_ledgers;
    return shards_[static_cast<size_t>(s)]->Start(start);
  });
  SHALE_RETURN_IF_NOT_OK(started);
  if (how == SessionEnd::kMachineDied) {
    superblock_.boot_id = CurrentBootId();
    SHALE_RETURN_IF_NOT_OK(WriteSuperblock(dir_, &superblock_));
  }
  // All shards have begun before any replays: a table that the replay fills in one may have to make others'
  // logs durable.
  Status replayed = ForAllShards([&](int s) {
    StoreShard& shard = *shards_[static_cast<size_t>(s)];
    Status status = shard.Replay(scans[static_cast<size_t>(s)].end);
    // A compaction that met damage meanwhile: that is why there is no store, not that it takes no writes.
    Status cause = status.Is(Code::E_READ_ONLY) ? shard.index()->PoisonCause() : Status::Ok();
    return std::move(cause.ok() ? status : cause).InShard(s);
  });
  SHALE_RETURN_IF_NOT_OK(replayed);
  SHALE_RETURN_IF_NOT_OK(StartCollector());
  started_ = true;
  return Status::Ok();
}

Status Store::Flush() {
  if (config_.read_only) return Status::Ok();
  return ForAllShards([this](int s) { return shards_[static_cast<size_t>(s)]->Flush(); });
}

Superblock Store::SuperblockNow() const {
  Superblock now = superblock_;
  now.clock_high_ms = config_.clock->NowMs();
  // Relaxed: whoever draws ids holds stripes, and they are held here, or nobody draws any more.
  now.batch_id_high = std::max(now.batch_id_high, next_batch_id_.load(std::memory_order_relaxed) - 1);
  return now;
}

Status Store::Close() {
  SHALE_CHECK(started_);
  if (config_.read_only) return CloseReading();
  StopThreads();
  parked_.DropAll();
  // A table of one shard may have to make other shards' logs durable, so all stay open until all have
  // flushed.
  Status first = ForAllShards([this](int s) {
    StoreShard& shard = *shards_[static_cast<size_t>(s)];
    return shard.read_only() || SeededBug(Seed::kNoDrainAtClose) ? Status::Ok() : shard.Flush();
  });
  Status s = ForAllShards([this](int shard) { return shards_[static_cast<size_t>(shard)]->Close(); });
  if (first.ok()) first = std::move(s);
  if (index_pool_ != nullptr) index_pool_->Stop();
  superblock_ = SuperblockNow();
  if (first.ok()) {
    superblock_.state = StoreState::kClean;
    first = WriteSuperblock(dir_, &superblock_);
  }
  if (!hint_.empty()) (void)WriteHint();   // nothing depends on it
  lock_.reset();
  return first;
}

}   // namespace shale
