// Long work tells how far it has come, and asks whether to go on.
#pragma once

#include <cstdint>
#include <functional>

namespace shale {

// Bytes done, of bytes in all. False: stop, which makes the work end with CANCELLED.
using WorkProgress = std::function<bool(uint64_t done, uint64_t total)>;

}   // namespace shale
