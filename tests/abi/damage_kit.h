// Stores to be damaged, and what is allowed to happen then.
//  (1) a refused open has changed no byte of the directory
//  (2) a get or a scan never gives wrong bytes with OK; an older value of the same key counts as missing
//  (3) what is silently missing is told to the caller, who decides (only the last record of an unclean log
//  may be)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/store_kit.h"
#include "shale/shale.h"

namespace shale_test {

struct DamageFixture {
  explicit DamageFixture(uint64_t seed);
  TempDir clean{"damage-clean"};       // closed
  TempDir other{"damage-other"};       // another store with the same rows
  TempDir unclean{"damage-unclean"};   // its process was killed
  TempDir work{"damage-work"};         // the copy that is damaged
  const std::map<std::string, std::string> rows;
  Dice dice;
};
extern DamageFixture* fixture;

// The child that leaves an unclean store: the program starts itself with "--write-and-die path".
[[noreturn]] void WriteAndDie(const char* path);

struct Outcome {
  shale_status open = SHALE_OK;
  int32_t shard = -1;                 // that the refusal names
  uint64_t reported = 0;              // reads that said CORRUPT (or IO)
  std::vector<std::string> missing;   // keys that are silently not there, or older
};

// Opens fixture->work and reads everything; `damage` is for messages.
Outcome OpenAndRead(const std::string& damage);

// A fresh copy of a store, damaged, opened and read.
Outcome Damage(const TempDir& store, const std::string& damage,
               const std::function<void(const std::string& work)>& harm);

void WantRefused(const Outcome& outcome, const std::string& damage);
void WantNothingMissing(const Outcome& outcome, const std::string& damage);
void WantServed(const Outcome& outcome, const std::string& damage);

// The shard in whose directory a file lies.
int32_t ShardOf(const std::string& file);

struct Tally {
  uint64_t refused = 0, reported = 0, served = 0;
  void Add(const Outcome& outcome);
  void Print(const std::string& what) const;
};

}   // namespace shale_test
