#include "cache/place_ring.h"

#include "base/check.h"

namespace shale {

Status PlaceRing::Init(size_t bytes_max) {
  bytes_max_ = bytes_max / kPageBytes * kPageBytes;
  return bytes_max_ == 0 ? Status::Ok() : region_.Reserve(bytes_max_);
}

bool PlaceRing::WantsGrowth(size_t bytes) const {
  // A wrapped ring grows when its head comes to the end again.
  return bytes_ + bytes <= bytes_max_ && !wrapped_ && head_ + bytes > bytes_;
}

bool PlaceRing::Grow(size_t bytes) {
  SHALE_DCHECK(!wrapped_ && bytes_ + bytes <= bytes_max_);
  if (!region_.CommitTo(bytes_ + bytes)) return false;
  bytes_ += bytes;
  return true;
}

void PlaceRing::Release() {
  SHALE_DCHECK(live_ == 0);
  region_.Discard(0, bytes_);
  bytes_ = 0;
  head_ = tail_ = kUnitBytes;
  wrapped_ = false;
}

bool PlaceRing::HasRoom(size_t record_bytes) const {
  if (wrapped_) return head_ + record_bytes < tail_;
  return head_ + record_bytes <= bytes_ || kUnitBytes + record_bytes < tail_;
}

ItemRef PlaceRing::Append(const Place& place, Bytes key, int64_t deadline_ms) {
  const size_t record_bytes = Place::BytesFor(key.size(), deadline_ms != kNoDeadline);
  SHALE_DCHECK(HasRoom(record_bytes));
  if (!wrapped_ && head_ + record_bytes > bytes_) {
    wrap_ = head_;
    wrapped_ = true;
    head_ = kUnitBytes;
  }
  const ItemRef ref = RefAt(head_);
  Place* to = At(ref);
  to->where = place.where;
  to->version = place.version;
  to->hash = place.hash;
  to->value_len = place.value_len;
  to->key_len = static_cast<uint16_t>(key.size());
  to->dead = 0;
  to->has_deadline = deadline_ms != kNoDeadline;
  racy::CopyIn(to->data(), key.data(), key.size());
  if (to->has_deadline != 0) {
    *reinterpret_cast<Racy<int64_t>*>(reinterpret_cast<char*>(to) + record_bytes - 8) = deadline_ms;
  }
  head_ += record_bytes;
  live_++;
  return ref;
}

ItemRef PlaceRing::PopOldest() {
  SHALE_CHECK(!empty());
  const ItemRef ref = RefAt(tail_);
  Place* place = At(ref);
  tail_ += place->bytes();
  if (wrapped_ && tail_ >= wrap_) {
    wrapped_ = false;
    tail_ = kUnitBytes;
  }
  // An empty ring starts anew: it never wraps around nothing.
  if (!wrapped_ && tail_ == head_) head_ = tail_ = kUnitBytes;
  if (place->dead != 0) return kNoItem;
  place->dead = 1;
  live_--;
  return ref;
}

void PlaceRing::MarkDead(ItemRef ref) {
  SHALE_DCHECK(At(ref)->dead == 0);
  At(ref)->dead = 1;
  live_--;
}

bool PlaceRing::Validate(std::string* why) const {
  size_t live = 0;
  ForEachLive([&](ItemRef) { live++; });
  if (live != live_) return *why = "places: number of live ones", false;
  if (bytes_ > bytes_max_ || head_ > (bytes_ == 0 ? kUnitBytes : bytes_)) {
    return *why = "places: the head is outside", false;
  }
  if (wrapped_ ? head_ > tail_ || wrap_ > bytes_ : tail_ > head_) return *why = "places: order of ends", false;
  return true;
}

}   // namespace shale
