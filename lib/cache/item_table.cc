#include "cache/item_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace shale {

Status ItemTable::Init(const Arena* arena, const PlaceRing* places, std::shared_ptr<TableRows> rows,
                       size_t shard, size_t buckets_max) {
  arena_ = arena;
  places_ = places;
  rows_ = std::move(rows);
  head_ = rows_->head(shard);
  buckets_max_ = std::max(buckets_max, rows_->rows_at_first());
  SHALE_RETURN_IF_NOT_OK(overflow_region_.Reserve(buckets_max_ * sizeof(Bucket)));
  head_->overflow = reinterpret_cast<Bucket*>(overflow_region_.base());
  head_->items = reinterpret_cast<char*>(arena->At(0));
  bytes_of_buckets_ = RoundUpTo(rows_->rows_at_first() * sizeof(Bucket), kPageBytes);
  head_->buckets.store(static_cast<uint32_t>(rows_->rows_at_first()), std::memory_order_release);
  return Status::Ok();
}

ItemTable::Slot ItemTable::FindKey(Bucket* home, const KeyRef& key) const {
  const uint16_t tag = TagOf(key.hash);
  for (Bucket* b = home; b != nullptr; b = head_->Next(b)) {
    for (uint32_t mask = MatchTags(*b, tag); mask != 0; mask &= mask - 1) {
      const int number = std::countr_zero(mask);
      const ItemRef ref = b->refs[number];
      if (ref == kNoItem) continue;
      if (IsPlace(ref) ? places_->At(ref)->KeyIs(key.key) : arena_->At(ref)->KeyIs(key.key))
        return Slot{home, b, number, ref};
    }
  }
  return Slot();
}

bool ItemTable::InsertNeedsPage(const Bucket* home) const {
  if (overflow_free_ != 0 || (overflow_count_ + 1) * sizeof(Bucket) <= bytes_of_overflow_) return false;
  for (const Bucket* b = home; b != nullptr; b = head_->Next(b)) {
    for (const ItemRef ref : b->refs) {
      if (ref == kNoItem) return false;
    }
  }
  return true;
}

bool ItemTable::AddOverflowPage() {
  if (!overflow_region_.CommitTo(bytes_of_overflow_ + kPageBytes)) return false;
  bytes_of_overflow_ += kPageBytes;
  return true;
}

uint32_t ItemTable::TakeOverflow() {
  uint32_t number = overflow_free_;
  if (number != 0) {
    overflow_free_ = head_->overflow[number - 1].overflow;
  } else {
    number = ++overflow_count_;
    SHALE_CHECK(number * sizeof(Bucket) <= bytes_of_overflow_);
  }
  head_->overflow[number - 1].Clear();
  return number;
}

void ItemTable::PutInto(Bucket* home, uint16_t tag, ItemRef ref, uint8_t mark) {
  Bucket* b = home;
  for (;;) {
    for (int i = 0; i < kBucketSlots; i++) {
      if (b->refs[i] != kNoItem) continue;
      (void)b->TakeMark(i);
      for (uint8_t m = 0; m < mark; m++) b->RaiseMark(i);
      b->SetTag(i, tag);
      b->refs[i] = ref;
      return;
    }
    if (b->overflow == 0) b->overflow = TakeOverflow();
    b = head_->Next(b);
  }
}

void ItemTable::Insert(Bucket* home, uint64_t hash, ItemRef ref) {
  const BucketChange change(home);
  PutInto(home, TagOf(hash), ref, 0);
  items_++;
}

bool ItemTable::FindSlot(Bucket* home, ItemRef ref, Bucket** bucket, int* slot) const {
  for (Bucket* b = home; b != nullptr; b = head_->Next(b)) {
    for (int i = 0; i < kBucketSlots; i++) {
      if (b->refs[i] != ref) continue;
      *bucket = b;
      *slot = i;
      return true;
    }
  }
  return false;
}

uint16_t ItemTable::Erase(Bucket* home, ItemRef ref) {
  const BucketChange change(home);
  return EraseFrom(home, ref);
}

void ItemTable::Hide(const Slot& slot) {
  const BucketChange change(slot.home);
  slot.bucket->refs[slot.number] = kNoItem;
}

void ItemTable::Show(const Slot& slot) {
  const BucketChange change(slot.home);
  slot.bucket->refs[slot.number] = slot.ref;
}

void ItemTable::EraseHidden(const Slot& slot) {
  const BucketChange change(slot.home);
  slot.bucket->refs[slot.number] = slot.ref;   // for no reader: the version is odd until it is gone
  (void)EraseFrom(slot.home, slot.ref);
}

