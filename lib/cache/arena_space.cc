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
  return space->region_.Reserve(shards * space->lane_bytes_, huge_pages);
}

ArenaSpace::Chunk ArenaSpace::ChunkWith(size_t at) {
  if (at < kFirstChunkBytes) return {0, kFirstChunkBytes};
  if (at >= kChunkBytesMax) return {at / kChunkBytesMax * kChunkBytesMax, kChunkBytesMax};
  return {std::bit_floor(at), std::bit_floor(at)};
}

}   // namespace shale
