// The part of a shard that deals with room: how it grows, what it evicts, how it gives memory back.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/yield_point.h"
#include "cache/cache_shard.h"

namespace shale {

size_t CacheShard::Lease() const {
  return arena_.limit_bytes() + table_.bytes() + policy_->ExtraBytes() + places_.bytes() + spare_bytes_ +
         table_spare_bytes_;
}

bool CacheShard::TakeBytes(size_t bytes) {
  const size_t more = bytes > spare_bytes_ ? bytes - spare_bytes_ : 0;
  if (more > 0 && (Lease() + more > budget_->LeaseMax() || !budget_->Take(more))) return false;
  spare_bytes_ -= bytes - more;
  return true;
}

bool CacheShard::TakeTableBytes(size_t bytes) {
  if (table_spare_bytes_ < bytes) {
    // What the arena gives up for tables is kept apart, or its next item would take it back at once.
    const size_t step = std::max(chunk_bytes_, RoundUpTo(bytes - table_spare_bytes_, kPageBytes));
    if (TakeBytes(step)) {
      table_spare_bytes_ += step;
    } else {
      const size_t limit = arena_.limit_bytes();
      if (limit < arena_min_ + step) return false;
      table_spare_bytes_ += ShrinkArena(limit - step);
    }
  }
  if (table_spare_bytes_ < bytes) return false;
  table_spare_bytes_ -= bytes;
  return true;
}

void CacheShard::GrowTables() {
  // One split per insert is enough, as a split makes room for more than one item.
  if (table_.WantsSplit() && (!table_.SplitNeedsPage() || TakeTableBytes(kPageBytes))) {
    const bool needs_page = table_.SplitNeedsPage();
    if (!table_.Split() && needs_page) table_spare_bytes_ += kPageBytes;
  }
  const size_t wanted = policy_->ExtraBytesWanted();
  if (wanted > 0 && TakeTableBytes(wanted) && !policy_->AddExtra()) table_spare_bytes_ += wanted;
  GrowPlaces();
}

bool CacheShard::GrowArena(size_t bytes) {
  const size_t need = RoundUpTo(bytes + 2 * Arena::kUnitBytes, kPageBytes);
  size_t step = std::max(chunk_bytes_, need);
  if (!TakeBytes(step)) {
    step = need;
    if (!TakeBytes(step)) return false;
  }
  if (arena_.GrowTo(arena_.limit_bytes() + step)) return true;
  spare_bytes_ += step;
  return false;
}

struct CacheShard::LiftedItem {
  static constexpr size_t kBytesMax =
      Item::kPartsOffset + sizeof(DeadlinePart) + sizeof(ExternalPart) + sizeof(IdlePart) + sizeof(uint64_t);
  alignas(8) char bytes[kBytesMax];
  uint64_t hash;
};

size_t CacheShard::ShrinkArena(size_t limit_bytes) {
  const size_t old_bytes = arena_.limit_bytes();
  BeginChange();   // for the items that are lifted
  std::vector<LiftedItem> lifted;
  for (ItemRef ref = arena_.FirstUsed(); ref != kNoItem;) {
    const ItemRef next = arena_.NextUsed(ref);
    // Below the limit there must be room for the end mark and, as what is freed becomes one block, for the
    // smallest block: or the arena could not become smaller by the page that was asked for.
    const size_t end = arena_.EndOf(ref) + 3 * Arena::kUnitBytes;
    const Item* item = arena_.At(ref);
    if (end > limit_bytes && item->pins() == 0) {
      if (item->Has(kExternal)) {
        Lift(ref, &lifted);
      } else {
        policy_->OnErase(ref);
        Leave(ref);
      }
    }
    ref = next;
  }
  arena_.ShrinkTo(limit_bytes);
  for (const LiftedItem& item : lifted) PutDown(item);
  EndChange();
  return old_bytes - arena_.limit_bytes();
}

// A large value must not go because its small item happens to lie too high: the item gets another place, as
// if it were new.
void CacheShard::Lift(ItemRef ref, std::vector<LiftedItem>* lifted) {
  LiftedItem item;
  const uint32_t flags = arena_.At(ref)->flags();
  policy_->OnErase(ref);
  item.hash = HashFrom(Unlink(ref), arena_.At(ref)->hash);
  std::memcpy(item.bytes, arena_.At(ref)->At(0), Item::InlineBytes(flags, 0, 0));
  arena_.Free(ref);
  lifted->push_back(item);
}

void CacheShard::PutDown(const LiftedItem& lifted) {
  const Item* old = reinterpret_cast<const Item*>(lifted.bytes);
  const size_t bytes = Item::InlineBytes(old->flags(), 0, 0);
  ItemRef ref = arena_.Allocate(bytes);
  while (ref == kNoItem && EvictOne()) ref = arena_.Allocate(bytes);
  if (ref == kNoItem || table_.InsertNeedsPage(table_.Home(lifted.hash))) {
    if (ref != kNoItem) arena_.Free(ref);
    NoteRemoval(Removal::kEvicted, old);
    FreeExternal(old);
    return;
  }
  // All but the first word, of which half is the new block's own.
  constexpr size_t kWord = sizeof(Item::word);
  Item* item = arena_.At(ref);
  item->StartBlock(old->flags(), bytes);
  item->SetMark(old->mark());
  racy::CopyIn(item->At(kWord), lifted.bytes + kWord, bytes - kWord);
  Link(ref, lifted.hash);
  policy_->OnInsert(ref);
}

void CacheShard::ShrinkTo(size_t lease_max) {
  MutexLock lock(&mu_);
  GiveBack(lease_max);
}

void CacheShard::GiveBack(size_t lease_max) {
  const size_t lease = Lease();
  if (lease <= lease_max) return;
  const size_t wanted = lease - lease_max;
  // Until the arena has its first memory, the spare is what guarantees it.
  size_t freed = arena_.limit_bytes() == 0 ? 0 : std::min(wanted, spare_bytes_);
  spare_bytes_ -= freed;
  const size_t from_tables = std::min(wanted - freed, table_spare_bytes_);
  table_spare_bytes_ -= from_tables;
  freed += from_tables;
  // Places keep to their part of what the shard has.
  if (wanted > freed && places_.bytes() > lease_max / 100 * place_percent_) freed += ReleasePlaces();
  if (wanted > freed && arena_.limit_bytes() > arena_min_) {
    const size_t above = RoundUpTo(wanted - freed, kPageBytes);
    const size_t limit = arena_.limit_bytes();
    freed += ShrinkArena(limit > arena_min_ + above ? limit - above : arena_min_);
  }
  budget_->Give(freed);
}

bool CacheShard::EvictOne() {
  TakeHits();
  const ItemRef ref = policy_->Evict();
  if (ref == kNoItem) return false;
  YieldAt(YieldPoint::kEvict);
  Leave(ref);
  return true;
}

bool CacheShard::EvictOneExternal(bool spare_marked) {
  const ItemRef ref = external_.Candidate(spare_marked);
  if (ref == kNoItem) return false;
  policy_->OnErase(ref);
  Leave(ref);
  return true;
}

bool CacheShard::EvictExternal(bool spare_marked) {
  MutexLock lock(&mu_);
  return EvictOneExternal(spare_marked);
}

ItemRef CacheShard::Allocate(size_t bytes) {
  for (;;) {
    const ItemRef ref = arena_.Allocate(bytes);
    if (ref != kNoItem) return ref;
    if (!GrowArena(bytes) && !EvictOne()) return kNoItem;
  }
}

char* CacheShard::TakeBlock(size_t bytes, size_t* reserved) {
  const size_t charge = ExternalList::ChargeOf(bytes);
  if (*reserved >= charge) {
    *reserved -= charge;
  } else {
    // Nobody made room beforehand, and under this lock no other shard may be asked: only what is free, what
    // this shard's own external items hold, and what its arena can spare.
    if (charge > budget_->external_item_max()) return nullptr;
    budget_->ClaimExternal(charge);
    bool arena_gave = false;
    while (budget_->TooMuchExternal() || !budget_->Take(charge)) {
      if (EvictOneExternal(false)) continue;
      if (arena_gave) {
        budget_->UnclaimExternal(charge);
        return nullptr;
      }
      const size_t lease = Lease();
      GiveBack(lease > charge ? lease - charge : 0);
      arena_gave = true;
    }
  }
  char* block = ExternalList::AllocateBlock(bytes);
  if (block == nullptr) budget_->GiveExternal(charge);
  return block;
}

}   // namespace shale
