// From key to item: buckets under linear hashing. The table grows by splitting one bucket per few inserts, in
// place: no insert ever pays for moving a whole table, nothing is copied to a new one, and no old one has to
// be kept for readers. It does not become smaller again; what it may take is bounded by buckets_max.
//
//  (1) with 2^level <= buckets() < 2^(level + 1), a hash belongs to bucket (hash mod 2^(level+1)) if that
//      exists, else to (hash mod 2^level)
//  (2) an item of the table is in exactly one slot, in the chain of its bucket
//  (3) a split gives both halves a version above the one before: a version noted before a split never matches
//      after it
// Memory is accounted by whole pages, by the caller, who says when one may be taken; its buckets lie in the
// rows of all shards (table_rows.h), overflow buckets in a region of the shard's own. Changes under the
// shard's lock; readers may look without it (bucket.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/hash.h"
#include "base/status.h"
#include "cache/arena.h"
#include "cache/bucket.h"
#include "cache/place_ring.h"
#include "cache/table_rows.h"
#include "cache/vm_region.h"

namespace shale {

class ItemTable {
 public:
  // A split comes due above this mean, 5.5: chains stay rare, and an item's share of a bucket is 12 bytes.
  static constexpr size_t kItemsInTwoBuckets = 11;
  // The same in its first page, which is paid for as a whole: a chain would cost another one.
  static constexpr size_t kFirstItemsInTwoBuckets = 6;

  ItemTable() = default;
  ItemTable(const ItemTable&) = delete;
  ItemTable& operator=(const ItemTable&) = delete;

  // References are to items of the arena or to places of the ring. Starts with rows->rows_at_first() buckets.
  Status Init(const Arena* arena, const PlaceRing* places, std::shared_ptr<TableRows> rows, size_t shard,
              size_t buckets_max);

  Bucket* Home(uint64_t hash) const { return head_->HomeAmong(buckets(), hash); }
  // Where in a chain, and what is there; kNoItem: nowhere.
  struct Slot {
    Bucket* home = nullptr;
    Bucket* bucket = nullptr;
    int number = 0;
    ItemRef ref = kNoItem;
  };
  // The item or place with this key in the chain that starts at `home`.
  Slot FindKey(Bucket* home, const KeyRef& key) const;
  ItemRef Find(Bucket* home, const KeyRef& key) const { return FindKey(home, key).ref; }

  // Whether Insert into this chain needs AddOverflowPage first.
  bool InsertNeedsPage(const Bucket* home) const;
  bool AddOverflowPage();
  // Both bump the chain's version. Insert: the item is not in the table and InsertNeedsPage is false. Erase
  // returns the tag, which together with the item's own bits is all of the hash that Insert needs.
  void Insert(Bucket* home, uint64_t hash, ItemRef ref);
  uint16_t Erase(Bucket* home, ItemRef ref);
  // The key stays, its value moves: the chain's version is raised all the same, for whoever reads without
  // lock.
  void Replace(Bucket* home, ItemRef ref, ItemRef by);

  // Nobody finds it from here, but its slot is kept: before anything else of this table is changed, it is
  // shown again or erased. Each raises the chain's version.
  void Hide(const Slot& slot);
  void Show(const Slot& slot);
  void EraseHidden(const Slot& slot);

  // Raises the version of every chain.
  void BumpAll() {
    for (size_t i = 0; i < buckets(); i++) {
      const BucketChange change(head_->BucketAt(i));
    }
  }

  // Whether this item is the table's, and of a key with this hash.
  bool Holds(ItemRef ref, uint32_t hash) const;
  // Hits that readers have left in the bucket of this item since the last call.
  uint8_t TakeMark(ItemRef ref);

  bool WantsSplit() const {
    const bool first_page = buckets() < kPageBytes / sizeof(Bucket);
    const size_t in_two = first_page ? kFirstItemsInTwoBuckets : kItemsInTwoBuckets;
    return 2 * items_ > buckets() * in_two && buckets() < buckets_max_;
  }
  bool SplitNeedsPage() const { return (buckets() + 1) * sizeof(Bucket) > bytes_of_buckets_; }
  // False if memory was refused.
  bool Split();

  size_t buckets() const {
    return head_->buckets.load(std::memory_order_relaxed);   // the lock is held
  }
  size_t items() const { return items_; }
  size_t bytes() const { return bytes_of_buckets_ + bytes_of_overflow_; }

  // Calls visit(ref) for every item; visit must not change the table.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < buckets(); i++) {
      for (const Bucket* b = head_->BucketAt(i); b != nullptr; b = head_->Next(b)) {
        for (const ItemRef ref : b->refs) {
          if (ref != kNoItem) visit(ref);
        }
      }
    }
  }
  // The same for the chain that a hash belongs to.
  template <typename Visit>
  void ForEachIn(uint64_t hash, Visit visit) const {
    for (const Bucket* b = Home(hash); b != nullptr; b = head_->Next(b)) {
      for (const ItemRef ref : b->refs) {
        if (ref != kNoItem) visit(ref);
      }
    }
  }
  bool Validate(std::string* why) const;
  // For who looks without the lock.
  const TableHead& head() const { return *head_; }
  TableHead* change_head() { return head_; }

 private:
  void PutInto(Bucket* home, uint16_t tag, ItemRef ref, uint8_t mark);
  bool FindSlot(Bucket* home, ItemRef ref, Bucket** bucket, int* slot) const;
  uint16_t EraseFrom(Bucket* home, ItemRef ref);
  uint32_t HashOf(ItemRef ref) const { return IsPlace(ref) ? places_->At(ref)->hash : arena_->At(ref)->hash; }
  uint32_t TakeOverflow();

  std::shared_ptr<TableRows> rows_;
  TableHead* head_ = nullptr;   // one of rows_
  const Arena* arena_ = nullptr;
  const PlaceRing* places_ = nullptr;
  VmRegion overflow_region_;
  size_t items_ = 0;
  size_t buckets_max_ = 0;
  size_t bytes_of_buckets_ = 0;
  size_t bytes_of_overflow_ = 0;
  uint32_t overflow_free_ = 0;    // list of returned overflow buckets, by number plus 1
  uint32_t overflow_count_ = 0;   // overflow buckets that were ever used
};

}   // namespace shale
