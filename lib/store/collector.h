// Gives disk space back: expired keys leave the index, live values leave segments that are mostly garbage,
// and segments that hold nothing live are removed. One thread of its own does this a little at a time,
// Reclaim does all there is to do.
//
// The life of a segment:  active -> sealed -> (its live values moved) -> retired -> removed
//
//  (1) a segment is chosen only when the index has everything in it; of all sealed segments of all shards the
//      one that gives most for least work
//  (2) retired: no row points to it, in pending or in the index. Removed only when the tables that say so are
//      durable, when a durable record proves that the log behind it was (so that an index that lost its end
//      is refused instead of replayed over the gap), and when no cursor can still read it
//  (3) writers wait only while the space bound is exceeded and there is something to collect; the collecting
//      thread never waits for a writer
//  (4) a segment with an unreadable record is never removed
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "store/background.h"
#include "store/disk_tier.h"
#include "store/segment_pins.h"
#include "store/store_shard.h"

namespace shale {

class Collector {
 public:
  struct Config {
    std::array<StoreShard*, kDiskShards> shards{};
    std::array<Mutex*, kDiskShards> stripes{};
    std::array<LogSyncer*, kDiskShards> syncers{};
    const HashSecret* secret = nullptr;
    SegmentPins* pins = nullptr;
    const LogSpace* space = nullptr;
    double max_amplification = 2.0;
    uint64_t bytes_per_second = 0;   // of reading and writing; 0: more of it the nearer the bound is
    size_t segment_bytes = 0;
    bool background = false;   // Tick makes the thread work
  };
  explicit Collector(const Config& config);
  ~Collector();
  Status Start();
  void Stop();   // idempotent; writers that wait are let go

  // From the ticking thread: looks whether there is work, and has it done.
  void Tick() EXCLUDES(wait_mu_, retired_mu_);
  // For writers, before they take a stripe.
  void WaitForSpace() {
    if (IsOverBound()) AwaitSpace();
  }
  // One piece of reclaiming: see DiskTier.
  Status ReclaimStep(ReclaimState* state) EXCLUDES(work_mu_);
  void AddStats(StoreStats* stats) const EXCLUDES(retired_mu_);

 private:
  struct Candidate {
    int shard = -1;
    uint32_t segment = 0;
    uint32_t end = 0;
    bool certain = false;   // nothing live, known without looking
    double score = 0;
  };
  // What a look over all shards tells.
  struct Survey {
    uint64_t sealed = 0;   // bytes of sealed segments
    uint64_t live = 0;
    Candidate best;      // worth collecting
    Candidate unknown;   // one whose content nobody has counted
    bool over_trigger = false;
    bool over_bound = false;
    bool held_back = false;   // something would be collected, but somebody reads old segments for long
    double fullness = 0;      // 0 at the trigger, 1 at the bound
  };
  struct Retired {
    int shard = 0;
    uint32_t segment = 0;
    uint32_t bytes = 0;
    uint64_t serial = 0;   // of the index, durable before it goes
    uint64_t pin = 0;
    uint64_t round = 0;   // when, in rounds of the thread
  };
  static constexpr size_t kLongPinTicks = 10;   // a second
  enum class Hurry { kSome, kAll };             // what has to be flushed for retired segments to go

  StoreShard& ShardAt(int shard) const { return *config_.shards[static_cast<size_t>(shard)]; }
  Mutex* StripeAt(int shard) const { return config_.stripes[static_cast<size_t>(shard)]; }
  void Look(Survey* survey) EXCLUDES(retired_mu_);
  void LookAt(int shard, double least_dead, Survey* survey) const EXCLUDES(retired_mu_);
  bool IsLeftAlone(int shard, uint32_t segment) const EXCLUDES(retired_mu_);
  bool CanRemoveSome() const EXCLUDES(retired_mu_);
  bool HasRetired() const EXCLUDES(retired_mu_);
  // Somebody has been reading old segments for a while: what is collected now may not be removed for long.
  bool IsPinnedForLong() const { return !config_.pins->NoneBelow(LongPin()); }
  uint64_t LongPin() const;   // pins below it were taken a while ago
  // What the lowest pin of some use keeps from being given back.
  uint64_t PinnedBytes(uint64_t lowest) const REQUIRES(retired_mu_);

