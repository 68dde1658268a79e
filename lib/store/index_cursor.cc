#include "store/index_cursor.h"

#include <leveldb/iterator.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "store/index_env.h"

namespace shale {

namespace {
leveldb::Slice ToSlice(Bytes bytes) {
  return leveldb::Slice(bytes.data(), bytes.size());
}
Bytes ToBytes(const leveldb::Slice& slice) {
  return MakeBytes(slice.data(), slice.size());
}
}   // namespace

IndexCursor::IndexCursor(IndexEnv* env, Buffer lower, Buffer upper)
    : env_(env), lower_(std::move(lower)), upper_(std::move(upper)) {
  env_->CursorMade();
}

IndexCursor::~IndexCursor() {
  const IndexHealth::EntryScope entry(&env_->health(), false);
  // A dead LevelDB may hold its mutex for ever, and the iterator's destructor takes it.
  if (env_->health().dead()) static_cast<void>(it_.release());
  it_.reset();
  env_->CursorGone();
}

void IndexCursor::Retarget(Bytes lower, Bytes upper) {
  lower_.assign(lower);
  upper_.assign(upper);
  valid_ = false;
}

// `position`: the move starts anew, so damage met by an earlier step counts too.
template <typename Move>
void IndexCursor::Do(bool position, Move move) {
  IndexHealth& health = env_->health();
  if (!status_.ok() || (!position && !valid_)) return;
  valid_ = false;
  const IndexHealth::EntryScope entry(&health, false);
  if (health.dead()) {
    status_ = Code::E_NO_MEMORY;
    return;
  }
  try {
    const uint64_t reads_before = IndexHealth::TableReadsOfThread();
    IndexJobs::ReadScope reading(&env_->jobs());
    move();
    const bool in_place = it_->Valid();
    const uint64_t reads = IndexHealth::TableReadsOfThread() - reads_before;
    if (position || !in_place || reads > 0) {
      const leveldb::Status s = it_->status();
      if (!s.ok()) {
        status_ = health.FromLevel(s, reads == 1);
        if (!status_.IsError()) status_ = Status::Corrupt("index: a table is missing");
        return;
      }
    }
    valid_ = in_place && ToBytes(it_->key()) >= lower_ && (upper_.empty() || ToBytes(it_->key()) < upper_);
  } catch (...) {
    env_->Die();
    status_ = Code::E_NO_MEMORY;
  }
}

void IndexCursor::PassOver(bool forward) {
  if (!hides_) return;
  while (valid_ && hides_(key(), row())) {
    if (forward) {
      Do(false, [&] { it_->Next(); });
    } else {
      Do(false, [&] { it_->Prev(); });
    }
  }
}

void IndexCursor::SeekToFirst() {
  Do(true, [&] { it_->Seek(ToSlice(lower_)); });
  PassOver(true);
}

void IndexCursor::SeekToLast() {
  Do(true, [&] {
    if (!upper_.empty()) it_->Seek(ToSlice(upper_));
    if (!upper_.empty() && it_->Valid()) {
      it_->Prev();
    } else {
      it_->SeekToLast();
    }
  });
  PassOver(false);
}

void IndexCursor::Seek(Bytes row_key) {
  Do(true, [&] { it_->Seek(ToSlice(std::max(row_key, Bytes(lower_)))); });
  PassOver(true);
}

void IndexCursor::SeekForPrev(Bytes row_key) {
  if (!upper_.empty() && row_key >= upper_) return SeekToLast();
  Do(true, [&] {
    it_->Seek(ToSlice(row_key));
    if (it_->Valid()) {
      it_->Prev();
    } else {
      it_->SeekToLast();
    }
  });
  PassOver(false);
}

void IndexCursor::Next() {
  Do(false, [&] { it_->Next(); });
  PassOver(true);
}

void IndexCursor::Prev() {
  Do(false, [&] { it_->Prev(); });
  PassOver(false);
}

Bytes IndexCursor::key() const {
  SHALE_DCHECK(valid_);
  return ToBytes(it_->key());
}

Bytes IndexCursor::row() const {
  SHALE_DCHECK(valid_);
  return ToBytes(it_->value());
}

}   // namespace shale
