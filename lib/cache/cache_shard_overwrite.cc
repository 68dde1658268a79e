// The part of a shard that writes a new value over an old one, where it lies: nothing is given back and taken
// again, and the item stays where it is in its policy's queue. Most changes of a key that is here are of this
// kind. In two steps, because between them the change is made known below:
//   Hide       the item is in no bucket any more, and in everything else still
//   WriteOver  it is in its bucket again, with the new value; or LetGo, and it is in nothing
// What a reader without the lock has found before Hide is worth nothing from then on: the bucket's version
// has changed before the first byte of the item does (bucket.h).
// Where there is nothing below to be told, both are one step, and the item stays in its bucket: Overwrite.
#include <cstring>

#include "base/check.h"
#include "cache/cache_shard.h"

namespace shale {

bool CacheShard::Hide(const ItemTable::Slot& slot, Removal reason) {
  const Item* item = arena_.At(slot.ref);
  if (reason != Removal::kOverwritten || item->Has(kExternal) || item->pins() > 0) return false;
  NoteRemoval(reason, item);
  table_.Hide(slot);
  hidden_ = slot;
  return true;
}

bool CacheShard::HasShapeOf(ItemRef ref, uint32_t flags, const KeyRef& key, const CacheItem& value) const {
  const size_t bytes = Item::InlineBytes(flags, key.key.size(), value.value.size());
  const size_t block_bytes = arena_.BlockBytes(ref);
  return flags == arena_.At(ref)->flags() && bytes <= block_bytes &&
         block_bytes - bytes <= BlockWord::Slack::kMax;
}

void CacheShard::Rewrite(ItemRef ref, uint32_t flags, const KeyRef& key, const CacheItem& value) {
  if ((flags & kHasDeadline) != 0) wheel_.Remove(ref);
  const uint32_t mark = arena_.At(ref)->mark();
  Write(ref, key, value, flags, nullptr);
  if (mark != 0) arena_.At(ref)->SetMark(mark);
  if ((flags & kHasDeadline) != 0) wheel_.Insert(ref);
}

// To who goes by each use, a write is one. Marks stand for reads alone: what is written again and again, and
// never read, must not look as if it were.
void CacheShard::NoteRewritten(ItemRef ref) {
  if (hit_action_ != HitAction::kMove) return;
  TakeHits();
  policy_->OnHit(ref);
}

bool CacheShard::WriteOver(const KeyRef& key, const CacheItem& value) {
  const ItemRef ref = hidden_.ref;
  const uint32_t flags = FlagsFor(key, value);
  if (!HasShapeOf(ref, flags, key, value)) return false;
  Rewrite(ref, flags, key, value);
  table_.Show(hidden_);
  hidden_ = ItemTable::Slot();
  NoteRewritten(ref);
  return true;
}

bool CacheShard::Overwrite(const KeyRef& key, const CacheItem& value) {
  MutexLock lock(&mu_);
  const ItemTable::Slot slot = table_.FindKey(table_.Home(key.hash), key);
  if (slot.ref == kNoItem || IsPlace(slot.ref)) return false;
  const Item* old = arena_.At(slot.ref);
  const uint32_t flags = FlagsFor(key, value);
  if ((flags & kExternal) != 0 || old->pins() > 0 || !HasShapeOf(slot.ref, flags, key, value)) return false;
  NoteRemoval(Removal::kOverwritten, old);
  {
    const BucketChange change(slot.home);
    Rewrite(slot.ref, flags, key, value);
  }
  NoteRewritten(slot.ref);
  stats_.puts++;
  return true;
}

void CacheShard::LetGo() {
  const ItemTable::Slot slot = hidden_;
  hidden_ = ItemTable::Slot();
  if (arena_.At(slot.ref)->Has(kHasDeadline)) wheel_.Remove(slot.ref);
  table_.EraseHidden(slot);
  policy_->OnErase(slot.ref);
  Free(slot.ref);
}

void CacheShard::EndRemoval(const KeyRef& key) {
  if (hidden_.ref != kNoItem) {
    LetGo();   // with a new version of the bucket
  } else {
    const BucketChange change(table_.Home(key.hash));
  }
}

}   // namespace shale
