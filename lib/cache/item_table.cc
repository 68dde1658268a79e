#include "cache/item_table.h"

#include <bit>

#include "base/check.h"

namespace shale {

Status ItemTable::Init(const Arena* arena, const PlaceRing* places, size_t buckets_max) {
  arena_ = arena;
  places_ = places;
  buckets_max_ = RoundUpTo(buckets_max < kBucketsInitial ? kBucketsInitial : buckets_max, kBucketsInitial);
  SHALE_RETURN_IF_NOT_OK(bucket_region_.Reserve(buckets_max_ * sizeof(Bucket)));
  SHALE_RETURN_IF_NOT_OK(overflow_region_.Reserve(buckets_max_ * sizeof(Bucket)));
  buckets_ = reinterpret_cast<Bucket*>(bucket_region_.base());
  overflow_ = reinterpret_cast<Bucket*>(overflow_region_.base());
  if (!bucket_region_.CommitTo(kPageBytes)) {
    return Status::Error(Code::E_NO_MEMORY, "cache: no memory for a shard's table");
  }
  bytes_of_buckets_ = kPageBytes;
  count_ = kBucketsInitial;
  wide_mask_ = 2 * count_ - 1;
  return Status::Ok();
}

ItemRef ItemTable::Find(const Bucket* home, const KeyRef& key, size_t ahead_bytes) const {
  const uint16_t tag = TagOf(key.hash);
  for (const Bucket* b = home; b != nullptr; b = Next(b)) {
    for (uint32_t mask = MatchTags(*b, tag); mask != 0; mask &= mask - 1) {
      const ItemRef ref = b->refs[std::countr_zero(mask)];
      if (ref == kNoItem) continue;
      if (IsPlace(ref)) {
        if (places_->At(ref)->KeyIs(key.key)) return ref;
        continue;
      }
      const Item* item = arena_->At(ref);
      // The tag says that this is nearly surely it: the value's lines are asked for while the key is
      // compared.
      for (size_t at = 64; at < ahead_bytes; at += 64) __builtin_prefetch(item->At(at));
      if (item->KeyIs(key.key)) return ref;
    }
  }
  return kNoItem;
}

bool ItemTable::InsertNeedsPage(const Bucket* home) const {
  if (overflow_free_ != 0 || (overflow_count_ + 1) * sizeof(Bucket) <= bytes_of_overflow_) return false;
  for (const Bucket* b = home; b != nullptr; b = Next(b)) {
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
    overflow_free_ = overflow_[number - 1].overflow;
  } else {
    number = ++overflow_count_;
    SHALE_CHECK(number * sizeof(Bucket) <= bytes_of_overflow_);
  }
  overflow_[number - 1] = Bucket{};
  return number;
}

void ItemTable::PutInto(Bucket* home, uint16_t tag, ItemRef ref) {
  Bucket* b = home;
  for (;;) {
    for (int i = 0; i < kBucketSlots; i++) {
      if (b->refs[i] == kNoItem) {
        b->tags[i] = tag;
        b->refs[i] = ref;
        return;
      }
    }
    if (b->overflow == 0) b->overflow = TakeOverflow();
    b = Next(b);
  }
}

void ItemTable::Insert(Bucket* home, uint64_t hash, ItemRef ref) {
  PutInto(home, TagOf(hash), ref);
  home->Bump();
  items_++;
}

uint16_t ItemTable::Erase(Bucket* home, ItemRef ref) {
  Bucket* before = nullptr;
  for (Bucket* b = home; b != nullptr; before = b, b = Next(b)) {
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
    if (empty && before != nullptr) {
      const uint32_t number = before->overflow;
      before->overflow = b->overflow;
      b->overflow = overflow_free_;
      overflow_free_ = number;
    }
    home->Bump();
    items_--;
    return b->tags[found];
  }
  CheckFailed(__FILE__, __LINE__, "the item is in its bucket");
}

void ItemTable::Replace(Bucket* home, ItemRef ref, ItemRef by) {
  for (Bucket* b = home; b != nullptr; b = Next(b)) {
    for (ItemRef& slot : b->refs) {
      if (slot != ref) continue;
      slot = by;
      home->Bump();
      return;
    }
  }
  CheckFailed(__FILE__, __LINE__, "the item is in its bucket");
}

bool ItemTable::Split() {
  SHALE_DCHECK(count_ < buckets_max_);
  if (SplitNeedsPage()) {
    if (!bucket_region_.CommitTo(bytes_of_buckets_ + kPageBytes)) return false;
    bytes_of_buckets_ += kPageBytes;
  }
  const size_t half = (wide_mask_ + 1) / 2;
  Bucket* low = &buckets_[count_ - half];
  Bucket* high = &buckets_[count_];
  Bucket old = *low;
  *low = Bucket{};
  *high = Bucket{};
  low->version = high->version = old.version + 2;
  // Every overflow bucket goes back before its items are placed again. k of them and the first bucket hold at
  // most 8 (k + 1) items, which two chains keep in two first buckets and at most k others: a page is never
  // missing here.
  for (uint32_t next = old.overflow;;) {
    for (int i = 0; i < kBucketSlots; i++) {
      if (old.refs[i] == kNoItem) continue;
      PutInto((HashOf(old.refs[i]) & half) != 0 ? high : low, old.tags[i], old.refs[i]);
    }
    if (next == 0) break;
    Bucket* b = &overflow_[next - 1];
    old = *b;
    b->overflow = overflow_free_;
    overflow_free_ = next;
    next = old.overflow;
  }
  if (++count_ > wide_mask_) wide_mask_ = 2 * wide_mask_ + 1;
  return true;
}

bool ItemTable::Validate(std::string* why) const {
  size_t items = 0;
  size_t overflow = 0;
  for (size_t i = 0; i < count_; i++) {
    for (const Bucket* b = &buckets_[i]; b != nullptr; b = Next(b)) {
      if (b != &buckets_[i]) overflow++;
      for (const ItemRef ref : b->refs) {
        if (ref == kNoItem) continue;
        items++;
        if (Home(HashOf(ref)) != &buckets_[i]) return *why = "table: item in a wrong bucket", false;
      }
    }
  }
  if (items != items_) return *why = "table: number of items", false;
  for (uint32_t n = overflow_free_; n != 0; n = overflow_[n - 1].overflow) {
    if (++overflow > overflow_count_) return *why = "table: loop in the free overflow buckets", false;
  }
  if (overflow != overflow_count_) return *why = "table: an overflow bucket is lost", false;
  return true;
}

}   // namespace shale
