#include "store/key_filter.h"

#include <algorithm>
#include <new>

namespace shale {

namespace {
// Odd numbers without a pattern: each word's bit comes from another product.
constexpr std::array<uint32_t, 8> kOdd = {0x2df1424b, 0x44974d91, 0x47b6137b, 0xa2b7289d,
                                          0x8824ad5b, 0x705495c7, 0x9efc4947, 0x5c6bfb31};
}   // namespace

KeyFilter::Block KeyFilter::BitsOf(uint64_t hash) {
  Block bits;
  const auto low = static_cast<uint32_t>(hash);
  for (size_t i = 0; i < bits.words.size(); i++) bits.words[i] = uint32_t{1} << ((low * kOdd[i]) >> 27);
  return bits;
}

// From bits 26 to 57: those above chose the shard. The lowest six choose bits in the block too, but which
// block it is the ones above them decide, up to 2^26 blocks.
size_t KeyFilter::BlockOf(uint64_t hash, size_t count) {
  const uint64_t middle = (hash >> 26) & 0xffffffff;
  return static_cast<size_t>((middle * count) >> 32);
}

bool KeyFilter::Holds(const Layer& layer, uint64_t hash, const Block& bits) {
  const Block& block = layer.blocks[BlockOf(hash, layer.blocks.size())];
  uint32_t missing = 0;
  for (size_t i = 0; i < bits.words.size(); i++) missing |= bits.words[i] & ~block.words[i];
  return missing == 0;
}

void KeyFilter::Set(Layer* layer, uint64_t hash, const Block& bits) {
  Block& block = layer->blocks[BlockOf(hash, layer->blocks.size())];
  for (size_t i = 0; i < bits.words.size(); i++) block.words[i] |= bits.words[i];
  layer->keys++;
}

bool KeyFilter::HoldsLocked(uint64_t hash, const Block& bits) const {
  return std::any_of(layers_.rbegin(), layers_.rend(),
                     [&](const Layer& layer) { return Holds(layer, hash, bits); });
}

bool KeyFilter::AddLayer(size_t bytes) {
  const size_t count = std::min(bytes, bytes_max_ - bytes_) / sizeof(Block);
  if (count < (layers_.empty() ? 1 : kFirstBytes / sizeof(Block))) return false;   // a sliver would be a look
  Layer layer;
  layer.blocks.resize(count);
  layers_.push_back(std::move(layer));
  bytes_ += count * sizeof(Block);
  return true;
}

void KeyFilter::AddLocked(uint64_t hash) {
  const Block bits = BitsOf(hash);
  if (HoldsLocked(hash, bits)) return;
  const size_t blocks = layers_.back().blocks.size();
  if (layers_.back().keys >= blocks * kKeysPerBlock) (void)AddLayer(blocks * sizeof(Block) * kGrowth);
  Set(&layers_.back(), hash, bits);
}

void KeyFilter::ForgetLocked() {
  std::vector<Layer>().swap(layers_);
  bytes_ = 0;
  takes_keys_ = answers_ = false;
}

void KeyFilter::Begin() {
  MutexLock lock(&mu_);
  ForgetLocked();
  try {
    takes_keys_ = AddLayer(kFirstBytes);   // false: not even one block
  } catch (const std::bad_alloc&) {
    ForgetLocked();
  }
}

void KeyFilter::StartEmpty() {
  Begin();
  Complete({});
}

void KeyFilter::Complete(std::span<const uint64_t> hashes) {
  MutexLock lock(&mu_);
  if (!takes_keys_) return;   // memory failed meanwhile
  try {
    if (!hashes.empty()) {
      const size_t blocks = hashes.size() / kKeysPerBlock * 3 / 2 + 1;   // room for some that come
      (void)AddLayer(std::max(kFirstBytes, blocks * sizeof(Block)));
    }
    for (const uint64_t hash : hashes) AddLocked(hash);
    answers_ = true;
  } catch (const std::bad_alloc&) {
    ForgetLocked();
  }
}

void KeyFilter::Forget() {
  MutexLock lock(&mu_);
  ForgetLocked();
}

void KeyFilter::Add(uint64_t hash) {
  MutexLock lock(&mu_);
  if (!takes_keys_) return;
  try {
    AddLocked(hash);
  } catch (const std::bad_alloc&) {
    ForgetLocked();
  }
}

bool KeyFilter::MayHold(uint64_t hash) const {
  const Block bits = BitsOf(hash);
  MutexLock lock(&mu_);
  return !answers_ || HoldsLocked(hash, bits);
}

bool KeyFilter::answers() const {
  MutexLock lock(&mu_);
  return answers_;
}

size_t KeyFilter::bytes() const {
  MutexLock lock(&mu_);
  return bytes_;
}

}   // namespace shale
