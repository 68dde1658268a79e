// The memory tier: up to 256 shards, each a thick object of its own (cache_shard.h); this class only routes
// by hash, shares out the capacity, and adds up statistics. It never holds the only copy of anything that a
// store with a path has acknowledged, so it may drop any item at any time.
//
// Coherence, one rule: every change of a key, by every path, goes through CacheWrite, which bumps the version
// of the key's bucket under the shard's lock. A reader that misses is given that version in a FillToken
// BEFORE it looks below, and FillIf installs what it loaded only if the version is still the same.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/status.h"
#include "cache/cache_stats.h"
#include "cache/lookup.h"
#include "cache/read_counters.h"
#include "cache/removal_log.h"

namespace shale {

class Budget;
class CacheShard;
struct TableHead;

class Cache {
 public:
  struct Config {
    size_t capacity_bytes = 0;       // items with their headers, tables, ghosts, external values: everything
    std::string policy = "s3fifo";   // see policy.h
    int shard_bits_max = kMemoryShardBits;   // fewer when shards would be too small for their hit ratio
    bool huge_pages = true;    // if it is large enough: see vm_region.h
    int place_percent = 0;     // of the capacity, for places of values that have left: see place_ring.h
    int64_t grace_ms = 0;      // how long an item is kept after its time is over
    int64_t idle_ms = 0;       // an item that is not used for so long leaves; 0: none does
    bool alone = false;        // there is no tier below, so that a miss must be true
    size_t events_bytes = 0;   // for removals that wait to be polled, beside the capacity; 0: none are kept
    Clock* clock = nullptr;
  };

  static Status Create(const Config& config, std::unique_ptr<Cache>* out);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Looks the key up. The clock is read only if the item has a deadline.
  // stale_ok: an item whose time is over is a hit while the grace lasts.
  Lookup Read(const KeyRef& key, ReadMode mode, void* buf, size_t cap, CacheRead* out, bool stale_ok = false);

  // The short way: a value that is here and can be read without a lock is copied if it fits, and counted.
  // False: it is not so, nothing was counted, and Read has to be asked. Throws nothing. Defined in
  // cache_hit.h, for those who are called so often that a call less counts.
  bool TryHit(const KeyRef& key, ReadMode mode, void* buf, size_t cap, CacheHit* hit) noexcept;

  // Installs what a reader loaded from below, unless anything was written to the key's bucket since the
  // token.
  void FillIf(const KeyRef& key, const CacheItem& item, FillToken token);

  // A new value for a key that is here, where it lies; false if that cannot be, and nothing was done. For a
  // tier that stands alone: elsewhere, and otherwise, CacheWrite.
  bool Overwrite(const KeyRef& key, const CacheItem& item);

  // A hint that this key will be looked for or written soon.
  void Prefetch(uint64_t hash) const;
  // The same for its item, when its bucket is near.
  void PrefetchItem(uint64_t hash) const;
  // Removes up to budget items whose time is over; returns how many it looked at. Never needed for
  // correctness.
  size_t ExpireSome(int64_t now_ms, size_t budget);

  // Lets go of all items; what is pinned stays for its pins. Readers may be inside: they find nothing.
  void Clear();

  // Adds every live key with from <= key and (to empty or key < to) to *keys, in no order. One shard is
  // locked at a time.
  void CollectKeys(Bytes from, Bytes to, int64_t now_ms, std::vector<Buffer>* keys);

  // A change of all keys of a range at once, in this order, while no CacheWrite of any of them can come:
  //   1. StartRange: all of them leave, and from here nothing is filled
  //   2. the caller makes the change known below
  //   3. EndRange: fills of what was loaded before it are refused; others are welcome again
  // Each walks over all there is, one shard locked at a time.
  void StartRange(Bytes from, Bytes to);
  void EndRange();

  // Whether the key is here, as Read with kMeta tells, but not counted as a read.
  Lookup Probe(const KeyRef& key, CacheRead* out);
  // Adds the keys of all values that are here, each u16 length and bytes, to the buffer of their rank: what
  // was hit more often has the higher one. Stops when go_on says no; one shard is locked at a time.
  using HotKeys = std::array<Buffer, kHotRanks>;
  void CollectHot(const std::function<bool()>& go_on, HotKeys* keys);

  // Moves removals that were noted, in the form of removal_log.h, to buf: OK with *used bytes and *rows,
  // which may be 0. TOO_SMALL if not even the next fits: *used is what it needs.
  Status TakeEvents(char* buf, size_t cap, size_t* used, size_t* rows);
  bool keeps_events() const { return config_.events_bytes > 0; }

