// Tells a forked child from its parent by one load. Threads and locks of the parent do not exist in the
// child, so every handle remembers the generation it was made in and refuses to work in another.
//  (1) the generation of a process differs from that of every process it was forked from
//  (2) registered descriptors are closed in the child, before fork returns there
//  (3) children made by vfork, posix_spawn or a bare clone run no handler: close-on-exec covers the first two
#pragma once

#include <atomic>
#include <cstdint>

namespace shale {

extern std::atomic<uint32_t> g_fork_generation;

// Relaxed: only the forking thread survives in a child, and it ran the handler itself.
inline uint32_t ForkGeneration() {
  return g_fork_generation.load(std::memory_order_relaxed);
}

// Registers the handler once per process; every open calls it. Throws std::bad_alloc if there is no memory
// for it: without the handler a child would share the parent's files.
void InstallForkGuard();

// A descriptor that a forked child must close at once (store locks): at most kForkClosedFdsMax at a time,
// false beyond. Forget it before it is closed, or a child would close whatever has got its number since.
inline constexpr int kForkClosedFdsMax = 4096;
bool CloseInForkedChild(int fd);
void ForgetForkClosedFd(int fd);

}   // namespace shale
