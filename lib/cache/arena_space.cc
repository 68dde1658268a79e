#include "cache/arena_space.h"

#include <bit>

namespace shale {

Status ArenaSpace::Create(size_t shards, size_t lane_bytes, bool huge_pages,
                          std::shared_ptr<ArenaSpace>* out) {
  out->reset(new ArenaSpace(shards, lane_bytes));
  ArenaSpace* space = out->get();
  if (ShardsMax(lane_bytes) < shards) {
    return Status::Invalid("cache: arenas of " + std::to_string(shards) + " times " +
                           std::to_string(lane_bytes) + " bytes are above " + std::to_string(kBytesMax));
  }
  const size_t bytes = shards * space->lane_bytes_;
  return huge_pages ? space->region_.ReserveHuge(bytes) : space->region_.Reserve(bytes);
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
  if (!region_.CommitTo(end)) return false;
  committed_.store(region_.committed(), std::memory_order_release);
  return true;
}

}   // namespace shale
