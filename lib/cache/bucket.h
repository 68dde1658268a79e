// A bucket of a shard's table: one cache line with the tags and references of up to eight items, so that a
// miss costs one line and a hit two. All tags are compared at once.
//
// Readers look without the shard's lock, so a change is announced before and after (BucketChange):
//    writer: version odd, fence, change, version even       reader: version, look, fence, version again
//  (1) refs[i] == 0 <=> slot i is empty; its tag means nothing
//  (2) version is odd while the bucket or its chain is being changed; it grows by 2 with every change, and
//      never falls, also when the bucket is split: equal even versions mean that nothing changed in
//      between, and that the memory of no item found in the chain was given to another
//  (3) only the first bucket of a chain has a version
//  (4) marks: 4 bits a slot, hits since the policy last took them, up to kMarkMax. Readers raise them too,
//      which is why they are here and not in the item: a reader may be late, and this line never becomes
//      anything else
#pragma once

#include <atomic>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/racy.h"
#include "cache/item.h"

namespace shale {

inline constexpr int kBucketSlots = 8;

struct alignas(64) Bucket {
  Racy<uint64_t> version;
  Racy<uint32_t> overflow;   // number of the next bucket of the chain in the overflow region plus 1, or 0
  Racy<uint32_t> marks;
  Racy<uint64_t> tags[2];   // eight times 16 bits
  Racy<ItemRef> refs[kBucketSlots];

  uint16_t tag(int slot) const { return static_cast<uint16_t>(tags[slot / 4] >> slot % 4 * 16); }
  void SetTag(int slot, uint16_t tag) {
    const int shift = slot % 4 * 16;
    tags[slot / 4] = (tags[slot / 4] & ~(uint64_t{0xffff} << shift)) | uint64_t{tag} << shift;
  }

  // Everything but the version, which never falls.
  void Clear() {
    overflow = 0;
    marks = 0;
    for (Racy<uint64_t>& word : tags) word = 0;
    for (Racy<ItemRef>& ref : refs) ref = kNoItem;
  }
  // The version with which a look begins: everything of that version or a later one is seen behind it.
  uint64_t SeenVersion() const {
    const uint64_t seen = version;
    std::atomic_thread_fence(std::memory_order_acquire);   // pairs with the end of a BucketChange
    return seen;
  }

  // One hit more, if that changes anything: a line that is hot for many stays unchanged. Losing one to
  // another thread does no harm.
  void RaiseMark(int slot) {
    const uint32_t old = marks;
    if ((old >> slot * 4 & 15) < kMarkMax) [[unlikely]]
      (void)marks.Exchange(old, old + (1u << slot * 4));
  }
  uint8_t TakeMark(int slot) {
    for (;;) {
      const uint32_t old = marks;
      const uint32_t mark = old >> slot * 4 & 15;
      if (mark == 0 || marks.Exchange(old, old & ~(15u << slot * 4))) return static_cast<uint8_t>(mark);
    }
  }
};
static_assert(sizeof(Bucket) == 64);

// Around every change of a chain; `home` is its first bucket. Under the shard's lock.
class BucketChange {
 public:
  explicit BucketChange(Bucket* home) : home_(home) {
    home_->version = home_->version + 1;
    // No store behind this is seen before the odd version: pairs with the reader's fence before it looks at
    // the version again.
    std::atomic_thread_fence(std::memory_order_release);
  }
  ~BucketChange() {
    // Nothing of the change is seen after the even version; pairs with the reader's load of it.
    std::atomic_thread_fence(std::memory_order_release);
    home_->version = home_->version + 1;
  }
  BucketChange(const BucketChange&) = delete;
  BucketChange& operator=(const BucketChange&) = delete;

 private:
  Bucket* const home_;
};

inline uint16_t TagOf(uint64_t hash) {
  return static_cast<uint16_t>(hash >> 32);
}
// The part of a key's hash that the table uses, from what an item and its slot keep.
inline uint64_t HashFrom(uint16_t tag, uint32_t low) {
  return uint64_t{tag} << 32 | low;
}

// Bit i of the result: tag i equals.
inline uint32_t MatchTagsPlain(const Bucket& bucket, uint16_t tag) {
  uint32_t mask = 0;
  for (int i = 0; i < kBucketSlots; i++) mask |= static_cast<uint32_t>(bucket.tag(i) == tag) << i;
  return mask;
}

inline uint32_t MatchTags(const Bucket& bucket, uint16_t tag) {
#if defined(__SSE2__)
  // Two loads, because a load of 16 bytes is not atomic.
  const __m128i tags =
      _mm_set_epi64x(static_cast<int64_t>(bucket.tags[1].Get()), static_cast<int64_t>(bucket.tags[0].Get()));
  const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
#else
  return MatchTagsPlain(bucket, tag);
#endif
}

}   // namespace shale
