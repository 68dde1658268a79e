#include "engine/in_flight.h"

#include <unistd.h>

namespace shale {

uint32_t InFlight::Line() {
  static std::atomic<uint32_t> next{0};
  // Relaxed: any distinct-ish number will do.
  thread_local const uint32_t line = next.fetch_add(1, std::memory_order_relaxed) % kLines;
  return line;
}

void InFlight::WaitForAll() const {
  for (const CounterLine& line : lines_) {
    // Calls inside end by themselves; closing is rare enough to look again instead of being woken.
    while (line.count.load(std::memory_order_seq_cst) != 0) usleep(200);
  }
}

}   // namespace shale
