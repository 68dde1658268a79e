#include "store/log_record.h"

#include <cstring>

#include "base/check.h"
#include "base/coding.h"
#include "base/hash.h"
#include "base/seeded_bug.h"

namespace shale {

namespace {

// Layout of the header.
constexpr size_t kChecksumAt = 0;
constexpr size_t kSequenceAt = 8;
constexpr size_t kDeadlineAt = 16;
constexpr size_t kValueLenAt = 24;
constexpr size_t kKeyLenAt = 28;
constexpr size_t kKindAt = 30;
constexpr size_t kFlagsAt = 31;
static_assert(kFlagsAt + 1 == kRecordHeaderBytes);

uint64_t Mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDu;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53u;
  return x ^ (x >> 33);
}

uint64_t ChecksumAt(const char* record, size_t covered_end, uint64_t salt, LogPosition at) {
  return Checksum64(Bytes(record + kSequenceAt, covered_end - kSequenceAt)) ^ Mix(salt + Mix(at));
}

bool PlausibleHeader(const char* p) {
  const auto kind = static_cast<uint8_t>(p[kKindAt]);
  const auto flags = static_cast<uint8_t>(p[kFlagsAt]);
  if (kind < static_cast<uint8_t>(RecordKind::kPut) || kind > static_cast<uint8_t>(RecordKind::kDeleteRange))
    return false;
  if ((flags & ~kRecordKnownFlags) != 0) return false;
  if ((flags & kRecordForm) != 0 && kind != static_cast<uint8_t>(RecordKind::kPut)) return false;
  const bool keyed = kind <= static_cast<uint8_t>(RecordKind::kTouch);
  const size_t most = (flags & kRecordEncrypted) != 0 ? kStoredBytesMax : kValueBytesMax;
  return (LoadLE<uint16_t>(p + kKeyLenAt) != 0) == keyed && LoadLE<uint32_t>(p + kValueLenAt) <= most;
}

}   // namespace

uint64_t LogSalt(const unsigned char uuid[16], int shard) {
  char input[20];
  std::memcpy(input, uuid, 16);
  StoreLE<int32_t>(input + 16, shard);
  return Checksum64(Bytes(input, sizeof input));
}

void EncodeRecord(const LogRecord& record, uint64_t salt, LogPosition at, char* out) {
  SHALE_CHECK(record.key.size() <= kKeyBytesMax && record.value.size() <= kStoredBytesMax && at % 8 == 0);
  StoreLE<int64_t>(out + kSequenceAt, record.sequence);
  StoreLE<int64_t>(out + kDeadlineAt, record.deadline_ms);
  StoreLE<uint32_t>(out + kValueLenAt, static_cast<uint32_t>(record.value.size()));
  StoreLE<uint16_t>(out + kKeyLenAt, static_cast<uint16_t>(record.key.size()));
  out[kKindAt] = static_cast<char>(record.kind);
  out[kFlagsAt] = static_cast<char>(record.flags);
  char* p = out + kRecordHeaderBytes;
  if (!record.key.empty()) std::memcpy(p, record.key.data(), record.key.size());
  p += record.key.size();
  if (!record.value.empty()) std::memcpy(p, record.value.data(), record.value.size());
  p += record.value.size();
  const auto covered_end = static_cast<size_t>(p - out);
  std::memset(p, 0, RecordBytes(record.key.size(), record.value.size()) - covered_end);
  StoreLE<uint64_t>(out + kChecksumAt, ChecksumAt(out, covered_end, salt, at));
}

Decoded DecodeRecord(Bytes raw, uint64_t salt, LogPosition at, LogRecord* record, size_t* size) {
  if (raw.size() < kRecordHeaderBytes) {
    *size = kRecordHeaderBytes;
    return Decoded::kPartial;
  }
  const char* p = raw.data();
  if (!PlausibleHeader(p)) return Decoded::kInvalid;
  const size_t key_len = LoadLE<uint16_t>(p + kKeyLenAt);
  const size_t value_len = LoadLE<uint32_t>(p + kValueLenAt);
  *size = RecordBytes(key_len, value_len);
  const size_t covered_end = kRecordHeaderBytes + key_len + value_len;
  if (raw.size() < covered_end) return Decoded::kPartial;
  const bool right = LoadLE<uint64_t>(p + kChecksumAt) == ChecksumAt(p, covered_end, salt, at);
  if (!right && !SeededBug(Seed::kNoChecksum)) return Decoded::kInvalid;
  record->kind = static_cast<RecordKind>(p[kKindAt]);
  record->flags = static_cast<uint8_t>(p[kFlagsAt]);
  record->sequence = LoadLE<int64_t>(p + kSequenceAt);
  record->deadline_ms = LoadLE<int64_t>(p + kDeadlineAt);
  record->key = Bytes(p + kRecordHeaderBytes, key_len);
  record->value = Bytes(p + kRecordHeaderBytes + key_len, value_len);
  return Decoded::kRecord;
}

void EncodeTouch(const TouchTarget& target, char out[TouchTarget::kBytes]) {
  StoreLE<uint64_t>(out, target.position);
  StoreLE<int64_t>(out + 8, target.sequence);
  StoreLE<uint32_t>(out + 16, target.value_len);
  StoreLE<uint32_t>(out + 20, 0);
}

bool DecodeTouch(Bytes value, TouchTarget* target) {
  if (value.size() != TouchTarget::kBytes) return false;
  target->position = LoadLE<uint64_t>(value.data());
  target->sequence = LoadLE<int64_t>(value.data() + 8);
  target->value_len = LoadLE<uint32_t>(value.data() + 16);
  return true;
}

void EncodeFrame(const FrameHeader& frame, char out[FrameHeader::kBytes]) {
  StoreLE<uint64_t>(out, frame.batch_id);
  StoreLE<uint64_t>(out + 8, frame.shard_set);
  StoreLE<uint64_t>(out + 16, frame.member_bytes);
  StoreLE<uint32_t>(out + 24, frame.member_count);
  StoreLE<uint32_t>(out + 28, 0);
}

bool DecodeFrame(Bytes value, FrameHeader* frame) {
  if (value.size() != FrameHeader::kBytes) return false;
  frame->batch_id = LoadLE<uint64_t>(value.data());
  frame->shard_set = LoadLE<uint64_t>(value.data() + 8);
  frame->member_bytes = LoadLE<uint64_t>(value.data() + 16);
  frame->member_count = LoadLE<uint32_t>(value.data() + 24);
  return true;
}

Buffer EncodeRange(Bytes from, Bytes to) {
  Buffer out;
  out.reserve(sizeof(uint32_t) + from.size() + to.size());
  PutFixed<uint32_t>(&out, static_cast<uint32_t>(from.size()));
  out.append(from);
  out.append(to);
  return out;
}

bool DecodeRange(Bytes value, KeyRange* range) {
  uint32_t from_len = 0;
  if (!GetFixed(&value, &from_len) || from_len > value.size()) return false;
  range->from = value.substr(0, from_len);
  range->to = value.substr(from_len);
  return from_len <= kKeyBytesMax && range->to.size() <= kKeyBytesMax;
}

}   // namespace shale
