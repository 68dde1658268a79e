// A cut over all shards that is held: an index iterator of each shard, which keeps the tables and memtables
// of that moment, and a pin, which keeps the segments they point into.
//  (1) what it reads does not change, whatever is written, drained, compacted, collected or swept meanwhile
//  (2) any number of threads; reads of one shard wait for each other
//  (3) it must go before the shards do; its cursors before it
//  (4) damage met in a shard's index stays: further reads of that shard at this snapshot return it too
#pragma once

#include <array>
#include <memory>

#include "store/segment_pins.h"
#include "store/snapshot_rows.h"
#include "store/store_shard.h"

namespace shale {

class StoreSnapshot : public DiskSnapshot {
 public:
  StoreSnapshot(const std::array<std::unique_ptr<StoreShard>, kDiskShards>& shards,
                std::unique_ptr<SegmentPin> pin);
  // Nothing pending, and nothing changes.
  Status Hold();
  Status Read(const KeyRef& key, DiskRead* out) override;
  Status NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) override;

 private:
  const std::unique_ptr<SegmentPin> pin_;   // goes after the cursors
  std::array<StoreShard*, kDiskShards> shards_{};
  std::array<SharedIndexCursor, kDiskShards> cursors_;
};

}   // namespace shale
