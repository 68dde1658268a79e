// The process that is killed: opens the store, writes from eight threads, tells the oracle before and after
// each call.
#pragma once

#include <cstdint>
#include <string>

namespace shale_test {

enum class Victim : int {
  kWrite,       // writes until it is killed
  kFlush,       // the same, with one thread that flushes without a pause
  kOpen,        // opens and writes nothing: for a kill during recovery
  kCloseLoop,   // writes for a moment, closes, opens again, and so on: for a kill during close
  kSync,        // as kWrite with durability "disk"
  kReclaim,     // as kWrite, with one thread that reclaims disk space without a pause
};

// Runs until it is killed. When the store fails, the process ends with code 3 and the reason stands in the
// oracle.
[[noreturn]] void RunVictim(const std::string& store, const std::string& oracle, Victim kind, uint64_t seed);

}   // namespace shale_test
