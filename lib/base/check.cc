#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace shale {

void CheckFailed(const char* file, int line, const char* what) noexcept {
  std::fprintf(stderr, "shale: internal check failed at %s:%d: %s\n", file, line, what);
  std::abort();
}

}   // namespace shale
