// Places where another thread is let in by tests, because there it hurts most: between two steps of a change,
// a fill or an eviction that readers may see apart. Without a hook it costs one load of a line that nobody
// writes.
#pragma once

#include <atomic>

namespace shale {

enum class YieldPoint {
  kAppended,     // a change is in the log, and nobody can see it
  kPublished,    // it can be seen below, the memory tier has nothing yet
  kFill,         // a reader has a value from below in hand and not installed it
  kEvict,        // an item is about to leave
  kNotPending,   // a reader saw that nothing is pending, and has not asked the index
  kDrained,      // what was pending is in the index, and still pending
  kStopping,     // a store is being closed, and work for spare time may stand in its queue
};

using YieldHook = void (*)(YieldPoint);
inline std::atomic<YieldHook> g_yield_hook{nullptr};

inline void YieldAt(YieldPoint point) {
  // Relaxed: a test sets it before its threads start.
  const YieldHook hook = g_yield_hook.load(std::memory_order_relaxed);
  if (hook != nullptr) [[unlikely]]
    hook(point);
}

}   // namespace shale
