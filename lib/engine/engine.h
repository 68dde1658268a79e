// The store as one thing: the memory tier over the disk tier, or alone. The only room that knows both. One
// file per verb:
//
//   engine_open.cc  begin and end          read_path.cc   get, exists, ttl
//   write_path.cc   put, delete, compare   counters.cc    incr
//   lease_path.cc   loads, one caller a key range_path.cc ranges deleted
//   batch_path.cc   atomic batches         many_path.cc   many keys, each by itself
//   scan.h/.cc      ordered iteration
//   snapshot.h/.cc  the store as it was    backup.cc      copies of an open store
//   reclaim.cc      disk space given back  range_figures.cc  counts, estimates, compaction of a range
//   set_option.cc   options while open     warm_restart.h/.cc  hot keys over a restart
//   stats.h/.cc, prometheus.h/.cc, engine_stats.cc  figures
//
// A change of a key, always in this order, under the key's stripe:
//   append to the log -> lock the memory shard, remove the old item -> publish to pending -> install the new
//   item -> unlock
// A read, always in this order, without the stripe:
//   memory tier (noting the bucket's version) -> pending -> index -> log -> install if the version is still
//   the same
// Newest room first, so a reader may see a thing twice but never miss it.
// Time is a writer that takes no stripe: a key may come to its end between a change's look at it and the
// change. So a change that goes by what it found says until when that holds (Judgement), and a reader that
// finds nothing while one is on its way, or after one that was overtaken, asks again under the stripe: else a
// key could be gone, be seen to be gone, and be back without anybody having set it.
// Arguments are checked by the caller (abi): keys are 1..kKeyBytesMax bytes, values <= kValueBytesMax, ttl_ms
// is > 0 or one of the kTtl constants.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/work_progress.h"
#include "cache/cache.h"
#include "engine/change_mark.h"
#include "engine/in_flight.h"
#include "engine/key_runs.h"
#include "engine/latency.h"
#include "engine/lease_table.h"
#include "engine/options.h"
#include "engine/write_batch.h"
#include "store/disk_tier.h"

namespace shale {

class Scan;
class Snapshot;
class Lease;
class WarmRestart;
struct RowBlock;
struct ShortRead;
enum class ShortEnd;

struct ReadRequest {
  ReadMode mode = ReadMode::kCopy;
  void* buf = nullptr;
  size_t cap = 0;
  bool cache_only = false;   // WOULD_BLOCK instead of looking below
  bool fill = true;          // install what was loaded from below
  bool stale_ok = false;     // a value whose time is over, but not longer than the grace, is as good
};

// Length, version, deadline, and the value as the mode asked: in `buf` if `copied`, else in `pin`.
using ReadResult = CacheRead;

struct WriteOptions {
  int64_t ttl_ms = kTtlDefault;
  bool if_absent = false;    // EXISTS otherwise
  bool if_present = false;   // NOT_FOUND otherwise
  bool sync = false;
  bool install = true;   // in the memory tier
};

struct LeaseRequest {
  ReadRequest read;      // kCopyOrPin or kPin
  int64_t wait_ms = 0;   // for somebody else's load
  int64_t hold_ms = 0;   // how long the lease is good; 0: as the option says
  bool stale_ok = false;
};

// What a compare_* call demands of the present value.
struct Expectation {
  enum class Kind { kValue, kVersion };
  Kind kind = Kind::kValue;
  Bytes value;
  int64_t version = 0;
};

// Removes the store in a directory; see shale_destroy.
Status DestroyStore(const std::string& path);

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  // path empty: memory only.
  static Status Open(const std::string& path, const Options& options, std::shared_ptr<Engine>* out);
  // Once; later calls return OK at once. Waits for calls inside, ends scans. Everything else returns E_CLOSED
  // from then on.
  Status Close();
  ~Engine();

