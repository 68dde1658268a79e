#include "crash/victim.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "crash/oracle.h"
#include "model/store_kit.h"
#include "shale/shale.h"

namespace shale_test {

namespace {

[[noreturn]] void GiveUp(Oracle* oracle, const char* what, shale_status status, shale_error* err) {
  std::snprintf(oracle->failure, sizeof oracle->failure, "%s: %s: %s", what, shale_status_name(status),
                shale_error_message(err));
  oracle->phase = static_cast<uint32_t>(Phase::kFailed);
  _exit(3);
}

class Writer {
 public:
  Writer(shale_db* db, Oracle* oracle, uint32_t thread, uint64_t seed)
      : db_(db), oracle_(oracle), thread_(thread), dice_(seed) {}

  void Step() {
    const uint64_t choice = dice_.Below(100);
    if (choice < 12)
      WriteGroup();
    else if (choice < 24)
      AddOne();
    else
      WriteKey();
  }

 private:
  uint32_t flags() { return dice_.OneIn(40) ? SHALE_SYNC : 0; }

  void Acknowledge(shale_status status, const char* what) {
    if (status != SHALE_OK) GiveUp(oracle_, what, status, err_);
    oracle_->acknowledged.fetch_add(1, std::memory_order_relaxed);   // relaxed: a figure for the report
  }

  uint32_t Own(uint32_t count) {
    return static_cast<uint32_t>(dice_.Below(count / kCrashThreads)) * kCrashThreads + thread_;
  }

  void Begin(Slot* slot, uint64_t word) {
    slot->pending_from_ms = WallClockMs();
    slot->pending = word;
  }
  void Commit(Slot* slot, uint64_t word) {
    slot->committed_from_ms = slot->pending_from_ms.load();
    slot->committed_to_ms = WallClockMs();
    slot->committed = word;
  }

  void WriteKey() {
    const uint32_t i = Own(kCrashKeys);
    Slot* slot = &oracle_->keys[i];
    const std::string key = PlainKey(i);
    const uint64_t sequence = NextSequence(*slot);
    const uint64_t choice = dice_.Below(10);
    const Kind kind = choice < 2 ? Kind::kAbsent : (choice < 4 ? Kind::kPutTtl : Kind::kPut);
    const uint64_t word = MakeWord(sequence, kind);
    Begin(slot, word);
    shale_status status;
    if (kind == Kind::kAbsent) {
      status = shale_delete(db_, key.data(), key.size(), flags(), &err_);
    } else {
      const std::string value = ValueOf(key, sequence);
      const int64_t ttl_ms = kind == Kind::kPutTtl ? TtlOf(sequence) : SHALE_TTL_NEVER;
      status = shale_put(db_, key.data(), key.size(), value.data(), value.size(), ttl_ms, nullptr,
                         flags() | (dice_.OneIn(10) ? SHALE_WRITE_AROUND : 0), &err_);
    }
    Acknowledge(status, "a write");
    Commit(slot, word);
  }

  void WriteGroup() {
    const uint32_t group = Own(kCrashGroups);
    Slot* slot = &oracle_->groups[group];
    const uint64_t sequence = NextSequence(*slot);
    const uint64_t word = MakeWord(sequence, Kind::kPut);
    if (GroupIsDropped(sequence)) return DropGroup(group, slot, word);
    shale_batch* batch = nullptr;
    shale_status status = shale_batch_new(&batch);
    for (uint32_t member = 0; member < kGroupKeys && status == SHALE_OK; member++) {
      const std::string key = GroupKey(group, member);
      if (GroupDeletes(sequence, member)) {
        status = shale_batch_delete(batch, key.data(), key.size(), &err_);
      } else {
        const std::string value = ValueOf(key, sequence);
        status = shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER,
                                 &err_);
      }
    }
    Begin(slot, word);
    if (status == SHALE_OK) status = shale_write(db_, batch, flags(), &err_);
    shale_batch_free(batch);
    Acknowledge(status, "a batch");
    Commit(slot, word);
  }

  void DropGroup(uint32_t group, Slot* slot, uint64_t word) {
    const std::string prefix = GroupPrefix(group);
    Begin(slot, word);
    Acknowledge(
        shale_delete_range(db_, prefix.data(), prefix.size(), nullptr, 0, SHALE_PREFIX | flags(), &err_),
        "a range's delete");
    Commit(slot, word);
  }

