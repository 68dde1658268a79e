// Twelve deliberate defects, to see whether the tests see: make test-seeded builds each alone, with
// -DSHALE_SEED_BUG=n, and runs the test that must catch it. In every other build there are none, and what
// stands behind `if (SeededBug(...))` is no code.
#pragma once

namespace shale {

#ifndef SHALE_SEED_BUG
#define SHALE_SEED_BUG 0
#endif

enum class Seed : int {
  kNoDirectorySync = 1,   // a new file is called durable without its name
  kNoPoison,              // writes go on after a failed sync
  kAckBeforeAppend,       // small values are acknowledged before they are in the log
  kFillRace,              // a reader installs what was changed meanwhile
  kNoChecksum,            // records are believed
  kEarlyUnlink,           // garbage collection removes segments that a cursor can reach
  kHalfBatch,             // recovery keeps what is left of a batch
  kTtlIgnored,            // what is read from disk does not expire
  kNoDrainAtClose,        // a clean end without what is pending
  kNoForkGuard,           // a child takes its parent's handles for its own
  kLockByPath,            // a store is another one under another name
  kTornTailInside,        // a log may end in the middle
};

constexpr bool SeededBug(Seed seed) {
  return SHALE_SEED_BUG == static_cast<int>(seed);
}

}   // namespace shale
