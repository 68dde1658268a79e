// The part of StoreShard that deals with ranges of keys.
#include "store/store_shard.h"

namespace shale {

uint64_t StoreShard::IndexBytes(Bytes from, Bytes to) {
  return index_->ApproximateBytes(DataRowKey(from), to.empty() ? Buffer(1, kDataSpace + 1) : DataRowKey(to));
}

Status StoreShard::CompactIndex(Bytes from, Bytes to) {
  SHALE_RETURN_IF_NOT_OK(Drain());
  const bool all = from.empty() && to.empty();   // rows of deadlines and the shard's own too
  const Buffer lower = all ? Buffer() : DataRowKey(from);
  const Buffer upper = all ? Buffer() : to.empty() ? Buffer(1, kDataSpace + 1) : DataRowKey(to);
  Status s = index_->Compact(lower, upper);
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

}   // namespace shale
