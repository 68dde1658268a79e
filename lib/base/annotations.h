// Names for clang's thread-safety analysis. They vanish under other compilers; `make lint` runs clang over
// every file, so a lock that is not held is a compile error, not a race to be found later.
#pragma once

#if defined(__clang__)
#define SHALE_TS(x) __attribute__((x))
#else
#define SHALE_TS(x)
#endif

#define CAPABILITY(x) SHALE_TS(capability(x))
#define SCOPED_CAPABILITY SHALE_TS(scoped_lockable)
#define GUARDED_BY(x) SHALE_TS(guarded_by(x))
#define PT_GUARDED_BY(x) SHALE_TS(pt_guarded_by(x))
#define REQUIRES(...) SHALE_TS(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) SHALE_TS(acquire_capability(__VA_ARGS__))
#define RELEASE(...) SHALE_TS(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) SHALE_TS(try_acquire_capability(__VA_ARGS__))
#define EXCLUDES(...) SHALE_TS(locks_excluded(__VA_ARGS__))
#define ASSERT_CAPABILITY(x) SHALE_TS(assert_capability(x))
#define RETURN_CAPABILITY(x) SHALE_TS(lock_returned(x))
// For the few functions whose locking cannot be expressed (a variable number of locks); each use says why.
#define NO_THREAD_SAFETY_ANALYSIS SHALE_TS(no_thread_safety_analysis)