  Status Read(Bytes key, const ReadRequest& request, ReadResult* out) { return Read(Ref(key), request, out); }
  Status Read(const KeyRef& key, const ReadRequest& request, ReadResult* out);
  // The short way, in hit_path.h: as Cache::TryHit. False too while the engine is closed, or latencies are
  // wanted.
  bool TryHit(const KeyRef& key, ReadMode mode, void* buf, size_t cap, CacheHit* hit) noexcept;
  KeyRef RefHere(Bytes key) const;
  // For who reads many keys (keys_ahead.h). The prefetches are hints; that for the item looks at the bucket.
  KeyRef Ref(Bytes key) const { return KeyRef{key, HashKey(secret_, key)}; }
  void PrefetchBucket(const KeyRef& key) const { cache_->Prefetch(key.hash); }
  void PrefetchItem(const KeyRef& key) const { cache_->PrefetchItem(key.hash); }
  Status Exists(Bytes key, bool cache_only);                 // OK or NOT_FOUND
  Status Ttl(Bytes key, bool cache_only, int64_t* ttl_ms);   // kTtlNever if it has no deadline

  // *version may be null.
  Status Put(Bytes key, Bytes value, const WriteOptions& options, int64_t* version);
  Status Delete(Bytes key, const WriteOptions& options);   // if_present, sync
  // OK: *old holds the value before; NOT_FOUND: there was none. Set either way.
  Status GetAndSet(Bytes key, Bytes value, const WriteOptions& options, Buffer* old, int64_t* version);
  // MISMATCH (then *version is the present one, for Kind::kVersion), NOT_FOUND (Kind::kValue).
  Status CompareAndSet(Bytes key, const Expectation& expected, Bytes value, const WriteOptions& options,
                       int64_t* version);
  Status CompareAndDelete(Bytes key, const Expectation& expected, const WriteOptions& options);
  // `delta` is wider, so that -INT64_MIN is one.
  Status Incr(Bytes key, __int128 delta, bool sync, int64_t* result);
  Status Expire(Bytes key, int64_t ttl_ms, bool sync);   // ttl_ms: > 0, kTtlDefault or kTtlNever
  Status Write(const WriteBatch& batch, bool install, bool sync);
  // Each key by itself, those of one key in order; on an error some are written. Durable as the option
  // durability says.
  Status PutMany(const std::vector<KeyValue>& items, const WriteOptions& options);   // ttl_ms and install
  Status DeleteMany(const std::vector<Bytes>& keys);
  // All keys with from <= key, and key < to unless that is empty; as one change.
  Status DeleteRange(Bytes from, Bytes to, bool sync);

  // OK; STALE: a value whose time is over, somebody loads a new one; LEASED: *lease is the caller's, and a
  // stale value may be in *out; NOT_FOUND: known to be missing; WOULD_BLOCK: somebody else still loads it.
  Status GetOrLease(Bytes key, const LeaseRequest& request, ReadResult* out, std::unique_ptr<Lease>* lease);
  // MISMATCH: the lease had ended, and nothing was changed.
  Status FulfilLease(Lease* lease, Bytes value, const WriteOptions& options, int64_t* version);
  Status FailLease(Lease* lease, int64_t missing_ttl_ms);   // 0: the miss is not remembered

  struct ScanRequest {
    CursorBounds bounds;
    int64_t limit = -1;     // most rows to return; -1: all
    bool short_ok = true;   // may go by keys that are known; else always a cursor
  };
  Status NewScan(const ScanRequest& request, std::unique_ptr<Scan>* out);
  Status NewSnapshot(std::shared_ptr<Snapshot>* out);
  int64_t OpenSnapshots() EXCLUDES(scans_mu_);

