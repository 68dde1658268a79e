// The one door for tests that shale.h does not have: time. Not exported; such tests link the static library.
#pragma once

namespace shale {

class Clock;

// Stores opened from now on use it; nullptr: the real clock again. The clock outlives those stores.
void SetClockForTest(Clock* clock);

}   // namespace shale
