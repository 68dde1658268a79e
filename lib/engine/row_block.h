// The rows of a short walk, all read when it began.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "base/limits.h"
#include "engine/change_mark.h"
#include "engine/key_runs.h"

namespace shale {

struct RowBlock {
  struct Row {
    KeyRef key;    // in `look`
    Bytes value;   // in a chunk
    int64_t version = 0;
    int64_t deadline_ms = 0;
  };
  KeyRuns::Look look;
  std::vector<Row> rows;

  void Clear() {
    rows.clear();
    chunks_.clear();
    room_ = nullptr;
    room_bytes_ = 0;
  }
  // At least so much, where the next value may be put; Use says how much of it was.
  char* Room(size_t least_bytes, size_t* bytes) {
    if (room_bytes_ < least_bytes) {
      room_bytes_ = std::max(least_bytes, kChunkBytes);
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(room_bytes_));
      room_ = chunks_.back().get();
    }
    *bytes = room_bytes_;
    return room_;
  }
  Bytes Use(size_t bytes) {
    const Bytes used(room_, bytes);
    room_ += bytes;
    room_bytes_ -= bytes;
    return used;
  }
  Bytes Copy(Bytes value) {
    size_t bytes;
    char* const room = Room(value.size(), &bytes);
    if (!value.empty()) std::memcpy(room, value.data(), value.size());
    return Use(value.size());
  }

 private:
  static constexpr size_t kChunkBytes = size_t{16} << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* room_ = nullptr;
  size_t room_bytes_ = 0;
};

// kUnknown: not all of its keys are known. kNot: a cursor does it.
enum class ShortEnd { kDone, kUnknown, kNot, kMoreKeys, kTooLarge };

struct ShortRead {
  RowBlock* out;
  size_t rows_max;
  std::array<ChangeMark::Seen, kDiskShards> before{};
  uint64_t shards = 0;           // bit s: a key of disk shard s was looked up
  uint64_t shards_of_gone = 0;   // bit s: and one was not there
};

}   // namespace shale
