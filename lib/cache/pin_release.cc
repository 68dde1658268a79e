#include "cache/cache_shard.h"
#include "cache/pin.h"

namespace shale {

Pin::Pin(std::shared_ptr<CacheShard> shard, ItemRef ref, Bytes bytes)
    : held_(new Held{std::move(shard), ref, Buffer(), bytes}) {}

Pin Pin::FromBuffer(Buffer buffer) {
  Pin pin;
  pin.held_ = new Held{nullptr, kNoItem, std::move(buffer), Bytes()};
  pin.held_->bytes = pin.held_->buffer;
  return pin;
}

void Pin::Release() {
  const std::unique_ptr<Held> held(std::exchange(held_, nullptr));
  if (held->shard) held->shard->Unpin(held->ref);
}

}   // namespace shale
