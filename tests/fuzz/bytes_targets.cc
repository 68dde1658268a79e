// What is decoded from a few bytes in memory.
#include <algorithm>

#include "abi/iter_request.h"
#include "abi/packed.h"
#include "base/coding.h"
#include "base/hash.h"
#include "fuzz/targets.h"
#include "store/index_row.h"
#include "store/log_record.h"
#include "store/segment_ledger.h"
#include "store/superblock.h"
#include "store/value_zip.h"

using namespace shale;   // NOLINT

namespace shale_test {

void FuzzSuperblock(Bytes data) {
  constexpr size_t kBytes = 512, kChecksumAt = 504;
  Superblock seen;
  (void)DecodeSuperblock(data, "SHALE-A", &seen);
  Buffer mended(data);
  mended.resize(kBytes);
  StoreLE<uint64_t>(mended.data() + kChecksumAt, Checksum64(Bytes(mended).substr(0, kChecksumAt)));
  if (!DecodeSuperblock(mended, "SHALE-A", &seen).ok()) return;
  Superblock again;
  INSIST(DecodeSuperblock(EncodeSuperblock(seen), "SHALE-A", &again).ok());
  INSIST(again.generation == seen.generation && again.uuid == seen.uuid && again.state == seen.state &&
         again.shard_count == seen.shard_count && again.batch_id_high == seen.batch_id_high);
}

namespace {

void LookInto(const LogRecord& record) {
  TouchTarget touch;
  FrameHeader frame;
  KeyRange range;
  (void)DecodeTouch(record.value, &touch);
  (void)DecodeFrame(record.value, &frame);
  if (DecodeRange(record.value, &range)) INSIST(EncodeRange(range.from, range.to) == record.value);
}

// As a segment is walked: a record after the other, to the first place that holds none.
void Walk(Bytes segment, uint64_t salt) {
  for (size_t at = 0; at < segment.size();) {
    LogRecord record;
    size_t size = 0;
    const Bytes rest = segment.substr(at);
    const Decoded decoded =
        DecodeRecord(rest, salt, MakePosition(3, static_cast<uint32_t>(at)), &record, &size);
    if (decoded == Decoded::kPartial) INSIST(size >= rest.size() || size == kRecordHeaderBytes);
    if (decoded != Decoded::kRecord) return;
    INSIST(size % 8 == 0 && size >= kRecordHeaderBytes && size <= rest.size() + 7);
    INSIST(record.key.data() + record.key.size() <= segment.data() + segment.size());
    INSIST(record.value.data() + record.value.size() <= segment.data() + segment.size());
    LookInto(record);
    at += size;
  }
}

}   // namespace

void FuzzRecords(Bytes data) {
  Walk(data, 1);
  // The bytes as a list of records, which must come back as they were.
  FuzzBytes in(data);
  Buffer segment;
  size_t written = 0;
  while (!in.empty() && segment.size() < 1 << 16) {
    LogRecord record;
    record.kind = static_cast<RecordKind>(1 + in.Below(6));
    record.flags = static_cast<uint8_t>(in.Number(1)) & kRecordKnownFlags;
    if (record.kind != RecordKind::kPut) record.flags &= static_cast<uint8_t>(~kRecordForm);
    record.sequence = static_cast<int64_t>(in.Number(8));
    record.deadline_ms = static_cast<int64_t>(in.Number(8));
    const bool keyed = record.kind <= RecordKind::kTouch;
    record.key = keyed ? in.Piece(1 + in.Below(40)) : Bytes();
    if (keyed && record.key.empty()) record.key = "k";
    record.value = in.Piece(in.Below(300));
    const LogPosition at = MakePosition(3, static_cast<uint32_t>(segment.size()));
    Buffer raw(RecordBytes(record.key.size(), record.value.size()), '\0');
    EncodeRecord(record, 1, at, raw.data());
    LogRecord back;
    size_t size = 0;
    INSIST(DecodeRecord(raw, 1, at, &back, &size) == Decoded::kRecord && size == raw.size());
    INSIST(back.kind == record.kind && back.flags == record.flags && back.key == record.key &&
           back.value == record.value && back.sequence == record.sequence);
    INSIST(DecodeRecord(raw, 1, at + 8, &back, &size) != Decoded::kRecord);
    INSIST(DecodeRecord(raw, 2, at, &back, &size) != Decoded::kRecord);
    segment += raw;
    written++;
  }
  Walk(segment, 1);
}

void FuzzRows(Bytes data) {
  IndexRow row;
  if (DecodeIndexRow(data, &row)) {
    Buffer again;
    EncodeIndexRow(row, &again);
    IndexRow back;
    INSIST(DecodeIndexRow(again, &back));
    INSIST(back.version == row.version && back.deadline_ms == row.deadline_ms && back.value == row.value &&
           back.inline_value == row.inline_value && back.position == row.position &&
           back.value_len == row.value_len && back.value_form == row.value_form);
  }
  AppliedMark mark;
  if (DecodeApplied(data, &mark)) INSIST(DecodeApplied(EncodeApplied(mark), &mark));
  ShardIdentity identity;
  if (DecodeIdentity(data, &identity)) INSIST(EncodeIdentity(identity) == data);
  int64_t sequence = 0;
  if (ParseRangeRowKey(data, &sequence)) INSIST(RangeRowKey(sequence) == data);
  KeyRange range;
  if (DecodeRange(data, &range)) INSIST(EncodeRange(range.from, range.to) == data);
  for (const bool exact : {false, true}) {
    SegmentLedger ledger;
    if (!ledger.Decode(data, exact)) continue;
    SegmentLedger again;
    INSIST(again.Decode(ledger.Encode(), exact));
    INSIST(again.live_bytes() == ledger.live_bytes());
  }
}

void FuzzPacked(Bytes data) {
  FuzzBytes in(data);
  const size_t count = in.Below(4) == 0 ? in.Number(8) : in.Number(1);
  const Bytes packed = in.Rest();
  const auto within = [&](Bytes part) {
    INSIST(part.empty() ||
           (part.data() >= packed.data() && part.data() + part.size() <= packed.data() + packed.size()));
  };
  std::vector<Bytes> keys;
  if (ParsePackedKeys(packed, count, &keys).ok()) {
    INSIST(keys.size() == count);
    for (const Bytes key : keys) within(key);
  }
  std::vector<KeyValue> items;
  if (ParsePackedItems(packed, count, &items).ok()) {
    INSIST(items.size() == count);
    for (const KeyValue& item : items) within(item.value);
  }
  WriteBatch batch;
  (void)ParsePackedOps(packed, count, &batch);
}

void FuzzToken(Bytes data) {
  Engine::ScanRequest request;
  if (!TokenRequest(data.data(), data.size(), &request).ok()) return;
  INSIST(request.limit >= -1);
  INSIST(request.bounds.from.size() <= kKeyBytesMax + 1 && request.bounds.to.size() <= kKeyBytesMax + 1);
}

void FuzzValue(Bytes data) {
  Buffer out;
  if (UnzipValue(data, &out).ok()) INSIST(out.size() <= kValueBytesMax);
  Buffer zipped;
  if (!ZipValue(data, 1, &zipped)) return;
  INSIST(zipped.size() <= data.size() - data.size() / 8);
  INSIST(UnzipValue(zipped, &out).ok() && out == data);
}

}   // namespace shale_test
