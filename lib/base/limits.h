// Numbers that are part of the product: what callers may pass, and how many shards there are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shale {

inline constexpr size_t kKeyBytesMax = 65535;
inline constexpr size_t kValueBytesMax = size_t{1} << 30;
inline constexpr size_t kBatchBytesMax = size_t{256} << 20;

// Part of the format: another number is a store that no other build can open. Tests that go through every
// single operation of a store build the library with fewer (tests/fault/build.mk).
#ifndef SHALE_TEST_DISK_SHARD_BITS
#define SHALE_TEST_DISK_SHARD_BITS 6
#endif
inline constexpr int kDiskShardBits = SHALE_TEST_DISK_SHARD_BITS;
inline constexpr int kDiskShards = 1 << kDiskShardBits;
inline constexpr int kMemoryShardBits = 8;
inline constexpr int kMemoryShards = 1 << kMemoryShardBits;

inline constexpr int64_t kVersionAbsent = 0;

}   // namespace shale
