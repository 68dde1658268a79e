#include "store/snapshot_rows.h"

#include <algorithm>

namespace shale {

namespace {
// A short walk should not read 64 long blocks, a long one should not look up each row.
constexpr size_t kFirstBlockRows = 2;
constexpr size_t kBlockRowsMax = 128;
constexpr size_t kBlockBytesMax = size_t{64} << 10;
}   // namespace

SnapshotRows::SnapshotRows(SharedIndexCursor* shared, Buffer lower, Buffer upper)
    : shared_(shared), lower_(std::move(lower)), upper_(std::move(upper)) {}

void SnapshotRows::SeekToFirst() {
  block_rows_ = kFirstBlockRows;
  last_.clear();
  ended_ = false;
  Fetch(false);
}

void SnapshotRows::SeekToLast() {
  block_rows_ = kFirstBlockRows;
  last_.clear();
  ended_ = false;
  Fetch(true);
}

void SnapshotRows::Next() {
  if (++at_ == rows_.size() && !ended_) Fetch(false);
}

void SnapshotRows::Prev() {
  if (++at_ == rows_.size() && !ended_) Fetch(true);
}

// The block behind last_.
void SnapshotRows::Fetch(bool reverse) {
  rows_.clear();
  at_ = 0;
  MutexLock lock(&shared_->mu);
  IndexCursor* const cursor = shared_->cursor.get();
  if (reverse) {
    cursor->SeekForPrev(last_.empty() ? upper_ : last_);
  } else {
    cursor->Seek(last_.empty() ? lower_ : last_);
    if (!last_.empty() && cursor->Valid() && cursor->key() == last_) cursor->Next();
  }
  size_t bytes = 0;
  while (cursor->Valid() && rows_.size() < block_rows_ && bytes < kBlockBytesMax) {
    if (reverse ? cursor->key() < lower_ : cursor->key() >= upper_) break;
    rows_.push_back(Row{Buffer(cursor->key()), Buffer(cursor->row())});
    bytes += rows_.back().key.size() + rows_.back().row.size();
    if (reverse) {
      cursor->Prev();
    } else {
      cursor->Next();
    }
  }
  // An error behind good rows is met again at the next block: such a cursor stays invalid.
  if (rows_.empty()) status_ = cursor->status();
  ended_ = rows_.empty();
  if (!rows_.empty()) last_ = rows_.back().key;
  block_rows_ = std::min(block_rows_ * 4, kBlockRowsMax);
}

}   // namespace shale
