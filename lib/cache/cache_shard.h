// One of the shards of the memory tier: the only place where table, arena, policy and wheel meet. Why one
// lock for all four: they change together on every put, and a shard is small.
//
// Invariants (hold whenever mu_ is free; Validate checks them):
//  (1) no item is hidden, and an item is in the table <=> it is in one queue of the policy; it is in the
//      external list too <=> kExternal, and in the wheel <=> it has a deadline below the wheel's horizon
//      A key of the table has an item or a place (of places_), never both
//  (2) a block of the arena is an item of the table, or removed and pinned (kRemoved, pins > 0)
//  (3) every change of a key's bucket raises the bucket's version; so does Remove of a key that is not here
//  (4) lease() = arena limit + tables + ghosts + places + spare was taken from the budget, as was the charge
//      of every external block
// A pin holds the shard (shared_from_this), so a shard may live longer than its cache.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/racy.h"
#include "base/status.h"
#include "cache/arena.h"
#include "cache/budget.h"
#include "cache/cache_stats.h"
#include "cache/external_list.h"
#include "cache/hit_ring.h"
#include "cache/item_table.h"
#include "cache/lookup.h"
#include "cache/place_ring.h"
#include "cache/policy.h"
#include "cache/removal_log.h"
#include "cache/table_rows.h"
#include "cache/timer_wheel.h"

namespace shale {

struct Glance;
struct Sight;

class CacheShard : public std::enable_shared_from_this<CacheShard> {
 public:
  // Where its items and its buckets lie among those of the other shards.
  struct Memory {
    std::shared_ptr<ArenaSpace> space;
    size_t lane = 0;
    std::shared_ptr<TableRows> rows;
    size_t column = 0;
  };
  // place_percent: how much of its share may hold places; 0: none are kept. share_max: what its share can
  // grow to when the budget does; so much address space is reserved.
  static Status Create(const std::string& policy, size_t place_percent, size_t share_max, int64_t now_ms,
                       std::shared_ptr<Budget> budget, const Memory& memory,
                       std::shared_ptr<CacheShard>* out);
  // Most buckets that a shard needs.
  static size_t BucketsMax(size_t share_max);
  ~CacheShard();
  CacheShard(const CacheShard&) = delete;
  CacheShard& operator=(const CacheShard&) = delete;

  // Asks for the lines of a place, for who has something else to do first. It may be of any age.
  void PrefetchPlace(ItemRef ref) const;
  // Without the lock, if it can be answered so.
  Lookup Read(const CacheQuery& query, CacheRead* out) EXCLUDES(mu_);
  // What its policy wants to know of a hit that was answered without the lock.
  void NoteInRing(ItemRef ref, uint64_t hash);
  // `reserved`: external bytes already taken from the budget for this item; what is not used stays in it.
  void FillIf(const KeyRef& key, const CacheItem& item, FillToken token, size_t* reserved) EXCLUDES(mu_);
  // Takes from *budget what it used.
  void ExpireSome(int64_t now_ms, size_t* budget) EXCLUDES(mu_);
  void CollectKeys(Bytes from, Bytes to, int64_t now_ms, std::vector<Buffer>* keys) const EXCLUDES(mu_);
  // As Cache's.
  void StartRange(Bytes from, Bytes to) EXCLUDES(mu_);
  void EndRange() EXCLUDES(mu_);
  void Unpin(ItemRef ref) EXCLUDES(mu_);
  // As Cache::CollectHot; by_rank are its buffers.
  void CollectHot(Buffer* by_rank) EXCLUDES(mu_);

  // Gives memory back to the budget until the lease is at most lease_max, evicting what lies too high; pins
  // may prevent it.
  void ShrinkTo(size_t lease_max) EXCLUDES(mu_);
  // Evicts one external item; false if there is none that may go.
  bool EvictExternal(bool spare_marked) EXCLUDES(mu_);
  // Drops everything: the cache is gone, and only pins hold this shard.
  void Clear() EXCLUDES(mu_);

  // What has left, for who asks (cache_shard_events.cc). Off until started; TakeEvents is as
  // RemovalLog::Take.
  Status StartEvents(size_t bytes) EXCLUDES(mu_);
  size_t TakeEvents(char* buf, size_t cap, size_t* rows, size_t* next_bytes) EXCLUDES(mu_);

