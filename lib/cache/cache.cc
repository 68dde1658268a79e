#include "cache/cache.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "cache/budget.h"
#include "cache/cache_shard.h"

namespace shale {

namespace {
constexpr size_t kCapacityMin = size_t{128} << 10;
// A shard with fewer than some 64 items loses hits: this is enough for a few hundred of 1 KiB, and for 64 of
// 8 KiB.
constexpr size_t kShardBytesMin = size_t{512} << 10;
// How far the capacity can be moved while it is in use. Upwards costs address space, downwards is limited by
// what a shard needs to hold anything.
constexpr size_t kResizeFactor = 4;
// With huge pages some MiB more may be resident than are in use: too much for a smaller cache.
constexpr size_t kHugeBytesMin = size_t{64} << 20;

// Puts the figures in order.
CacheStats::Spread SpreadOf(uint64_t* figures, size_t count) {
  std::sort(figures, figures + count);
  return CacheStats::Spread{figures[0], figures[count / 2], figures[count - 1]};
}
}   // namespace

Cache::Cache(const Config& config) : config_(config), capacity_(config.capacity_bytes) {
  if (config_.clock == nullptr) config_.clock = Clock::Real();
  shard_bits_ = std::clamp(config_.shard_bits_max, 0, kMemoryShardBits);
  while (shard_bits_ > 0 && (config_.capacity_bytes >> shard_bits_) < kShardBytesMin) shard_bits_--;
}

size_t Cache::SharesOf(size_t capacity_bytes) const {
  const size_t own_bytes = sizeof(CacheShard) + kPolicyBytesMax + 1024;
  const size_t share = (capacity_bytes >> shard_bits_) - own_bytes;
  return share / kPageBytes * kPageBytes << shard_bits_;
}

Status Cache::Create(const Config& config, std::unique_ptr<Cache>* out) {
  if (config.capacity_bytes < kCapacityMin) {
    return Status::Invalid("cache: a capacity of " + std::to_string(config.capacity_bytes) +
                           " bytes is below " + std::to_string(kCapacityMin));
  }
  std::unique_ptr<Cache> cache(new Cache(config));
  const int shards = cache->shard_count();
  const size_t shares = cache->SharesOf(config.capacity_bytes);
  cache->budget_ = std::make_shared<Budget>(shares, shards);
  const size_t share = shares / static_cast<size_t>(shards);
  const size_t share_max = std::max(share, std::min(share * kResizeFactor, Arena::kBytesMax));
  const int64_t now_ms = cache->config_.clock->NowMs();
  SHALE_RETURN_IF_NOT_OK(cache->counters_.Init());
  const bool huge_pages = config.huge_pages && shares >= kHugeBytesMin;
  CacheShard::Memory memory;
  SHALE_RETURN_IF_NOT_OK(
      TableRows::Create(cache->shard_bits_, CacheShard::BucketsMax(share_max), huge_pages, &memory.rows));
  cache->heads_ = memory.rows->head(0);
  // Shards share a stretch of addresses as far as references reach.
  const size_t lanes = std::clamp(ArenaSpace::ShardsMax(share_max), size_t{1}, static_cast<size_t>(shards));
  for (int i = 0; i < shards; i++) {
    memory.column = static_cast<size_t>(i);
    memory.lane = memory.column % lanes;
    if (memory.lane == 0)
      SHALE_RETURN_IF_NOT_OK(ArenaSpace::Create(lanes, share_max, huge_pages, &memory.space));
    std::shared_ptr<CacheShard> shard;
    SHALE_RETURN_IF_NOT_OK(CacheShard::Create(config.policy, static_cast<size_t>(config.place_percent),
                                              share_max, now_ms, cache->budget_, memory, &shard));
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

Lookup Cache::Read(const KeyRef& key, ReadMode mode, void* buf, size_t cap, CacheRead* out, bool stale_ok) {
  const Lookup lookup = ShardOf(key.hash)->Read(QueryFor(key, mode, buf, cap, stale_ok), out);
  counters_.Count(lookup == Lookup::kHit     ? DiskShardOf(key.hash)
                  : lookup == Lookup::kPlace ? ReadCounters::kPlaceHit
                                             : ReadCounters::kMiss);
  return lookup;
}

CacheItem Cache::WithIdleEnd(CacheItem item) const {
  if (config_.idle_ms > 0)
    item.due_ms = CacheQuery::IdleEnd(config_.clock->NowMs(), config_.idle_ms, item.deadline_ms);
  return item;
}

bool Cache::Overwrite(const KeyRef& key, const CacheItem& item) {
  return ShardOf(key.hash)->Overwrite(key, WithIdleEnd(item));
}

void Cache::Prefetch(uint64_t hash) const {
  const TableHead& head = heads_[ShardNumber(hash)];
  __builtin_prefetch(head.HomeAmong(head.SeenBuckets(), hash));
}

// What is seen here may be of any age: a wrong address asks for a line that nobody needs.
void Cache::PrefetchItem(uint64_t hash) const {
  const TableHead& head = heads_[ShardNumber(hash)];
  const Bucket* home = head.HomeAmong(head.SeenBuckets(), hash);
  for (uint32_t mask = MatchTags(*home, TagOf(hash)); mask != 0; mask &= mask - 1) {
    const ItemRef ref = home->refs[std::countr_zero(mask)];
    if (ref == kNoItem) continue;
    if (IsPlace(ref)) {
      ShardOf(hash)->PrefetchPlace(ref);
      continue;
    }
    const Item* item = head.ItemAt(ref);
    for (size_t at = 0; at <= head.ahead_bytes; at += 64) __builtin_prefetch(item->At(at));
  }
}

Lookup Cache::Probe(const KeyRef& key, CacheRead* out) {
  return ShardOf(key.hash)->Read(QueryFor(key, ReadMode::kMeta, nullptr, 0, false), out);
}

void Cache::FillIf(const KeyRef& key, const CacheItem& item, FillToken token) {
  CacheShard* shard = ShardOf(key.hash);
  size_t reserved = shard->ExternalBytesFor(key.key.size(), item.value.size());
  if (reserved > 0 && !ReserveExternal(reserved)) return;
  shard->FillIf(key, WithIdleEnd(item), token, &reserved);
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
  if (EvictExternals(taken)) return true;
  budget_->UnclaimExternal(bytes);
  return false;
}

template <typename Done>
bool Cache::EvictExternals(Done done) {
  // Each step takes the oldest of the next shard. Values that were hit are passed over, which lowers their
  // marks, until the last round.
  for (int round = 0; round <= kMarkMax + 1; round++) {
    bool evicted = false;
    do {
      evicted = false;
      for (size_t i = 0; i < shards_.size(); i++) {
        // Relaxed: any start is right, the counter only spreads the load.
        const size_t next = next_external_.fetch_add(1, std::memory_order_relaxed) % shards_.size();
        if (!shards_[next]->EvictExternal(round <= kMarkMax)) continue;
        evicted = true;
        if (done()) return true;
      }
    } while (evicted);
  }
  return false;
}

void Cache::ResizeLimits(size_t* least, size_t* most) const {
  *least = std::max(config_.capacity_bytes / kResizeFactor, kCapacityMin);
  *most = std::min(config_.capacity_bytes * kResizeFactor, Arena::kBytesMax << shard_bits_);
}

bool Cache::Resize(size_t capacity_bytes) {
  size_t least, most;
  ResizeLimits(&least, &most);
  if (capacity_bytes < least || capacity_bytes > most) return false;
  MutexLock lock(&resize_mu_);
  budget_->Resize(SharesOf(capacity_bytes));
  capacity_.store(capacity_bytes, std::memory_order_relaxed);
  // First external values down to their part, then the arenas, then more external values if need be.
  if (budget_->TooMuchExternal()) (void)EvictExternals([&] { return !budget_->TooMuchExternal(); });
  for (const auto& shard : shards_) shard->ShrinkTo(budget_->LeaseMax());
  if (budget_->InDebt()) (void)EvictExternals([&] { return !budget_->InDebt(); });
  return true;
}

size_t Cache::ExpireSome(int64_t now_ms, size_t budget) {
  size_t left = budget;
  for (size_t i = 0; i < shards_.size() && left > 0; i++) {
    // Relaxed: the counter only makes calls with a small budget reach every shard in turn.
    const size_t next = next_expire_.fetch_add(1, std::memory_order_relaxed) % shards_.size();
    shards_[next]->ExpireSome(now_ms - config_.grace_ms, &left);
  }
  return budget - left;
}

void Cache::Clear() {
  for (const auto& shard : shards_) shard->Clear();
}

void Cache::CollectKeys(Bytes from, Bytes to, int64_t now_ms, std::vector<Buffer>* keys) {
  for (const auto& shard : shards_) shard->CollectKeys(from, to, now_ms, keys);
}

void Cache::StartRange(Bytes from, Bytes to) {
  for (const auto& shard : shards_) shard->StartRange(from, to);
}

void Cache::EndRange() {
  for (const auto& shard : shards_) shard->EndRange();
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
  stats.capacity = capacity_bytes();
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
  shard_->BeginChange();
  had_value_ = shard_->Remove(key_, reason);
}

CacheWrite::~CacheWrite() NO_THREAD_SAFETY_ANALYSIS {
  if (!installed_) shard_->EndRemoval(key_);
  shard_->EndChange();
  shard_->mutex()->Unlock();
  if (reserved_ > 0) cache_->budget_->GiveExternal(reserved_);
}

bool CacheWrite::Install(const CacheItem& item) NO_THREAD_SAFETY_ANALYSIS {
  installed_ = shard_->Put(key_, cache_->WithIdleEnd(item), had_value_, &reserved_);
  return installed_;
}

}   // namespace shale
