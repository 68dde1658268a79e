#include "engine/size_text.h"

#include <algorithm>
#include <charconv>

namespace shale {

namespace {

struct SizeUnit {
  std::string_view name;
  int64_t bytes;
};
// For formatting the first that divides, so binary ones before decimal ones, which "B" keeps from being used.
constexpr SizeUnit kUnits[] = {
    {"TiB", kTiB},
    {"GiB", kGiB},
    {"MiB", kMiB},
    {"KiB", kKiB},
    {"B", 1},
    {"", 1},
    {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"KB", 1'000},
};

}   // namespace

bool ParseDigits(std::string_view text, int64_t* number) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return false;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && stop == end;
}

std::string FormatSize(uint64_t bytes) {
  if (bytes == 0) return "0";
  for (const SizeUnit& unit : kUnits) {
    const auto unit_bytes = static_cast<uint64_t>(unit.bytes);
    if (bytes % unit_bytes == 0) return std::to_string(bytes / unit_bytes) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

bool ParseSize(std::string_view text, int64_t* bytes) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  int64_t count;
  if (!ParseDigits(text.substr(0, digits), &count)) return false;
  for (const SizeUnit& unit : kUnits) {
    if (text.substr(digits) == unit.name) return !__builtin_mul_overflow(count, unit.bytes, bytes);
  }
  return false;
}

}   // namespace shale
