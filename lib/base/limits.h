// Numbers that are part of the product: what callers may pass, and how many shards there are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shale {

inline constexpr size_t kKeyBytesMax = 65535;
inline constexpr size_t kValueBytesMax = size_t{1} << 30;
inline constexpr size_t kBatchBytesMax = size_t{256} << 20;

inline constexpr int kDiskShardBits = 6;
inline constexpr int kDiskShards = 1 << kDiskShardBits;
inline constexpr int kMemoryShardBits = 8;
inline constexpr int kMemoryShards = 1 << kMemoryShardBits;

inline constexpr int64_t kVersionAbsent = 0;

}   // namespace shale
