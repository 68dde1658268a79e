// What a store does with ranges of keys, beside walking over them.
#include "store/range_estimate.h"
#include "store/store.h"

namespace shale {

Status Store::MakeRoomForRange() {
  if (config_.read_only) return ReadOnlyStatus();
  for (const auto& shard : shards_) {
    if (shard->range_count() >= DeletedRanges::kCountMax) SHALE_RETURN_IF_NOT_OK(shard->FinishRanges());
  }
  return Status::Ok();
}

Status Store::Estimate(const CursorBounds& bounds, RangeCount* out) {
  RangeEstimator estimator(bounds, config_.clock->NowMs());
  for (size_t s = 0; s < kDiskShards && !estimator.HasEnough(); s++) {
    Status status = estimator.Take(shards_[s].get());
    if (!status.ok()) return std::move(status).InShard(static_cast<int>(s));
  }
  *out = estimator.Result();
  return Status::Ok();
}

Status Store::CompactShard(int shard, const CursorBounds& bounds) {
  if (config_.read_only) return ReadOnlyStatus();
  parked_.DropAll();   // else tables that are rewritten stay
  return shards_[static_cast<size_t>(shard)]->CompactIndex(bounds.from, bounds.to);
}

uint64_t Store::IndexBytes(int shard, const CursorBounds& bounds) {
  return shards_[static_cast<size_t>(shard)]->IndexBytes(bounds.from, bounds.to);
}

}   // namespace shale
