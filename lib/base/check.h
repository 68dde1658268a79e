// Two prices of assertion, both for our own bugs only: what a caller passes or a disk holds is answered with
// a Status. SHALE_CHECK is always on and guards memory and disk; SHALE_DCHECK is for debug and sanitizer
// builds.
#pragma once

namespace shale {
[[noreturn]] void CheckFailed(const char* file, int line, const char* what) noexcept;
}   // namespace shale

#define SHALE_CHECK(cond) \
  (__builtin_expect(!!(cond), 1) ? (void)0 : ::shale::CheckFailed(__FILE__, __LINE__, #cond))

#ifdef SHALE_DEBUG
#define SHALE_DCHECK(cond) SHALE_CHECK(cond)
#else
#define SHALE_DCHECK(cond) ((void)sizeof(cond))
#endif
