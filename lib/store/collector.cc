#include "store/collector.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/check.h"
#include "base/seeded_bug.h"
#include "store/segment.h"
#include "store/segment_mover.h"

namespace shale {

namespace {
constexpr size_t kStepBytes = size_t{256} << 10;
constexpr size_t kSampleBytes = size_t{256} << 10;
constexpr size_t kSweepRowsRound = 16384;   // of all shards
constexpr double kSlowestAuto = 32 << 20;   // bytes per second
constexpr double kFastestAuto = 512 << 20;
constexpr uint64_t kPatientRounds = 50;   // ticks that a retired segment waits for a flush that comes anyway
constexpr uint64_t kFailurePause = 10;    // ticks
constexpr uint64_t kSlackSegments = std::min(8, kDiskShards / 2);   // of garbage that nobody minds
constexpr int kTogether = 16;   // segments collected before their shards are flushed
}   // namespace

Collector::Collector(const Config& config) : config_(config), pool_("shale-collect", 1, 1) {}

Collector::~Collector() {
  Stop();
}

Status Collector::Start() {
  return config_.background ? pool_.Start() : Status::Ok();
}

void Collector::Stop() {
  {
    MutexLock lock(&wait_mu_);
    stopping_.store(true, std::memory_order_release);   // pairs with the acquires where it is asked
    wake_.NotifyAll();
  }
  TellWriters(false);
  pool_.Stop();
}

void Collector::Tick() {
  // Relaxed: only counts time.
  const uint64_t round = rounds_.fetch_add(1, std::memory_order_relaxed);
  pin_history_[round % kLongPinTicks].store(config_.pins->Now(), std::memory_order_relaxed);
  Kick();
}

void Collector::Kick() {
  if (!config_.background || stopping_.load(std::memory_order_acquire)) return;
  // Acquire-release: the job that clears the mark sees what was there when it was set.
  if (queued_.exchange(true, std::memory_order_acq_rel)) return;
  pool_.Submit(WorkPool::Priority::kLow, WorkPool::Job{&Collector::RunJob, this});
}

void Collector::RunJob(void* self) {
  auto* const collector = static_cast<Collector*>(self);
  try {
    collector->Round();
  } catch (const std::bad_alloc&) {
    collector->NoteFailure();
  }
  collector->queued_.store(false, std::memory_order_release);   // pairs with the exchange in Kick
}

// Works until there is nothing to do.
void Collector::Round() {
  const uint64_t failed = failed_round_.load(std::memory_order_relaxed);
  const uint64_t now = rounds_.load(std::memory_order_relaxed);
  if (failed != 0 && now - failed < kFailurePause) return;
  failed_round_.store(0, std::memory_order_relaxed);
  bool again = true;
  while (again && !stopping_.load(std::memory_order_acquire)) {
    if (IsQuiet()) return;
    Survey survey;
    Look(&survey);
    const bool finds = survey.best.shard >= 0 || survey.unknown.shard >= 0;
    TellWriters((finds && !IsPinnedForLong()) || CanRemoveSome());
    Status s;
    {
      MutexLock lock(&work_mu_);
      s = Work(survey, &again);
    }
    if (s.ok()) continue;
    return NoteFailure();
  }
}

// Whatever it was, waiting for this would be waiting for nothing.
void Collector::NoteFailure() {
  failures_.fetch_add(1, std::memory_order_relaxed);
  failed_round_.store(std::max<uint64_t>(1, rounds_.load(std::memory_order_relaxed)),
                      std::memory_order_relaxed);
  TellWriters(false);
}

// Garbage comes with new log, or from a sweep.
bool Collector::IsQuiet() {
  MutexLock lock(&work_mu_);
  if (quiet_at_ == 0 || quiet_at_ != LogBytes() || HasRetired()) return false;
  return std::all_of(config_.shards.begin(), config_.shards.end(), [](const StoreShard* shard) {
    return !shard->HasExpired() && shard->range_count() == 0;
  });
}

Status Collector::Work(const Survey& survey, bool* again) {
  *again = false;
  size_t rows = 0;
  SHALE_RETURN_IF_NOT_OK(SweepSome(&rows));
  SHALE_RETURN_IF_NOT_OK(DropSome(again));
  if (survey.unknown.shard >= 0) {
    *again = true;
    SHALE_RETURN_IF_NOT_OK(Sample(survey.unknown));
  }
  Survey now = survey;
  for (int i = 0; i < kTogether && now.best.shard >= 0; i++) {
    *again = true;
    double rate = static_cast<double>(config_.bytes_per_second);
    if (rate == 0) rate = kSlowestAuto + (kFastestAuto - kSlowestAuto) * now.fullness;
    SHALE_RETURN_IF_NOT_OK(Clean(now.best, rate));
    if (stopping_.load(std::memory_order_acquire)) return Status::Ok();
    now = Survey();
    Look(&now);
  }
  // What is held back has to be found again when the pin goes, though nobody writes.
  if (!*again && rows == 0 && !HasRetired() && !now.held_back) quiet_at_ = LogBytes();
  return RemoveRetired(-1, now.over_bound ? Hurry::kAll : Hurry::kSome);
}

Status Collector::SweepSome(size_t* rows) {
  size_t rows_left = kSweepRowsRound;
  for (int i = 0; i < kDiskShards && rows_left > 0; i++) {
    const int shard = next_sweep_;
    StoreShard::Sweep sweep;
    SHALE_RETURN_IF_NOT_OK(ShardAt(shard).SweepExpired(std::min(StoreShard::kSweepRows, rows_left), &sweep));
    rows_left -= sweep.rows;
    if (sweep.more) continue;
    next_sweep_ = (shard + 1) % kDiskShards;
    SHALE_RETURN_IF_NOT_OK(ShardAt(shard).CompactIfSwept());
  }
  *rows = kSweepRowsRound - rows_left;
  return Status::Ok();
}

// ---- choosing

void Collector::Look(Survey* survey) {
  const double trigger = 1 + (config_.max_amplification - 1) / 2;
  // Where the trigger is exceeded, some segment has at least the average of garbage.
  const double least_dead = (trigger - 1) / trigger * 3 / 4;
  for (int shard = 0; shard < kDiskShards; shard++) LookAt(shard, least_dead, survey);
  const auto sealed = static_cast<double>(survey->sealed);
  const auto live = static_cast<double>(survey->live);
  const auto segment = static_cast<double>(config_.segment_bytes);
  // 64 segments are allowed beside the bound. What is allocated for those that are written is part of that;
  // the rest of it, less some for what comes late, may be garbage.
  const auto active = static_cast<double>(config_.space->active.load(std::memory_order_relaxed));
  const double slack = std::max(kSlackSegments * segment, (kDiskShards - kSlackSegments) * segment - active);
  const double upper = live * config_.max_amplification + slack - kSlackSegments / 2 * segment;
  const double lower = std::min(live * trigger + slack / 2, upper * 3 / 4);
  survey->over_trigger = sealed > lower;
  survey->over_bound = sealed > upper;
  if (config_.background) sealed_max_.store(static_cast<uint64_t>(upper), std::memory_order_relaxed);
  survey->fullness = std::clamp((sealed - lower) / (upper - lower), 0.0, 1.0);
  // Below the trigger only what costs nothing; and likewise while it would give nothing.
  above_trigger_.store(sealed > lower ? static_cast<uint64_t>(sealed - lower) : 0, std::memory_order_relaxed);
  survey->held_back = survey->over_trigger && IsPinnedForLong();
  if ((!survey->over_trigger || survey->held_back) && !survey->best.certain) survey->best = Candidate();
}

void Collector::LookAt(int shard_number, double least_dead, Survey* survey) const {
  StoreShard& shard = ShardAt(shard_number);
  const uint32_t applied = SegmentOf(shard.applied_position());
  survey->live += shard.ledger()->live_bytes();
  const std::map<uint32_t, uint32_t> sealed = shard.log().Sealed();
  if (sealed.empty()) return;
  const uint32_t newest = sealed.rbegin()->first;
  for (const auto& [segment, end] : sealed) {
    survey->sealed += end;
    if (segment >= applied || shard.read_only() || IsLeftAlone(shard_number, segment)) continue;
    const SegmentLedger::Entry entry = shard.ledger()->Get(segment);
    Candidate candidate{shard_number, segment, end, false, 0};
    if (entry.unknown) {
      survey->live += end;
      survey->unknown = candidate;
      continue;
    }
    const double bytes = std::max(1.0, static_cast<double>(end) - kSegmentHeaderBytes);
    const double live = std::clamp(static_cast<double>(entry.live) / bytes, 0.0, 1.0);
    candidate.certain = !entry.pointed || (entry.most_known && entry.live_most <= 0);
    if (!candidate.certain && 1 - live < least_dead) continue;
    // Gain over cost, and more for the old: what has lived long will not die soon by itself.
    const double age = 1 + static_cast<double>(newest - segment);
    candidate.score = candidate.certain ? 1e9 : (1 - live) / (1 + live) * (1 + std::log2(age));
    if (candidate.score > survey->best.score) survey->best = candidate;
  }
}

bool Collector::IsLeftAlone(int shard, uint32_t segment) const {
  MutexLock lock(&retired_mu_);
  return damaged_.contains({shard, segment}) ||
         std::any_of(retired_.begin(), retired_.end(),
                     [&](const Retired& r) { return r.shard == shard && r.segment == segment; });
}

bool Collector::HasRetired() const {
  MutexLock lock(&retired_mu_);
  return !retired_.empty();
}

uint64_t Collector::LongPin() const {
  const uint64_t round = rounds_.load(std::memory_order_relaxed);
  // The oldest: the next to be replaced.
  return pin_history_[round % kLongPinTicks].load(std::memory_order_relaxed);
}

uint64_t Collector::LogBytes() const {
  return config_.space->sealed.load(std::memory_order_relaxed) +
         config_.space->active.load(std::memory_order_relaxed);
}

bool Collector::CanRemoveSome() const {
  MutexLock lock(&retired_mu_);
  return std::any_of(retired_.begin(), retired_.end(),
                     [this](const Retired& r) { return config_.pins->NoneBelow(r.pin); });
}

// ---- collecting

// The beginning of a segment stands for all of it.
Status Collector::Sample(const Candidate& c) {
  SegmentMover mover(&ShardAt(c.shard), StripeAt(c.shard), config_.secret, c.segment, c.end);
  bool done = false;
  Status s = mover.Look(kSampleBytes, &done);
  read_bytes_.fetch_add(mover.read_bytes(), std::memory_order_relaxed);
  if (s.Is(Code::E_CORRUPT)) {
    MutexLock lock(&retired_mu_);
    damaged_.insert({c.shard, c.segment});
    return Status::Ok();
  }
  SHALE_RETURN_IF_NOT_OK(s);
  const uint64_t looked_at = std::max<uint64_t>(1, mover.read_bytes());
  ShardAt(c.shard).ledger()->SetLive(
      c.segment, static_cast<uint64_t>(static_cast<double>(mover.live_bytes()) /
                                       static_cast<double>(looked_at) * static_cast<double>(c.end)));
  return Status::Ok();
}

Status Collector::Clean(const Candidate& c, double bytes_per_second) {
  if (c.certain) return Retire(c);
  SegmentMover mover(&ShardAt(c.shard), StripeAt(c.shard), config_.secret, c.segment, c.end);
  Status s;
  for (bool done = false; s.ok() && !done;) {
    const uint64_t before = mover.read_bytes() + mover.live_bytes();
    s = mover.Step(kStepBytes, &done);
    if (stopping_.load(std::memory_order_acquire)) return Code::OK;
    if (!done) Rest(mover.read_bytes() + mover.live_bytes() - before, bytes_per_second);
  }
  read_bytes_.fetch_add(mover.read_bytes(), std::memory_order_relaxed);
  moved_records_.fetch_add(mover.live_records(), std::memory_order_relaxed);
  moved_bytes_.fetch_add(mover.live_bytes(), std::memory_order_relaxed);
  if (s.ok()) return Retire(c);
  if (!s.Is(Code::E_CORRUPT)) return s;
  MutexLock lock(&retired_mu_);
  damaged_.insert({c.shard, c.segment});
  return Status::Ok();
}

// What was found out may rest on pending updates, so they go into the index first. Nothing is swept
// meanwhile (work_mu_): a key that was touched is in pending and in the index, or in the index.
Status Collector::Retire(const Candidate& c) {
  StoreShard& shard = ShardAt(c.shard);
  {
    MutexLock lock(StripeAt(c.shard));
    // Written now, if it can be, so that the sync before the tables includes it.
    bool proven = false;
    SHALE_RETURN_IF_NOT_OK(shard.mutable_log()->ProveDurable(MakePosition(c.segment + 1, 0), &proven));
    shard.AdvanceMark();
  }
  SHALE_RETURN_IF_NOT_OK(shard.Drain());
  // Rows that a deleted range hides were taken for dead, and may still point here.
  SHALE_RETURN_IF_NOT_OK(shard.FinishRanges());
  if (SegmentOf(shard.applied_position()) <= c.segment) return Status::Ok();   // not yet: another time
  if (c.certain) {
    const SegmentLedger::Entry entry = shard.ledger()->Get(c.segment);
    if (entry.pointed && (!entry.most_known || entry.live_most > 0)) return Status::Ok();
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
  collected_.fetch_add(1, std::memory_order_relaxed);
  shard.ledger()->Forget(c.segment);
  Retired retired{c.shard, c.segment, c.end, shard.applied_serial(), config_.pins->Now(), 0};
  retired.round = rounds_.load(std::memory_order_relaxed);
  MutexLock lock(&retired_mu_);
  retired_.push_back(retired);
  return Status::Ok();
}

Status Collector::RemoveRetired(int only_shard, Hurry hurry) {
  std::vector<Retired> todo;
  uint64_t bytes = 0;
  {
    MutexLock lock(&retired_mu_);
    for (const Retired& r : retired_) {
      if (only_shard >= 0 && r.shard != only_shard) continue;
      if (!config_.pins->NoneBelow(r.pin) && !SeededBug(Seed::kEarlyUnlink)) continue;
      todo.push_back(r);
      bytes += r.bytes;
    }
  }
  const uint64_t now = rounds_.load(std::memory_order_relaxed);
  const auto wants_flush = [&](const Retired& r) {
    return hurry == Hurry::kAll || now - r.round > kPatientRounds ||
           bytes > 2 * kSlackSegments * config_.segment_bytes;
  };
  for (const Retired& r : todo) {
    if (wants_flush(r) && ShardAt(r.shard).durable_serial() < r.serial)
      SHALE_RETURN_IF_NOT_OK(ShardAt(r.shard).BeginFlush());
  }
  for (const Retired& r : todo) {
    bool removed = false;
    SHALE_RETURN_IF_NOT_OK(RemoveOne(r, wants_flush(r), &removed));
    if (!removed) continue;
    freed_bytes_.fetch_add(r.bytes, std::memory_order_relaxed);
    MutexLock lock(&retired_mu_);
    std::erase_if(retired_, [&](const Retired& x) { return x.shard == r.shard && x.segment == r.segment; });
  }
  MutexLock lock(&wait_mu_);
  space_.NotifyAll();
  return Status::Ok();
}

Status Collector::RemoveOne(const Retired& r, bool flush, bool* removed) {
  StoreShard& shard = ShardAt(r.shard);
  if (shard.durable_serial() < r.serial) {
    if (!flush) return Status::Ok();
    SHALE_RETURN_IF_NOT_OK(shard.Flush());
    if (shard.durable_serial() < r.serial) return Status::Ok();
  }
  SHALE_RETURN_IF_NOT_OK(Prove(r.shard, r.segment));
  SHALE_RETURN_IF_NOT_OK(shard.mutable_log()->Remove(r.segment));
  *removed = true;
  return Status::Ok();
}

Status Collector::Prove(int shard, uint32_t segment) {
  constexpr int kTries = 3;   // sync, write the mark, sync it
  ShardLog* const log = ShardAt(shard).mutable_log();
  for (int i = 0; i < kTries; i++) {
    bool proven = false;
    {
      MutexLock lock(StripeAt(shard));
      SHALE_RETURN_IF_NOT_OK(log->ProveDurable(MakePosition(segment + 1, 0), &proven));
    }
    if (proven) return Status::Ok();
    SHALE_RETURN_IF_NOT_OK(config_.syncers[static_cast<size_t>(shard)]->SyncLogBeforeTables());
  }
  return Status::Error(Code::E_INTERNAL, "a synced log does not say so").InShard(shard);
}

// ---- pace

// So that collecting takes no more than its share. Nobody rests while somebody waits.
void Collector::Rest(uint64_t bytes, double bytes_per_second) {
  const auto ms = static_cast<int64_t>(static_cast<double>(bytes) / bytes_per_second * 1000);
  if (ms == 0 || reclaiming_.load(std::memory_order_relaxed) > 0) return;
  const bool own_rate = config_.bytes_per_second != 0;   // a rate that was asked for holds in any case
  MutexLock lock(&wait_mu_);
  if (stopping_.load(std::memory_order_relaxed) || (waiting_ > 0 && !own_rate)) return;
  (void)wake_.WaitForMs(&wait_mu_, ms);
}

void Collector::TellWriters(bool helps) {
  MutexLock lock(&wait_mu_);
  helps_ = helps && !stopping_.load(std::memory_order_relaxed);
  space_.NotifyAll();
}

void Collector::AwaitSpace() {
  const auto start = std::chrono::steady_clock::now();
  Kick();
  MutexLock lock(&wait_mu_);
  if (!helps_ || !IsOverBound()) return;
  waiting_++;
  wake_.NotifyAll();
  while (helps_ && IsOverBound()) space_.Wait(&wait_mu_);
  waiting_--;
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  wait_micros_.fetch_add(static_cast<uint64_t>(micros.count()), std::memory_order_relaxed);
}

}   // namespace shale
