// A walk over the rows of one index. LevelDB's iterator goes on after a block it could not read, as if the
// rows in it were not there: older versions of them may come to light. So damage is looked for after every
// move that read from a table, and ends the walk.
//  (1) Valid() implies that every row between the start of the walk and here was readable
//  (2) key() and row() are inside [lower, upper), in bytewise order
//  (3) what was written after the cursor was made is not seen
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"

namespace leveldb {
class DB;
class Iterator;
}   // namespace leveldb

namespace shale {

class IndexEnv;

// Ordered walk over rows [lower, upper) as they were when it was made. One thread at a time. Must be
// destroyed before Close.
class IndexCursor {
 public:
  ~IndexCursor();
  IndexCursor(const IndexCursor&) = delete;
  IndexCursor& operator=(const IndexCursor&) = delete;

  // Another walk with the same cursor, over the rows as they were when it was made. Stands nowhere then.
  void Retarget(Bytes lower, Bytes upper);

  // Passes over the rows of which `hides` says so, from the next move on.
  using Hides = std::function<bool(Bytes row_key, Bytes row)>;
  void LeaveOut(Hides hides) { hides_ = std::move(hides); }

  void SeekToFirst();
  void SeekToLast();
  void Seek(Bytes row_key);          // first row >= row_key
  void SeekForPrev(Bytes row_key);   // last row < row_key
  void Next();                       // no effect if not valid
  void Prev();                       // no effect if not valid
  bool Valid() const { return valid_; }
  Bytes key() const;   // until the next move
  Bytes row() const;
  Status status() const { return status_; }   // of the first move that failed; such a cursor stays invalid

 private:
  friend class Index;
  IndexCursor(IndexEnv* env, Buffer lower, Buffer upper);
  template <typename Move>
  void Do(bool position, Move move);
  void PassOver(bool forward);

  IndexEnv* const env_;
  Buffer lower_;
  Buffer upper_;   // empty: none
  std::unique_ptr<leveldb::Iterator> it_;
  Hides hides_;
  bool valid_ = false;
  Status status_;
};

}   // namespace shale
