// One cached key with its value, as it lies in a shard's arena. An entry costs this header, the rounding of
// its block (4 bytes on average) and its share of a bucket (about 14 bytes): some 46 bytes, 20 more with a
// deadline. That is why links are 32-bit references, why the length of the value is not kept but follows from
// the block's, and why what only some items have comes after the header.
//
//   plain:     | header 28 | key | value |
//   deadline:  | header 28 | pad 4 | deadline part 16 | key | value |
//   external:  | header 28 | pad 4 | maybe deadline part 16 | external part 24 |
//              key and value are in a block of their own
//   idle:      16 bytes more behind these parts; such an item has a deadline part too
//   with kHasWhere, 8 bytes more at the end: where the value lies below
//
//  (1) the low half of `word` belongs to the arena, `prev`, `next`, `queue`, `uses` and the mark to the
//      policy, the rest to the shard
//  (2) an item with pins is neither moved, reused nor changed, removed or not
//  (3) a removed item is in no table, queue or wheel; it exists only for its pins
//  (4) bytes of the block == what the item needs (used_bytes) + slack
// Readers look without the shard's lock, hence Racy. They use what does not change while the item is in the
// table (but for when it is due): `version`, lengths, key, value, deadline, and of `word` the size, the slack
// and the flags of the layout.
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
inline constexpr uint32_t kPinsMax = 31;   // of an item in the arena; an external one may have more

// The first word of a block in use. Low half, the arena's: 2 bits of state, 14 of its size in units. High
// half, the item's: flags, slack, mark, pins.
struct BlockWord {
  static constexpr size_t kUnitBytes = 8;
  static constexpr uint32_t kUnitsMax = (1u << 14) - 1;
  static constexpr uint32_t kArenaBits = 0xffff;
  static size_t Bytes(uint32_t word) { return size_t{word >> 2 & kUnitsMax} * kUnitBytes; }

  // A number of `bits` bits in the high half.
  template <int shift, int bits>
  struct Field {
    static constexpr uint32_t kMax = (1u << bits) - 1;
    static uint32_t Of(uint32_t word) { return word >> shift & kMax; }
    static uint32_t With(uint32_t word, uint32_t value) { return (word & ~(kMax << shift)) | value << shift; }
  };
  using Flags = Field<16, 5>;
  using Slack = Field<21, 4>;
  using Mark = Field<25, 2>;
  using Pins = Field<27, 5>;
  static_assert(Mark::kMax >= kMarkMax && Pins::kMax >= kPinsMax);
};

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
  Racy<uint32_t> value_len;
  Racy<uint32_t> pins;
};

struct Item {
  Racy<uint32_t> word;   // see BlockWord
  Racy<ItemRef> prev;
  Racy<ItemRef> next;
  Racy<uint32_t> hash;   // low bits of the key's hash
  Racy<int64_t> version;
  Racy<uint16_t> key_len;
  Racy<uint8_t> queue;   // which of the policy's queues it is in
  Racy<uint8_t> uses;    // for policies that count further than marks do

  static constexpr size_t kHeaderBytes = 28;
  static constexpr size_t kPartsOffset = 32;

  static size_t DataOffset(uint32_t flags) {
    if ((flags & (kHasDeadline | kExternal | kHasIdle)) == 0) [[likely]]
      return kHeaderBytes;
    return kPartsOffset + ((flags & kHasDeadline) != 0 ? sizeof(DeadlinePart) : 0) +
           ((flags & kExternal) != 0 ? sizeof(ExternalPart) : 0) +
           ((flags & kHasIdle) != 0 ? sizeof(IdlePart) : 0);
  }
  static size_t IdleOffset(uint32_t flags) {
    return kPartsOffset + sizeof(DeadlinePart) + ((flags & kExternal) != 0 ? sizeof(ExternalPart) : 0);
  }
  // Bytes to ask of the arena.
  static size_t InlineBytes(uint32_t flags, size_t key_len, size_t value_len) {
    return DataOffset(flags) + ((flags & kExternal) != 0 ? 0 : key_len + value_len) +
           ((flags & kHasWhere) != 0 ? sizeof(uint64_t) : 0);
  }

