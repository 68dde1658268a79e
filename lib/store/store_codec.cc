// What a store does with values before they reach a shard's log: with its key, and by its options.
#include "store/store.h"

namespace shale {

// The superblock says that there may be compressed values before there is one: it is written next.
Status Store::StartCodec() {
  ValueCodec::Config c;
  c.store = superblock_.uuid;
  c.key = config_.key.get();
  c.compress_bytes_min = config_.compress_bytes_min;
  c.compress_level = config_.compress_level;
  SHALE_RETURN_IF_NOT_OK(codec_.Init(c));
  config_.key.reset();
  if (config_.compress_bytes_min != 0) superblock_.incompatible |= kStoreCompressed;
  return Status::Ok();
}

Status Store::Prepare(DiskWrite* write) {
  return shards_[static_cast<size_t>(DiskShardOf(write->key.hash))]->Prepare(write);
}

}   // namespace shale
