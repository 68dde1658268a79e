// Sizes as text: "512MiB".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shale {

inline constexpr int64_t kKiB = int64_t{1} << 10;
inline constexpr int64_t kMiB = int64_t{1} << 20;
inline constexpr int64_t kGiB = int64_t{1} << 30;
inline constexpr int64_t kTiB = int64_t{1} << 40;

// 268435456 as "256MiB": the largest unit that divides it.
std::string FormatSize(uint64_t bytes);
// Digits and a unit: none, B, KiB, MiB, GiB, TiB, KB, MB, GB or TB. False for anything else, and above
// INT64_MAX.
bool ParseSize(std::string_view text, int64_t* bytes);
// Digits and nothing else. False above INT64_MAX.
bool ParseDigits(std::string_view text, int64_t* number);

}   // namespace shale
