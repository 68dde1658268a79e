// What a killed process had been told, kept where the kill cannot reach: a file mapped shared by the child
// that writes and the parent that verifies.
//
// One slot a key (or a group of keys, or a counter), owned by one thread of the child, one call at a time:
//  (1) `pending` is written before the call, `committed` after it was acknowledged
//  (2) after a kill the key must be in the state `committed` or in the state `pending`
//  (3) a call that failed stays pending until the key is overwritten
//  (4) a word is sequence * 4 + kind: an absent key has a sequence too, so that a deleted value that comes
//      back is told from one that was lost; a value carries key, sequence and checksum, so that a misplaced or
//      torn one is seen
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace shale_test {

inline constexpr int kCrashThreads = 8;
inline constexpr uint32_t kCrashKeys = 4000;
inline constexpr uint32_t kCrashGroups = 24;
inline constexpr uint32_t kGroupKeys = 20;
inline constexpr uint32_t kCrashCounters = 32;

enum class Kind : uint64_t { kAbsent = 0, kPut = 1, kPutTtl = 2 };

inline uint64_t MakeWord(uint64_t sequence, Kind kind) {
  return sequence * 4 + static_cast<uint64_t>(kind);
}
inline uint64_t SequenceOf(uint64_t word) {
  return word / 4;
}
inline Kind KindOf(uint64_t word) {
  return static_cast<Kind>(word & 3);
}

struct Slot {
  std::atomic<uint64_t> pending;
  std::atomic<uint64_t> committed;
  std::atomic<uint64_t> highest;   // sequence ever used, also by a call that a kill undid
  // Wall-clock bounds of the instant of the call, for values with a time to live; the later one is 0 until
  // acknowledged.
  std::atomic<int64_t> pending_from_ms;
  std::atomic<int64_t> committed_from_ms;
  std::atomic<int64_t> committed_to_ms;
};

enum class Phase : uint32_t { kStarted = 0, kOpen = 1, kClosing = 2, kFailed = 3 };

struct Oracle {
  std::atomic<uint32_t> phase;
  std::atomic<uint64_t> acknowledged;   // calls, over all children
  std::atomic<uint64_t> collected;      // log segments, over all children
  char failure[512];                    // why the child gave up
  Slot keys[kCrashKeys];
  Slot groups[kCrashGroups];
  Slot counters[kCrashCounters];   // the word is the count itself
};

// The next sequence of a key or a group: never one that a kill undid, else its late return would not be seen.
uint64_t NextSequence(const Slot& slot);

// Maps the oracle's file, making it if asked to; ends the process on an error.
Oracle* MapOracle(const std::string& path, bool create);
void UnmapOracle(Oracle* oracle);

std::string PlainKey(uint32_t i);
std::string GroupPrefix(uint32_t group);
std::string GroupKey(uint32_t group, uint32_t member);
std::string CounterKey(uint32_t i);

// The bytes that sequence gives a key; size and content follow from both.
std::string ValueOf(const std::string& key, uint64_t sequence);
// The sequence in a value, or 0 if the value is not whole or belongs to another key.
uint64_t SequenceIn(const std::string& key, const std::string& value);
// 20 ms to 2.5 s.
int64_t TtlOf(uint64_t sequence);
// Whether batch number `sequence` deletes this member instead of setting it.
bool GroupDeletes(uint64_t sequence, uint32_t member);
// Whether it is no batch, but deletes the range of all members.
bool GroupIsDropped(uint64_t sequence);

int64_t WallClockMs();

}   // namespace shale_test
