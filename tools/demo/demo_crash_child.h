// The loading process that is killed, and what it tells its parent.
//
// The oracle is a file mapped by both: the child notes each write there only after the store acknowledged it,
// the page belongs to the parent too, and so a kill cannot take the note back.
//  (1) A thread has one write outstanding, so at most one write beyond `puts` may be there without having
//  been noted. (2) Members of a group are only ever written together, all with the same number, which only
//  grows.
#ifndef SHALE_TOOLS_DEMO_DEMO_CRASH_CHILD_H_
#define SHALE_TOOLS_DEMO_DEMO_CRASH_CHILD_H_

#include <atomic>
#include <cstdint>
#include <string>

namespace shale::demo {

inline constexpr int kCrashThreads = 4;
inline constexpr int kGroupMembers = 8;
inline constexpr char kCrashChildArgument[] = "--crash-child";

struct Oracle {
  struct alignas(64) Thread {
    std::atomic<int64_t> puts;      // writes of this round acknowledged to this thread
    std::atomic<int64_t> batches;   // number of the last batch acknowledged to this thread, over all rounds
  };
  Thread threads[kCrashThreads];
};
static_assert(std::atomic<int64_t>::is_always_lock_free, "a lock in shared memory would die with the child");

// The oracle in the file `path`, created if absent; stays mapped until the process ends.
Oracle* MapOracle(const std::string& path);

std::string CrashKey(int round, int thread, int64_t n);
std::string CrashValue(int round, int thread, int64_t n);
std::string GroupKey(int thread, int member);
std::string GroupValue(int thread, int64_t number);

// Writes until it is killed. Returns only on an error, with the exit code.
int RunCrashChild(const std::string& store, const std::string& oracle, int round);

}   // namespace shale::demo

#endif   // SHALE_TOOLS_DEMO_DEMO_CRASH_CHILD_H_
