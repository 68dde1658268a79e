#include "cache/cache_shard.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/seeded_bug.h"

namespace shale {

namespace {
// A value of a larger chunk lies outside.
constexpr size_t kInlineChunkMax = size_t{32} << 10;
constexpr size_t kAheadBytesMax = 1024;   // of a value, prefetched while its key is compared
// While the arena is full, one value in so many that readers bring from below is taken in; of the others only
// the place is kept. What is asked for again and again comes in soon; what is asked for once costs neither
// the copy nor an eviction. Only for values whose place is known: reading them again is cheap.
constexpr uint64_t kAdmitOneIn = 4;
// The same for values that are written while hardly anything of what is held is read. Those taken in are how
// the shard learns that this has changed.
constexpr uint64_t kAdmitWriteOneIn = 8;
constexpr size_t kItemBytesMin = 40;   // smallest block with its share of a bucket

// The chunk that the largest item just fits into: 32 KiB in the smallest shard too, which has a little less
// than 512.
size_t InlineChunk(size_t share_bytes) {
  return std::clamp(std::bit_floor(share_bytes / 12), ArenaSpace::kFirstChunkBytes, kInlineChunkMax);
}
}   // namespace

CacheShard::CacheShard(size_t place_percent, int64_t now_ms, std::shared_ptr<Budget> budget)
    : budget_(std::move(budget)),
      share_bytes_(budget_->LeaseMax() / kPageBytes * kPageBytes),
      inline_max_(InlineChunk(share_bytes_) - Arena::kChunkMarksBytes),
      // A lane of this length has a chunk of half of it.
      arena_min_(2 * InlineChunk(share_bytes_)),
      chunk_bytes_(RoundUpTo(share_bytes_ / 64, kPageBytes)),
      place_percent_(place_percent),
      external_(&arena_),
      wheel_(&arena_, now_ms) {}

Status CacheShard::Create(const std::string& policy, size_t place_percent, size_t share_max, int64_t now_ms,
                          std::shared_ptr<Budget> budget, const Memory& memory,
                          std::shared_ptr<CacheShard>* out) {
  out->reset(new CacheShard(place_percent, now_ms, std::move(budget)));
  return (*out)->Init(policy, share_max, memory);
}

size_t CacheShard::BucketsMax(size_t share_max) {
  return std::max(2 * (share_max / kItemBytesMin) / ItemTable::kItemsInTwoBuckets, TableRows::kRowsMost);
}

Status CacheShard::Init(const std::string& policy, size_t share_max, const Memory& memory) {
  MutexLock lock(&mu_);
  const size_t items_max = share_max / kItemBytesMin;
  arena_.Init(memory.space, memory.lane);
  SHALE_RETURN_IF_NOT_OK(places_.Init(share_max / 100 * place_percent_));
  SHALE_RETURN_IF_NOT_OK(table_.Init(&arena_, &places_, memory.rows, memory.column, BucketsMax(share_max)));
  SHALE_RETURN_IF_NOT_OK(NewPolicy(policy, &arena_, &table_, items_max, &policy_));
  hit_action_ = policy_->hit_action();
  if (hit_action_ == HitAction::kMove) hit_ring_ = std::make_unique<HitRing>();
  table_.change_head()->hit_note = hit_action_ == HitAction::kMove   ? HitNote::kRing
                                   : hit_action_ == HitAction::kMark ? HitNote::kMark
                                                                     : HitNote::kNobody;
  // Every shard starts with enough for an item of any size, so that it never depends on others for its first
  // one.
  SHALE_CHECK(budget_->Take(table_.bytes() + arena_min_));
  spare_bytes_ = arena_min_;
  return Status::Ok();
}

CacheShard::~CacheShard() {
  // No pin can exist here, so every external block belongs to an item of the list; all else goes with its
  // region.
  MutexLock lock(&mu_);
  while (EvictOneExternal(false)) {
  }
}

Lookup CacheShard::ReadWithLock(const CacheQuery& query, CacheRead* out) {
  MutexLock lock(&mu_);
  Bucket* home = table_.Home(query.key.hash);
  const ItemRef ref = table_.Find(home, query.key);
  if (ref == kNoItem) {
    out->token = FillToken{home->version, false};
    return Lookup::kMiss;
  }
  if (IsPlace(ref)) return ReadPlace(home, ref, query, out);
  Item* item = arena_.At(ref);
  out->deadline_ms = item->deadline_ms();
  if (query.IsOver(out->deadline_ms)) {
    if (!query.IsGone(out->deadline_ms)) return Lookup::kExpired;
    NoteRemoval(Removal::kExpired, item);
    Drop(ref);
    return Lookup::kExpired;
  }
  if (item->Has(kHasIdle)) {
    if (IsUnused(item, query)) {
      NoteRemoval(Removal::kExpired, item);
      Drop(ref);
      out->token = FillToken{home->version, false};
      return Lookup::kMiss;
    }
    NoteUse(ref, item, query);
  }
  out->value_len = item->value_len();
  out->version = item->version;
  NoteHit(ref, item);
  if (query.mode == ReadMode::kMeta) return Lookup::kHit;
  if (query.mode != ReadMode::kPin && item->value_len() <= query.cap) {
    if (item->value_len() != 0) std::memcpy(query.buf, item->data() + item->key_len, item->value_len());
    out->copied = true;
  } else if (query.mode != ReadMode::kCopy) {
    out->pin = PinItem(ref, item);
  }
  return Lookup::kHit;
}

bool CacheShard::IsUnused(const Item* item, const CacheQuery& query) const {
  const int64_t due_ms = item->due_ms();
  return due_ms != item->deadline_ms() && Expired(due_ms, query.clock->NowMs());
}

// Readers without the lock see the instant before or the one after it.
void CacheShard::NoteUse(ItemRef ref, Item* item, const CacheQuery& query) {
  const int64_t now_ms = query.clock->NowMs();
  if (query.UseIsNoted(item->due_ms(), item->deadline_ms(), now_ms)) return;
  wheel_.Remove(ref);
  item->deadline_part()->deadline_ms = CacheQuery::IdleEnd(now_ms, query.idle_ms, item->deadline_ms());
  wheel_.Insert(ref);
}

void CacheShard::NoteHit(ItemRef ref, Item* item) {
  if (hit_action_ == HitAction::kMark) {
    if (item->mark() < kMarkMax)
      item->SetMark(item->mark() + 1);   // a store only if it changes something: hot lines stay shared
  } else if (hit_action_ == HitAction::kMove) {
    TakeHits();
    policy_->OnHit(ref);
  }
}

Pin CacheShard::PinItem(ItemRef ref, Item* item) {
  // More pins on one item than its counter can hold: a copy is as good.
  if (!item->CanBePinned()) return Pin::FromBuffer(Buffer(item->value()));
  Pin pin(shared_from_this(), ref, item->value());   // may throw: counted only then
  item->SetPins(item->pins() + 1);
  return pin;
}

void CacheShard::Unpin(ItemRef ref) {
  MutexLock lock(&mu_);
  Item* item = arena_.At(ref);
  SHALE_CHECK(item->pins() > 0);
  item->SetPins(item->pins() - 1);
  if (item->pins() > 0 || !item->Has(kRemoved)) return;
  stats_.pinned_bytes -= ChargeOf(ref);
  Free(ref);
}

bool CacheShard::Remove(const KeyRef& key, Removal reason) {
  const ItemTable::Slot slot = table_.FindKey(table_.Home(key.hash), key);
  if (slot.ref == kNoItem) {
    EndRemoval(key);
    return false;
  }
  if (!IsPlace(slot.ref) && Hide(slot, reason)) return true;
  return TakeOut(slot.ref, reason);
}

Bytes CacheShard::KeyOf(ItemRef ref) const {
  return IsPlace(ref) ? places_.At(ref)->key() : arena_.At(ref)->key();
}

bool CacheShard::TakeOut(ItemRef ref, Removal reason) {
  if (IsPlace(ref)) {
    CountRemoval(reason);   // no event: its value has left before
    ErasePlace(table_.Home(places_.At(ref)->hash), ref);
    return false;
  }
  TakeHits();
  NoteRemoval(reason, arena_.At(ref));
  Drop(ref);
  return true;
}

void CacheShard::BeginChange() {
  if (change_depth_++ > 0) return;
  changing_ = changing_ + 1;
  std::atomic_thread_fence(std::memory_order_release);   // who sees the change of a chain sees this: Look
}

void CacheShard::EndChange() {
  if (--change_depth_ > 0) return;
  std::atomic_thread_fence(std::memory_order_release);   // who sees this sees the last change of a chain
  changing_ = changing_ + 1;
}

bool CacheShard::Put(const KeyRef& key, const CacheItem& item, bool had_value, size_t* reserved) {
  SHALE_DCHECK(table_.Find(table_.Home(key.hash), key) == kNoItem);
  if (hidden_.ref != kNoItem) {
    if (WriteOver(key, item)) {
      stats_.puts++;
      return true;
    }
    LetGo();
  }
  if (!had_value && !Admits(key, item, policy_->mostly_unused() ? kAdmitWriteOneIn : 1)) {
    stats_.passed_puts++;
    return PutPlace(key, item);
  }
  if (!Install(key, item, reserved)) return false;
  stats_.puts++;
  return true;
}

void CacheShard::FillIf(const KeyRef& key, const CacheItem& item, FillToken token, size_t* reserved) {
  MutexLock lock(&mu_);
  // An equal version also says that the key is as it was found, not here or a place: any change would have
  // raised the version.
  Bucket* home = table_.Home(key.hash);
  if (!SeededBug(Seed::kFillRace) && (home->version != token.version || open_ranges_ > 0)) {
    stats_.fills_rejected++;
    return;
  }
  if (!Admits(key, item, kAdmitOneIn)) return FillPlace(key, item, token);
  if (token.at_place) ErasePlace(home, table_.Find(home, key));
  if (Install(key, item, reserved)) {
    stats_.fills++;
  }
}

size_t CacheShard::ExternalBytesFor(size_t key_len, size_t value_len) const {
  if (Item::InlineBytes(kHasDeadline, key_len, value_len) <= inline_max_) return 0;
  return ExternalList::ChargeOf(key_len + value_len);
}

uint32_t CacheShard::FlagsFor(const KeyRef& key, const CacheItem& item) const {
  uint32_t flags = item.deadline_ms != kNoDeadline ? kHasDeadline : 0;
  if (item.due_ms != 0) flags |= kHasDeadline | kHasIdle;
  if (item.where != 0 && place_percent_ != 0) flags |= kHasWhere;
  if (ExternalBytesFor(key.key.size(), item.value.size()) != 0) flags |= kExternal;
  return flags;
}

bool CacheShard::Install(const KeyRef& key, const CacheItem& item, size_t* reserved) {
  TakeHits();
  // All that may evict, shrink or split comes before the item has its place.
  GrowTables();
  Bucket* home = table_.Home(key.hash);
  if (table_.InsertNeedsPage(home) && !(TakeTableBytes(kPageBytes) && table_.AddOverflowPage())) {
    stats_.install_failures++;
    return false;
  }
  const uint32_t flags = FlagsFor(key, item);
  char* block = nullptr;
  if ((flags & kExternal) != 0) {
    block = TakeBlock(key.key.size() + item.value.size(), reserved);
    if (block == nullptr) {
      stats_.install_failures++;
      return false;
    }
  }
  const ItemRef ref = Allocate(Item::InlineBytes(flags, key.key.size(), item.value.size()));
  if (ref == kNoItem) {
    if (block != nullptr) {
      ExternalList::FreeBlock(block);
      budget_->GiveExternal(ExternalList::ChargeOf(key.key.size() + item.value.size()));
    }
    stats_.install_failures++;
    return false;
  }
  Write(ref, key, item, flags, block);
  Link(ref, key.hash);
  policy_->OnInsert(ref);
  if (block != nullptr) stats_.external_bytes += ExternalList::ChargeOf(key.key.size() + item.value.size());
  return true;
}

void CacheShard::Write(ItemRef ref, const KeyRef& key, const CacheItem& value, uint32_t flags, char* block) {
  Item* item = arena_.At(ref);
  item->hash = static_cast<uint32_t>(key.hash);
  item->version = value.version;
  item->key_len = static_cast<uint16_t>(key.key.size());
  item->StartBlock(flags, Item::InlineBytes(flags, key.key.size(), value.value.size()));
  if ((flags & kHasDeadline) != 0) item->deadline_part()->deadline_ms = value.deadline_ms;
  if ((flags & kHasIdle) != 0) {
    item->idle_part()->deadline_ms = value.deadline_ms;
    item->deadline_part()->deadline_ms = value.due_ms;
  }
  if ((flags & kExternal) != 0) {
    item->external_part()->block = block;
    item->external_part()->value_len = static_cast<uint32_t>(value.value.size());
    item->external_part()->pins = 0;
  }
  if ((flags & kHasWhere) != 0) racy::CopyIn(item->where_bytes(), &value.where, sizeof value.where);
  char* data = item->data();
  if (block != nullptr) {
    std::memcpy(data, key.key.data(), key.key.size());
    std::memcpy(data + key.key.size(), value.value.data(), value.value.size());
    return;
  }
  racy::CopyIn(data, key.key.data(), key.key.size());
  racy::CopyIn(data + key.key.size(), value.value.data(), value.value.size());
  const size_t ahead = std::min(value.value.size() / 64 * 64, kAheadBytesMax);
  Racy<uint16_t>& hint = table_.change_head()->ahead_bytes;
  if (ahead != hint) hint = static_cast<uint16_t>(ahead);
}

void CacheShard::Link(ItemRef ref, uint64_t hash) {
  const Item* item = arena_.At(ref);
  table_.Insert(table_.Home(hash), hash, ref);
  if (item->Has(kHasDeadline)) wheel_.Insert(ref);
  if (item->Has(kExternal)) external_.Push(ref);
}

uint16_t CacheShard::Unlink(ItemRef ref) {
  const Item* item = arena_.At(ref);
  if (item->Has(kHasDeadline)) wheel_.Remove(ref);
  if (item->Has(kExternal)) external_.Remove(ref);
  return table_.Erase(table_.Home(item->hash), ref);
}

void CacheShard::Drop(ItemRef ref) {
  Unlink(ref);
  policy_->OnErase(ref);
  Item* item = arena_.At(ref);
  if (item->pins() > 0) {
    item->Put<BlockWord::Flags>(item->flags() | kRemoved);
    stats_.pinned_bytes += ChargeOf(ref);
  } else {
    Free(ref);
  }
}

size_t CacheShard::ChargeOf(ItemRef ref) const {
  const Item* item = arena_.At(ref);
  const size_t inside = arena_.BlockBytes(ref);
  if (!item->Has(kExternal)) return inside;
  return inside + ExternalList::ChargeOf(size_t{item->key_len} + item->value_len());
}

void CacheShard::FreeExternal(const Item* item) {
  const size_t charge = ExternalList::ChargeOf(size_t{item->key_len} + item->value_len());
  ExternalList::FreeBlock(item->external_part()->block);
  stats_.external_bytes -= charge;
  budget_->GiveExternal(charge);
}

void CacheShard::Free(ItemRef ref) {
  if (arena_.At(ref)->Has(kExternal)) FreeExternal(arena_.At(ref));
  arena_.Free(ref);
}

void CacheShard::ExpireSome(int64_t now_ms, size_t* budget) {
  MutexLock lock(&mu_);
  for (;;) {
    const ItemRef ref = wheel_.PopDue(now_ms, budget);
    if (ref == kNoItem) return;
    // The wheel has let go of it, while Drop expects every structure to hold it.
    wheel_.Insert(ref);
    NoteRemoval(Removal::kExpired, arena_.At(ref));
    Drop(ref);
  }
}

void CacheShard::CollectKeys(Bytes from, Bytes to, int64_t now_ms, std::vector<Buffer>* keys) const {
  MutexLock lock(&mu_);
  table_.ForEach([&](ItemRef ref) {
    // Runs under the lock above; the analysis does not see into lambdas.
    mu_.AssertHeld();
    const bool is_place = IsPlace(ref);
    const Bytes key = KeyOf(ref);
    const int64_t deadline_ms = is_place ? places_.At(ref)->deadline_ms() : arena_.At(ref)->due_ms();
    if (key < from || (!to.empty() && key >= to) || Expired(deadline_ms, now_ms)) return;
    keys->emplace_back(key);
  });
}

void CacheShard::Clear() {
  MutexLock lock(&mu_);
  ReleasePlaces();
  std::vector<ItemRef> refs;
  refs.reserve(table_.items());
  table_.ForEach([&](ItemRef ref) { refs.push_back(ref); });
  for (const ItemRef ref : refs) Drop(ref);
  ShrinkArena(0);
}

}   // namespace shale
