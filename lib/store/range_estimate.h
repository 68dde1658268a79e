// How many keys a range has, and how many bytes, without walking over all of it. Keys are spread over the
// shards by a hash, so what one shard holds of a range tells what the others hold: shards are counted one
// after the other until enough rows were seen, and stand for the rest. Of a shard with very many rows both
// ends of the range are counted, and the tables' sizes say how much lies between.
//  (1) exact if the range has fewer keys than are looked at (kRowsMax)
//  (2) above that: one shard in n of a range of k keys is off by about sqrt(n / k); where a shard is not
//      counted to its end, rows of uneven size, and replaced ones that were not compacted away, come on top
#pragma once

#include <array>

#include "store/store_shard.h"

namespace shale {

class RangeEstimator {
 public:
  static constexpr uint64_t kRowsMax = 65536;        // looked at in all
  static constexpr uint64_t kShardRowsMax = 16384;   // in one shard

  RangeEstimator(const CursorBounds& bounds, int64_t now_ms) : bounds_(bounds), now_ms_(now_ms) {}
  Status Take(StoreShard* shard);
  bool HasEnough() const { return rows_ >= kRowsMax; }
  // For kDiskShards of them.
  RangeCount Result() const;

 private:
  struct Walk {
    uint64_t rows = 0;   // also of keys that have expired
    RangeCount count;
    Buffer stopped_at;   // row key; empty: it came to the end
  };
  Status Count(const StoreShard& shard, IndexCursor* cursor, bool back, uint64_t rows_max, Walk* walk);
  void AddCut(StoreShard* shard, const Walk& front, const Walk& back);

  const CursorBounds& bounds_;
  const int64_t now_ms_;
  int shards_ = 0;
  uint64_t rows_ = 0;
  double keys_ = 0;
  double bytes_ = 0;
};

}   // namespace shale
