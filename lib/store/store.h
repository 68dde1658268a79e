// The disk tier: 64 shards that open and close together. This class routes, ties batches together, and owns
// what the shards share (lock, superblock, threads, block cache). What is done to one shard is in
// store_shard.h.
//  (1) all shards are open or none; until all were read and found right, no byte is changed
//  (2) nothing is called durable in one shard while a batch ties it to something that is not (batch_links.h)
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "store/batch_links.h"
#include "store/collector.h"
#include "store/dir_lock.h"
#include "store/disk_tier.h"
#include "store/recovery.h"
#include "store/store_shard.h"
#include "store/superblock.h"

namespace shale {

class Store : public DiskTier {
 public:
  struct Config {
    std::string path;
    bool create = true;
    bool error_if_exists = false;
    bool read_only = false;           // nothing on disk is changed; `create` does not count
    bool recover_in_memory = false;   // read_only, and the store was not closed
    bool shared_directory = true;     // others may own it, or write to it
    size_t pending_bytes_max = 0;     // of all shards
    size_t inline_max = 0;
    std::shared_ptr<const SecretKey> key;   // null: the store is not encrypted
    size_t compress_bytes_min = 0;          // smaller values are not compressed; 0: none is
    int compress_level = 3;
    size_t segment_bytes = 0;
    size_t write_buffer_bytes = 0;   // of one shard
    size_t block_cache_bytes = 0;
    size_t open_files_max = 0;   // of all shards; 0: chosen from the process's limit
    int threads = 2;
    int64_t sync_interval_ms = 0;   // 0: no background syncs
    Clock* clock = nullptr;
    double max_amplification = 2.0;
    uint64_t gc_bytes_per_second = 0;   // 0: chosen by need
    int64_t grace_ms = 0;               // expired keys stay readable, to who asks for them, for so long
    bool gc_background = false;         // collect and sweep without being asked
    // The engine's, for moving values between other changes; null where a single thread uses the store.
    std::array<Mutex*, kDiskShards> stripes{};
  };

  static constexpr const char* kHintName = "WARM";   // see store_hint.cc

  static Status Open(const Config& config, std::unique_ptr<Store>* out);
  // Removes the files of a store that nobody has open.
  static Status Destroy(const std::string& path);
  ~Store() override;

  const HashSecret& secret() const { return secret_; }
  size_t open_files_max() const { return config_.open_files_max; }

  Status Read(const KeyRef& key, bool want_value, DiskRead* out) override;
  Status ReadPlace(const KeyRef& key, DiskPlace place, uint32_t value_len, DiskRead* out) override;
  DiskPlace PlaceOf(const DiskWrite& write) const override;
  void WaitForRoom(int shard) override;
  Status Prepare(DiskWrite* write) override;
  Status Append(DiskWrite* write, DurablePoint* point) override;
  void Publish(const DiskWrite& write) override;
  Status AppendGroup(const std::vector<DiskWrite*>& writes, DurablePoint* point) override;
  void RefuseWrites(int shard) override;
  Status AppendBatch(DiskWrite* writes, size_t count, DurablePoint* point) override;
  Status MakeDurable(const DurablePoint& point) override;
  Status DrainAll() override;
  Status NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) override;
  Status NewSnapshot(std::unique_ptr<DiskSnapshot>* out) override;
  Status NewBackup(const BackupRequest& request, std::unique_ptr<DiskBackup>* out) override;
  Status MakeRoomForRange() override;
  Status Estimate(const CursorBounds& bounds, RangeCount* out) override;
  Status CompactShard(int shard, const CursorBounds& bounds) override;
  uint64_t IndexBytes(int shard, const CursorBounds& bounds) override;
  Status ReclaimStep(ReclaimState* state) override;
  Status Flush() override;
  Status SyncAll() override;
  void Tick() override;
  Status Close() override;
  void KeepHint(Buffer hint, int64_t write_ms) override;
  Status ReadHint(uint64_t offset, size_t bytes, Buffer* out) override;
  bool ShardReadOnly(int shard) const override;
  StoreStats Stats() const override;
  // For tests: holds what the shards believe about their space against what is there. Nothing else may run.
  bool ValidateSpace(std::string* why);

