// A bucket of a shard's table: one cache line with the tags and references of up to eight items, so that a
// miss costs one line and a hit two. All tags are compared at once.
//  (1) refs[i] == 0 <=> slot i is empty; its tag means nothing
//  (2) version grows by 2 with every change of the bucket or of its chain, and never falls, also when the
//      bucket is split: equal versions mean that nothing changed. Odd values are left to a reader without
//      lock ("change under way").
//  (3) only the first bucket of a chain has a version
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "cache/item.h"

namespace shale {

inline constexpr int kBucketSlots = 8;

struct alignas(64) Bucket {
  uint64_t version;
  uint32_t overflow;   // number of the next bucket of the chain in the overflow region plus 1, or 0
  uint32_t unused;
  uint16_t tags[kBucketSlots];
  ItemRef refs[kBucketSlots];

  void Bump() { version += 2; }
};
static_assert(sizeof(Bucket) == 64);
static_assert(offsetof(Bucket, tags) == 16, "the tags are loaded as one aligned register");

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
  for (int i = 0; i < kBucketSlots; i++) mask |= static_cast<uint32_t>(bucket.tags[i] == tag) << i;
  return mask;
}

inline uint32_t MatchTags(const Bucket& bucket, uint16_t tag) {
#if defined(__SSE2__)
  const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tags));
  const __m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<short>(tag)));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())));
#else
  return MatchTagsPlain(bucket, tag);
#endif
}

}   // namespace shale
