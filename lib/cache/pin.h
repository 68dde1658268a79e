// Bytes that stay as they are until the pin is gone: a value in the memory tier, or a buffer of the pin's
// own. An empty pin is a null pointer: every read carries one, and few are ever used.
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
  ~Pin() {
    if (held_ != nullptr) Release();
  }
  Pin(Pin&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  Pin& operator=(Pin&& other) noexcept {
    if (this != &other) {
      Reset();
      held_ = std::exchange(other.held_, nullptr);
    }
    return *this;
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  static Pin FromBuffer(Buffer buffer);

  Bytes bytes() const { return held_ != nullptr ? held_->bytes : Bytes(); }
  bool empty() const { return held_ == nullptr; }
  void Reset() {
    if (held_ != nullptr) Release();
  }

 private:
  friend class CacheShard;
  struct Held {
    std::shared_ptr<CacheShard> shard;   // null: the bytes are the buffer's
    ItemRef ref = kNoItem;
    Buffer buffer;
    Bytes bytes;
  };
  // The item was pinned by the caller; the shard's memory lives as long as somebody holds it.
  Pin(std::shared_ptr<CacheShard> shard, ItemRef ref, Bytes bytes);
  void Release();

  Held* held_ = nullptr;
};

}   // namespace shale
