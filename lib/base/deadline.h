// The one place that decides whether something is over, and when it will be. A deadline is milliseconds of
// Clock, 0 = never.
#pragma once

#include <cstdint>

namespace shale {

inline constexpr int64_t kNoDeadline = 0;
inline constexpr int64_t kTtlDefault = 0;
inline constexpr int64_t kTtlNever = -1;
inline constexpr int64_t kTtlKeep = -2;

inline bool Expired(int64_t deadline_ms, int64_t now_ms) {
  return deadline_ms != kNoDeadline && deadline_ms <= now_ms;
}

// Instant at which a time to live of ttl_ms > 0 ends; one that would overflow never ends.
inline int64_t DeadlineAfter(int64_t now_ms, int64_t ttl_ms) {
  int64_t sum;
  return __builtin_add_overflow(now_ms, ttl_ms, &sum) ? kNoDeadline : sum;
}

}   // namespace shale
