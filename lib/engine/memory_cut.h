// The keys and values of a memory-only store at one moment, sorted: what a snapshot of it reads from. There
// are no older versions in the memory tier, so the cut is a copy.
//  (1) never changes once made: any number of threads
//  (2) its cursors point into it
#pragma once

#include <memory>
#include <vector>

#include "store/disk_tier.h"

namespace shale {

class MemoryCut : public DiskSnapshot {
 public:
  struct Row {
    Buffer key, value;
    int64_t version = 0;
    int64_t deadline_ms = 0;
  };
  // In any order.
  explicit MemoryCut(std::vector<Row> rows);
  Status Read(const KeyRef& key, DiskRead* out) override;
  Status NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) override;

 private:
  size_t FirstFrom(Bytes key) const;

  std::vector<Row> rows_;
};

}   // namespace shale
