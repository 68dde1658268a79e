// 64 ordered walks over index rows as one: Rows is IndexCursor, or SnapshotRows at a held cut. A key lives in
// exactly one shard, so equal keys never meet. A binary heap of shard numbers, ordered by the keys the
// cursors stand on.
#pragma once

#include <memory>
#include <vector>

#include "store/disk_tier.h"
#include "store/segment_pins.h"
#include "store/snapshot_rows.h"
#include "store/store_shard.h"

namespace shale {

template <typename Rows>
class MergeCursor : public DiskCursor {
 public:
  // `shards[i]` made `cursors[i]`; both in the same order. `pin` was taken before any of them; null where
  // somebody else holds it.
  MergeCursor(std::vector<StoreShard*> shards, std::vector<std::unique_ptr<Rows>> cursors,
              std::unique_ptr<SegmentPin> pin, bool reverse, bool keys_only);
  Status Next(Bytes* key, Buffer* storage, Bytes* value, int64_t* deadline_ms) override;
  uint32_t value_len() const override { return value_len_; }

 private:
  Status Prime();
  bool Before(uint32_t a, uint32_t b) const;
  void SiftDown(size_t i);
  Status AdvanceTop();

  const std::unique_ptr<SegmentPin> pin_;   // goes after the cursors
  std::vector<StoreShard*> shards_;
  std::vector<std::unique_ptr<Rows>> cursors_;
  const bool reverse_;
  const bool keys_only_;
  bool primed_ = false;
  uint32_t value_len_ = 0;       // of the row that was handed out
  bool advance_ = false;         // the top row was handed out: move on before the next
  std::vector<uint32_t> heap_;   // indexes of cursors that have a row, the next one on top
  std::vector<Bytes> keys_;      // the row key that each cursor stands on
};

}   // namespace shale
