// A store's life, written down by the one thread that lives it: what was asked, in which order, what was
// acknowledged, and behind which operation on the disk. And what a store may hold, held against it:
//  (1) after errors: each key as the last acknowledged change left it, or as a later one that failed would
//      have; a group, which only whole batches and ranges change, all as the same change left it
//  (2) after a power cut: each shard as it was behind one of its changes, none before the last that is
//  durable;
//      a batch that is in one shard's part is in all of its shards
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "shale/shale.h"

namespace shale_test {

// What a key is seen to be: empty is absent, else the value, and behind it one character: does it expire?
using KeyState = std::string;
inline KeyState StateOf(const std::string& value, bool expires) {
  return value + (expires ? 'T' : 'P');
}
using StoreState = std::map<std::string, KeyState>;   // present keys only

struct Change {
  std::string key;
  KeyState state;
};

struct Deed {
  std::string what;   // for messages
  std::vector<Change> changes;
  bool durable = false;   // when acknowledged, so is all before it, in the shards it changes
  bool barrier = false;   // ... in all shards
  bool acknowledged = false;
  std::string backup;                 // made this one
  size_t begin = 0, end = SIZE_MAX;   // events on the disk before it began and when it was acknowledged
};

class History {
 public:
  Deed* Begin(std::string what, size_t event);
  void Acknowledge(Deed* deed, size_t event);
  const std::vector<Deed>& deeds() const { return deeds_; }
  // As the acknowledged deeds before number `upto` leave it.
  StoreState StateBefore(size_t upto) const;
  // The first deeds alone.
  History Before(size_t upto) const;
  // As those leave it that were acknowledged by then.
  StoreState StateAt(size_t event) const;
  // Rule 1. Empty: it may be so; else what is wrong.
  std::string JudgeAfterErrors(const StoreState& seen) const;
  // Rule 2, cut behind `event`. shard_of: the shard of each key. all_durable: only the process died.
  std::string JudgeAfterCut(const StoreState& seen, size_t event, const std::map<std::string, int>& shard_of,
                            bool all_durable) const;

  // Keys of one group, by their names.
  static std::string GroupOf(const std::string& key);

 private:
  std::vector<Deed> deeds_;
};

std::string ShowState(const KeyState& state);

}   // namespace shale_test