  // For CacheWrite, which holds the lock over several steps.
  Mutex* mutex() RETURN_CAPABILITY(mu_) { return &mu_; }
  // Whether a value was here.
  bool Remove(const KeyRef& key, Removal reason) REQUIRES(mu_);
  // Between these two a key that exists may be out of the table. Whoever finds nothing meanwhile, and has
  // nobody below to ask, asks again under the lock.
  void BeginChange() REQUIRES(mu_);
  void EndChange() REQUIRES(mu_);
  // What Remove has begun ends without a Put. Makes every fill stale that is under way for this key.
  void EndRemoval(const KeyRef& key) REQUIRES(mu_);
  // Remove and Put in one, of a value that is here already and has the same shape; false if it is not so, and
  // nothing was done. For a tier that stands alone: nobody below would be told.
  bool Overwrite(const KeyRef& key, const CacheItem& value) EXCLUDES(mu_);
  // False if nothing is kept. `had_value`: of Remove.
  bool Put(const KeyRef& key, const CacheItem& item, bool had_value, size_t* reserved) REQUIRES(mu_);

  // What an item of these lengths takes outside the arena; 0 if it fits inside.
  size_t ExternalBytesFor(size_t key_len, size_t value_len) const;
  CacheStats Stats() const EXCLUDES(mu_);
  bool Validate(std::string* why) const EXCLUDES(mu_);
  std::string Dump() EXCLUDES(mu_);

 private:
  CacheShard(size_t place_percent, int64_t now_ms, std::shared_ptr<Budget> budget);
  Status Init(const std::string& policy, size_t share_max, const Memory& memory) EXCLUDES(mu_);

  Sight LookOnce(const Glance& glance, const CacheQuery& query);
  bool LookAtPlace(const Glance& glance, ItemRef ref, const CacheQuery& query, CacheRead* out,
                   Lookup* lookup) const;
  bool ReadWithoutLock(const CacheQuery& query, CacheRead* out, Lookup* lookup);
  // Tells the policy of the hits that were noted; before anything that asks for its opinion.
  void TakeHits() REQUIRES(mu_);
  Lookup ReadWithLock(const CacheQuery& query, CacheRead* out) EXCLUDES(mu_);
  void NoteHit(ItemRef ref, Item* item) REQUIRES(mu_);
  bool IsUnused(const Item* item, const CacheQuery& query) const REQUIRES(mu_);
  void NoteUse(ItemRef ref, Item* item, const CacheQuery& query) REQUIRES(mu_);
  Pin PinItem(ItemRef ref, Item* item) REQUIRES(mu_);
  bool Install(const KeyRef& key, const CacheItem& item, size_t* reserved) REQUIRES(mu_);
  // Overwriting (cache_shard_overwrite.cc). False if that cannot be done with this item.
  bool Hide(const ItemTable::Slot& slot, Removal reason) REQUIRES(mu_);
  bool WriteOver(const KeyRef& key, const CacheItem& value) REQUIRES(mu_);
  bool HasShapeOf(ItemRef ref, uint32_t flags, const KeyRef& key, const CacheItem& value) const REQUIRES(mu_);
  void Rewrite(ItemRef ref, uint32_t flags, const KeyRef& key, const CacheItem& value) REQUIRES(mu_);
  void NoteRewritten(ItemRef ref) REQUIRES(mu_);
  void LetGo() REQUIRES(mu_);
  // What of an item's parts this one needs.
  uint32_t FlagsFor(const KeyRef& key, const CacheItem& item) const;
  // A block for external data that is paid for, or null.
  char* TakeBlock(size_t bytes, size_t* reserved) REQUIRES(mu_);
  void Write(ItemRef ref, const KeyRef& key, const CacheItem& item, uint32_t flags, char* block)
      REQUIRES(mu_);

  // Counts a removal; and notes it for who polls, of a value, while the item still has its bytes.
  void CountRemoval(Removal reason) REQUIRES(mu_);
  void NoteRemoval(Removal reason, const Item* item) REQUIRES(mu_);
  Bytes KeyOf(ItemRef ref) const REQUIRES(mu_);
  // An item or a place, because its key is no more as it was. Whether it was a value.
  bool TakeOut(ItemRef ref, Removal reason) REQUIRES(mu_);
  // Out of every structure; freed now or at the last unpin.
  void Drop(ItemRef ref) REQUIRES(mu_);
  // Into and out of table, wheel and external list; the policy is the caller's. Unlink returns the tag in the
  // table.
  void Link(ItemRef ref, uint64_t hash) REQUIRES(mu_);
  uint16_t Unlink(ItemRef ref) REQUIRES(mu_);
  void Free(ItemRef ref) REQUIRES(mu_);
  void FreeExternal(const Item* item) REQUIRES(mu_);
  size_t ChargeOf(ItemRef ref) const REQUIRES(mu_);

