// The bytes of the log: one record per mutation, readable by itself. FORMAT.md shows them with an example.
//  (1) a record starts at a multiple of 8 and never crosses a segment
//  (2) its checksum covers everything behind it and, mixed in, store, shard, segment and offset: a stale,
//      copied or misplaced record is not valid where it lies
//  (3) the first word of the free space behind the last record is zero, and no valid record starts with a
//      zero header
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/limits.h"

namespace shale {

// A place in the log of one shard: segment number in the high half, byte offset in the low half, so that
// places compare as numbers. 0 = nowhere.
using LogPosition = uint64_t;
inline constexpr LogPosition MakePosition(uint32_t segment, uint32_t offset) {
  return (static_cast<uint64_t>(segment) << 32) | offset;
}
inline constexpr uint32_t SegmentOf(LogPosition p) {
  return static_cast<uint32_t>(p >> 32);
}
inline constexpr uint32_t OffsetOf(LogPosition p) {
  return static_cast<uint32_t>(p);
}

enum class RecordKind : uint8_t {
  kPut = 1,           // key = value
  kDelete = 2,        // key is gone
  kTouch = 3,         // new deadline for a value that stays where it is; value = TouchTarget
  kBatch = 4,         // header of a batch frame; no key; value = FrameHeader; its members follow at once
  kSynced = 5,        // no key; value = position up to which the log was durable when this was written
  kDeleteRange = 6,   // all keys of a range are gone; no key; value = KeyRange
};

// Record flags; an unknown one makes the record unreadable for this version (and is announced in the
// superblock).
inline constexpr uint8_t kRecordInBatch = 1;      // member of the frame before it
inline constexpr uint8_t kRecordMoved = 2;        // written again by collection; sequence is the original's
inline constexpr uint8_t kRecordCompressed = 4;   // of a put: the value is compressed (value_zip.h)
inline constexpr uint8_t kRecordEncrypted = 8;    // of a put: the value is encrypted (value_cipher.h)
inline constexpr uint8_t kRecordForm = kRecordCompressed | kRecordEncrypted;
inline constexpr uint8_t kRecordKnownFlags = kRecordInBatch | kRecordMoved | kRecordForm;
// Encryption makes a value longer by this much.
inline constexpr size_t kStoredBytesMax = kValueBytesMax + 40;

inline constexpr size_t kRecordHeaderBytes = 32;

struct LogRecord {
  RecordKind kind = RecordKind::kPut;
  uint8_t flags = 0;
  int64_t sequence = 0;
  int64_t deadline_ms = 0;
  Bytes key;
  Bytes value;   // as it is stored, in the form that the flags say
};

// Value of a kTouch record.
struct TouchTarget {
  static constexpr size_t kBytes = 24;
  LogPosition position = 0;   // of the record that holds the value
  int64_t sequence = 0;       // that record's sequence, for finding it after it was moved
  uint32_t value_len = 0;
};

// Value of a kBatch record: one frame per involved shard.
struct FrameHeader {
  static constexpr size_t kBytes = 32;
  uint64_t batch_id = 0;
  uint64_t shard_set = 0;      // bit s: shard s has a frame of this batch
  uint64_t member_bytes = 0;   // of the records that follow
  uint32_t member_count = 0;
};

// Value of a kDeleteRange record, and of the row that the index has of it.
struct KeyRange {
  Bytes from;   // inclusive
  Bytes to;     // exclusive; empty: no bound
  bool Has(Bytes key) const { return key >= from && (to.empty() || key < to); }
};

inline constexpr size_t RecordBytes(size_t key_len, size_t value_len) {
  return (kRecordHeaderBytes + key_len + value_len + 7) & ~size_t{7};
}

// Everything in a checksum that is not in the record: made once per shard.
uint64_t LogSalt(const unsigned char uuid[16], int shard);

// Writes RecordBytes(...) bytes to `out`, padding included.
void EncodeRecord(const LogRecord& record, uint64_t salt, LogPosition at, char* out);

enum class Decoded {
  kRecord,    // *record is set, its views point into `raw`; *size is what it occupies
  kPartial,   // a plausible header, but `raw` ends before the record does; *size is what it would occupy
  kInvalid,   // not a record at this place
};
Decoded DecodeRecord(Bytes raw, uint64_t salt, LogPosition at, LogRecord* record, size_t* size);

void EncodeTouch(const TouchTarget& target, char out[TouchTarget::kBytes]);
bool DecodeTouch(Bytes value, TouchTarget* target);
void EncodeFrame(const FrameHeader& frame, char out[FrameHeader::kBytes]);
bool DecodeFrame(Bytes value, FrameHeader* frame);
Buffer EncodeRange(Bytes from, Bytes to);
bool DecodeRange(Bytes value, KeyRange* range);   // views point into value

}   // namespace shale
