#include "abi/testing.h"

#include "base/clock.h"

namespace shale {

void SetClockForTest(Clock* clock) {
  Clock::SetDefaultForTest(clock);
}

}   // namespace shale
