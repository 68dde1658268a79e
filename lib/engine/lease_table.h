// Who loads a key that is not there: one caller at a time, over all threads; the others wait for what it
// brings. A lease is the right to load one key as it was when the lease was given: a write of the key by
// anybody ends it, so that what a slow loader brings never replaces something newer.
//
//  (1) a key has at most one entry in the table, and an entry at most one holder: the ticket with its serial
//      number
//  (2) an entry is held, vacant (its holder gave up, and somebody waits), missing (known not to exist, until
//      a time), or done (out of the table; waiters take what was loaded or look again)
//  (3) who changes a key calls NoteWrite under the key's stripe before the change can be seen; StartFulfil,
//      EndFulfil and Fail are called under the same stripe. A new deadline is no such change: the key is
//      there, so nobody holds a lease for it
//  (4) who was granted a ticket must pass the key's stripe once and then look for the key again: either it
//      sees the change of a writer that came before, or that writer's NoteWrite has seen the ticket
//  (5) vacant => somebody waits: it takes over, even if its own time is over by then
//  (6) what is known to be missing takes at most missing_bytes_max; the oldest knowledge goes first
// Holding and waiting run on a clock that no step of the wall clock moves; how long a key is known to be
// missing is a time to live like any other. No thread of its own: a holder's time is over when somebody asks.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mutex.h"

namespace shale {

// What a load has brought, for those who waited for it.
struct LoadedValue {
  Buffer value;
  int64_t version = 0;
  int64_t deadline_ms = 0;
};

struct LeaseStats {
  // Counters.
  uint64_t granted = 0;
  uint64_t waits = 0;           // callers that waited for another's load
  uint64_t wait_timeouts = 0;   // of these, whose own time was over first
  uint64_t takeovers = 0;       // granted because the holder's time was over
  uint64_t fulfilled = 0;
  uint64_t failed = 0;         // loads that failed or were given up
  uint64_t overtaken = 0;      // leases that a write ended
  uint64_t missing_hits = 0;   // answered by what is known to be missing
  // Gauges.
  uint64_t held = 0;
  uint64_t missing = 0;
  uint64_t missing_bytes = 0;
};

class LeaseTable {
 public:
  struct Entry;
  // The right of one holder. Valid or not, it may be handed to every function below.
  struct Ticket {
    std::shared_ptr<Entry> entry;
    uint64_t serial = 0;
  };

  enum class Answer {
    kGranted,     // *ticket is the caller's
    kLoaded,      // *loaded is what the holder brought
    kMissing,     // known not to exist
    kLookAgain,   // the key was written
    kTimeout,     // somebody else still loads it
    kClosed,
  };

  LeaseTable(Clock* clock, size_t missing_bytes_max);
  ~LeaseTable();
  LeaseTable(const LeaseTable&) = delete;
  LeaseTable& operator=(const LeaseTable&) = delete;

  // Milliseconds of the clock that waiting and holding run on, and a later instant of it.
  static int64_t SteadyMs();
  static int64_t SteadyAfter(int64_t ms);

  // Waits until wait_until_ms at most. A granted ticket is good for hold_ms; longer if nobody asks.
  Answer Acquire(const KeyRef& key, int64_t wait_until_ms, int64_t hold_ms, Ticket* ticket,
                 std::shared_ptr<const LoadedValue>* loaded);
  // The key was there after all: whoever waits looks again.
  void Cancel(const Ticket& ticket);
  // The load is given up; one of those who wait takes over.
  void GiveUp(const Ticket& ticket);

  void NoteWrite(const KeyRef& key) {
    Shard& shard = ShardOf(key.hash);
    // Relaxed: whoever was granted a ticket has passed the stripe that the caller holds.
    if (shard.entry_count.load(std::memory_order_relaxed) != 0) [[unlikely]]
      EndByWrite(&shard, key);
  }
  // The same for all keys of a range; all stripes are held.
  void NoteRange(Bytes from, Bytes to);
  // False if the ticket is no longer good. Until EndFulfil nobody can take the key over.
  bool StartFulfil(const Ticket& ticket, bool* awaited);
  void EndFulfil(const Ticket& ticket, std::shared_ptr<const LoadedValue> loaded);
  // False if the ticket is no longer good. missing_until_ms: the key is known to be missing until then;
  // kNoDeadline: not.
  bool Fail(const Ticket& ticket, int64_t missing_until_ms);

  // Everyone who waits, and everyone who comes later, gets kClosed.
  void Close();
  LeaseStats Stats() const;

 private:
  struct Shard;
  using EntryPtr = std::shared_ptr<Entry>;

  Shard& ShardOf(uint64_t hash) const { return shards_[DiskShardOf(hash)]; }
  void EndByWrite(Shard* shard, const KeyRef& key);
  static void End(Shard* shard, Entry* entry) REQUIRES(shard->mu);

  struct alignas(64) Shard {
    mutable Mutex mu;
    // By hash, which nobody outside can aim.
    std::unordered_multimap<uint64_t, EntryPtr> entries GUARDED_BY(mu);
    std::list<Entry*> missing GUARDED_BY(mu);   // oldest first
    size_t missing_bytes GUARDED_BY(mu) = 0;
    bool closed GUARDED_BY(mu) = false;
    LeaseStats stats GUARDED_BY(mu);   // counters
    std::atomic<size_t> entry_count{0};

    EntryPtr Find(const KeyRef& key) REQUIRES(mu);
    EntryPtr Add(const KeyRef& key) REQUIRES(mu);
    void Remove(Entry* entry) REQUIRES(mu);
    void Finish(Entry* entry) REQUIRES(mu);
    void Vacate(Entry* entry) REQUIRES(mu);
    void Grant(const EntryPtr& entry, int64_t hold_ms, Ticket* ticket) REQUIRES(mu);
    void Remember(Entry* entry, int64_t until_ms, size_t bytes_max) REQUIRES(mu);
    void Forget(Entry* entry) REQUIRES(mu);
    Answer Wait(const EntryPtr& entry, int64_t wait_until_ms, int64_t hold_ms, Ticket* ticket,
                std::shared_ptr<const LoadedValue>* loaded) REQUIRES(mu);
  };

  Clock* const clock_;
  const size_t shard_missing_bytes_max_;
  const std::unique_ptr<Shard[]> shards_;
};

}   // namespace shale
