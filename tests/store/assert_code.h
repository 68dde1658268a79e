// Fails with the status's text if it is not the wanted one.
#pragma once

#include "base/status.h"
#include "test.h"

namespace shale {

inline void AssertCode(const Status& s, Code code) {
  if (!s.Is(code)) {
    fail_msg("%s where %s was expected", s.ToString().c_str(), CodeName(static_cast<int32_t>(code)));
  }
}

}   // namespace shale
