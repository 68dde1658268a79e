// What has left a shard, why, and in which version: bytes in a bounded ring, written under the shard's lock
// and fetched by whoever polls. Nobody is called back, so no code of a user ever runs under a lock of ours.
//  (1) a record is kept whole or counted as dropped; dropped() only grows
//  (2) records of one key come out in the order of their removals (a key lives in one shard)
// A record: u8 reason, i64 version, u32 key length, key; little-endian, nothing padded.
// Not synchronised: the shard's lock protects it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"

namespace shale {

enum class Removal : uint8_t {
  kEvicted = 1,       // to make room
  kExpired = 2,       // its time was over
  kDeleted = 3,       // by a delete of its key
  kOverwritten = 4,   // by a newer value or deadline of its key
};

class RemovalLog {
 public:
  static constexpr size_t kHeaderBytes = 1 + 8 + 4;

  // Keeps nothing until then. The memory is touched as it fills.
  Status Start(size_t bytes);
  bool on() const { return capacity_ > 0; }

  void Add(Removal reason, int64_t version, Bytes key);
  // Moves whole records to buf; returns their bytes and adds to *rows. *next_bytes is the size of the first
  // record that is left, 0 if none is.
  size_t Take(char* buf, size_t cap, size_t* rows, size_t* next_bytes);

  size_t bytes() const { return used_; }
  uint64_t dropped() const { return dropped_; }

 private:
  void Write(const void* from, size_t count);
  void Peek(size_t at, void* to, size_t count) const;

  std::unique_ptr<char[]> ring_;
  size_t capacity_ = 0;
  size_t first_ = 0;   // of the oldest record
  size_t used_ = 0;
  uint64_t dropped_ = 0;
};

}   // namespace shale
