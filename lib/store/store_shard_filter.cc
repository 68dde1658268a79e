// The part of StoreShard that builds the filter of its keys anew: after an open, and when so many keys were
// deleted, or came, that it says "maybe" too often. A key that is looked for below in vain costs about as
// much as reading four keys here, so a build is due once it would have paid for itself.
#include <algorithm>

#include "base/check.h"
#include "store/store_shard.h"

namespace shale {

namespace {
constexpr uint64_t kMissesMin = 1000;   // fewer are not worth a look at the index
constexpr uint64_t kKeysPerMiss = 4;
constexpr uint64_t kRowBytesLeast = 16;    // of a row and its key in a table, compressed by their prefix
constexpr uint64_t kKeysPerByteMost = 4;   // with two bits a key, nearly every answer is "maybe"
}   // namespace

// Relaxed, all of it: near enough, and what is built waits for nothing that is read here.
bool StoreShard::WantsFilter() {
  const uint64_t misses = index_misses_.load(std::memory_order_relaxed);
  const uint64_t due = std::max(kMissesMin, filter_due_.load(std::memory_order_relaxed));
  if (due == kNever || misses < due || read_only()) return false;
  filter_due_.store(kNever, std::memory_order_relaxed);
  return true;
}

Status StoreShard::BuildFilter(Mutex* stripe) {
  uint64_t keys = index_->ApproximateBytes() / kRowBytesLeast;
  // The first build of a shard that was opened: how much there is to read is known only roughly.
  const bool too_early = index_misses_.load(std::memory_order_relaxed) < keys / kKeysPerMiss / 4;
  Status s = Code::E_NO_MEMORY;
  try {
    s = too_early ? Status::Ok() : ReadKeysIntoFilter(stripe, &keys);
  } catch (const std::bad_alloc&) {
    // As without a filter, until the next.
  }
  if (!s.ok()) filter_.Forget();
  // One that is too small for its keys gets no better by being built again soon.
  const uint64_t wait = keys > config_.filter_bytes_max ? keys * 4 : keys / kKeysPerMiss;
  filter_due_.store(index_misses_.load(std::memory_order_relaxed) + std::max(kMissesMin, wait),
                    std::memory_order_relaxed);
  return s;
}

Status StoreShard::ReadKeysIntoFilter(Mutex* stripe, uint64_t* keys) {
  SHALE_CHECK(config_.secret != nullptr);
  // Who publishes holds the stripe: what he has not added he has published before this, and is pending or in
  // the index.
  stripe->Lock();
  filter_.Begin();
  stripe->Unlock();
  SHALE_RETURN_IF_NOT_OK(Drain());
  std::unique_ptr<IndexCursor> cursor;
  SHALE_RETURN_IF_NOT_OK(NewCursor(Bytes(), Bytes(), false, &cursor));
  std::vector<uint64_t> hashes;
  const size_t hashes_max = config_.filter_bytes_max * kKeysPerByteMost;   // memory that no budget knows of
  for (cursor->SeekToFirst(); cursor->Valid() && hashes.size() <= hashes_max; cursor->Next())
    hashes.push_back(HashKey(*config_.secret, cursor->key().substr(1)));
  SHALE_RETURN_IF_NOT_OK(cursor->status());
  if (hashes.size() > hashes_max) {
    filter_.Forget();
    *keys = std::max<uint64_t>(*keys, hashes.size());
    return Status::Ok();
  }
  filter_.Complete(hashes);
  *keys = hashes.size();
  return Status::Ok();
}

}   // namespace shale
