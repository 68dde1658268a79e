#include "store/merge_cursor.h"

#include "base/check.h"

namespace shale {

template <typename Rows>
MergeCursor<Rows>::MergeCursor(const Shards& shards, const Cursors& cursors, std::unique_ptr<RowsOwner> owner,
                               bool reverse, bool keys_only)
    : owner_(std::move(owner)),
      shards_(shards),
      cursors_(cursors),
      reverse_(reverse),
      keys_only_(keys_only) {}

template <typename Rows>
bool MergeCursor<Rows>::Before(uint32_t a, uint32_t b) const {
  return reverse_ ? keys_[a] > keys_[b] : keys_[a] < keys_[b];
}

template <typename Rows>
void MergeCursor<Rows>::SiftDown(size_t i) {
  while (true) {
    size_t best = i;
    for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap_size_; child++) {
      if (Before(heap_[child], heap_[best])) best = child;
    }
    if (best == i) return;
    std::swap(heap_[i], heap_[best]);
    i = best;
  }
}

template <typename Rows>
Status MergeCursor<Rows>::Prime() {
  heap_size_ = 0;   // after an error it is done again
  for (uint32_t i = 0; i < cursors_.size(); i++) {
    if (reverse_) {
      cursors_[i]->SeekToLast();
    } else {
      cursors_[i]->SeekToFirst();
    }
    SHALE_RETURN_IF_NOT_OK(cursors_[i]->status());
    if (!cursors_[i]->Valid()) continue;
    keys_[i] = cursors_[i]->key();
    heap_[heap_size_++] = i;
  }
  for (size_t i = heap_size_ / 2; i-- > 0;) SiftDown(i);
  return Status::Ok();
}

template <typename Rows>
Status MergeCursor<Rows>::AdvanceTop() {
  const uint32_t top = heap_.front();
  if (reverse_) {
    cursors_[top]->Prev();
  } else {
    cursors_[top]->Next();
  }
  SHALE_RETURN_IF_NOT_OK(cursors_[top]->status());
  if (cursors_[top]->Valid()) {
    keys_[top] = cursors_[top]->key();
  } else {
    heap_.front() = heap_[--heap_size_];
  }
  if (heap_size_ > 0) SiftDown(0);
  return Status::Ok();
}

template <typename Rows>
Status MergeCursor<Rows>::Next(Bytes* key, Buffer* storage, Bytes* value, int64_t* deadline_ms) {
  if (!primed_) SHALE_RETURN_IF_NOT_OK(Prime());
  primed_ = true;
  if (advance_) SHALE_RETURN_IF_NOT_OK(AdvanceTop());
  advance_ = false;
  if (heap_size_ == 0) return Code::END;
  const uint32_t top = heap_.front();
  IndexRow row;
  if (!DecodeIndexRow(cursors_[top]->row(), &row)) return shards_[top]->MalformedRow();
  advance_ = true;
  *key = keys_[top].substr(1);   // without the keyspace byte
  *deadline_ms = row.deadline_ms;
  value_len_ = row.value_len;
  *value = Bytes();
  if (keys_only_) return Status::Ok();
  return shards_[top]->ReadRowValue(*key, row, storage, value);
}

template class MergeCursor<IndexCursor>;
template class MergeCursor<SnapshotRows>;

}   // namespace shale
