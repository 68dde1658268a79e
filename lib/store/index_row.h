// What the index says about a key, and how its rows and row keys are spelled in LevelDB. FORMAT.md has the
// bytes. Keyspaces by first byte: 0x00 metadata of the shard, 0x01 data, 0x02 deadlines (big-endian deadline,
// then the key).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/deadline.h"
#include "store/log_record.h"

namespace shale {

inline constexpr char kMetaSpace = 0;
inline constexpr char kDataSpace = 1;
inline constexpr char kDeadlineSpace = 2;

struct IndexRow {
  int64_t version = 0;
  int64_t deadline_ms = kNoDeadline;
  bool inline_value = false;
  Bytes value;                     // inline_value: as it is stored
  uint8_t value_form = 0;          // inline_value: kRecordForm bits; else the record has them
  LogPosition position = 0;        // else: the record that holds the value
  int64_t position_sequence = 0;   // and that record's sequence; differs from version after a touch
  uint32_t value_len = 0;          // either way: of what is stored
};

void EncodeIndexRow(const IndexRow& row, Buffer* out);   // replaces *out
bool DecodeIndexRow(Bytes raw, IndexRow* row);           // views point into raw

Buffer DataRowKey(Bytes key);
Buffer DataRowEnd(Bytes to);   // where the rows of a range of keys end; `to` empty: behind all of them
Buffer DeadlineRowKey(int64_t deadline_ms, Bytes key);

// How far the index is applied: one metadata row, in every batch.
struct AppliedMark {
  LogPosition position = 0;   // every record before it is in the index
  int64_t sequence = 0;       // highest of those
  uint64_t batch_id = 0;      // highest of those
  int64_t clock_ms = 0;       // an instant that had come when it was written
};
Buffer AppliedRowKey();
Buffer LedgerRowKey();
// Of a deleted range whose keys are still in the index; the row is a KeyRange.
Buffer RangeRowKey(int64_t sequence);
bool ParseRangeRowKey(Bytes row_key, int64_t* sequence);
Buffer EncodeApplied(const AppliedMark& mark);
bool DecodeApplied(Bytes raw, AppliedMark* mark);

// Whose index this is: one metadata row, written once.
struct ShardIdentity {
  std::array<unsigned char, 16> uuid{};
  uint32_t shard = 0;
  uint32_t shard_count = 0;
  bool operator==(const ShardIdentity&) const = default;
};
Buffer IdentityRowKey();
Buffer EncodeIdentity(const ShardIdentity& identity);
bool DecodeIdentity(Bytes raw, ShardIdentity* identity);

}   // namespace shale