 private:
  // Makes a shard's log, and what is tied to it, durable before that shard's index writes a table.
  class Syncer : public LogSyncer {
   public:
    Syncer(Store* store, int shard) : store_(store), shard_(shard) {}
    Status SyncLogBeforeTables() override;

   private:
    Store* const store_;
    const int shard_;
  };
  struct DrainArg {
    Store* store;
    int shard;
  };

  explicit Store(const Config& config);
  Status AppendFrames(const std::array<std::vector<DiskWrite*>, kDiskShards>& members, uint64_t batch_id,
                      uint64_t shard_set, std::vector<BatchLinks::Frame>* frames);
  Status OpenDirectoryAndLock(bool* exists);
  Status CheckFileLimit();
  Status StartCodec();
  void KeepSpace();
  Status StartThreads();
  Status StartSyncLoop();
  StoreShard::Config ShardConfig(int shard);
  Status CreateAll();
  Status CleanIncompleteCreation();
  Status OpenAll();
  Status StartAll(SessionEnd how, const std::vector<ShardScan>& scans);
  // For reading only: see store_read_only.cc.
  Status LockForReading();
  Status CheckReadableAsItIs(SessionEnd how) const;
  Status StartReading(const std::vector<ShardScan>& scans);
  Status CloseReading();
  static Status ReadOnlyStatus();
  Status SyncTo(int shard, LogPosition position);
  void QueueDrain(int shard);
  static void RunDrain(void* arg);
  // Work on one shard for the sake of time or space, of which nothing is wrong if it is not done.
  using SpareWork = Status (*)(Store* store, StoreShard* shard, Mutex* stripe);
  template <SpareWork kWork>
  static void RunSpare(void* arg);
  template <SpareWork kWork>
  void QueueSpare(size_t shard);
  static Status FlushQuiet(Store* store, StoreShard* shard, Mutex* stripe);
  static Status BuildFilter(Store* store, StoreShard* shard, Mutex* stripe);
  static Status MergeTables(Store* store, StoreShard* shard, Mutex* stripe);
  Status StartCollector();
  Status WriteHint();
  // Who appends to a shard holds it: the caller's, or our own where he gave none.
  Mutex* StripeOfShard(size_t s) {
    return config_.stripes[s] != nullptr ? config_.stripes[s] : &own_stripes_[s];
  }
  // As a clean end now would write it, but for state and generation.
  Superblock SuperblockNow() const;
  void SyncLoop();
  void StopThreads();
  void DropShards();

  Config config_;
  HashSecret secret_{};
  Superblock superblock_;
  ValueCodec codec_;
  Fd dir_;
  std::unique_ptr<DirLock> lock_;
  leveldb::Cache* block_cache_ = nullptr;
  std::unique_ptr<WorkPool> index_pool_;
  std::unique_ptr<WorkPool> drain_pool_;
  std::vector<std::unique_ptr<Syncer>> syncers_;
  std::vector<DrainArg> drain_args_;
  std::array<std::unique_ptr<StoreShard>, kDiskShards> shards_;
  BatchLinks links_;
  SegmentPins pins_;
  ParkedCursors parked_;
  std::atomic<uint64_t> walks_{0};   // begun since the open
  LogSpace space_;
  std::array<Mutex, kDiskShards> own_stripes_;   // where the caller gave none
  std::unique_ptr<Collector> collector_;         // null until all shards have started
  Buffer hint_;
  int64_t hint_write_ms_ = 0;
  std::atomic<uint64_t> next_batch_id_{1};
  bool started_ = false;
  std::atomic<bool> stopping_{false};       // what waits in the queue for spare time is not begun
  std::atomic<bool> shards_ready_{false};   // all of shards_ is set, and stays as it is

  Mutex sync_loop_mu_;
  CondVar sync_loop_wake_;
  bool sync_loop_stop_ GUARDED_BY(sync_loop_mu_) = false;
  std::thread sync_loop_;
};

}   // namespace shale
