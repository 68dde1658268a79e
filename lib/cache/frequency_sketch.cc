#include "cache/frequency_sketch.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace shale {

namespace {
constexpr uint64_t kCounterMax = 15;
constexpr uint64_t kLowBits = 0x1111111111111111u;   // of every counter of a word
}   // namespace

Status FrequencySketch::Init(size_t items_max) {
  const size_t blocks = std::bit_ceil(items_max / kItemsPerBlock + 1);
  SHALE_RETURN_IF_NOT_OK(region_.Reserve(blocks * sizeof(Block)));
  base_ = reinterpret_cast<Block*>(region_.base());
  return Status::Ok();
}

// Five bits a row choose its counter; the block is chosen by the low bits of the hash itself, so that a
// doubling leaves every counter of a key where it is within its block.
uint32_t FrequencySketch::Mix(uint32_t hash) {
  hash *= 0x9E3779B1u;
  hash ^= hash >> 15;
  hash *= 0x85EBCA77u;
  return hash ^ hash >> 13;
}

void FrequencySketch::Add(uint32_t hash) {
  if (blocks_ == 0) return;
  Block* block = &base_[hash & (blocks_ - 1)];
  uint32_t bits = Mix(hash);
  bool added = false;
  for (size_t row = 0; row < kRows; row++, bits >>= 5) {
    uint64_t* word = &block->words[2 * row + (bits & 1)];
    const uint32_t shift = (bits >> 1 & 15) * 4;
    if ((*word >> shift & kCounterMax) == kCounterMax) continue;
    *word += uint64_t{1} << shift;
    added = true;
  }
  additions_ += added ? 1 : 0;
}

uint32_t FrequencySketch::Estimate(uint32_t hash) const {
  if (blocks_ == 0) return 0;
  const Block* block = &base_[hash & (blocks_ - 1)];
  uint32_t bits = Mix(hash);
  uint64_t least = kCounterMax;
  for (size_t row = 0; row < kRows; row++, bits >>= 5) {
    least = std::min(least, block->words[2 * row + (bits & 1)] >> (bits >> 1 & 15) * 4 & kCounterMax);
  }
  return static_cast<uint32_t>(least);
}

void FrequencySketch::Age() {
  for (size_t i = 0; i < blocks_; i++) {
    for (uint64_t& word : base_[i].words) word = word >> 1 & ~(kLowBits << 3);
  }
  additions_ /= 2;
}

size_t FrequencySketch::GrowthFor(size_t items) const {
  if (items <= blocks_ * kItemsPerBlock) return 0;
  const size_t more = blocks_ == 0 ? kPageBytes : bytes();
  return bytes() + more <= region_.reserved() ? more : 0;
}

bool FrequencySketch::Grow() {
  const size_t bytes_old = bytes();
  const size_t bytes_new = blocks_ == 0 ? kPageBytes : 2 * bytes_old;
  if (!region_.CommitTo(bytes_new)) return false;
  // A key finds its counters in one half or the other: both start from what was known.
  if (bytes_old > 0) std::memcpy(region_.base() + bytes_old, region_.base(), bytes_old);
  blocks_ = bytes_new / sizeof(Block);
  return true;
}

}   // namespace shale
