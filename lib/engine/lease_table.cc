#include "engine/lease_table.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/check.h"
#include "base/deadline.h"

namespace shale {

namespace {
enum class EntryState { kHeld, kVacant, kMissing, kDone };

// What a remembered key takes beside its bytes: the entry, its node in the map and in the list.
constexpr size_t kMissingOverheadBytes = 320;
constexpr int64_t kWaitStepMs = 3'600'000;   // one wait at most: the C++ library might overflow
}   // namespace

// Under the mutex of its shard, but for key and hash, which never change.
struct LeaseTable::Entry {
  Buffer key;
  uint64_t hash = 0;
  EntryState state = EntryState::kVacant;
  bool fulfilling = false;
  bool found_missing = false;   // by the last load: what those who waited for it are told
  uint64_t serial = 0;
  int64_t hold_until_ms = 0;      // kHeld
  int64_t missing_until_ms = 0;   // kMissing
  size_t waiters = 0;
  CondVar changed;
  std::shared_ptr<const LoadedValue> loaded;   // kDone
  std::list<Entry*>::iterator in_missing;      // kMissing

  size_t MissingBytes() const { return key.size() + kMissingOverheadBytes; }
};

// ---- one shard

LeaseTable::EntryPtr LeaseTable::Shard::Find(const KeyRef& key) {
  const auto [first, last] = entries.equal_range(key.hash);
  for (auto at = first; at != last; ++at) {
    if (at->second->key == key.key) return at->second;
  }
  return nullptr;
}

LeaseTable::EntryPtr LeaseTable::Shard::Add(const KeyRef& key) {
  auto entry = std::make_shared<Entry>();
  entry->key.assign(key.key);
  entry->hash = key.hash;
  entries.emplace(key.hash, entry);
  entry_count.fetch_add(1, std::memory_order_relaxed);   // see NoteWrite
  return entry;
}

void LeaseTable::Shard::Remove(Entry* entry) {
  const auto [first, last] = entries.equal_range(entry->hash);
  const auto at = std::find_if(first, last, [&](const auto& pair) { return pair.second.get() == entry; });
  SHALE_CHECK(at != last);
  entry_count.fetch_sub(1, std::memory_order_relaxed);   // see NoteWrite
  entries.erase(at);                                     // may be the last reference
}

// Out of the table; whoever waits takes what was loaded or looks again.
void LeaseTable::Shard::Finish(Entry* entry) {
  if (entry->state == EntryState::kMissing) Forget(entry);
  entry->state = EntryState::kDone;
  entry->changed.NotifyAll();
  Remove(entry);
}

void LeaseTable::Shard::Vacate(Entry* entry) {
  if (entry->waiters == 0) return Finish(entry);
  entry->state = EntryState::kVacant;
  entry->changed.NotifyOne();
}

void LeaseTable::Shard::Grant(const EntryPtr& entry, int64_t hold_ms, Ticket* ticket) {
  if (entry->state == EntryState::kMissing) Forget(entry.get());
  entry->state = EntryState::kHeld;
  entry->hold_until_ms = SteadyAfter(hold_ms);
  *ticket = Ticket{entry, ++entry->serial};
  stats.granted++;
}

void LeaseTable::Shard::Remember(Entry* entry, int64_t until_ms, size_t bytes_max) {
  entry->found_missing = true;
  if (entry->MissingBytes() > bytes_max) return Finish(entry);
  while (missing_bytes + entry->MissingBytes() > bytes_max) Finish(missing.front());
  entry->in_missing = missing.insert(missing.end(), entry);
  missing_bytes += entry->MissingBytes();
  entry->missing_until_ms = until_ms;
  entry->state = EntryState::kMissing;
  entry->changed.NotifyAll();
}

void LeaseTable::Shard::Forget(Entry* entry) {
  missing.erase(entry->in_missing);
  missing_bytes -= entry->MissingBytes();
}

LeaseTable::Answer LeaseTable::Shard::Wait(const EntryPtr& entry, int64_t wait_until_ms, int64_t hold_ms,
                                           Ticket* ticket, std::shared_ptr<const LoadedValue>* loaded) {
  bool waited = false;
  for (;;) {
    if (entry->state == EntryState::kDone && entry->loaded != nullptr)
      return *loaded = entry->loaded, Answer::kLoaded;
    if (closed) return Answer::kClosed;
    const bool ended = entry->state == EntryState::kDone || entry->state == EntryState::kMissing;
    if (ended && entry->found_missing) return stats.missing_hits++, Answer::kMissing;
    if (ended) return Answer::kLookAgain;
    const int64_t now_ms = SteadyMs();
    const bool over =
        entry->state == EntryState::kHeld && now_ms >= entry->hold_until_ms && !entry->fulfilling;
    if (over || entry->state == EntryState::kVacant) {
      if (over) stats.takeovers++;
      Grant(entry, hold_ms, ticket);
      return Answer::kGranted;
    }
    if (now_ms >= wait_until_ms) {
      if (waited) stats.wait_timeouts++;
      return Answer::kTimeout;
    }
    if (!waited) stats.waits++;
    waited = true;
    // A value that is being written is there soon, and is worth more than a second load.
    const int64_t until_ms =
        entry->fulfilling ? wait_until_ms : std::min(wait_until_ms, entry->hold_until_ms);
    entry->waiters++;
    (void)entry->changed.WaitForMs(&mu, std::min(until_ms - now_ms, kWaitStepMs));
    entry->waiters--;
  }
}

// ---- the table

LeaseTable::LeaseTable(Clock* clock, size_t missing_bytes_max)
    : clock_(clock),
      shard_missing_bytes_max_(missing_bytes_max / kDiskShards),
      shards_(std::make_unique<Shard[]>(kDiskShards)) {}

LeaseTable::~LeaseTable() = default;

int64_t LeaseTable::SteadyMs() {
  using std::chrono::milliseconds;
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t LeaseTable::SteadyAfter(int64_t ms) {
  int64_t sum;
  return __builtin_add_overflow(SteadyMs(), ms, &sum) ? INT64_MAX : sum;
}

LeaseTable::Answer LeaseTable::Acquire(const KeyRef& key, int64_t wait_until_ms, int64_t hold_ms,
                                       Ticket* ticket, std::shared_ptr<const LoadedValue>* loaded) {
  Shard& shard = ShardOf(key.hash);
  MutexLock lock(&shard.mu);
  if (shard.closed) return Answer::kClosed;
  EntryPtr entry = shard.Find(key);
  if (entry != nullptr && entry->state == EntryState::kMissing &&
      Expired(entry->missing_until_ms, clock_->NowMs())) {
    shard.Finish(entry.get());
    entry = nullptr;
  }
  if (entry != nullptr) return shard.Wait(entry, wait_until_ms, hold_ms, ticket, loaded);
  shard.Grant(shard.Add(key), hold_ms, ticket);
  return Answer::kGranted;
}

void LeaseTable::Cancel(const Ticket& ticket) {
  Shard& shard = ShardOf(ticket.entry->hash);
  MutexLock lock(&shard.mu);
  if (ticket.entry->state == EntryState::kHeld && ticket.entry->serial == ticket.serial)
    shard.Finish(ticket.entry.get());
}

void LeaseTable::GiveUp(const Ticket& ticket) {
  (void)Fail(ticket, kNoDeadline);
}

void LeaseTable::EndByWrite(Shard* shard, const KeyRef& key) {
  MutexLock lock(&shard->mu);
  const EntryPtr entry = shard->Find(key);
  // The write may be the holder's own.
  if (entry != nullptr && !entry->fulfilling) End(shard, entry.get());
}

void LeaseTable::End(Shard* shard, Entry* entry) {
  entry->found_missing = false;
  if (entry->state == EntryState::kHeld) shard->stats.overtaken++;
  shard->Finish(entry);
}

void LeaseTable::NoteRange(Bytes from, Bytes to) {
  for (size_t s = 0; s < kDiskShards; s++) {
    Shard& shard = shards_[s];
    if (shard.entry_count.load(std::memory_order_relaxed) == 0) continue;   // as in NoteWrite
    MutexLock lock(&shard.mu);
    std::vector<EntryPtr> ended;
    for (const auto& [hash, entry] : shard.entries) {
      const bool inside = entry->key >= from && (to.empty() || entry->key < to);
      if (inside && !entry->fulfilling) ended.push_back(entry);
    }
    for (const EntryPtr& entry : ended) End(&shard, entry.get());
  }
}

bool LeaseTable::StartFulfil(const Ticket& ticket, bool* awaited) {
  Shard& shard = ShardOf(ticket.entry->hash);
  MutexLock lock(&shard.mu);
  Entry* entry = ticket.entry.get();
  if (entry->state != EntryState::kHeld || entry->serial != ticket.serial) return false;
  entry->fulfilling = true;
  *awaited = entry->waiters > 0;
  return true;
}

void LeaseTable::EndFulfil(const Ticket& ticket, std::shared_ptr<const LoadedValue> loaded) {
  Shard& shard = ShardOf(ticket.entry->hash);
  MutexLock lock(&shard.mu);
  Entry* entry = ticket.entry.get();
  entry->fulfilling = false;
  entry->loaded = std::move(loaded);
  shard.stats.fulfilled++;
  // After Close it has left the table already.
  if (entry->state == EntryState::kHeld) shard.Finish(entry);
}

bool LeaseTable::Fail(const Ticket& ticket, int64_t missing_until_ms) {
  Shard& shard = ShardOf(ticket.entry->hash);
  MutexLock lock(&shard.mu);
  Entry* entry = ticket.entry.get();
  if (entry->state != EntryState::kHeld || entry->serial != ticket.serial) return false;
  entry->fulfilling = false;
  shard.stats.failed++;
  if (missing_until_ms == kNoDeadline) {
    shard.Vacate(entry);
  } else {
    shard.Remember(entry, missing_until_ms, shard_missing_bytes_max_);
  }
  return true;
}

void LeaseTable::Close() {
  for (int i = 0; i < kDiskShards; i++) {
    Shard& shard = shards_[i];
    MutexLock lock(&shard.mu);
    shard.closed = true;
    while (!shard.entries.empty()) {
      const EntryPtr entry = shard.entries.begin()->second;
      shard.Finish(entry.get());
    }
  }
}

LeaseStats LeaseTable::Stats() const {
  LeaseStats sum;
  for (int i = 0; i < kDiskShards; i++) {
    const Shard& shard = shards_[i];
    MutexLock lock(&shard.mu);
    sum.granted += shard.stats.granted;
    sum.waits += shard.stats.waits;
    sum.wait_timeouts += shard.stats.wait_timeouts;
    sum.takeovers += shard.stats.takeovers;
    sum.fulfilled += shard.stats.fulfilled;
    sum.failed += shard.stats.failed;
    sum.overtaken += shard.stats.overtaken;
    sum.missing_hits += shard.stats.missing_hits;
    sum.held += shard.entries.size() - shard.missing.size();
    sum.missing += shard.missing.size();
    sum.missing_bytes += shard.missing_bytes;
  }
  return sum;
}

}   // namespace shale