  // Places (cache_shard_places.cc). A Leave is an eviction: the item is out of the policy already.
  Lookup ReadPlace(Bucket* home, ItemRef ref, const CacheQuery& query, CacheRead* out) REQUIRES(mu_);
  void ErasePlace(Bucket* home, ItemRef ref) REQUIRES(mu_);
  bool MakePlaceRoom(size_t record_bytes) REQUIRES(mu_);
  bool LeavePlace(ItemRef ref) REQUIRES(mu_);
  void Leave(ItemRef ref) REQUIRES(mu_);
  bool ArenaIsFull() const REQUIRES(mu_);
  bool OneOf(uint64_t n) REQUIRES(mu_);
  // one_in: of values that another tier has, while there is no room, so few are taken in.
  bool Admits(const KeyRef& key, const CacheItem& item, uint64_t one_in) REQUIRES(mu_);
  void FillPlace(const KeyRef& key, const CacheItem& item, FillToken token) REQUIRES(mu_);
  bool PutPlace(const KeyRef& key, const CacheItem& item) REQUIRES(mu_);
  bool PlacesAreInTable(std::string* why) const REQUIRES(mu_);
  void GrowPlaces() REQUIRES(mu_);
  size_t ReleasePlaces() REQUIRES(mu_);

  // Space (cache_shard_space.cc).
  struct LiftedItem;   // an external item on its way to another block of the arena
  size_t Lease() const REQUIRES(mu_);
  bool TakeBytes(size_t bytes) REQUIRES(mu_);
  bool TakeTableBytes(size_t bytes) REQUIRES(mu_);
  void GrowTables() REQUIRES(mu_);
  bool GrowArena(size_t bytes) REQUIRES(mu_);
  size_t ShrinkArena(size_t limit_bytes) REQUIRES(mu_);
  void Lift(ItemRef ref, std::vector<LiftedItem>* lifted) REQUIRES(mu_);
  void PutDown(const LiftedItem& lifted) REQUIRES(mu_);
  void GiveBack(size_t lease_max) REQUIRES(mu_);
  bool EvictOne() REQUIRES(mu_);
  bool EvictOneExternal(bool spare_marked) REQUIRES(mu_);
  ItemRef Allocate(size_t bytes) REQUIRES(mu_);

  const std::shared_ptr<Budget> budget_;
  const size_t share_bytes_;   // lease when there are no external values, as it was in the beginning
  const size_t inline_max_;    // largest block of an item whose value lies in the arena
  const size_t arena_min_;     // the arena is not made smaller than this
  const size_t chunk_bytes_;   // step of growth
  const size_t place_percent_;
  HitAction hit_action_ = HitAction::kNothing;   // constant after Init, as is the next
  std::unique_ptr<HitRing> hit_ring_;            // for HitAction::kMove

  Racy<uint64_t> changing_ = 0;   // odd between BeginChange and EndChange; written under the lock

  mutable Mutex mu_;
  int change_depth_ GUARDED_BY(mu_) = 0;
  ItemTable::Slot hidden_ GUARDED_BY(mu_);   // between Remove and Put; nothing while the lock is free
  int open_ranges_ GUARDED_BY(mu_) = 0;      // above 0: nothing is filled
  CacheStats stats_ GUARDED_BY(mu_);         // counters, external_bytes and pinned_bytes
  // Table, arena and places change under the lock; readers look at them without it (table_look.h).
  ItemTable table_ GUARDED_BY(mu_);
  Arena arena_ GUARDED_BY(mu_);
  PlaceRing places_ GUARDED_BY(mu_);
  std::unique_ptr<EvictionPolicy> policy_ GUARDED_BY(mu_);
  ExternalList external_ GUARDED_BY(mu_);
  RemovalLog removals_ GUARDED_BY(mu_);
  TimerWheel wheel_ GUARDED_BY(mu_);
  size_t spare_bytes_ GUARDED_BY(mu_) = 0;         // leased, in use for nothing yet
  size_t table_spare_bytes_ GUARDED_BY(mu_) = 0;   // leased for tables, ghosts and places only
  uint64_t admissions_ GUARDED_BY(mu_) = 0;        // state of the generator behind OneOf
};

}   // namespace shale
