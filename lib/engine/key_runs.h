// The keys of ranges that were walked lately, in order, so that a short walk need not ask every shard where
// it begins: that is most of what it costs. A run says of a range that every key the store has there is among
// those it names; it may name keys that are gone, so who goes by it looks each key up.
//  (1) Note comes under the key's stripe before a put can be seen, Forget under it after a delete was: so
//  what
//      can be seen is named at every instant
//  (2) a run never changes, it is replaced. Who finds the runs of a look in place again knows that no key
//  came
//      to their range between the two
//  (3) learning begins with all stripes held, at the cut that is then walked, and takes in what was noted
//      since; if that was too much nothing is learned
//  (4) runs do not overlap, and their bytes are within the bound
//  (5) who puts more keys into a run than walks make use of has it dropped; so does memory that runs out
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"

namespace shale {

// All keys between two share what these two begin with: it is stored once.
class KeyRun {
 public:
  static constexpr size_t kKeysMost = 128;
  static constexpr size_t kBytesMost = UINT16_MAX;

  KeyRun(Buffer from, Buffer to);
  const Buffer& from() const { return from_; }
  const Buffer& to() const { return to_; }   // exclusive; empty: no bound
  size_t size() const { return ends_.size(); }
  Bytes prefix() const { return Bytes(from_).substr(0, prefix_bytes_); }
  Bytes rest(size_t i) const {   // of a key, behind the prefix
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return Bytes(bytes_).substr(begin, ends_[i] - begin);
  }
  Buffer key(size_t i) const { return Buffer(prefix()).append(rest(i)); }
  size_t LowerBound(Bytes key) const;   // the first that is not before it
  bool Names(Bytes key) const;
  size_t memory_bytes() const;

 private:
  friend class KeyRuns;
  void Append(Bytes key);   // behind the others; there is room
  void Trim();

  const Buffer from_, to_;
  const size_t prefix_bytes_;
  Buffer bytes_;   // of all keys, without the prefix
  std::vector<uint16_t> ends_;
  uint32_t noted_ = 0;                      // keys that were put in since a walk used it
  mutable std::atomic<bool> used_{false};   // relaxed: a hint to who makes room
};

class KeyRuns {
 public:
  using Run = std::shared_ptr<const KeyRun>;
  static constexpr uint32_t kNotedMost = 64;         // between two walks
  static constexpr size_t kJournalKeysMost = 4096;   // while somebody learns
  static constexpr size_t kKeysAheadMost = 8192;
  static constexpr size_t kKeyBytesUsual = 32;

  explicit KeyRuns(size_t bytes_max)
      : bytes_max_(bytes_max), credit_(static_cast<int64_t>(bytes_max / kKeyBytesUsual)) {}
  KeyRuns(const KeyRuns&) = delete;
  KeyRuns& operator=(const KeyRuns&) = delete;

  // What is named in [from, to), in order.
  struct Look {
    std::vector<Run> runs;     // that cover what was looked at
    Buffer text;               // of the keys
    std::vector<Bytes> keys;   // into it
    bool ended = false;        // no key follows in the range
  };
  // The first keys_max of the range, or of its end with reverse, as far as they are covered; false if those
  // are fewer than keys_min, and not all.
  bool Find(Bytes from, Bytes to, bool reverse, size_t keys_min, size_t keys_max, Look* out) const
      EXCLUDES(mu_);
  bool Covers(Bytes key) const EXCLUDES(mu_);
  bool InPlace(const Look& look) const EXCLUDES(mu_);
  void Drop(const Look& look) EXCLUDES(mu_);

  // Key's stripe held. Cheap while nothing is covered and nobody learns.
  void Note(Bytes key) noexcept {
    if (active_.load(std::memory_order_relaxed)) [[unlikely]]   // set under all stripes at the latest
      NoteSlowly(key);
  }
  void Forget(Bytes key) noexcept {
    if (active_.load(std::memory_order_relaxed)) [[unlikely]]
      ForgetSlowly(key);
  }

