#include "base/mutex.h"

namespace shale {

namespace {
// Three times 8 pauses: about a microsecond, as the processor understands a pause.
constexpr int kTriesMax = 3;
constexpr int kPausesPerTry = 8;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");   // about as long; a yield is over at once
#endif
}
}   // namespace

void Mutex::LockSlowly() {
  for (int i = 0; i < kTriesMax; i++) {
    for (int k = 0; k < kPausesPerTry; k++) Pause();
    if (mu_.try_lock()) return;
  }
  mu_.lock();
}

}   // namespace shale