  // The other way round, for an item that is not external: may be nonsense for a reader that is late.
  static size_t ValueLenIn(uint32_t word, uint32_t flags, size_t value_offset) {
    return BlockWord::Bytes(word) - BlockWord::Slack::Of(word) - value_offset -
           ((flags & kHasWhere) != 0 ? sizeof(uint64_t) : 0);
  }

  template <typename Field>
  uint32_t Get() const {
    return Field::Of(word);
  }
  template <typename Field>
  void Put(uint32_t value) {
    word = Field::With(word, value);
  }
  uint32_t flags() const { return Get<BlockWord::Flags>(); }
  // Hits that the policy knows of, up to kMarkMax; newer ones are in the bucket.
  uint32_t mark() const { return Get<BlockWord::Mark>(); }
  void SetMark(uint32_t mark) { Put<BlockWord::Mark>(mark); }
  uint32_t pins() const { return Has(kExternal) ? external_part()->pins.Get() : Get<BlockWord::Pins>(); }
  void SetPins(uint32_t pins) {
    if (Has(kExternal)) {
      external_part()->pins = pins;
    } else {
      Put<BlockWord::Pins>(pins);
    }
  }
  bool CanBePinned() const { return pins() < (Has(kExternal) ? UINT32_MAX : kPinsMax); }
  // A new item's high half: what is needed of a block that was taken for it.
  void StartBlock(uint32_t flags, size_t needed_bytes) {
    const uint32_t own = word & BlockWord::kArenaBits;
    const auto slack = static_cast<uint32_t>(BlockWord::Bytes(own) - needed_bytes);
    word = BlockWord::Flags::With(BlockWord::Slack::With(own, slack), flags);
  }
  size_t used_bytes() const { return BlockWord::Bytes(word) - Get<BlockWord::Slack>(); }

  bool Has(uint32_t flag) const { return (word & flag << 16) != 0; }
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
  IdlePart* idle_part() { return reinterpret_cast<IdlePart*>(At(IdleOffset(flags()))); }
  const IdlePart* idle_part() const { return const_cast<Item*>(this)->idle_part(); }
  const char* data() const { return Has(kExternal) ? external_part()->block.Get() : At(DataOffset(flags())); }
  char* data() { return Has(kExternal) ? external_part()->block.Get() : At(DataOffset(flags())); }
  Bytes key() const { return Bytes(data(), key_len); }
  size_t value_len() const {
    return Has(kExternal) ? external_part()->value_len.Get()
                          : ValueLenIn(word, flags(), DataOffset(flags()) + key_len);
  }
  Bytes value() const { return Bytes(data() + key_len, value_len()); }
  // Until when it may be used, if it is; and until when if it is not.
  int64_t deadline_ms() const { return Has(kHasIdle) ? idle_part()->deadline_ms.Get() : due_ms(); }
  int64_t due_ms() const { return Has(kHasDeadline) ? deadline_part()->deadline_ms.Get() : kNoDeadline; }
  // Any alignment.
  char* where_bytes() { return At(used_bytes() - sizeof(uint64_t)); }
  bool KeyIs(Bytes key) const {
    return key_len == key.size() && std::memcmp(data(), key.data(), key.size()) == 0;
  }
};

static_assert(offsetof(Item, uses) + 1 == Item::kHeaderBytes);
static_assert(offsetof(Item, version) == 16);
static_assert(sizeof(Item) <= Item::kPartsOffset && Item::kPartsOffset % alignof(DeadlinePart) == 0);
static_assert(sizeof(DeadlinePart) == 16 && sizeof(ExternalPart) == 24 && sizeof(IdlePart) == 16);

}   // namespace shale
