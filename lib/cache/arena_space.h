// The address space of the arenas of several shards, in one stretch. Why not one each: shards grow at one
// pace, because keys are spread evenly, and small pieces of 256 stretches lie on as many pages, while the
// same pieces side by side lie on a few huge ones; a look at a random item then seldom has to wait for its
// address.
//
// A shard sees its part as a lane of bytes from 0 on, cut into chunks: 4 KiB, 4 KiB, 8, 16, ... up to 128
// KiB, then 128 KiB each. Chunk c of all shards, shard by shard, is one stripe, and stripe follows stripe:
//
//     | 4K of shard 0 | 4K of shard 1 | ... | 4K of shard 0 | ... | 8K of shard 0 | 8K of shard 1 | ...
//
//  (1) the bytes of one chunk are neighbours in memory, those of two chunks are not
//  (2) memory of a chunk is readable and writable from its Commit until the space is destroyed
//  (3) bytes are given to a shard in the order of its lane, so no more than one stripe is partly in use while
//      shards grow evenly; with huge pages that is what may be resident beyond what is used
// Commit and Discard may be called from any thread.
#pragma once

#include <cstddef>
#include <memory>

#include "base/status.h"
#include "cache/growing_region.h"

namespace shale {

class ArenaSpace {
 public:
  static constexpr size_t kFirstChunkBytes = kPageBytes;
  static constexpr size_t kChunkBytesMax = size_t{128} << 10;
  // What 31 bits of 8-byte units reach.
  static constexpr size_t kBytesMax = size_t{16} << 30;

  struct Chunk {
    size_t start;   // in the lane
    size_t bytes;
    size_t end() const { return start + bytes; }
  };

  // At most so many shards with lanes of lane_bytes fit into one space; 0: not even one.
  static size_t ShardsMax(size_t lane_bytes) { return kBytesMax / LaneBytes(lane_bytes); }
  static Status Create(size_t shards, size_t lane_bytes, bool huge_pages, std::shared_ptr<ArenaSpace>* out);
  ArenaSpace(const ArenaSpace&) = delete;
  ArenaSpace& operator=(const ArenaSpace&) = delete;

  // The chunk with this byte of a lane.
  static Chunk ChunkWith(size_t at);
  // Where a shard's part of a chunk begins, from base().
  size_t OffsetOf(size_t shard, const Chunk& chunk) const {
    return shards_ * chunk.start + shard * chunk.bytes;
  }
  // The other way round: the chunk that an offset lies in.
  Chunk ChunkAtOffset(size_t offset) const { return ChunkWith(offset / shards_); }

  // Makes a shard's chunk usable; false if the kernel refuses.
  bool Commit(size_t shard, const Chunk& chunk) {
    return region_.CommitTo(OffsetOf(shard, chunk) + chunk.bytes);
  }
  // Gives back whole pages of [from, to), offsets from base().
  void Discard(size_t from, size_t to) { region_.Discard(from, to); }

  char* base() const { return region_.base(); }
  size_t lane_bytes() const { return lane_bytes_; }

 private:
  ArenaSpace(size_t shards, size_t lane_bytes) : shards_(shards), lane_bytes_(LaneBytes(lane_bytes)) {}
  static size_t LaneBytes(size_t wanted) {
    return wanted == 0 ? kFirstChunkBytes : ChunkWith(wanted - 1).end();
  }

  const size_t shards_;
  const size_t lane_bytes_;
  GrowingRegion region_;
};

}   // namespace shale