  static void RunJob(void* self);
  void Round() EXCLUDES(work_mu_, wait_mu_, retired_mu_);
  void NoteFailure() EXCLUDES(wait_mu_);
  Status Work(const Survey& survey, bool* again) REQUIRES(work_mu_);
  Status SweepSome(size_t* rows) REQUIRES(work_mu_);
  // Rows of deleted ranges; *more: some are left.
  Status DropSome(bool* more) REQUIRES(work_mu_);
  uint64_t LogBytes() const;
  bool IsQuiet() EXCLUDES(work_mu_);
  Status Sample(const Candidate& candidate) REQUIRES(work_mu_);
  Status Clean(const Candidate& candidate, double bytes_per_second) REQUIRES(work_mu_);
  Status Retire(const Candidate& candidate) REQUIRES(work_mu_);
  Status RemoveRetired(int only_shard, Hurry hurry) REQUIRES(work_mu_);
  Status RemoveOne(const Retired& retired, bool flush, bool* removed) REQUIRES(work_mu_);
  Status Prove(int shard, uint32_t segment) REQUIRES(work_mu_);
  Status PrepareReclaim(ReclaimState* state) REQUIRES(work_mu_);
  Status CountLive(int shard) REQUIRES(work_mu_);
  void Rest(uint64_t bytes, double bytes_per_second) EXCLUDES(wait_mu_);
  void AwaitSpace() EXCLUDES(wait_mu_);
  // Relaxed: a hint. Who misses it by a moment writes a little more.
  bool IsOverBound() const {
    return config_.space->sealed.load(std::memory_order_relaxed) >
           sealed_max_.load(std::memory_order_relaxed);
  }
  void Kick();
  // Writers above the bound wait while `helps`; they look again.
  void TellWriters(bool helps) EXCLUDES(wait_mu_);

  const Config config_;
  WorkPool pool_;
  std::atomic<bool> queued_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> above_trigger_{0};         // bytes of sealed segments, at the last look
  std::atomic<uint64_t> sealed_max_{UINT64_MAX};   // more bytes of sealed segments, and writers wait
  std::atomic<int> reclaiming_{0};                 // callers who wait for the thread to finish its segment
  std::atomic<uint64_t> rounds_{0};
  std::atomic<uint64_t> failed_round_{0};   // rounds_ when work last failed; 0: it did not

  Mutex work_mu_;   // whoever collects or sweeps; held over disk work, before any stripe
  int next_sweep_ GUARDED_BY(work_mu_) = 0;
  uint64_t quiet_at_ GUARDED_BY(work_mu_) = 0;   // bytes of log when there was last nothing to do
  std::array<std::atomic<uint64_t>, kLongPinTicks> pin_history_{};   // what Now was, by tick

  mutable Mutex retired_mu_;
  std::vector<Retired> retired_ GUARDED_BY(retired_mu_);
  std::set<std::pair<int, uint32_t>> damaged_ GUARDED_BY(retired_mu_);

  Mutex wait_mu_;
  CondVar space_;                            // something was given back, or helps_ changed
  CondVar wake_;                             // stopping, or a writer has begun to wait
  bool helps_ GUARDED_BY(wait_mu_) = true;   // collecting can give something back
  int waiting_ GUARDED_BY(wait_mu_) = 0;

  // Statistics, relaxed.
  std::atomic<uint64_t> collected_{0}, dropped_{0}, freed_bytes_{0}, moved_records_{0}, moved_bytes_{0},
      read_bytes_{0}, failures_{0}, wait_micros_{0};
};

}   // namespace shale
