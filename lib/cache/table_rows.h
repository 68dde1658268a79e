// The buckets of all shards' tables, in one region: row i holds the i-th bucket of each. Why not a region for
// each shard: a few thousand keys over 256 shards would then lie in 256 pages, and the address of each page
// has to be found again and again; in rows they lie in as few lines and pages as if there were one table.
//  (1) bucket i of shard s is the s-th of row i; a bucket is a whole line, so shards share none
//  (2) rows below a CommitTo that returned true can be used for ever
// A row costs memory where a bucket of it was used. A shard pays for its own (ItemTable::bytes): what the
// pages hold of others' that are not in use yet is little, as keys are spread evenly.
#pragma once

#include <cstddef>
#include <memory>

#include "base/status.h"
#include "cache/growing_region.h"
#include "cache/table_head.h"

namespace shale {

class TableRows {
 public:
  // A table begins with 64 buckets, one of 256 with four: 64 KiB for all of them.
  static constexpr size_t kRowsMost = 64;
  static constexpr size_t kRowsLeast = 4;

  // 2^shard_bits shards with up to rows_max buckets each.
  static Status Create(int shard_bits, size_t rows_max, bool huge_pages, std::shared_ptr<TableRows>* out);
  TableRows(const TableRows&) = delete;
  TableRows& operator=(const TableRows&) = delete;

  // Any thread. False if the kernel refuses.
  bool CommitTo(size_t rows) { return region_.CommitTo(RoundUpTo(rows * row_bytes(), kCommitBytes)); }
  // Of this shard: with `first` and the stride set.
  TableHead* head(size_t shard) { return &heads_[shard]; }
  size_t rows_at_first() const { return rows_at_first_; }

 private:
  static constexpr size_t kCommitBytes = size_t{64} << 10;   // a call of the kernel for so much

  explicit TableRows(int shard_bits);
  size_t row_bytes() const { return sizeof(Bucket) << shard_bits_; }

  const int shard_bits_;
  const size_t rows_at_first_;
  const std::unique_ptr<TableHead[]> heads_;
  GrowingRegion region_;
};

}   // namespace shale
