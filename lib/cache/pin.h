// Bytes that stay as they are until the pin is gone: a value in the memory tier, or a buffer of the pin's
// own.
//  (1) the bytes outlive eviction, overwriting, expiry, and the cache itself
//  (2) a pin may be destroyed on any thread, but not by a thread that is inside a CacheWrite: unpinning takes
//      the shard's lock
#pragma once

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "cache/item.h"

namespace shale {

class CacheShard;

class Pin {
 public:
  Pin() = default;
  ~Pin() { Reset(); }
  Pin(Pin&& other) noexcept;
  Pin& operator=(Pin&& other) noexcept;
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  static Pin FromBuffer(Buffer buffer);

  Bytes bytes() const { return shard_ ? item_bytes_ : Bytes(buffer_); }
  bool empty() const { return !shard_ && !has_buffer_; }
  void Reset();

 private:
  friend class CacheShard;
  // The item was pinned by the caller; the shard's memory lives as long as somebody holds it.
  Pin(std::shared_ptr<CacheShard> shard, ItemRef ref, Bytes bytes);

  std::shared_ptr<CacheShard> shard_;
  ItemRef ref_ = kNoItem;
  bool has_buffer_ = false;
  Bytes item_bytes_;
  Buffer buffer_;
};

}   // namespace shale