// Inside a change of the chain.
uint16_t ItemTable::EraseFrom(Bucket* home, ItemRef ref) {
  Bucket* before = nullptr;
  for (Bucket* b = home; b != nullptr; before = b, b = head_->Next(b)) {
    bool empty = true;
    int found = -1;
    for (int i = 0; i < kBucketSlots; i++) {
      if (b->refs[i] == ref) {
        b->refs[i] = kNoItem;
        found = i;
      }
      empty = empty && b->refs[i] == kNoItem;
    }
    if (found < 0) continue;
    const uint16_t tag = b->tag(found);
    if (empty && before != nullptr) {
      const uint32_t number = before->overflow;
      before->overflow = b->overflow;
      b->overflow = overflow_free_;
      overflow_free_ = number;
    }
    items_--;
    return tag;
  }
  CheckFailed(__FILE__, __LINE__, "the item is in its bucket");
}

void ItemTable::Replace(Bucket* home, ItemRef ref, ItemRef by) {
  const BucketChange change(home);
  Bucket* bucket = nullptr;
  int slot = 0;
  SHALE_CHECK(FindSlot(home, ref, &bucket, &slot));
  bucket->refs[slot] = by;
}

bool ItemTable::Holds(ItemRef ref, uint32_t hash) const {
  Bucket* bucket = nullptr;
  int slot = 0;
  return FindSlot(Home(hash), ref, &bucket, &slot) && arena_->At(ref)->hash == hash;
}

uint8_t ItemTable::TakeMark(ItemRef ref) {
  Bucket* bucket = nullptr;
  int slot = 0;
  if (!FindSlot(Home(HashOf(ref)), ref, &bucket, &slot)) return 0;
  return bucket->TakeMark(slot);
}

bool ItemTable::Split() {
  SHALE_DCHECK(buckets() < buckets_max_);
  if (!rows_->CommitTo(buckets() + 1)) return false;
  if (SplitNeedsPage()) bytes_of_buckets_ += kPageBytes;
  const size_t half = std::bit_floor(buckets());
  Bucket* low = head_->BucketAt(buckets() - half);
  Bucket* high = head_->BucketAt(buckets());
  const BucketChange change_low(low);
  Bucket old = *low;
  // Which half is told by the item alone. Their lines are nearly always far away: asked for all at once, they
  // cost as much as one.
  for (const ItemRef ref : old.refs) {
    if (ref != kNoItem)
      __builtin_prefetch(IsPlace(ref) ? static_cast<const void*>(&places_->At(ref)->hash)
                                      : static_cast<const void*>(&arena_->At(ref)->hash));
  }
  low->Clear();
  high->Clear();
  // Where `low` gets to when this change ends. No reader looks at `high` before it sees the new count.
  high->version = old.version + 1;
  // Every overflow bucket goes back before its items are placed again. k of them and the first bucket hold at
  // most 8 (k + 1) items, which two chains keep in two first buckets and at most k others: a page is never
  // missing here.
  for (uint32_t next = old.overflow;;) {
    for (int i = 0; i < kBucketSlots; i++) {
      if (old.refs[i] == kNoItem) continue;
      PutInto((HashOf(old.refs[i]) & half) != 0 ? high : low, old.tag(i), old.refs[i], old.TakeMark(i));
    }
    if (next == 0) break;
    Bucket* b = &head_->overflow[next - 1];
    old = *b;
    b->overflow = overflow_free_;
    overflow_free_ = next;
    next = old.overflow;
  }
  // `high` before it: pairs with SeenBuckets.
  head_->buckets.store(static_cast<uint32_t>(buckets() + 1), std::memory_order_release);
  return true;
}

bool ItemTable::Validate(std::string* why) const {
  size_t items = 0;
  size_t overflow = 0;
  for (size_t i = 0; i < buckets(); i++) {
    for (const Bucket* b = head_->BucketAt(i); b != nullptr; b = head_->Next(b)) {
      if (b != head_->BucketAt(i)) overflow++;
      for (const ItemRef ref : b->refs) {
        if (ref == kNoItem) continue;
        items++;
        if (Home(HashOf(ref)) != head_->BucketAt(i)) return *why = "table: item in a wrong bucket", false;
      }
    }
  }
  if (items != items_) return *why = "table: number of items", false;
  for (uint32_t n = overflow_free_; n != 0; n = head_->overflow[n - 1].overflow) {
    if (++overflow > overflow_count_) return *why = "table: loop in the free overflow buckets", false;
  }
  if (overflow != overflow_count_) return *why = "table: an overflow bucket is lost", false;
  return true;
}

}   // namespace shale
