// Where a value lies below, kept after the value itself has left the memory tier: a read of such a key is one
// probe here and one read below, without a look into any index. A place costs some 50 bytes where its value
// costs a thousand. Places lie one behind the other in a ring, oldest first: what makes room is always the
// end of the ring, so nothing is searched, linked or left in pieces.
//
//  (1) records tile [tail, head), or [tail, wrap) and [0, head) when the ring has wrapped; a dead record
//      keeps its room until the tail has passed it
//  (2) a live record is in the shard's table, a dead one is not
//  (3) memory comes by whole pages and only when the caller, who accounts for it, says so (Grow); what was
//      given back stays readable
// What a place means is the business of whoever gave it. Not synchronised: the shard's lock protects it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/racy.h"
#include "base/status.h"
#include "cache/item.h"
#include "cache/vm_region.h"

namespace shale {

// The bit that tells a reference to a place from one to an item.
inline constexpr ItemRef kPlaceBit = ItemRef{1} << 31;
inline bool IsPlace(ItemRef ref) {
  return (ref & kPlaceBit) != 0;
}

struct Place {
  Racy<uint64_t> where;
  Racy<int64_t> version;
  Racy<uint32_t> hash;   // low bits of the key's hash
  Racy<uint32_t> value_len;
  Racy<uint16_t> key_len;
  Racy<uint8_t> dead;
  Racy<uint8_t> has_deadline;   // then the last 8 bytes are the deadline

  static constexpr size_t kHeaderBytes = 28;
  static size_t BytesFor(size_t key_len, bool has_deadline) {
    return RoundUpTo(kHeaderBytes + key_len, 8) + (has_deadline ? 8 : 0);
  }
  size_t bytes() const { return BytesFor(key_len, has_deadline != 0); }
  char* data() { return reinterpret_cast<char*>(this) + kHeaderBytes; }
  const char* data() const { return reinterpret_cast<const char*>(this) + kHeaderBytes; }
  Bytes key() const { return Bytes(data(), key_len); }
  bool KeyIs(Bytes key) const {
    return key_len == key.size() && std::memcmp(data(), key.data(), key.size()) == 0;
  }
  int64_t deadline_ms() const {
    if (has_deadline == 0) return kNoDeadline;
    return reinterpret_cast<const Racy<int64_t>*>(reinterpret_cast<const char*>(this) + bytes() - 8)->Get();
  }
};
static_assert(offsetof(Place, has_deadline) + 1 == Place::kHeaderBytes);

class PlaceRing {
 public:
  PlaceRing() = default;
  PlaceRing(const PlaceRing&) = delete;
  PlaceRing& operator=(const PlaceRing&) = delete;

  // 0 bytes: there are never any places.
  Status Init(size_t bytes_max);

  // Whether Grow by this many bytes would soon be of use.
  bool WantsGrowth(size_t bytes) const;
  bool Grow(size_t bytes);
  // Everything goes, memory too. Every record is dead.
  void Release();

  // Whether Append has room for a record of this size without PopOldest; never above the ring's size.
  bool HasRoom(size_t record_bytes) const;
  bool CanHold(size_t record_bytes) const { return record_bytes + kSlackBytes <= bytes_; }
  // Copies header and key (`place->key_len` bytes). HasRoom is true.
  ItemRef Append(const Place& place, Bytes key, int64_t deadline_ms);
  // The oldest record leaves; its reference if it was alive (the caller takes it out of the table), or
  // kNoItem if it was dead. Its bytes stay readable until the next Append. The ring is not empty.
  ItemRef PopOldest();
  void MarkDead(ItemRef ref);

  Place* At(ItemRef ref) const {
    return reinterpret_cast<Place*>(region_.base() + size_t{ref & ~kPlaceBit} * kUnitBytes);
  }
  size_t bytes() const { return bytes_; }
  size_t live() const { return live_; }
  bool empty() const { return !wrapped_ && head_ == tail_; }
  // Calls visit(ref) for every live record, oldest first.
  template <typename Visit>
  void ForEachLive(Visit visit) const {
    if (wrapped_) Walk(tail_, wrap_, visit);
    Walk(wrapped_ ? 0 : tail_, head_, visit);
  }
  bool Validate(std::string* why) const;

 private:
  static constexpr size_t kUnitBytes = 8;
  static constexpr size_t kSlackBytes = 64;   // offset 0 is "no item", and head never meets tail from behind

  template <typename Visit>
  void Walk(size_t from, size_t to, Visit visit) const {
    for (size_t at = from == 0 ? kUnitBytes : from; at < to;) {
      const ItemRef ref = RefAt(at);
      const Place* place = At(ref);
      if (place->dead == 0) visit(ref);
      at += place->bytes();
    }
  }
  static ItemRef RefAt(size_t offset) { return static_cast<ItemRef>(offset / kUnitBytes) | kPlaceBit; }

  VmRegion region_;
  size_t bytes_max_ = 0;
  size_t bytes_ = 0;
  size_t head_ = kUnitBytes;
  size_t tail_ = kUnitBytes;
  size_t wrap_ = 0;   // end of the records in the upper part, when wrapped_
  bool wrapped_ = false;
  size_t live_ = 0;
};

}   // namespace shale
