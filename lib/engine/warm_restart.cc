#include "engine/warm_restart.h"

#include <algorithm>
#include <system_error>

#include "base/coding.h"
#include "base/signals_blocked.h"

namespace shale {

namespace {

constexpr Bytes kMagic = "SHALE-WARM-1\n";
constexpr size_t kHeaderBytes = 4 + 8;
constexpr size_t kBlockBytes = size_t{64} << 10;   // a block ends at the first key behind it
constexpr size_t kBlockBytesMax = kBlockBytes + 2 + kKeyBytesMax;
constexpr uint64_t kListBytesMax = uint64_t{64} << 20;

// A list longer than an eighth of what it describes would not pay.
size_t ListBytesMax(uint64_t cache_bytes) {
  return static_cast<size_t>(std::min(cache_bytes / 8, kListBytesMax));
}

// One key off the front of u16 length, bytes.
bool GetKey(Bytes* in, Bytes* key) {
  uint16_t size;
  if (!GetFixed(in, &size) || in->size() < size) return false;
  *key = in->substr(0, size);
  in->remove_prefix(size);
  return !key->empty();
}

void PutBlock(Bytes keys, Buffer* out) {
  PutFixed<uint32_t>(out, static_cast<uint32_t>(keys.size()));
  PutFixed<uint64_t>(out, Checksum64(keys));
  out->append(keys);
}

// Cuts keys into blocks behind what is in `out`; false when `out` is full.
bool PutBlocks(Bytes keys, size_t bytes_max, Buffer* out) {
  while (!keys.empty()) {
    Bytes rest = keys, key;
    while (keys.size() - rest.size() < kBlockBytes && GetKey(&rest, &key)) {
    }
    const Bytes block = keys.substr(0, keys.size() - rest.size());
    if (block.empty() || out->size() + kHeaderBytes + block.size() > bytes_max) return false;
    PutBlock(block, out);
    keys = rest;
  }
  return true;
}

int64_t NowNanos() {
  return static_cast<int64_t>(LatencyStats::NowNanos());
}

}   // namespace

WarmRestart::WarmRestart(Engine* engine)
    : engine_(engine), deadline_nanos_(NowNanos() + engine->options_.warm_restart_ms * 1'000'000) {
  running_.store(true, std::memory_order_relaxed);
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    running_.store(false, std::memory_order_relaxed);
  }
}

WarmRestart::~WarmRestart() {
  Stop();
}

void WarmRestart::Stop() {
  stop_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

Engine::WarmStats WarmRestart::Stats() const {
  Engine::WarmStats stats;
  stats.listed_keys = listed_.load(std::memory_order_relaxed);
  stats.restored_keys = restored_.load(std::memory_order_relaxed);
  stats.running = running_.load(std::memory_order_relaxed);
  return stats;
}

bool WarmRestart::InTime() const {
  return !stop_.load(std::memory_order_relaxed) && NowNanos() < deadline_nanos_;
}

void WarmRestart::Run() {
  try {
    LoadList();
  } catch (const std::bad_alloc&) {
    // What is not loaded now, readers load.
  }
  if (!stop_.load(std::memory_order_relaxed)) running_.store(false, std::memory_order_relaxed);
}

void WarmRestart::LoadList() {
  Buffer bytes;
  if (!engine_->disk_->ReadHint(0, kMagic.size(), &bytes).ok() || bytes != kMagic) return;
  for (uint64_t at = kMagic.size(); InTime();) {
    if (!engine_->disk_->ReadHint(at, kHeaderBytes + kBlockBytesMax, &bytes).ok()) return;
    Bytes rest = bytes;
    uint32_t size = 0;
    uint64_t checksum = 0;
    if (!GetFixed(&rest, &size) || !GetFixed(&rest, &checksum) || size > rest.size()) return;
    const Bytes keys = rest.substr(0, size);
    if (Checksum64(keys) != checksum || !LoadBlock(keys)) return;
    at += kHeaderBytes + size;
  }
}

bool WarmRestart::LoadBlock(Bytes keys) {
  const CacheStats stats = engine_->cache_->Stats();
  if (stats.bytes > stats.capacity - stats.capacity / 20) return false;
  refs_.clear();
  for (Bytes key; GetKey(&keys, &key);) refs_.push_back(engine_->Ref(key));
  listed_.fetch_add(refs_.size(), std::memory_order_relaxed);
  // Neighbours in an index are read one after the other.
  std::sort(refs_.begin(), refs_.end(), [](const KeyRef& a, const KeyRef& b) {
    const int shard_a = DiskShardOf(a.hash), shard_b = DiskShardOf(b.hash);
    return shard_a != shard_b ? shard_a < shard_b : a.key < b.key;
  });
  return std::all_of(refs_.begin(), refs_.end(),
                     [this](const KeyRef& key) { return InTime() && LoadKey(key); });
}

bool WarmRestart::LoadKey(const KeyRef& key) {
  const InFlightGuard guard(&engine_->in_flight_);
  if (!guard.entered()) {
    stop_.store(true, std::memory_order_relaxed);   // being closed: cut off, not done
    return false;
  }
  CacheRead found;
  if (engine_->cache_->Probe(key, &found) != Lookup::kMiss) return true;
  if (!engine_->disk_->Read(key, true, &read_).ok()) return true;   // gone, or damaged: its readers are told
  if (read_.deadline_ms != kNoDeadline && Expired(read_.deadline_ms, engine_->NowMs())) return true;
  const CacheItem item{read_.value, read_.version, read_.deadline_ms, read_.place};
  engine_->cache_->FillIf(key, item, found.token);
  restored_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void WarmRestart::StopAndSave() {
  Stop();
  if (running_.load(std::memory_order_relaxed)) return;   // cut off: the old list says more than what is here
  const int64_t deadline = NowNanos() + engine_->options_.warm_restart_ms * 1'000'000;
  const auto in_time = [deadline] { return NowNanos() < deadline; };
  try {
    Cache::HotKeys keys;
    engine_->cache_->CollectHot(in_time, &keys);
    Buffer list(kMagic);
    for (size_t rank = keys.size(); rank-- > 0 && in_time();) {
      if (!PutBlocks(keys[rank], ListBytesMax(engine_->options_.cache_bytes), &list)) break;
      Buffer().swap(keys[rank]);
    }
    engine_->disk_->KeepHint(std::move(list), (deadline - NowNanos()) / 1'000'000);
  } catch (const std::bad_alloc&) {
    // Then the next session begins cold.
  }
}

}   // namespace shale
