// One walk over one shard's part of a held cut. All walks and look-ups of a snapshot share that shard's
// single index iterator (LevelDB cannot give a second one over the same state, and its own snapshots are not
// used: see index.h), so a walk takes rows out in small blocks and finds its place again by key.
//  (1) the same surface as IndexCursor, so that one merge serves both
//  (2) rows are the walk's own copies: key() and row() stay valid while others use the iterator
//  (3) the iterator is used under its mutex only, for one block or one look-up at a time
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "store/index_cursor.h"

namespace shale {

// What a snapshot holds of one shard.
struct SharedIndexCursor {
  Mutex mu;
  std::unique_ptr<IndexCursor> cursor GUARDED_BY(mu);   // over all data rows
};

class SnapshotRows {
 public:
  // Rows [lower, upper) of `shared`, which outlives this object. Keys of rows, keyspace byte included.
  SnapshotRows(SharedIndexCursor* shared, Buffer lower, Buffer upper);

  void SeekToFirst();
  void SeekToLast();
  void Next();   // after SeekToFirst only
  void Prev();   // after SeekToLast only
  bool Valid() const { return status_.ok() && at_ < rows_.size(); }
  Bytes key() const { return rows_[at_].key; }
  Bytes row() const { return rows_[at_].row; }
  Status status() const { return status_; }

 private:
  struct Row {
    Buffer key, row;
  };
  void Fetch(bool reverse);

  SharedIndexCursor* const shared_;
  const Buffer lower_;
  const Buffer upper_;
  std::vector<Row> rows_;   // the present block, in the direction of the walk
  size_t at_ = 0;
  size_t block_rows_ = 0;   // of the next block
  Buffer last_;             // key of the last row fetched; empty: none yet
  bool ended_ = false;      // nothing behind the present block
  Status status_;
};

}   // namespace shale
