// The words in which a read of the memory tier is asked and answered, and what is installed in it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "cache/pin.h"

namespace shale {

// What a reader noted when it missed.
struct FillToken {
  uint64_t version = 0;
  bool at_place = false;   // the key's place was found instead of its value
};

enum class ReadMode {
  kMeta,        // version and deadline only; nothing is copied
  kCopy,        // copy if value_len <= cap, else only tell the length
  kCopyOrPin,   // copy if value_len <= cap, else pin
  kPin,         // pin whatever the length
};

enum class Lookup {
  kHit,       // present and alive
  kMiss,      // not here: the tier below may have it; `token` is set
  kPlace,     // only where its value lies below: `where`, length, version and deadline are set, and `token`
  kExpired,   // here, and over: the answer is "no such key" without asking below
};

struct CacheRead {
  size_t value_len = 0;
  int64_t version = 0;
  int64_t deadline_ms = 0;
  bool copied = false;   // buf holds the value
  Pin pin;               // set when pinned
  uint64_t where = 0;    // set on kPlace
  FillToken token;       // set on kMiss and kPlace
};

// What a read asks for, handed down in one piece.
struct CacheQuery {
  const KeyRef& key;
  ReadMode mode;
  void* buf;
  size_t cap;
  Clock* clock;   // read only if the item has a deadline
};

// How finely hot keys are told from others, see Cache::CollectHot.
inline constexpr size_t kHotRanks = 8;

struct CacheItem {
  Bytes value;
  int64_t version = 0;
  int64_t deadline_ms = 0;
  uint64_t where = 0;   // where the value lies below, worth remembering when the value has left; 0: not
};

}   // namespace shale
