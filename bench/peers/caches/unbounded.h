// Which stores of a program keep everything that is put: each program of caches says so itself.
#pragma once

#include <string>

namespace bench {

bool IsUnbounded(const std::string& engine);

}   // namespace bench
