// Goes through a sealed segment once and appends again what is still live in it. In steps, so that whoever
// runs it can rest between them.
//  (1) when done, every record of the segment was looked at, and no row points to it any more: neither in
//      pending nor in the index
//  (2) a writer that changes a key meanwhile wins: the row moves only if it still points to the old place,
//      which is looked at again under the stripe
//  (3) after an error the segment stays as it is, and what was moved is moved
#pragma once

#include "base/hash.h"
#include "store/segment_reader.h"
#include "store/store_shard.h"

namespace shale {

class SegmentMover {
 public:
  SegmentMover(StoreShard* shard, Mutex* stripe, const HashSecret* secret, uint32_t segment, uint32_t end);
  // About `bytes` of the segment; at least one record.
  Status Step(size_t bytes, bool* done);
  // The same, but nothing is moved: live_bytes is what would be.
  Status Look(size_t bytes, bool* done);

  uint64_t read_bytes() const { return read_bytes_; }
  uint64_t live_records() const { return live_records_; }
  uint64_t live_bytes() const { return live_bytes_; }

 private:
  Status Go(size_t bytes, bool move, bool* done);
  Status MoveIfLive(const LogRecord& record, LogPosition at, bool move);

  StoreShard* const shard_;
  Mutex* const stripe_;
  const HashSecret* const secret_;
  SegmentReader reader_;
  bool open_ = false;
  uint64_t read_bytes_ = 0;
  uint64_t live_records_ = 0;
  uint64_t live_bytes_ = 0;
};

}   // namespace shale
