// Whether the calling thread belongs to the library's pools: what such a thread waits for, a close waits for.
#pragma once

namespace shale {

namespace internal {
inline constinit thread_local bool t_on_pool_thread = false;
}

inline bool OnPoolThread() {
  return internal::t_on_pool_thread;
}
// At the beginning of a pool's thread.
inline void MarkPoolThread() {
  internal::t_on_pool_thread = true;
}

}   // namespace shale
