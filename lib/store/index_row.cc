#include "store/index_row.h"

#include <cstring>

#include "base/coding.h"

namespace shale {

namespace {
// First byte of a row.
constexpr uint8_t kRowPointer = 1;    // else the value follows
constexpr uint8_t kRowDeadline = 2;   // a deadline follows the version
constexpr uint8_t kRowTouched = 4;    // the record's own sequence follows the position
// Of a value in the row; a record has flags of its own.
constexpr uint8_t kRowCompressed = 8;
constexpr uint8_t kRowEncrypted = 16;
constexpr uint8_t kRowForm = kRowCompressed | kRowEncrypted;
constexpr uint8_t kRowKnown = kRowPointer | kRowDeadline | kRowTouched | kRowForm;
static_assert(kRowCompressed == kRecordCompressed << 1 && kRowEncrypted == kRecordEncrypted << 1);
}   // namespace

void EncodeIndexRow(const IndexRow& row, Buffer* out) {
  out->clear();
  uint8_t form = 0;
  const bool touched = !row.inline_value && row.position_sequence != row.version;
  if (!row.inline_value) form |= kRowPointer;
  if (row.deadline_ms != kNoDeadline) form |= kRowDeadline;
  if (touched) form |= kRowTouched;
  if (row.inline_value) form |= static_cast<uint8_t>(row.value_form << 1);
  out->push_back(static_cast<char>(form));
  PutVarint64(out, static_cast<uint64_t>(row.version));
  if (row.deadline_ms != kNoDeadline) PutVarint64(out, static_cast<uint64_t>(row.deadline_ms));
  if (row.inline_value) {
    out->append(row.value);
    return;
  }
  PutVarint64(out, SegmentOf(row.position));
  PutVarint64(out, OffsetOf(row.position) / 8);
  PutVarint64(out, row.value_len);
  if (touched) PutVarint64(out, static_cast<uint64_t>(row.position_sequence));
}

bool DecodeIndexRow(Bytes raw, IndexRow* row) {
  if (raw.empty()) return false;
  const auto form = static_cast<uint8_t>(raw.front());
  raw.remove_prefix(1);
  uint64_t version = 0, deadline = 0, segment = 0, offset = 0, value_len = 0;
  if ((form & ~kRowKnown) != 0 || (form & (kRowPointer | kRowTouched)) == kRowTouched) return false;
  if ((form & kRowPointer) != 0 && (form & kRowForm) != 0) return false;
  if (!GetVarint64(&raw, &version)) return false;
  if ((form & kRowDeadline) != 0 && !GetVarint64(&raw, &deadline)) return false;
  row->version = static_cast<int64_t>(version);
  row->deadline_ms = static_cast<int64_t>(deadline);
  row->inline_value = (form & kRowPointer) == 0;
  row->position_sequence = row->version;
  row->value_form = static_cast<uint8_t>((form & kRowForm) >> 1);
  if (row->inline_value) {
    row->value = raw;
    row->value_len = static_cast<uint32_t>(raw.size());
    return true;
  }
  if (!GetVarint64(&raw, &segment) || !GetVarint64(&raw, &offset) || !GetVarint64(&raw, &value_len))
    return false;
  if (segment > UINT32_MAX || offset > UINT32_MAX / 8 || value_len > kStoredBytesMax) return false;
  uint64_t record_sequence = version;
  if ((form & kRowTouched) != 0 && !GetVarint64(&raw, &record_sequence)) return false;
  row->position = MakePosition(static_cast<uint32_t>(segment), static_cast<uint32_t>(offset * 8));
  row->position_sequence = static_cast<int64_t>(record_sequence);
  row->value_len = static_cast<uint32_t>(value_len);
  return raw.empty();
}

Buffer DataRowKey(Bytes key) {
  Buffer out;
  out.reserve(key.size() + 1);
  out.push_back(kDataSpace);
  out.append(key);
  return out;
}

Buffer DataRowEnd(Bytes to) {
  return to.empty() ? Buffer(1, kDataSpace + 1) : DataRowKey(to);
}

Buffer DeadlineRowKey(int64_t deadline_ms, Bytes key) {
  Buffer out(1, kDeadlineSpace);
  PutBE64(&out, static_cast<uint64_t>(deadline_ms));
  out.append(key);
  return out;
}

Buffer AppliedRowKey() {
  return Buffer("\0applied", 8);
}
Buffer LedgerRowKey() {
  return Buffer("\0ledger", 7);
}
Buffer IdentityRowKey() {
  return Buffer("\0identity", 9);
}

namespace {
constexpr Bytes kRangeRowHead("\0range", 6);
}

Buffer RangeRowKey(int64_t sequence) {
  Buffer out(kRangeRowHead);
  PutBE64(&out, static_cast<uint64_t>(sequence));
  return out;
}

bool ParseRangeRowKey(Bytes row_key, int64_t* sequence) {
  if (row_key.size() != kRangeRowHead.size() + 8 || !row_key.starts_with(kRangeRowHead)) return false;
  uint64_t number = 0;
  for (const char c : row_key.substr(kRangeRowHead.size()))
    number = number << 8 | static_cast<unsigned char>(c);
  *sequence = static_cast<int64_t>(number);
  return true;
}

Buffer EncodeApplied(const AppliedMark& mark) {
  Buffer out;
  PutFixed<uint64_t>(&out, mark.position);
  PutFixed<int64_t>(&out, mark.sequence);
  PutFixed<uint64_t>(&out, mark.batch_id);
  PutFixed<int64_t>(&out, mark.clock_ms);
  return out;
}

bool DecodeApplied(Bytes raw, AppliedMark* mark) {
  return raw.size() == 32 && GetFixed(&raw, &mark->position) && GetFixed(&raw, &mark->sequence) &&
         GetFixed(&raw, &mark->batch_id) && GetFixed(&raw, &mark->clock_ms);
}

Buffer EncodeIdentity(const ShardIdentity& identity) {
  Buffer out(reinterpret_cast<const char*>(identity.uuid.data()), identity.uuid.size());
  PutFixed<uint32_t>(&out, identity.shard);
  PutFixed<uint32_t>(&out, identity.shard_count);
  return out;
}

bool DecodeIdentity(Bytes raw, ShardIdentity* identity) {
  if (raw.size() != 24) return false;
  std::memcpy(identity->uuid.data(), raw.data(), 16);
  raw.remove_prefix(16);
  return GetFixed(&raw, &identity->shard) && GetFixed(&raw, &identity->shard_count);
}

}   // namespace shale