  Status Flush();
  Status Sync();
  // CANCELLED, or E_CLOSED if the engine is closed meanwhile; what was reclaimed by then is.
  Status Reclaim(const WorkProgress& report);
  // The same. A finished backup is durable; what was begun of another is removed.
  Status Backup(const BackupRequest& request, const WorkProgress& report, BackupCounts* counts);
  // Of a range of keys: how much there is, by a walk over one cut of it; and about how much, by a look. The
  // report is as for Reclaim.
  Status CountRange(const CursorBounds& bounds, const WorkProgress& report, RangeCount* out);
  Status EstimateRange(const CursorBounds& bounds, RangeCount* out);
  // Rewrites the index where it holds the range.
  Status CompactRange(const CursorBounds& bounds, const WorkProgress& report);
  Status ShardReadOnly(int shard, bool* read_only);
  CacheStats GetCacheStats() const { return cache_->Stats(); }
  LeaseStats GetLeaseStats() const { return leases_->Stats(); }
  // All zero without the option.
  void GetLatencies(LatencyStats::Summaries* out) const;
  // As Cache::TakeEvents; E_INVALID if none are noted. *dropped counts from the beginning.
  Status TakeEvents(char* buf, size_t cap, size_t* used, size_t* rows, int64_t* dropped);
  struct WarmStats {
    uint64_t listed_keys = 0;     // in what the last close has kept, as far as read
    uint64_t restored_keys = 0;   // loaded by now
    bool running = false;
  };
  WarmStats GetWarmStats() const;
  // False in memory-only mode.
  bool GetStoreStats(StoreStats* stats);
  const ResolvedOptions& options() const { return options_; }   // as it was opened
  // Changes a hot option; E_INVALID for another one and for a value that cannot be now.
  Status SetOption(const std::string& name, const std::string& text) EXCLUDES(set_options_mu_);
  // What is in effect, as text that lives as long as the engine; nullptr if there is no such option.
  const char* OptionText(std::string_view name) EXCLUDES(set_options_mu_);
  const Cache& cache() const { return *cache_; }          // for tests
  const KeyRuns& key_runs() const { return key_runs_; }   // for tests and statistics
  bool closed() const { return in_flight_.closed(); }
  int64_t NowMs() const { return clock_->NowMs(); }

 private:
  friend class Scan;
  friend class Snapshot;
  friend class WarmRestart;

  // The append lock of a disk shard. In memory-only mode it orders the changes all the same.
  struct alignas(64) Stripe {
    Mutex mu;
    int64_t last_version GUARDED_BY(mu) = 0;   // memory-only mode
    // Deadline of the key that a change on its way has found alive, 0 if there is none.
    std::atomic<int64_t> judged_ms{0};
    ChangeMark mark;
  };

  // Somebody under the stripe goes by a key's being alive, though it has a deadline.
  class Judgement {
   public:
    Judgement() = default;
    ~Judgement() { End(); }
    Judgement(const Judgement&) = delete;
    Judgement& operator=(const Judgement&) = delete;
    // False if the key is over now. Sequentially consistent, and only then a look at the clock: a reader that
    // saw the key's end, and then no judgement, was here before.
    bool Holds(Engine* engine, Stripe* stripe, int64_t deadline_ms);
    void End();   // what was changed can be seen

   private:
    Engine* engine_ = nullptr;
    Stripe* stripe_ = nullptr;
    int64_t deadline_ms_ = 0;
  };

  // What a key is right now, as seen under its stripe. Stays where it was made: the value may lie in it.
  struct Current {
    static constexpr size_t kNearBytes = 64;   // a counter's text and most words: no pin, so no allocation
    Current() = default;
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
    bool exists = false;
    int64_t version = 0;
    int64_t deadline_ms = 0;
    Bytes value;
    char near[kNearBytes];   // what a short value points into, or
    Pin pin;                 // this, or
    DiskRead disk;           // this
    Judgement judgement;
  };

  Engine(const ResolvedOptions& options, Clock* clock);
  Status OpenTiers(const std::string& path);
  Status StartSweeper();
  void SweepLoop();
  void StopSweeper();

