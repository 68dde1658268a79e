#include "cache/pin.h"

#include "cache/cache_shard.h"

namespace shale {

Pin::Pin(std::shared_ptr<CacheShard> shard, ItemRef ref, Bytes bytes)
    : shard_(std::move(shard)), ref_(ref), item_bytes_(bytes) {}

Pin::Pin(Pin&& other) noexcept
    : shard_(std::move(other.shard_)),
      ref_(other.ref_),
      has_buffer_(std::exchange(other.has_buffer_, false)),
      item_bytes_(other.item_bytes_),
      buffer_(std::move(other.buffer_)) {
  other.buffer_.clear();
}

Pin& Pin::operator=(Pin&& other) noexcept {
  if (this == &other) return *this;
  Reset();
  shard_ = std::move(other.shard_);
  ref_ = other.ref_;
  has_buffer_ = std::exchange(other.has_buffer_, false);
  item_bytes_ = other.item_bytes_;
  buffer_ = std::move(other.buffer_);
  other.buffer_.clear();
  return *this;
}

Pin Pin::FromBuffer(Buffer buffer) {
  Pin pin;
  pin.buffer_ = std::move(buffer);
  pin.has_buffer_ = true;
  return pin;
}

void Pin::Reset() {
  if (shard_) {
    shard_->Unpin(ref_);
    shard_.reset();
  }
  if (has_buffer_) Buffer().swap(buffer_);
  has_buffer_ = false;
}

}   // namespace shale
