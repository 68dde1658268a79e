// One disk shard: a log, an index, and the updates that are in the first and not yet in the second. Thick and
// tested alone; Store above it only routes, and ties batches together.
//
//   Create or Open -> (recovery decides where the log ends) -> Start -> in use -> Close
//
// Invariants:
//  (1) everything acknowledged is in the log; the index plus the log behind its applied mark is the whole
//  truth (2) a key that was published is found by Read in pending_ or in index_, at every instant (3) after
//  the first failed append, sync or drain the shard is read-only; reads go on
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/disk_tier.h"
#include "store/index.h"
#include "store/index_row.h"
#include "store/pending.h"
#include "store/shard_log.h"

namespace shale {

class StoreShard {
 public:
  struct Config {
    int number = 0;
    std::array<unsigned char, 16> uuid{};
    size_t segment_bytes = 0;
    size_t pending_bytes_max = 0;
    size_t inline_max = 0;
    size_t write_buffer_bytes = 0;
    size_t open_files_max = 0;
    WorkPool* index_pool = nullptr;
    leveldb::Cache* block_cache = nullptr;
    LogSyncer* syncer = nullptr;
    Clock* clock = nullptr;
    bool read_only = false;   // never started: what is replayed stays in memory
  };

  static std::string DirectoryName(int number);   // "07"
  // Makes directory, first segment and index of a new shard, all durable; in use at once.
  static Status Create(const Config& config, const Fd& root, std::unique_ptr<StoreShard>* out);
  // Reads and checks; changes nothing until Start.
  static Status Open(const Config& config, const Fd& root, bool may_be_torn,
                     std::unique_ptr<StoreShard>* out);
  ~StoreShard();

  const AppliedMark& applied_at_open() const { return applied_at_open_; }
  const ShardLog& log() const { return *log_; }
  ShardLog* mutable_log() { return log_.get(); }
  const Fd& dir() const { return dir_; }
  Index* index() { return index_.get(); }

  struct StartPoint {
    ShardLog::Start log;
    uint64_t batch_id_high = 0;
  };
  // First change on disk: lets index and log write. Then, when all shards have started, Replay of the log
  // into the index.
  Status Start(const StartPoint& start);
  Status Replay(LogPosition upto);

  Status Read(const KeyRef& key, bool want_value, DiskRead* out);
  Status ReadPlace(const KeyRef& key, DiskPlace place, uint32_t value_len, DiskRead* out);
  DiskPlace PlaceOf(const DiskWrite& write) const;
  void WaitForRoom();

  // Stripe held for the following.
  Status Append(DiskWrite* write);
  void Publish(const DiskWrite& write);
  // Members must all be this shard's. Reserve in every shard first: then a full disk is met before any frame
  // is written.
  Status ReserveFrame(const std::vector<DiskWrite*>& members);
  Status AppendFrame(const std::vector<DiskWrite*>& members, uint64_t batch_id, uint64_t shard_set);

  bool HasPending() const { return pending_.bytes() != 0; }
  // True if enough is pending that a drain pays.
  bool WantsDrain() const;
  Status Drain() EXCLUDES(drain_mu_);
  // From the ticking thread only. True once when the shard has not been written for a while and its memtable
  // is worth a Flush: a read then looks into one table fewer, and an open has nothing to replay. Later on,
  // lets put-off compactions run.
  bool NoteQuiet();
  Status Flush();
  Status NewCursor(Bytes from, Bytes to, std::unique_ptr<IndexCursor>* out);
  // Fetches the value that a row of the index points to.
  Status ReadRowValue(Bytes key, const IndexRow& row, Buffer* storage, Bytes* value);

  // A frame of a batch that failed elsewhere lies at the end of the log: nothing may be appended behind it.
  void RefuseWrites(const Status& why) { log_->Refuse(why); }

  bool read_only() const { return log_->poisoned() || index_->poisoned(); }
  void AddStats(StoreStats* stats) const;
  // Drains and flushes if it can, makes everything durable, closes.
  Status Close();
  // Closes without writing anything: the open was refused.
  void Abandon();

  std::atomic<bool> drain_queued{false};   // Store's mark that a drain of this shard is on its way

 private:
  explicit StoreShard(const Config& config);
  Status OpenParts(const Fd& root, bool create, bool may_be_torn);
  Status CheckIdentity();
  Status WriteIdentity();
  Status ReadRow(const KeyRef& key, Buffer* row);
  Status AppendTouch(DiskWrite* write);
  // The index row that says what `write` did.
  void RowFor(const DiskWrite& write, Buffer* row) const;
  AppliedMark MarkNow() const;

  const Config config_;
  const std::string name_;
  Fd dir_;
  std::unique_ptr<FileCache> files_;
  std::unique_ptr<ShardLog> log_;
  std::unique_ptr<Index> index_;
  Pending pending_;
  AppliedMark applied_at_open_;
  bool open_ = false;

  // The appender's, guarded by the caller's stripe.
  uint64_t batch_id_high_ = 0;
  int64_t last_sequence_ = 0;
  Buffer touched_value_;   // of an inline value that is written again by a touch

  // The ticking thread's.
  LogPosition end_seen_ = 0;
  int quiet_ticks_ = 0;
  uint64_t flushed_keys_ = 0;   // of drained_keys_, when last found worth a flush

  Mutex drain_mu_;   // one drain at a time; held over index writes
  IndexBatch drain_batch_ GUARDED_BY(drain_mu_);

  mutable std::atomic<uint64_t> index_reads_{0}, log_reads_{0};   // statistics, relaxed
  std::atomic<uint64_t> drains_{0}, drained_keys_{0}, stall_micros_{0}, recovered_records_{0};
};

}   // namespace shale