  static constexpr uint64_t kAllStripes = ~uint64_t{0};   // for StripesLock: bit s for shard s
  Stripe& StripeOf(const KeyRef& key) { return stripes_[static_cast<size_t>(DiskShardOf(key.hash))]; }
  Status ClosedStatus() const;
  static Status ReadOnlyStatus();
  static Status PinnedStatus();

  // Read, and what the memory tier said.
  Status ReadAny(const KeyRef& key, const ReadRequest& request, ReadResult* out, Lookup* lookup);
  // As a row of a walk: no latency of a get.
  Status ReadUntimed(const KeyRef& key, const ReadRequest& request, ReadResult* out);
  // `out` holds what the memory tier has answered.
  Status ReadBelow(const KeyRef& key, const ReadRequest& request, ReadResult* out);
  // The same, of a store that is not closed meanwhile; a key that is over is NOT_FOUND.
  Status LoadAlive(const KeyRef& key, const ReadRequest& request, DiskRead* read, ReadResult* out);
  // Nothing was found by a reader that began when so many changes had been overtaken.
  Status Absent(const KeyRef& key, const ReadRequest& request, uint64_t overtaken, ReadResult* out) {
    // Sequentially consistent, as in Judgement.
    if (StripeOf(key).judged_ms.load() == 0 && overtaken_.load() == overtaken) [[likely]]
      return Code::NOT_FOUND;
    return ReadUnderStripe(key, request, out);
  }
  Status ReadUnderStripe(const KeyRef& key, const ReadRequest& request, ReadResult* out);
  // Below the memory tier, which has answered `found`: at the place that it remembers, or anew.
  Status Load(const KeyRef& key, const CacheRead& found, bool want_value, DiskRead* read);
  Status FindCurrent(const KeyRef& key, bool want_value, Current* out);
  Status LookForCurrent(const KeyRef& key, bool want_value, Current* out);
  Status ReadForLease(Bytes key, const LeaseRequest& request, ReadResult* out);
  Status TakeLease(const KeyRef& key, const LeaseRequest& request, const LeaseTable::Ticket& ticket,
                   ReadResult* out, std::unique_ptr<Lease>* lease);
  Status MetaOf(Bytes key, bool cache_only, int64_t* deadline_ms);

  int64_t DeadlineFor(int64_t ttl_ms, int64_t kept_deadline_ms) const;
  Status CheckInstallable(Bytes key, Bytes value) const;
  void WaitForRoom(const KeyRef& key);
  Status PutInMemory(const KeyRef& key, Bytes value, const WriteOptions& options, int64_t* version);
  // Steps 1 to 4 of a change.
  Status Apply(Stripe& stripe, DiskWrite* write, bool install, DurablePoint* point) REQUIRES(stripe.mu);
  class UnpublishedGuard;
  Status MakeVisible(const DiskWrite& write, bool install, UnpublishedGuard* guard_of_last);   // steps 2 to 4
  Status ApplyTouch(Stripe& stripe, const KeyRef& key, int64_t deadline_ms, DurablePoint* point)
      REQUIRES(stripe.mu);
  Status Finish(const DurablePoint& point, bool sync);
  static bool Matches(const Expectation& expected, const Current& current);

  Status WriteLocked(std::vector<DiskWrite>* writes, uint64_t set, bool install, DurablePoint* point);
  Status WriteWindow(std::vector<DiskWrite>* window, bool install);
  Status WriteGroup(const std::vector<DiskWrite*>& group, bool install);
  Status DeleteRangeLocked(Bytes from, Bytes to, DurablePoint* point);
  // What is in the log and, because something was thrown, will not be seen before it is replayed: its shards
  // take no more writes until then, as after a failed append.
  class UnpublishedGuard {
   public:
    UnpublishedGuard(DiskTier* disk, const DiskWrite* writes, size_t count)
        : disk_(disk), writes_(writes), count_(count) {}
    ~UnpublishedGuard();
    void Release() { disk_ = nullptr; }
    UnpublishedGuard(const UnpublishedGuard&) = delete;
    UnpublishedGuard& operator=(const UnpublishedGuard&) = delete;