  void AddOne() {
    const uint32_t i = Own(kCrashCounters);
    Slot* slot = &oracle_->counters[i];
    const std::string key = CounterKey(i);
    const uint64_t count = std::max(slot->pending.load(), slot->committed.load()) + 1;
    Begin(slot, count);
    int64_t result = 0;
    const shale_status status = shale_incr(db_, key.data(), key.size(), 1, &result, flags(), &err_);
    Acknowledge(status, "an incr");
    if (result != static_cast<int64_t>(count)) {
      GiveUp(oracle_, "an incr with another sum than the oracle's", SHALE_E_INTERNAL, nullptr);
    }
    Commit(slot, count);
  }

  shale_db* const db_;
  Oracle* const oracle_;
  const uint32_t thread_;
  Dice dice_;
  shale_error* err_ = nullptr;
};

void SetPhase(Oracle* oracle, Phase phase) {
  oracle->phase = static_cast<uint32_t>(phase);
}

shale_db* OpenStore(const std::string& path, Oracle* oracle, Victim kind) {
  Options options;
  options.Set("memory.budget", OptionMinimum("memory.budget").c_str());
  options.Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
  if (kind == Victim::kSync) options.Set("durability", "disk");
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  const shale_status status = shale_open(path.c_str(), options.get(), &db, &err);
  if (status != SHALE_OK) GiveUp(oracle, "open", status, err);
  return db;
}

void FlushForEver(shale_db* db, Oracle* oracle) {
  for (;;) {
    shale_error* err = nullptr;
    const shale_status status = shale_flush(db, &err);
    if (status != SHALE_OK) GiveUp(oracle, "flush", status, err);
  }
}

// Counts in the oracle, after each piece of work, so that the report can say that segments were collected
// while the kills came.
struct Collected {
  shale_db* db;
  Oracle* oracle;
  int64_t counted = 0;
};

int32_t CountCollected(void* context, int64_t, int64_t) {
  auto* const c = static_cast<Collected*>(context);
  int64_t collected = 0;
  if (shale_stat(c->db, "gc.segments", &collected, nullptr) != SHALE_OK) return 0;
  c->oracle->collected += static_cast<uint64_t>(collected - c->counted);
  c->counted = collected;
  return 0;
}

void ReclaimForEver(shale_db* db, Oracle* oracle) {
  Collected collected{db, oracle};
  for (;;) {
    shale_error* err = nullptr;
    const shale_status status = shale_reclaim(db, CountCollected, &collected, 0, &err);
    if (status != SHALE_OK) GiveUp(oracle, "reclaim", status, err);
  }
}

// Writes from all threads; `calls` of each, or until the kill when it is 0.
void WriteFromAllThreads(shale_db* db, Oracle* oracle, Victim kind, uint64_t seed, uint64_t calls) {
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < kCrashThreads; thread++) {
    threads.emplace_back([=] {
      Writer writer(db, oracle, thread, seed + thread);
      for (uint64_t i = 0; calls == 0 || i < calls; i++) writer.Step();
    });
  }
  if (kind == Victim::kReclaim) threads.emplace_back(ReclaimForEver, db, oracle);
  if (kind == Victim::kFlush) threads.emplace_back(FlushForEver, db, oracle);
  for (std::thread& thread : threads) thread.join();
}

}   // namespace

void RunVictim(const std::string& store, const std::string& oracle_path, Victim kind, uint64_t seed) {
  SetFatalSeed(seed);
  Oracle* oracle = MapOracle(oracle_path, false);
  for (uint64_t round = 0;; round++) {
    shale_db* db = OpenStore(store, oracle, kind);
    SetPhase(oracle, Phase::kOpen);
    if (kind == Victim::kOpen) {
      for (;;) pause();
    }
    WriteFromAllThreads(db, oracle, kind, seed + round * 100, kind == Victim::kCloseLoop ? 40 : 0);
    SetPhase(oracle, Phase::kClosing);
    shale_error* err = nullptr;
    const shale_status status = shale_close(db, &err);
    if (status != SHALE_OK) GiveUp(oracle, "close", status, err);
    shale_free(db);
  }
}

}   // namespace shale_test