  // Largest key + value that can be installed at all.
  size_t item_bytes_max() const;
  size_t capacity_bytes() const { return capacity_.load(std::memory_order_relaxed); }
  // Changes the capacity while all is in use; false if it is not within what ResizeLimits tells. When it
  // becomes smaller, items go at once; what pins hold goes when they are freed, and tables keep their size:
  // more may be in use until then.
  bool Resize(size_t capacity_bytes) EXCLUDES(resize_mu_);
  // A quarter and four times of what it began with.
  void ResizeLimits(size_t* least, size_t* most) const;
  int shard_count() const;
  CacheStats Stats() const;
  // Walks everything and checks every invariant of every shard; false and a reason if one does not hold.
  bool Validate(std::string* why) const;
  // The policy's queues of one shard, oldest first, for tests.
  std::string DumpShard(int shard);

 private:
  friend class CacheWrite;
  explicit Cache(const Config& config);
  size_t ShardNumber(uint64_t hash) const {
    // Two shifts, because one by 64 is undefined when there is a single shard.
    return static_cast<size_t>(hash >> 1 >> (63 - shard_bits_));
  }
  CacheShard* ShardOf(uint64_t hash) const { return shards_[ShardNumber(hash)].get(); }
  CacheQuery QueryFor(const KeyRef& key, ReadMode mode, void* buf, size_t cap, bool stale_ok) const {
    return CacheQuery{
        key, mode, buf, cap, config_.clock, config_.grace_ms, stale_ok, config_.idle_ms, config_.alone};
  }
  CacheItem WithIdleEnd(CacheItem item) const;
  // What the shards get of a capacity, after their own objects: whole pages for each.
  size_t SharesOf(size_t capacity_bytes) const;
  // Takes `bytes` from the budget for an external value, making room if need be. No shard's lock is held by
  // the caller.
  bool ReserveExternal(size_t bytes);
  // Evicts external values, about in order of arrival, until done(); false if none is left that may go.
  template <typename Done>
  bool EvictExternals(Done done);

  Config config_;   // constant after construction, as all but the counters
  int shard_bits_ = 0;
  std::atomic<size_t> capacity_{0};
  Mutex resize_mu_;   // one change of the capacity at a time
  std::shared_ptr<Budget> budget_;
  ReadCounters counters_;
  TableHead* heads_ = nullptr;                        // of all shards, which keep them
  std::vector<std::shared_ptr<CacheShard>> shards_;   // shared with pins
  std::atomic<size_t> next_external_{0};   // where the search for an external value to evict goes on
  std::atomic<size_t> next_expire_{0};     // where expiry goes on
  std::atomic<size_t> next_event_{0};      // where the next poll begins
};

// A change of one key, in the only order that keeps readers right:
//   1. construct: locks the key's memory shard and removes the old item, bumping the bucket's version. From
//      here readers of this key miss and look below.
//   2. the caller makes the change known below (pending), while this object lives;
//   3. Install the new item, or not (delete, write-around, too large);
//   4. destroy: bumps the version again if nothing was installed, and unlocks.
// Without step 1 before 2, one reader could find the new value below and a later one still the old value
// here. Without a bump after 2, a reader that missed between 1 and 2, and so found the old value below, could
// install it: readers take no lock. While it lives, its thread must not touch the same Cache otherwise and
// must not destroy a Pin: both may need this lock.
class CacheWrite {
 public:
  // `value_len`: length of the value that Install will get, 0 if none or not known. A value too large for a
  // shard's own memory needs it: the room is made here, before the lock. Without it there is only what is
  // free or what this shard can give.
  // `reason`: why the old item goes, for who counts and polls.
  CacheWrite(Cache* cache, const KeyRef& key, size_t value_len = 0, Removal reason = Removal::kOverwritten);
  ~CacheWrite();
  CacheWrite(const CacheWrite&) = delete;
  CacheWrite& operator=(const CacheWrite&) = delete;

  // False if it cannot be kept: larger than item_bytes_max, or everything else is pinned. While memory is
  // full and what it holds is hardly read, only the place of most new values is kept, if they have one.
  bool Install(const CacheItem& item);

 private:
  Cache* const cache_;
  CacheShard* const shard_;
  const KeyRef key_;
  bool had_value_ = false;   // the old item was a value
  bool installed_ = false;
  size_t reserved_ = 0;   // external bytes taken from the budget and not used yet
};

}   // namespace shale