  // All stripes held. Every ticket goes to Learn or GiveUp.
  uint64_t BeginLearning() EXCLUDES(mu_);
  // `keys`: all that the cut of the ticket has in [from, to), in order. False if they were not taken.
  bool Learn(uint64_t ticket, Bytes from, Bytes to, std::vector<Buffer> keys) EXCLUDES(mu_);
  void GiveUp(uint64_t ticket) EXCLUDES(mu_);

  // How many keys behind its own a walk that learns should read ahead. A walk that finds its keys here earns
  // more than it costs to learn as many again; so what is of no use stops at one filling of the bound.
  size_t KeysAhead() noexcept;
  size_t KeysHeld() const { return bytes_max() / kKeyBytesUsual; }   // about so many can be
  void NoteAhead(size_t keys) noexcept {
    credit_.fetch_sub(static_cast<int64_t>(keys), std::memory_order_relaxed);
  }
  void NoteUse() noexcept;
  void NoteDisturbed() noexcept { disturbed_.fetch_add(1, std::memory_order_relaxed); }

  struct Stats {
    uint64_t uses = 0;        // walks that found their keys here
    uint64_t disturbed = 0;   // and those that did and could not go by them
    uint64_t learned = 0;     // walks whose keys were taken in
    uint64_t keys = 0;
    uint64_t bytes = 0;
  };
  Stats GetStats() const EXCLUDES(mu_);
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }   // a statistic
  size_t bytes_max() const { return bytes_max_.load(std::memory_order_relaxed); }
  void KeepTo(size_t bytes_max) EXCLUDES(mu_);   // not more than before
  // For tests.
  bool Validate(std::string* why) const EXCLUDES(mu_);

 private:
  using Map = std::map<Bytes, Run>;   // by from, which lies in the run
  Map::const_iterator Covering(Bytes key) const REQUIRES(mu_);
  void NoteSlowly(Bytes key) noexcept EXCLUDES(mu_);
  void ForgetSlowly(Bytes key) noexcept EXCLUDES(mu_);
  void NoteLocked(Bytes key) REQUIRES(mu_);
  void Put(Run run) REQUIRES(mu_);
  Map::const_iterator Erase(Map::const_iterator at) REQUIRES(mu_);
  void EraseAll() noexcept REQUIRES(mu_);
  void LoseJournal() noexcept REQUIRES(mu_);
  void FillGap(Bytes from, Bytes to, const std::vector<Buffer>& keys) REQUIRES(mu_);
  void PutInPieces(Bytes from, Bytes to, const std::vector<Bytes>& keys, uint32_t noted) REQUIRES(mu_);
  void TakeNoted(uint64_t ticket, Bytes from, Bytes to, std::vector<Buffer>* keys) REQUIRES(mu_);
  void MakeRoom() REQUIRES(mu_);
  void EndLearning() REQUIRES(mu_);
  void NoteActive() REQUIRES(mu_);

  std::atomic<size_t> bytes_max_;
  mutable Mutex mu_;
  Map runs_ GUARDED_BY(mu_);
  size_t keys_ GUARDED_BY(mu_) = 0;   // in all of them
  Buffer hand_ GUARDED_BY(mu_);       // where MakeRoom goes on
  // Those whose tickets are good: a ticket before journal_begin_ has missed keys, and is not counted.
  size_t learners_ GUARDED_BY(mu_) = 0;
  std::deque<Buffer> journal_ GUARDED_BY(mu_);   // keys noted while somebody learns
  uint64_t journal_begin_ GUARDED_BY(mu_) = 0;   // ticket of its first
  std::atomic<bool> active_{false};
  // Relaxed: hints and statistics.
  std::atomic<int64_t> credit_;
  std::atomic<uint64_t> uses_{0};
  std::atomic<uint64_t> disturbed_{0};
  std::atomic<uint64_t> learned_{0};
  std::atomic<uint64_t> walks_{0};
  std::atomic<size_t> bytes_{0};
};

}   // namespace shale
