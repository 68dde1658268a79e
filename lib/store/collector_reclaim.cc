// The part of Collector that does all there is to do, when asked, and what it tells about itself.
#include <algorithm>

#include "store/collector.h"
#include "store/segment.h"

namespace shale {

namespace {
constexpr double kWorthCollecting = 0.04;   // garbage in a sealed segment
constexpr double kWorthSealing = 0.10;      // in the one that is written
constexpr uint32_t kWorthSealingBytes = 4096;
constexpr size_t kDropRowsRound = 16384;   // of all shards, while they are dropped in the background
constexpr double kNoLimit = 1e15;          // bytes per second
}   // namespace

Status Collector::ReclaimStep(ReclaimState* state) {
  reclaiming_.fetch_add(1, std::memory_order_relaxed);   // a hint for who holds the lock
  MutexLock lock(&work_mu_);
  reclaiming_.fetch_sub(1, std::memory_order_relaxed);
  if (state->total == 0) {
    for (const StoreShard* shard : config_.shards) state->total += shard->log().Stats().segment_bytes;
  }
  if (state->shard == kDiskShards) {
    state->finished = true;
    state->done = state->total;
    return Status::Ok();
  }
  StoreShard& shard = ShardAt(state->shard);
  if (!state->prepared) {
    if (!shard.read_only()) SHALE_RETURN_IF_NOT_OK(PrepareReclaim(state));
    state->prepared = true;
    return Status::Ok();
  }
  if (!state->segments.empty()) {
    const auto [segment, end] = state->segments.back();
    state->segments.pop_back();
    const SegmentLedger::Entry entry = shard.ledger()->Get(segment);
    Candidate candidate{state->shard, segment, end, !entry.pointed, 0};
    if (!IsLeftAlone(state->shard, segment)) SHALE_RETURN_IF_NOT_OK(Clean(candidate, kNoLimit));
    state->done = std::min(state->done + end, state->total);
    return Status::Ok();
  }
  if (!shard.read_only()) {
    SHALE_RETURN_IF_NOT_OK(RemoveRetired(state->shard, Hurry::kAll));
    MutexLock stripe(StripeAt(state->shard));
    shard.mutable_log()->TrimActive();
  }
  state->shard++;
  state->prepared = false;
  return Status::Ok();
}

// In the background. Ranges come seldom, and one may be most of the store.
Status Collector::DropSome(bool* more) {
  size_t rows_left = kDropRowsRound;
  for (int i = 0; i < kDiskShards; i++) {
    StoreShard& shard = ShardAt(i);
    if (shard.range_count() == 0 || shard.read_only()) continue;
    if (rows_left == 0) {
      *more = true;
      return Status::Ok();
    }
    SHALE_RETURN_IF_NOT_OK(shard.Drain());   // so that the index tells of them
    StoreShard::Sweep sweep{0, 0, true};
    while (sweep.more && rows_left > 0) {
      SHALE_RETURN_IF_NOT_OK(shard.DropRangeRows(std::min(StoreShard::kSweepRows, rows_left), &sweep));
      rows_left -= std::min(rows_left, std::max<size_t>(1, sweep.rows));
    }
    if (!sweep.more) SHALE_RETURN_IF_NOT_OK(shard.CompactIfSwept());
    *more |= sweep.more;
  }
  return Status::Ok();
}

Status Collector::PrepareReclaim(ReclaimState* state) {
  StoreShard& shard = ShardAt(state->shard);
  SHALE_RETURN_IF_NOT_OK(shard.FinishRanges());
  SHALE_RETURN_IF_NOT_OK(shard.Drain());
  for (StoreShard::Sweep sweep{0, 0, true}; sweep.more;)
    SHALE_RETURN_IF_NOT_OK(shard.SweepExpired(StoreShard::kSweepRows, &sweep));
  SHALE_RETURN_IF_NOT_OK(shard.CompactIfSwept());
  SHALE_RETURN_IF_NOT_OK(CountLive(state->shard));
  {
    MutexLock lock(StripeAt(state->shard));
    const LogPosition end = shard.log().end();
    const uint32_t bytes = OffsetOf(end) - static_cast<uint32_t>(kSegmentHeaderBytes);
    const int64_t live = shard.ledger()->Get(SegmentOf(end)).live;
    if (bytes >= kWorthSealingBytes && static_cast<double>(live) < (1 - kWorthSealing) * bytes)
      SHALE_RETURN_IF_NOT_OK(shard.mutable_log()->Seal());
    shard.AdvanceMark();
  }
  SHALE_RETURN_IF_NOT_OK(shard.Drain());
  const uint32_t applied = SegmentOf(shard.applied_position());
  uint64_t kept = 0;
  for (const auto& [segment, end] : shard.log().Sealed()) {
    const int64_t live = shard.ledger()->Get(segment).live;
    const bool worth = static_cast<double>(live) < (1 - kWorthCollecting) * end;
    if (segment < applied && worth) {
      state->segments.emplace_back(segment, end);
    } else {
      kept += end;
    }
  }
  state->done = std::min(state->done + kept, state->total);
  return Status::Ok();
}

// Walks over all rows of a shard: then the figures are as they are, but for what is written meanwhile.
Status Collector::CountLive(int shard_number) {
  StoreShard& shard = ShardAt(shard_number);
  std::map<uint32_t, uint64_t> live;
  for (const auto& [segment, end] : shard.log().Sealed()) live[segment] = 0;
  live[SegmentOf(shard.log().end())] = 0;
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(shard.NewCursor(Bytes(), Bytes(), false, &cursor));
  cursor->LeaveOut(nullptr);   // what a deleted range hides points into segments all the same
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    IndexRow row;
    if (!DecodeIndexRow(cursor->row(), &row)) return shard.MalformedRow();
    if (row.inline_value) continue;
    const auto found = live.find(SegmentOf(row.position));
    if (found != live.end()) found->second += RecordBytes(cursor->key().size() - 1, row.value_len);
  }
  SHALE_RETURN_IF_NOT_OK(cursor->status());
  for (const auto& [segment, bytes] : live) {
    // Without an entry it was never pointed into, which is better to know than an estimate.
    if (shard.ledger()->Get(segment).pointed) shard.ledger()->SetLive(segment, bytes);
  }
  return Status::Ok();
}

