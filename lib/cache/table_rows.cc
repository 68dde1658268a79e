#include "cache/table_rows.h"

#include <algorithm>
#include <string>

namespace shale {

namespace {
constexpr size_t kRowsInAll = 1024;   // buckets of all shards in the beginning
}   // namespace

TableRows::TableRows(int shard_bits)
    : shard_bits_(shard_bits),
      rows_at_first_(std::clamp(kRowsInAll >> shard_bits, kRowsLeast, kRowsMost)),
      heads_(new TableHead[size_t{1} << shard_bits]) {}

Status TableRows::Create(int shard_bits, size_t rows_max, bool huge_pages, std::shared_ptr<TableRows>* out) {
  std::shared_ptr<TableRows> rows(new TableRows(shard_bits));
  const size_t bytes = RoundUpTo(rows_max * rows->row_bytes(), kCommitBytes);
  SHALE_RETURN_IF_NOT_OK(rows->region_.Reserve(bytes, huge_pages));
  if (!rows->CommitTo(rows->rows_at_first_))
    return Status::Error(Code::E_NO_MEMORY, "cache: no memory for the tables of the shards");
  for (size_t shard = 0; shard >> shard_bits == 0; shard++) {
    rows->heads_[shard].first = reinterpret_cast<Bucket*>(rows->region_.base()) + shard;
    rows->heads_[shard].stride_shift = static_cast<uint8_t>(shard_bits);
  }
  *out = std::move(rows);
  return Status::Ok();
}

}   // namespace shale
