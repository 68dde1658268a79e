#include "cache/arena_space.h"

#include <algorithm>
#include <bit>

namespace shale {

namespace {
constexpr size_t kHugePageBytes = size_t{2} << 20;
}   // namespace

Status ArenaSpace::Create(size_t shards, size_t lane_bytes, bool huge_pages,
                          std::shared_ptr<ArenaSpace>* out) {
  out->reset(new ArenaSpace(shards, lane_bytes));
  ArenaSpace* space = out->get();
  if (ShardsMax(lane_bytes) < shards) {
    return Status::Invalid("cache: arenas of " + std::to_string(shards) + " times " +
                           std::to_string(lane_bytes) + " bytes are above " + std::to_string(kBytesMax));
  }
  // Whole huge pages, so that the last one can be one.
  SHALE_RETURN_IF_NOT_OK(
      space->region_.Reserve(RoundUpTo(shards * space->lane_bytes_, kHugePageBytes), kHugePageBytes));
  space->huge_pages_ = huge_pages;
  if (huge_pages) space->region_.PreferHugePages();
  return Status::Ok();
}

ArenaSpace::Chunk ArenaSpace::ChunkWith(size_t at) {
  if (at < kFirstChunkBytes) return {0, kFirstChunkBytes};
  if (at >= kChunkBytesMax) return {at / kChunkBytesMax * kChunkBytesMax, kChunkBytesMax};
  return {std::bit_floor(at), std::bit_floor(at)};
}

bool ArenaSpace::Commit(size_t shard, const Chunk& chunk) {
  const size_t end = OffsetOf(shard, chunk) + chunk.bytes;
  // Acquire: pairs with the release below, though nothing but the kernel's own state was published.
  if (end <= committed_.load(std::memory_order_acquire)) return true;
  MutexLock lock(&mu_);
  // A page can be huge only if all of it may be used.
  const size_t wanted = huge_pages_ ? RoundUpTo(end, kHugePageBytes) : end;
  if (!region_.CommitTo(std::min(wanted, region_.reserved()))) return false;
  committed_.store(region_.committed(), std::memory_order_release);
  return true;
}

}   // namespace shale
