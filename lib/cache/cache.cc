#include "cache/cache.h"

#include <algorithm>

#include "base/check.h"
#include "cache/budget.h"
#include "cache/cache_shard.h"

namespace shale {

namespace {
// A shard with fewer than some 64 items loses hits, and one of this size holds about that many of 1 KiB
// beside its tables.
constexpr size_t kShardBytesMin = size_t{128} << 10;

// Puts the figures in order.
CacheStats::Spread SpreadOf(uint64_t* figures, size_t count) {
  std::sort(figures, figures + count);
  return CacheStats::Spread{figures[0], figures[count / 2], figures[count - 1]};
}
}   // namespace

Cache::Cache(const Config& config) : config_(config) {
  if (config_.clock == nullptr) config_.clock = Clock::Real();
  shard_bits_ = std::clamp(config_.shard_bits_max, 0, kMemoryShardBits);
  while (shard_bits_ > 0 && (config_.capacity_bytes >> shard_bits_) < kShardBytesMin) shard_bits_--;
}

Status Cache::Create(const Config& config, std::unique_ptr<Cache>* out) {
  if (config.capacity_bytes < kShardBytesMin) {
    return Status::Invalid("cache: a capacity of " + std::to_string(config.capacity_bytes) +
                           " bytes is below " + std::to_string(kShardBytesMin));
  }
  std::unique_ptr<Cache> cache(new Cache(config));
  const int shards = cache->shard_count();
  // Whole pages per shard, after the shards' own objects.
  const size_t own_bytes = sizeof(CacheShard) + 1024;
  const size_t share_raw = config.capacity_bytes / static_cast<size_t>(shards) - own_bytes;
  const size_t share = share_raw / kPageBytes * kPageBytes;
  cache->budget_ = std::make_shared<Budget>(share * static_cast<size_t>(shards), shards);
  const int64_t now_ms = cache->config_.clock->NowMs();
  SHALE_RETURN_IF_NOT_OK(cache->counters_.Init());
  for (int i = 0; i < shards; i++) {
    std::shared_ptr<CacheShard> shard;
    SHALE_RETURN_IF_NOT_OK(CacheShard::Create(config.policy, static_cast<size_t>(config.place_percent),
                                              now_ms, cache->budget_, &shard));
    if (config.events_bytes > 0)
      SHALE_RETURN_IF_NOT_OK(shard->StartEvents(config.events_bytes / static_cast<size_t>(shards)));
    cache->shards_.push_back(std::move(shard));
  }
  *out = std::move(cache);
  return Status::Ok();
}

Cache::~Cache() {
  // A shard that is still pinned lives on; its other items need not.
  for (const auto& shard : shards_) {
    if (shard && shard.use_count() > 1) shard->Clear();
  }
}

CacheShard* Cache::ShardOf(uint64_t hash) const {
  // Two shifts, because one by 64 is undefined when there is a single shard.
  return shards_[static_cast<size_t>(hash >> 1 >> (63 - shard_bits_))].get();
}

Lookup Cache::Read(const KeyRef& key, ReadMode mode, void* buf, size_t cap, CacheRead* out) {
  const Lookup lookup = ShardOf(key.hash)->Read(CacheQuery{key, mode, buf, cap, config_.clock}, out);
  counters_.Count(lookup == Lookup::kHit     ? DiskShardOf(key.hash)
                  : lookup == Lookup::kPlace ? ReadCounters::kPlaceHit
                                             : ReadCounters::kMiss);
  return lookup;
}

Lookup Cache::Probe(const KeyRef& key, CacheRead* out) {
  return ShardOf(key.hash)->Read(CacheQuery{key, ReadMode::kMeta, nullptr, 0, config_.clock}, out);
}

void Cache::FillIf(const KeyRef& key, const CacheItem& item, FillToken token) {
  CacheShard* shard = ShardOf(key.hash);
  size_t reserved = shard->ExternalBytesFor(key.key.size(), item.value.size());
  if (reserved > 0 && !ReserveExternal(reserved)) return;
  shard->FillIf(key, item, token, &reserved);
  if (reserved > 0) budget_->GiveExternal(reserved);
}

bool Cache::ReserveExternal(size_t bytes) {
  if (bytes > budget_->external_item_max()) return false;
  budget_->ClaimExternal(bytes);
  const auto taken = [&] { return !budget_->TooMuchExternal() && budget_->Take(bytes); };
  if (taken()) return true;
  // The claim has lowered what a shard may have: first the arenas give way.
  for (size_t i = 0; i < shards_.size() && !budget_->TooMuchExternal(); i++) {
    shards_[i]->ShrinkTo(budget_->LeaseMax());
    if (taken()) return true;
  }
  // Then other external values, about in order of arrival: each step takes the oldest of the next shard.
  // Values that were hit are passed over, which lowers their marks, until the last round.
  for (int round = 0; round <= kMarkMax + 1; round++) {
    bool evicted = false;
    do {
      evicted = false;
      for (size_t i = 0; i < shards_.size(); i++) {
        // Relaxed: any start is right, the counter only spreads the load.
        const size_t next = next_external_.fetch_add(1, std::memory_order_relaxed) % shards_.size();
        if (!shards_[next]->EvictExternal(round <= kMarkMax)) continue;
        evicted = true;
        if (taken()) return true;
      }
    } while (evicted);
  }
  budget_->UnclaimExternal(bytes);
  return false;
}

size_t Cache::ExpireSome(int64_t now_ms, size_t budget) {
  size_t left = budget;
  for (size_t i = 0; i < shards_.size() && left > 0; i++) {
    // Relaxed: the counter only makes calls with a small budget reach every shard in turn.
    const size_t next = next_expire_.fetch_add(1, std::memory_order_relaxed) % shards_.size();
    shards_[next]->ExpireSome(now_ms, &left);
  }
  return budget - left;
}

void Cache::CollectKeys(Bytes from, Bytes to, int64_t now_ms, std::vector<Buffer>* keys) {
  for (const auto& shard : shards_) shard->CollectKeys(from, to, now_ms, keys);
}

size_t Cache::item_bytes_max() const {
  return ExternalList::LargestFor(budget_->external_item_max());
}

void Cache::CollectHot(const std::function<bool()>& go_on, HotKeys* keys) {
  for (size_t i = 0; i < shards_.size() && go_on(); i++) shards_[i]->CollectHot(keys->data());
}

Status Cache::TakeEvents(char* buf, size_t cap, size_t* used, size_t* rows) {
  *used = *rows = 0;
  // Relaxed: any start is right, the counter only gives every shard its turn.
  const size_t start = next_event_.load(std::memory_order_relaxed);
  for (size_t i = 0; i < shards_.size(); i++) {
    const size_t shard = (start + i) % shards_.size();
    size_t next_bytes = 0;
    *used += shards_[shard]->TakeEvents(buf + *used, cap - *used, rows, &next_bytes);
    if (next_bytes == 0) continue;
    next_event_.store(shard, std::memory_order_relaxed);
    if (*rows > 0) return Status::Ok();
    *used = next_bytes;
    return Code::TOO_SMALL;
  }
  return Status::Ok();
}

int Cache::shard_count() const {
  return 1 << shard_bits_;
}

CacheStats Cache::Stats() const {
  CacheStats stats;
  std::vector<uint64_t> items;
  for (const auto& shard : shards_) {
    const CacheStats one = shard->Stats();
    items.push_back(one.items);
    stats.Add(one);
  }
  std::array<uint64_t, kDiskShards> hits{};
  counters_.AddTo(&stats, &hits);
  stats.shard_items = SpreadOf(items.data(), items.size());
  stats.shard_hits = SpreadOf(hits.data(), hits.size());
  const size_t own_bytes = shards_.size() * sizeof(CacheShard);
  stats.bytes += own_bytes;
  stats.committed_bytes += own_bytes;
  stats.capacity = config_.capacity_bytes;
  return stats;
}

bool Cache::Validate(std::string* why) const {
  for (size_t i = 0; i < shards_.size(); i++) {
    if (shards_[i]->Validate(why)) continue;
    why->insert(0, "memory shard " + std::to_string(i) + ": ");
    return false;
  }
  return true;
}

std::string Cache::DumpShard(int shard) {
  return shards_[static_cast<size_t>(shard)]->Dump();
}

// The shard's lock is taken here and released in the destructor, which the analysis cannot follow.
CacheWrite::CacheWrite(Cache* cache, const KeyRef& key, size_t value_len,
                       Removal reason) NO_THREAD_SAFETY_ANALYSIS : cache_(cache),
                                                                   shard_(cache->ShardOf(key.hash)),
                                                                   key_(key) {
  const size_t external_bytes = value_len > 0 ? shard_->ExternalBytesFor(key.key.size(), value_len) : 0;
  // Before the lock, because making room takes the locks of other shards, one at a time.
  if (external_bytes > 0 && cache->ReserveExternal(external_bytes)) reserved_ = external_bytes;
  shard_->mutex()->Lock();
  shard_->Remove(key_, reason);
}

CacheWrite::~CacheWrite() NO_THREAD_SAFETY_ANALYSIS {
  shard_->mutex()->Unlock();
  if (reserved_ > 0) cache_->budget_->GiveExternal(reserved_);
}

bool CacheWrite::Install(const CacheItem& item) NO_THREAD_SAFETY_ANALYSIS {
  return shard_->Put(key_, item, &reserved_);
}

}   // namespace shale
