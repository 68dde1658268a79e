// One disk shard: a log, an index, and the updates that are in the first and not yet in the second. Thick and
// tested alone; Store above it only routes, and ties batches together.
//
//   Create or Open -> (recovery decides where the log ends) -> Start -> in use -> Close
//
// Invariants:
//  (1) everything acknowledged is in the log; the index plus the log behind its applied mark is the whole
//      truth
//  (2) a key that was published is found by Read in pending_ or in index_, at every instant
//  (3) after the first failed append, sync or drain the shard is read-only; reads go on
//  (4) a segment that a row points into is there, as long as the row is found by a reader or a pinned cursor
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "store/deleted_ranges.h"
#include "store/disk_tier.h"
#include "store/index.h"
#include "store/index_row.h"
#include "store/key_filter.h"
#include "store/parked_cursors.h"
#include "store/pending.h"
#include "store/segment_ledger.h"
#include "store/shard_log.h"
#include "store/value_codec.h"

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
    int64_t grace_ms = 0;
    LogSpace* space = nullptr;
    const ValueCodec* codec = nullptr;    // outlives the shard
    const HashSecret* secret = nullptr;   // outlives the shard; for BuildFilter only
    size_t filter_bytes_max = 0;
    bool read_only = false;      // never started: what is replayed stays in memory
    bool machine_died = false;   // since the last session
  };

  static std::string DirectoryName(int number);   // "07"
  static bool IsDirectoryName(std::string_view name);
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
    bool clean = false;   // the last session closed the store
  };
  // First change on disk: lets index and log write. Then, when all shards have started, Replay of the log
  // into the index.
  Status Start(const StartPoint& start);
  Status Replay(LogPosition upto);

  Status Read(const KeyRef& key, bool want_value, DiskRead* out);
  Status ReadPlace(const KeyRef& key, DiskPlace place, uint32_t value_len, DiskRead* out);
  DiskPlace PlaceOf(const DiskWrite& write) const;
  void WaitForRoom();

  // Without the stripe, or with it: compresses and encrypts, if that was not done yet.
  Status Prepare(DiskWrite* write) const;

  // Stripe held for the following.
  Status Append(DiskWrite* write);
  void Publish(const DiskWrite& write);
  // Members must all be this shard's. Reserve in every shard first: then a full disk is met before any frame
  // is written.
  Status ReserveFrame(const std::vector<DiskWrite*>& members);
  Status AppendFrame(const std::vector<DiskWrite*>& members, uint64_t batch_id, uint64_t shard_set);
  // Not atomic: after an error or a crash the first few may be there.
  Status AppendGroup(const std::vector<DiskWrite*>& members);

  bool HasPending() const { return pending_.bytes() != 0; }
  // True if enough is pending that a drain pays.
  bool WantsDrain() const;
  Status Drain() EXCLUDES(drain_mu_);
  // From the ticking thread only. True once when the shard has not been written for a while and its memtable
  // is worth a Flush: a read then looks into one table fewer, and an open has nothing to replay. Later on,
  // lets put-off compactions run.
  bool NoteQuiet();
  Status Flush();
  // From the ticking thread only, with the number of walks since the open. True if they are many enough for a
  // look at the tables; MergeTables follows.
  bool WantsMerge(uint64_t walks);
  // Makes one of several tables if the walks since the last time have spent on them about what that costs;
  // else says when the next look is due.
  Status MergeTables(uint64_t walks);
  // Has the index begin what Flush waits for, so that several shards flush at a time.
  Status BeginFlush();
  // fill_cache: keep the blocks read in the block cache.
  Status NewCursor(Bytes from, Bytes to, bool fill_cache, std::unique_ptr<IndexCursor>* out);
  // A cursor over data rows [lower, upper), with the blocks it reads kept: the one that is there, if it still
  // shows what a new one would, else a new one. Stripe held, nothing pending.
  Status RenewCursor(Bytes lower, Bytes upper, ShardCursor* cursor);
  // Bytes of the index's tables that hold keys of the range, nearly; see Index::ApproximateBytes.
  uint64_t IndexBytes(Bytes from, Bytes to);
  // Rewrites these tables. Takes long; writes go on.
  Status CompactIndex(Bytes from, Bytes to);
  // Fetches the value that a row of the index points to. The caller holds a pin, or the row is new.
  Status ReadRowValue(Bytes key, const IndexRow& row, Buffer* storage, Bytes* value);
  Status MalformedRow() const;   // what is said of a row of the index that cannot be decoded

  // ---- what follows is for garbage collection and expiry: see collector.h

  // Does the newest row of the key point there? Without the stripe a "no" is final, a "yes" is not.
  Status PointsTo(const KeyRef& key, LogPosition at, bool* yes);
  // Stripe held. Appends the value again, as it is stored, and publishes its new place, if the newest row
  // points to `at`.
  Status Move(const KeyRef& key, LogPosition at, const StoredValue& value, bool* moved);
  // Stripe held. Lets the next drain say that the index reaches the end of the log, though nothing is
  // pending; but not behind a frame that failed.
  void AdvanceMark() {
    if (!read_only()) pending_.Advance(MarkNow());
  }
  // From the ticking thread only. True if so many keys were looked for below and not found that a key filter
  // built anew would have been cheaper; BuildFilter follows.
  bool WantsFilter();
  // Reads the keys of the whole index. `stripe`: the shard's.
  Status BuildFilter(Mutex* stripe) EXCLUDES(drain_mu_);
  const KeyFilter& filter() const { return filter_; }
  // Lets pending updates go when they are many: what WaitForRoom is for writers, for a thread that drains.
  Status MakeRoom();
  // Number of the last change of the index, and of the last that is durable in tables.
  uint64_t applied_serial() const EXCLUDES(drain_mu_);
  uint64_t durable_serial() EXCLUDES(drain_mu_);
  // The position that the index has reached.
  LogPosition applied_position() const EXCLUDES(drain_mu_);
  SegmentLedger* ledger() { return &ledger_; }
  const SegmentLedger& ledger() const { return ledger_; }

  static constexpr size_t kSweepRows = 2048;   // enough for one sweep, for drains wait meanwhile
  struct Sweep {
    size_t rows = 0;   // deadline rows removed
    size_t keys = 0;   // and the keys whose time was over
    bool more = false;
  };
  // Removes rows that deleted ranges have left: looks at up to rows_max rows.
  Status DropRangeRows(size_t rows_max, Sweep* sweep) EXCLUDES(drain_mu_);
  // Until no row is left of a range that was deleted before the call.
  Status FinishRanges() EXCLUDES(drain_mu_);
  size_t range_count() const { return ranges_.size(); }

  // Removes keys whose deadline has passed, in the order of deadlines; at most rows_max deadline rows.
  Status SweepExpired(size_t rows_max, Sweep* sweep) EXCLUDES(drain_mu_);
  // Rewrites the index if a good part of it was swept: what was removed lies there as tombstones, and a scan
  // would walk over each of them.
  Status CompactIfSwept() EXCLUDES(drain_mu_);
  bool HasExpired() const { return next_deadline_ms() <= SweepMs(); }
  // A sweep takes what was over by then.
  int64_t SweepMs() const { return config_.clock->NowMs() - config_.grace_ms; }
  // Near enough, without a lock: a deadline at or before which nothing is left to sweep, INT64_MAX if none.
  int64_t next_deadline_ms() const { return next_deadline_ms_.load(std::memory_order_relaxed); }

  // For tests: holds the ledger against all rows of the index. Nothing else may run.
  bool ValidateSpace(std::string* why) EXCLUDES(drain_mu_);

  // A frame of a batch that failed elsewhere lies at the end of the log: nothing may be appended behind it.
  void RefuseWrites(const Status& why) { log_->Refuse(why); }

  bool read_only() const { return log_->poisoned() || index_->poisoned(); }
  void AddStats(StoreStats* stats) const;
  // Drains and flushes if it can, makes everything durable, closes.
  Status Close();
  // Closes the index, if it is open, without writing anything: the open was refused. The log stays.
  void Abandon();

  std::atomic<bool> drain_queued{false};   // Store's mark that a drain of this shard is on its way

 private:
  explicit StoreShard(const Config& config);
  Status OpenParts(const Fd& root, bool create, bool may_be_torn);
  Status CheckIdentity();
  Status WriteIdentity();
  Status ReadRow(const KeyRef& key, Buffer* row);
  Status ReadKeysIntoFilter(Mutex* stripe, uint64_t* keys) EXCLUDES(drain_mu_);
  Status FetchValue(Bytes key, const IndexRow& row, Buffer* storage, Bytes* value);
  Status Unseal(Bytes key, uint8_t form, LogPosition at, Buffer* storage, Bytes* value) const;
  bool LiesInIndex(const StoredValue& stored) const;
  void CountSealed(const DiskWrite& write);
  Status MissingSegment(const IndexRow& row) const;
  Status ReadLedger();
  Status ReadRanges();
  void PublishRange(const DiskWrite& write);
  Status NewCursorAt(std::shared_ptr<const RangeView> deleted, Bytes lower, Bytes upper, bool fill_cache,
                     std::unique_ptr<IndexCursor>* out);
  // Ranges that the index does not know of yet and that lie before the mark go into the batch.
  Status DrainGeneration(const PendingGeneration& generation) REQUIRES(drain_mu_);
  void AddRangeRows(const AppliedMark& mark) REQUIRES(drain_mu_);
  void StartLedger(bool clean);
  // Counts what a row that goes into the index adds, and what the row that it replaces takes away. True if
  // the ledger must go into the same batch.
  bool CountRow(Bytes row_key, const IndexRow* row) REQUIRES(drain_mu_);
  Status WriteDrainBatch(const AppliedMark& mark, bool with_ledger) REQUIRES(drain_mu_);
  void NoteWritten(const AppliedMark& mark) REQUIRES(drain_mu_);
  void NoteDeadline(int64_t deadline_ms);
  void CountReplayed(Bytes row, size_t key_len);
  // Rows that one batch takes out of the index.
  struct RemovedRows {
    struct Record {
      LogPosition at = 0;
      uint64_t bytes = 0;
    };
    std::vector<Record> records;   // that nothing points to any more
    uint64_t rows = 0;
    uint64_t bytes = 0;   // of rows and their keys
  };
  // Into the batch. The second is for a data row, whose record goes with it.
  void RemoveRow(Bytes row_key, size_t row_bytes, RemovedRows* removed) REQUIRES(drain_mu_);
  void RemoveDataRow(Bytes row_key, Bytes raw, const IndexRow& row, RemovedRows* removed) REQUIRES(drain_mu_);
  // The batch was written: before that nothing is removed.
  void NoteRemoved(const RemovedRows& removed) REQUIRES(drain_mu_);
  const DeletedRange* RangeToDrop(const RangeView* ranges) REQUIRES(drain_mu_);
  Status AppendTouch(DiskWrite* write);
  Status ReserveMany(const std::vector<DiskWrite*>& members, size_t more_bytes);
  Status AppendMany(std::vector<LogRecord> records, uint8_t flags, const std::vector<DiskWrite*>& members);
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
  KeyFilter filter_;
  DeletedRanges ranges_;
  AppliedMark applied_at_open_;
  Buffer ledger_at_open_;
  bool has_ledger_ = false;   // at open
  bool open_ = false;

  // The appender's, guarded by the caller's stripe.
  uint64_t batch_id_high_ = 0;
  int64_t last_sequence_ = 0;

  // The ticking thread's.
  LogPosition end_seen_ = 0;
  int quiet_ticks_ = 0;
  uint64_t flushed_keys_ = 0;   // of drained_keys_, when last found worth a flush

  static constexpr uint64_t kNever = UINT64_MAX;   // due then: it is on its way
  static constexpr uint64_t kWalksMin = 256;       // fewer are not worth a look at the tables
  uint64_t walks_merged_ = 0;                      // walks that a merge has made up for; the merging thread's
  std::atomic<uint64_t> merge_due_{kWalksMin};     // when there have been so many walks

  // One change of the index at a time; held over index writes.
  mutable Mutex drain_mu_;
  IndexBatch drain_batch_ GUARDED_BY(drain_mu_);
  AppliedMark applied_ GUARDED_BY(drain_mu_);   // what the index says
  uint64_t applied_serial_ GUARDED_BY(drain_mu_) = 0;
  uint64_t durable_serial_ GUARDED_BY(drain_mu_) = 0;
  // Counts with applied_serial_, for who does not wait for a drain.
  std::atomic<uint64_t> index_changes_{0};
  struct Written {
    uint64_t memtable = 0;
    uint64_t serial = 0;   // last change that went into it
  };
  std::deque<Written> written_ GUARDED_BY(drain_mu_);   // not known to be durable, oldest first
  Random sample_ GUARDED_BY(drain_mu_);
  Buffer replaced_ GUARDED_BY(drain_mu_);
  SegmentLedger ledger_;
  std::atomic<int64_t> next_deadline_ms_{0};                                     // 0: nobody has looked yet
  std::atomic<uint64_t> sweeps_{0};                                              // begun to remove rows
  std::atomic<uint64_t> swept_rows_{0}, swept_keys_{0}, swept_compactions_{0};   // statistics
  int64_t dropping_ GUARDED_BY(drain_mu_) = 0;      // sequence of the range whose rows are being removed
  Buffer drop_next_ GUARDED_BY(drain_mu_);          // key where that goes on
  uint64_t tombstones_ GUARDED_BY(drain_mu_) = 0;   // left by sweeps since the index was last compacted
  uint64_t tombstone_bytes_ GUARDED_BY(drain_mu_) = 0;

  std::atomic<uint64_t> index_misses_{0};   // keys that the filter let pass and that are not there
  std::atomic<uint64_t> filter_due_{0};     // when there are so many, the filter is built anew
  mutable std::atomic<uint64_t> index_reads_{0}, log_reads_{0};   // statistics, relaxed
  std::atomic<uint64_t> compressed_values_{0}, compressed_from_{0}, compressed_to_{0}, raw_bytes_{0};
  std::atomic<uint64_t> dropped_keys_{0};
  std::atomic<uint64_t> drains_{0}, drained_keys_{0}, stall_micros_{0}, recovered_records_{0};
};

}   // namespace shale
