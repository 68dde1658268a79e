#include "store/segment_ledger.h"

#include <algorithm>

#include "base/coding.h"

namespace shale {

bool SegmentLedger::Add(LogPosition at, uint64_t bytes) {
  MutexLock lock(&mu_);
  Entry& entry = entries_[SegmentOf(at)];
  entry.live += static_cast<int64_t>(bytes);
  entry.live_most += static_cast<int64_t>(bytes);
  changed_ = true;
  const bool first = !entry.pointed;
  entry.pointed = true;
  return first;
}

void SegmentLedger::Remove(LogPosition at, uint64_t bytes, uint32_t weight) {
  MutexLock lock(&mu_);
  const auto found = entries_.find(SegmentOf(at));
  if (found == entries_.end()) return;   // collected since
  found->second.live -= static_cast<int64_t>(bytes * weight);
  found->second.live_most -= static_cast<int64_t>(bytes);
  changed_ = true;
}

void SegmentLedger::SetLive(uint32_t segment, uint64_t live) {
  MutexLock lock(&mu_);
  Entry& entry = entries_[segment];
  entry.live = static_cast<int64_t>(live);
  entry.unknown = false;
  changed_ = true;
}

void SegmentLedger::SetUnknown(uint32_t segment) {
  MutexLock lock(&mu_);
  Entry& entry = entries_[segment];
  entry.unknown = entry.pointed = true;
  entry.most_known = false;
}

void SegmentLedger::Forget(uint32_t segment) {
  MutexLock lock(&mu_);
  changed_ = entries_.erase(segment) != 0 || changed_;
}

SegmentLedger::Entry SegmentLedger::Get(uint32_t segment) const {
  MutexLock lock(&mu_);
  const auto found = entries_.find(segment);
  return found == entries_.end() ? Entry() : found->second;
}

uint64_t SegmentLedger::live_bytes() const {
  MutexLock lock(&mu_);
  uint64_t sum = 0;
  for (const auto& [segment, entry] : entries_) {
    if (!entry.unknown) sum += static_cast<uint64_t>(std::max<int64_t>(0, entry.live));
  }
  return sum;
}

bool SegmentLedger::empty() const {
  MutexLock lock(&mu_);
  return entries_.empty();
}

bool SegmentLedger::changed() const {
  MutexLock lock(&mu_);
  return changed_;
}

// Per segment: number, live / 8 + 1 or 0 if unknown, live_most / 8 + 1 or 0 if that is not known. Bytes are
// sums of records, whose sizes are multiples of 8.
Buffer SegmentLedger::Encode() {
  MutexLock lock(&mu_);
  Buffer out;
  changed_ = false;
  for (const auto& [segment, entry] : entries_) {
    const auto live = static_cast<uint64_t>(std::max<int64_t>(0, entry.live));
    const auto most = static_cast<uint64_t>(std::max<int64_t>(0, entry.live_most));
    PutVarint64(&out, segment);
    PutVarint64(&out, entry.unknown ? 0 : live / 8 + 1);
    PutVarint64(&out, entry.most_known ? most / 8 + 1 : 0);
  }
  return out;
}

bool SegmentLedger::Decode(Bytes raw, bool exact) {
  std::map<uint32_t, Entry> entries;
  while (!raw.empty()) {
    uint64_t segment = 0, live = 0, most = 0;
    if (!GetVarint64(&raw, &segment) || !GetVarint64(&raw, &live) || !GetVarint64(&raw, &most)) return false;
    if (segment == 0 || segment > UINT32_MAX || live > UINT32_MAX || most > UINT32_MAX) return false;
    Entry& entry = entries[static_cast<uint32_t>(segment)];
    entry.pointed = true;
    entry.unknown = live == 0;
    entry.live = live == 0 ? 0 : static_cast<int64_t>((live - 1) * 8);
    entry.most_known = exact && most != 0;
    entry.live_most = most == 0 ? 0 : static_cast<int64_t>((most - 1) * 8);
  }
  MutexLock lock(&mu_);
  entries_.swap(entries);
  changed_ = false;
  return true;
}

}   // namespace shale
