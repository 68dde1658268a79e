// One cached key with its value, as it lies in a shard's arena. An entry costs this header, the rounding of
// its block (4 bytes on average) and its share of a bucket (about 13 bytes): some 50 bytes, 16 more with a
// deadline. That is why links are 32-bit references, and why what only some items have comes after the
// header.
//
//   plain:     | header 36 | key | value |
//   deadline:  | header 36 | pad 4 | deadline part 16 | key | value |
//   external:  | header 36 | pad 4 | maybe deadline part 16 | external part 16 |
//              key and value are in a block of their own
//   idle:      16 bytes more behind these parts; such an item has a deadline part too
//   with kHasWhere, 8 bytes more at the end: where the value lies below
//
//  (1) `block` belongs to the arena, `prev`, `next`, `mark`, `queue` and `uses` to the policy, the rest to the shard
//  (2) an item with pins > 0 is neither moved, reused nor changed, removed or not
//  (3) a removed item is in no table, queue or wheel; it exists only for its pins
// Readers look without the shard's lock, hence Racy. They use what does not change while the item is in the
// table (but for when it is due): `version`, lengths, key, value, deadline, and of `flags` the bits of the
// layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/racy.h"

namespace shale {

// Offset in the arena in units of 8 bytes; the top bit is free for whoever stores one.
using ItemRef = uint32_t;
inline constexpr ItemRef kNoItem = 0;

inline constexpr uint8_t kHasDeadline = 1;
inline constexpr uint8_t kExternal = 2;
inline constexpr uint8_t kRemoved = 4;
inline constexpr uint8_t kHasWhere = 8;
inline constexpr uint8_t kHasIdle = 16;

inline constexpr uint8_t kMarkMax = 3;
inline constexpr uint16_t kPinsMax = UINT16_MAX;

struct DeadlinePart {
  Racy<int64_t>
      deadline_ms;   // when the item is due: with a time to idle that may be sooner than its own deadline
  Racy<ItemRef> wheel_prev;   // or a slot of the wheel, see timer_wheel.h
  Racy<ItemRef> wheel_next;
};

// Of an item with a time to idle: its own deadline, or kNoDeadline.
struct IdlePart {
  Racy<int64_t> deadline_ms;
  Racy<int64_t> unused;
};

struct ExternalPart {
  Racy<char*> block;
  Racy<ItemRef> prev;   // list of external items of this shard
  Racy<ItemRef> next;
};

struct Item {
  Racy<uint32_t> block;   // size and state of the arena's block
  Racy<ItemRef> prev;
  Racy<ItemRef> next;
  Racy<uint32_t> hash;   // low bits of the key's hash
  Racy<int64_t> version;
  Racy<uint32_t> value_len;
  Racy<uint16_t> key_len;
  Racy<uint16_t> pins;
  Racy<uint8_t> flags;
  Racy<uint8_t> mark;   // hits that the policy knows of, up to kMarkMax; newer ones are in the bucket
  Racy<uint8_t> queue;   // which of the policy's queues it is in
  Racy<uint8_t> uses;    // for policies that count further than marks do

  static constexpr size_t kHeaderBytes = 36;
  static constexpr size_t kPartsOffset = 40;

  static size_t DataOffset(uint8_t flags) {
    const size_t parts = size_t{(flags & kHasDeadline) != 0} + size_t{(flags & kExternal) != 0} +
                         size_t{(flags & kHasIdle) != 0};
    return parts == 0 ? kHeaderBytes : kPartsOffset + 16 * parts;
  }
  static size_t IdleOffset(uint8_t flags) { return kPartsOffset + ((flags & kExternal) != 0 ? 32 : 16); }
  // Bytes to ask of the arena.
  static size_t InlineBytes(uint8_t flags, size_t key_len, size_t value_len) {
    return DataOffset(flags) + ((flags & kExternal) != 0 ? 0 : key_len + value_len) +
           ((flags & kHasWhere) != 0 ? sizeof(uint64_t) : 0);
  }

  bool Has(uint8_t flag) const { return (flags & flag) != 0; }
  char* At(size_t offset) { return reinterpret_cast<char*>(this) + offset; }
  const char* At(size_t offset) const { return reinterpret_cast<const char*>(this) + offset; }
  DeadlinePart* deadline_part() { return reinterpret_cast<DeadlinePart*>(At(kPartsOffset)); }
  const DeadlinePart* deadline_part() const {
    return reinterpret_cast<const DeadlinePart*>(At(kPartsOffset));
  }
  ExternalPart* external_part() {
    return reinterpret_cast<ExternalPart*>(At(Has(kHasDeadline) ? kPartsOffset + 16 : kPartsOffset));
  }
  const ExternalPart* external_part() const { return const_cast<Item*>(this)->external_part(); }
  IdlePart* idle_part() { return reinterpret_cast<IdlePart*>(At(IdleOffset(flags))); }
  const IdlePart* idle_part() const { return const_cast<Item*>(this)->idle_part(); }
  const char* data() const { return Has(kExternal) ? external_part()->block.Get() : At(DataOffset(flags)); }
  char* data() { return Has(kExternal) ? external_part()->block.Get() : At(DataOffset(flags)); }
  Bytes key() const { return Bytes(data(), key_len); }
  Bytes value() const { return Bytes(data() + key_len, value_len); }
  // Until when it may be used, if it is; and until when if it is not.
  int64_t deadline_ms() const { return Has(kHasIdle) ? idle_part()->deadline_ms.Get() : due_ms(); }
  int64_t due_ms() const { return Has(kHasDeadline) ? deadline_part()->deadline_ms.Get() : kNoDeadline; }
  // Any alignment.
  char* where_bytes() { return At(InlineBytes(flags, key_len, value_len) - sizeof(uint64_t)); }
  bool KeyIs(Bytes key) const {
    return key_len == key.size() && std::memcmp(data(), key.data(), key.size()) == 0;
  }
};

static_assert(offsetof(Item, uses) + 1 == Item::kHeaderBytes);
static_assert(offsetof(Item, version) == 16);
static_assert(sizeof(Item) <= Item::kPartsOffset && Item::kPartsOffset % alignof(DeadlinePart) == 0);
static_assert(sizeof(DeadlinePart) == 16 && sizeof(ExternalPart) == 16 && sizeof(IdlePart) == 16);

}   // namespace shale
