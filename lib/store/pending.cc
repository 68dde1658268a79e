#include "store/pending.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/check.h"

namespace shale {

namespace {
constexpr size_t kBlockBytes = size_t{32} << 10;
constexpr size_t kLargeBytes = kBlockBytes / 4;   // larger updates get a block of their own
constexpr size_t kSlotsMin = 64;
constexpr size_t kEntryOverheadBytes = sizeof(PendingGeneration::Entry) + 2 * sizeof(uint32_t);
}   // namespace

PendingGeneration::PendingGeneration() : slots_(kSlotsMin, 0) {}

size_t PendingGeneration::Slot(const KeyRef& key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = key.hash & mask;
  while (slots_[slot] != 0) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == key.hash && entry.key() == key.key) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

const PendingGeneration::Entry* PendingGeneration::Find(const KeyRef& key) const {
  const size_t slot = Slot(key);
  return slots_[slot] == 0 ? nullptr : &entries_[slots_[slot] - 1];
}

char* PendingGeneration::Allocate(size_t size) {
  bytes_ += size;
  if (size > kLargeBytes) {
    large_blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    return large_blocks_.back().get();
  }
  if (blocks_.empty() || block_used_ + size > kBlockBytes) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
    block_used_ = 0;
  }
  char* p = blocks_.back().get() + block_used_;
  block_used_ += size;
  return p;
}

void PendingGeneration::Put(const KeyRef& key, Bytes row) {
  const size_t size = 1 + key.key.size() + row.size();
  char* data = Allocate(size);
  data[0] = kDataSpace;
  std::memcpy(data + 1, key.key.data(), key.key.size());
  if (!row.empty()) std::memcpy(data + 1 + key.key.size(), row.data(), row.size());
  const size_t slot = Slot(key);
  if (slots_[slot] == 0) {
    entries_.push_back(Entry{key.hash, nullptr, 0, static_cast<uint16_t>(key.key.size())});
    slots_[slot] = static_cast<uint32_t>(entries_.size());
    bytes_ += kEntryOverheadBytes;
  }
  Entry& entry = entries_[slots_[slot] - 1];
  entry.data = data;
  entry.row_len = static_cast<uint32_t>(row.size());
  if (entries_.size() * 2 > slots_.size()) Grow();
}

void PendingGeneration::Grow() {
  slots_.assign(slots_.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < entries_.size(); i++) {
    size_t slot = entries_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

void PendingGeneration::Clear() {
  entries_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
  large_blocks_.clear();
  if (blocks_.size() > 1)
    blocks_.resize(1);   // Allocate fills the last block; another would never be used again
  block_used_ = 0;
  bytes_ = 0;
  applied = AppliedMark();
}

void Pending::Publish(const KeyRef& key, Bytes row, const AppliedMark* applied) {
  MutexLock lock(&mu_);
  active_->Put(key, row);
  NoteBytes();
  if (applied == nullptr) return;
  SHALE_DCHECK(applied->position >= active_->applied.position &&
               applied->batch_id >= active_->applied.batch_id);
  active_->applied = *applied;
}

void Pending::Advance(const AppliedMark& applied) {
  MutexLock lock(&mu_);
  SHALE_DCHECK(applied.position >= active_->applied.position);
  active_->applied = applied;
}

bool Pending::Find(const KeyRef& key, Buffer* row) const {
  MutexLock lock(&mu_);
  const PendingGeneration::Entry* entry = active_->Find(key);
  if (entry == nullptr && drain_open_) entry = draining_->Find(key);
  if (entry == nullptr) return false;
  row->assign(entry->row());
  return true;
}

const PendingGeneration* Pending::BeginDrain() {
  MutexLock lock(&mu_);
  if (given_up_) return nullptr;
  SHALE_CHECK(!drain_open_);
  if (active_->applied.position == 0) return nullptr;
  std::swap(active_, draining_);
  drain_open_ = true;
  NoteBytes();
  return draining_.get();
}

void Pending::FinishDrain() {
  MutexLock lock(&mu_);
  SHALE_CHECK(drain_open_);
  draining_->Clear();
  drain_open_ = false;
  NoteBytes();
  room_.NotifyAll();
}

void Pending::GiveUp() {
  MutexLock lock(&mu_);
  given_up_ = true;
  room_.NotifyAll();
}

void Pending::NoteBytes() {
  active_bytes_.store(active_->bytes(), std::memory_order_relaxed);
  // Release: with what a drain has written to the index.
  bytes_.store(active_->bytes() + (drain_open_ ? draining_->bytes() : 0), std::memory_order_release);
}

uint64_t Pending::WaitForRoom() {
  if (bytes() <= bytes_max_) return 0;
  MutexLock lock(&mu_);
  const auto start = std::chrono::steady_clock::now();
  while (!given_up_ && bytes() > bytes_max_) room_.Wait(&mu_);
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start)
          .count());
}

}   // namespace shale
