// Which item has to go. One policy, one file, one Dump(). A policy orders the items of one shard by their
// bytes in the arena; it owns `prev`, `next`, `mark`, `queue` and `uses` of every item that was inserted and
// not yet taken out.
//  (1) an item is in exactly one of the policy's queues from OnInsert to OnErase, or until Evict returns it
//  (2) Evict never returns a pinned item; it returns kNoItem only if every item is pinned or there is none
//  (3) a hit costs what hit_action() says and no more
// Not synchronised: the shard's lock protects it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "cache/arena.h"
#include "cache/item_table.h"

namespace shale {

enum class HitAction {
  kNothing,   // order of arrival alone counts
  kMark,   // a mark is raised, up to kMarkMax, in the item or its bucket, and nobody called; see CollectMark
  kMove,   // the shard calls OnHit, late but in order: hit_ring.h
};

// Brings an item's `mark` up to date with the hits of readers that took no lock. `table` may be null: then
// there are none.
inline void CollectMark(ItemTable* table, Arena* arena, ItemRef ref) {
  if (table == nullptr) return;
  Item* item = arena->At(ref);
  const uint32_t mark = item->mark() + table->TakeMark(ref);
  item->SetMark(mark < kMarkMax ? mark : kMarkMax);
}

// Most that the object of a policy takes beside what it reports as extra bytes.
inline constexpr size_t kPolicyBytesMax = 3072;

// Whether what a shard holds is asked for at all: of the items that evictions looked at lately, how many had
// been hit since the look before. While nobody reads what is written, there is no use in holding it.
class UseWatch {
 public:
  void Note(bool used) {
    used_ += used ? 1 : 0;
    if (++looked_ < kWindow) return;
    mostly_unused_ = used_ * kFewOneIn < looked_;
    looked_ = used_ = 0;
  }
  bool mostly_unused() const { return mostly_unused_; }

 private:
  static constexpr uint32_t kWindow = 256;
  static constexpr uint32_t kFewOneIn = 16;
  uint32_t looked_ = 0;
  uint32_t used_ = 0;
  bool mostly_unused_ = false;
};

class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;
  virtual HitAction hit_action() const = 0;
  virtual void OnInsert(ItemRef ref) = 0;
  virtual void OnErase(ItemRef ref) = 0;
  virtual void OnHit(ItemRef) {}
  // Chooses an item, takes it out and returns it.
  virtual ItemRef Evict() = 0;

  // Memory beside the items (ghosts): what is in use, what the policy would like to add, and the permission
  // to do it.
  virtual size_t ExtraBytes() const { return 0; }
  virtual size_t ExtraBytesWanted() const { return 0; }
  virtual bool AddExtra() { return true; }

  // Always false for policies that do not look at marks.
  bool mostly_unused() const { return watch_.mostly_unused(); }

  virtual size_t items() const = 0;
  // The queues as text, oldest first: "a b*2 c".
  virtual std::string Dump() const = 0;
  virtual bool Validate(std::string* why) const = 0;

 protected:
  // CollectMark by an eviction.
  void LookAtMark(ItemTable* table, Arena* arena, ItemRef ref) {
    CollectMark(table, arena, ref);
    watch_.Note(arena->At(ref)->mark() > 0);
  }

 private:
  UseWatch watch_;
};

// `items_max`: upper bound of items in the shard. E_INVALID names the known policies.
Status NewPolicy(const std::string& name, Arena* arena, ItemTable* table, size_t items_max,
                 std::unique_ptr<EvictionPolicy>* out);
const std::vector<std::string>& PolicyNames();

// One per file, but for gdsf, which is lfu by size.
Status NewS3FifoPolicy(Arena* arena, ItemTable* table, size_t items_max,
                       std::unique_ptr<EvictionPolicy>* out);
Status NewSievePolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out);
Status NewLruPolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out);
Status NewLfuPolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out);
Status NewGdsfPolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out);
Status NewFifoPolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out);
Status NewWTinyLfuPolicy(Arena* arena, ItemTable* table, size_t items_max,
                         std::unique_ptr<EvictionPolicy>* out);
Status NewCarPolicy(Arena* arena, ItemTable* table, size_t items_max, std::unique_ptr<EvictionPolicy>* out);

}   // namespace shale