   private:
    DiskTier* disk_;
    const DiskWrite* const writes_;
    const size_t count_;
  };
  // The stripes of a set, bit s for disk shard s, in index order; whatever is thrown, they are given back.
  class StripesLock {
   public:
    StripesLock(Engine* engine, uint64_t set) NO_THREAD_SAFETY_ANALYSIS;
    ~StripesLock() NO_THREAD_SAFETY_ANALYSIS;
    StripesLock(const StripesLock&) = delete;
    StripesLock& operator=(const StripesLock&) = delete;

   private:
    Engine* const engine_;
    const uint64_t set_;
  };
  // The same set changes as one, for who reads without the stripes.
  class StripesChange {
   public:
    StripesChange(Engine* engine, uint64_t set);
    ~StripesChange();
    StripesChange(const StripesChange&) = delete;
    StripesChange& operator=(const StripesChange&) = delete;

   private:
    Engine* const engine_;
    const uint64_t set_;
  };

  // A walk of at most so many rows, in short_walk.cc.
  static constexpr size_t kShortRowsMost = 1024;
  // kDone, or *out holds nothing of use.
  ShortEnd ReadShort(const ScanRequest& request, RowBlock* out);
  ShortEnd ReadRows(bool keys_only, ShortRead* read);
  bool WasOneInstant(const ShortRead& read);
  void LendToRuns() EXCLUDES(set_options_mu_);

  Status NewScanAt(std::shared_ptr<Snapshot> snapshot, const ScanRequest& request,
                   std::unique_ptr<Scan>* out);
  void Register(Scan* scan) EXCLUDES(scans_mu_);
  void Unregister(Scan* scan) EXCLUDES(scans_mu_);
  void Register(Snapshot* snapshot) EXCLUDES(scans_mu_);
  void Unregister(Snapshot* snapshot) EXCLUDES(scans_mu_);

  ResolvedOptions options_;
  Clock* const clock_;
  HashSecret secret_{};
  std::unique_ptr<Cache> cache_;
  std::atomic<uint64_t> overtaken_{0};   // changes whose key's time ended while they were on their way
  bool on_disk_ = false;                 // constant once open
  std::unique_ptr<DiskTier> disk_;       // null: memory only, or closed; for calls counted in in_flight_
  std::array<Stripe, kDiskShards> stripes_;
  KeyRuns key_runs_;
  std::atomic<uint32_t> short_rows_most_{kShortRowsMost};   // fewer after values that were too large for more
  std::atomic<uint32_t> short_skips_{0};   // walks that leave it to a cursor, after disturbed ones
  std::shared_ptr<LeaseTable> leases_;     // shared with leases
  InFlight in_flight_;
  std::unique_ptr<LatencyStats> latency_;   // null without the option

  Mutex scans_mu_;
  std::unordered_set<Scan*> scans_ GUARDED_BY(scans_mu_);
  std::unordered_set<Snapshot*> snapshots_ GUARDED_BY(scans_mu_);
  class BackupOnList;
  std::unordered_set<std::unique_ptr<DiskBackup>*> backups_ GUARDED_BY(scans_mu_);

  Mutex set_options_mu_;
  // Every option that was changed, the newest first: texts once handed out stay.
  std::list<std::pair<std::string, std::string>> set_options_ GUARDED_BY(set_options_mu_);
  std::atomic<size_t> lent_bytes_{0};   // of the memory tier's, to the runs; changed under the lock

  Mutex sweep_mu_;
  CondVar sweep_wake_;
  bool sweep_stop_ GUARDED_BY(sweep_mu_) = false;
  std::thread sweeper_;
  std::unique_ptr<WarmRestart> warm_;   // null without the option, or without a path

  Mutex close_mu_;   // a second close waits for the first
  bool close_done_ GUARDED_BY(close_mu_) = false;
};

}   // namespace shale
