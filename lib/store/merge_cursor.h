// 64 ordered walks over index rows as one: Rows is IndexCursor, or SnapshotRows at a held cut. A key lives in
// exactly one shard, so equal keys never meet. A binary heap of shard numbers, ordered by the keys the
// cursors stand on.
#pragma once

#include <array>
#include <memory>

#include "store/disk_tier.h"
#include "store/snapshot_rows.h"
#include "store/store_shard.h"

namespace shale {

// Holds what the rows come from, for the length of a walk.
class RowsOwner {
 public:
  virtual ~RowsOwner() = default;
};

template <typename Rows>
class MergeCursor : public DiskCursor {
 public:
  using Shards = std::array<StoreShard*, kDiskShards>;
  using Cursors = std::array<Rows*, kDiskShards>;

  // `cursors[i]` walks over rows of `shards[i]`; all of them are the owner's.
  MergeCursor(const Shards& shards, const Cursors& cursors, std::unique_ptr<RowsOwner> owner, bool reverse,
              bool keys_only);
  Status Next(Bytes* key, Buffer* storage, Bytes* value, int64_t* deadline_ms) override;
  void SkipValues() override { keys_only_ = true; }
  uint32_t value_len() const override { return value_len_; }

 private:
  Status Prime();
  bool Before(uint32_t a, uint32_t b) const;
  void SiftDown(size_t i);
  Status AdvanceTop();

  const std::unique_ptr<RowsOwner> owner_;
  const Shards shards_;
  const Cursors cursors_;
  const bool reverse_;
  bool keys_only_;
  bool primed_ = false;
  uint32_t value_len_ = 0;   // of the row that was handed out
  bool advance_ = false;     // the top row was handed out: move on before the next
  // The first heap_size_: indexes of cursors that have a row, the next one on top.
  std::array<uint32_t, kDiskShards> heap_{};
  size_t heap_size_ = 0;
  std::array<Bytes, kDiskShards> keys_;   // the row key that each cursor stands on
};

}   // namespace shale
