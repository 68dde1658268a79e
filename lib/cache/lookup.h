// The words in which a read of the memory tier is asked and answered, and what is installed in it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/deadline.h"
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

// What is left of it when a value was found at once.
struct CacheHit {
  size_t value_len = 0;
  int64_t version = 0;
};

// What a read asks for, handed down in one piece.
struct CacheQuery {
  const KeyRef& key;
  ReadMode mode;
  void* buf;
  size_t cap;
  Clock* clock;   // read only if the item has a deadline
  int64_t grace_ms = 0;
  bool stale_ok = false;
  int64_t idle_ms = 0;   // time to idle; 0: none
  bool alone = false;    // there is no tier below: a miss is the answer

  // An item may stay unused a little longer than its time to idle, so that its use is noted 16 times in it at
  // most and is seldom a store.
  static int64_t IdleEnd(int64_t now_ms, int64_t idle_ms, int64_t deadline_ms) {
    const int64_t end_ms = now_ms + idle_ms + idle_ms / 16;
    return deadline_ms != kNoDeadline && deadline_ms < end_ms ? deadline_ms : end_ms;
  }
  bool UseIsNoted(int64_t due_ms, int64_t deadline_ms, int64_t now_ms) const {
    return due_ms == deadline_ms || due_ms - now_ms >= idle_ms;
  }

  // What is over is given up only when the grace is over too. Asked under the lock.
  bool IsGone(int64_t deadline_ms) const { return Expired(deadline_ms, clock->NowMs() - grace_ms); }
  bool IsOver(int64_t deadline_ms) const {
    return deadline_ms != kNoDeadline && Expired(deadline_ms, clock->NowMs() - (stale_ok ? grace_ms : 0));
  }
};

// How finely hot keys are told from others, see Cache::CollectHot.
inline constexpr size_t kHotRanks = 8;

struct CacheItem {
  Bytes value;
  int64_t version = 0;
  int64_t deadline_ms = 0;
  uint64_t where = 0;   // where the value lies below, worth remembering when the value has left; 0: not
  int64_t due_ms = 0;   // set by the cache: when it is over if it is not used; 0: its deadline alone counts
};

}   // namespace shale
