#include "crash/verifier.h"

#include <algorithm>
#include <cstdio>

#include "model/store_kit.h"

namespace shale_test {

namespace {

// The store's clock and ours are read at different moments and rounded to milliseconds.
constexpr int64_t kSlackMs = 50;

std::string Word(uint64_t word) {
  static const char* const kKinds[] = {"absent", "put", "put with ttl", "?"};
  return std::to_string(SequenceOf(word)) + " " + kKinds[word & 3];
}

bool MemberFits(bool present, uint64_t seen, uint64_t sequence, uint32_t member) {
  if (sequence == 0 || GroupDeletes(sequence, member)) return !present;
  return present && seen == sequence;
}

}   // namespace

void Verifier::Report(const char* what, const std::string& key, const std::string& detail) {
  if (found_->Bad() <= 20) std::fprintf(stderr, "  %s: %s: %s\n", what, key.c_str(), detail.c_str());
}

Verifier::Seen Verifier::Look(const std::string& key) {
  Seen seen;
  void* value = nullptr;
  size_t size = 0;
  shale_error* err = nullptr;
  seen.before_ms = WallClockMs();
  const shale_status status = shale_get(db_, key.data(), key.size(), &value, &size, nullptr, 0, &err);
  seen.after_ms = WallClockMs();
  if (status != SHALE_NOT_FOUND) {
    Want(SHALE_OK, status, &err, "a get after the kill");
    seen.present = true;
    seen.value.assign(static_cast<const char*>(value), size);
    seen.sequence = SequenceIn(key, seen.value);
    shale_mem_free(value);
  }
  found_->keys++;
  found_->present += seen.present;
  all_[key] = seen;
  return seen;
}

// Whether what was seen is the state `word`, whose call was made between from_ms and to_ms.
bool Verifier::Fits(const Seen& seen, uint64_t word, int64_t from_ms, int64_t to_ms) const {
  const uint64_t sequence = SequenceOf(word);
  switch (KindOf(word)) {
    case Kind::kAbsent:
      return !seen.present;
    case Kind::kPut:
      return seen.present && seen.sequence == sequence;
    case Kind::kPutTtl:
      if (seen.present)
        return seen.sequence == sequence && seen.before_ms < to_ms + TtlOf(sequence) + kSlackMs;
      return seen.after_ms >= from_ms + TtlOf(sequence) - kSlackMs;
  }
  return false;
}

void Verifier::Classify(const std::string& key, const Seen& seen, const Slot& slot) {
  const std::string detail = "seen " +
                             (seen.present ? std::to_string(seen.sequence) : std::string("absent")) +
                             ", committed " + Word(slot.committed) + ", pending " + Word(slot.pending);
  const uint64_t sequence = SequenceOf(slot.committed);
  if (seen.present && (seen.sequence == 0 || seen.sequence > sequence)) {
    found_->torn++;
    Report("torn or misplaced", key, detail);
  } else if (seen.present && (KindOf(slot.committed) != Kind::kPut)) {
    found_->resurrected++;
    Report("resurrected", key, detail);
  } else {
    found_->lost++;
    Report("lost", key, detail);
  }
}

void Verifier::CheckKey(uint32_t i) {
  Slot* slot = &oracle_->keys[i];
  const std::string key = PlainKey(i);
  const Seen seen = Look(key);
  const bool is_committed = Fits(seen, slot->committed, slot->committed_from_ms, slot->committed_to_ms);
  // Between two calls both words are the same, and only the committed one has exact times.
  const bool is_pending =
      slot->pending != slot->committed && Fits(seen, slot->pending, slot->pending_from_ms, killed_ms_);
  if (!is_committed && !is_pending) Classify(key, seen, *slot);
  slot->highest = NextSequence(*slot) - 1;
  if (!seen.present) {
    slot->committed = MakeWord(slot->highest, Kind::kAbsent);
  } else if (is_pending && !is_committed) {
    slot->committed = slot->pending.load();
    slot->committed_from_ms = slot->pending_from_ms.load();
    slot->committed_to_ms = killed_ms_;
  }
  slot->pending = slot->committed.load();
}

void Verifier::CheckGroup(uint32_t group) {
  Slot* slot = &oracle_->groups[group];
  const uint64_t committed = SequenceOf(slot->committed), pending = SequenceOf(slot->pending);
  uint32_t as_committed = 0, as_pending = 0, as_either = 0;
  for (uint32_t member = 0; member < kGroupKeys; member++) {
    const Seen seen = Look(GroupKey(group, member));
    const bool is_committed = MemberFits(seen.present, seen.sequence, committed, member);
    const bool is_pending = MemberFits(seen.present, seen.sequence, pending, member);
    as_committed += is_committed;
    as_pending += is_pending;
    as_either += is_committed || is_pending;
    if (!is_committed && !is_pending) Classify(GroupKey(group, member), seen, *slot);
  }
  if (as_either == kGroupKeys && as_committed != kGroupKeys && as_pending != kGroupKeys) {
    found_->half++;
    Report("half a batch", GroupKey(group, 0),
           std::to_string(as_pending) + " members of " + std::to_string(pending) + ", " +
               std::to_string(as_committed) + " of " + std::to_string(committed));
  }
  slot->highest = NextSequence(*slot) - 1;
  if (as_pending == kGroupKeys) slot->committed = slot->pending.load();
  slot->pending = slot->committed.load();
}

void Verifier::CheckCounter(uint32_t i) {
  Slot* slot = &oracle_->counters[i];
  const std::string key = CounterKey(i);
  const Seen seen = Look(key);
  const std::string text = seen.present ? seen.value : "0";
  if (text == std::to_string(slot->pending)) {
    slot->committed = slot->pending.load();
  } else if (text == std::to_string(slot->committed)) {
    slot->pending = slot->committed.load();
  } else {
    found_->miscounted++;
    Report("miscounted", key,
           text + ", committed " + std::to_string(slot->committed) + ", pending " +
               std::to_string(slot->pending));
  }
}

void Verifier::CheckScan() {
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_iter_new(db_, nullptr, 0, nullptr, 0, 0, &iter, 0, &err), &err,
       "iter_new after the kill");
  auto due = all_.begin();
  const auto skip = [&](const std::string& to, bool to_end) {
    for (; due != all_.end() && (to_end || due->first < to); ++due) {
      const uint64_t sequence = due->second.sequence;
      // A key with a time to live may end between get and scan.
      const bool may_expire =
          due->second.present && due->first.compare(0, 4, "key/") == 0 && sequence != 0 &&
          KindOf(oracle_->keys[std::stoul(due->first.substr(4))].committed) == Kind::kPutTtl;
      if (due->second.present && !may_expire) {
        found_->scan++;
        Report("a scan misses", due->first, "seen by get");
      }
    }
  };
  for (;;) {
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    const shale_status status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
    if (status == SHALE_END) break;
    Want(SHALE_OK, status, &err, "iter_next after the kill");
    const std::string row(static_cast<const char*>(key), key_len);
    skip(row, false);
    if (due == all_.end() || due->first != row || !due->second.present ||
        due->second.value != std::string(static_cast<const char*>(value), value_len)) {
      found_->scan++;
      Report("a scan shows another value than get", row, std::to_string(value_len) + " bytes");
    }
    if (due != all_.end() && due->first == row) ++due;
  }
  skip("", true);
  shale_iter_free(iter);
}

void Verifier::Run() {
  for (uint32_t i = 0; i < kCrashKeys; i++) CheckKey(i);
  for (uint32_t group = 0; group < kCrashGroups; group++) CheckGroup(group);
  for (uint32_t i = 0; i < kCrashCounters; i++) CheckCounter(i);
  CheckScan();
}

}   // namespace shale_test