uint64_t Collector::PinnedBytes(uint64_t lowest) const {
  uint64_t retired = 0, pinned = 0;
  for (const Retired& r : retired_) {
    retired += r.bytes;
    if (lowest < r.pin) pinned += r.bytes;
  }
  if (lowest >= LongPin()) return pinned;
  // Nothing more is collected meanwhile. What is retired still counts as sealed.
  const uint64_t above = above_trigger_.load(std::memory_order_relaxed);
  return pinned + (above > retired ? above - retired : 0);
}

void Collector::AddStats(StoreStats* stats) const {
  // Statistics need no order.
  stats->gc_segments = collected_.load(std::memory_order_relaxed);
  stats->gc_dropped_segments = dropped_.load(std::memory_order_relaxed);
  stats->gc_freed_bytes = freed_bytes_.load(std::memory_order_relaxed);
  stats->gc_moved_records = moved_records_.load(std::memory_order_relaxed);
  stats->gc_moved_bytes = moved_bytes_.load(std::memory_order_relaxed);
  stats->gc_read_bytes = read_bytes_.load(std::memory_order_relaxed);
  stats->gc_failures = failures_.load(std::memory_order_relaxed);
  stats->space_wait_micros = wait_micros_.load(std::memory_order_relaxed);
  const uint64_t live = std::min(stats->space_live_bytes, stats->log_bytes);
  stats->space_live_bytes = live;
  stats->space_garbage_bytes = stats->log_bytes - live;
  if (live > 0) stats->space_amplification_percent = stats->log_bytes * 100 / live;
  MutexLock lock(&retired_mu_);
  stats->gc_damaged_segments = damaged_.size();
  for (const Retired& r : retired_) stats->gc_retired_bytes += r.bytes;
  const std::array<uint64_t, kPinUses> lowest = config_.pins->LowestOfUses();
  stats->space_iterator_pinned_bytes = PinnedBytes(lowest[static_cast<size_t>(PinUse::kIterator)]);
  stats->space_snapshot_pinned_bytes = PinnedBytes(lowest[static_cast<size_t>(PinUse::kSnapshot)]);
  stats->space_backup_pinned_bytes = PinnedBytes(lowest[static_cast<size_t>(PinUse::kBackup)]);
  // The use with the lowest pin keeps all that the others do.
  stats->space_pinned_bytes =
      std::max({stats->space_iterator_pinned_bytes, stats->space_snapshot_pinned_bytes,
                stats->space_backup_pinned_bytes});
}

}   // namespace shale
