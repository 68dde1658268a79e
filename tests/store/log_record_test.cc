#include "store/log_record.h"

#include <array>

#include "base/coding.h"
#include "base/status.h"
#include "store/hex.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr int64_t kDeadline = 1'767'225'600'000;
constexpr LogPosition kPlace = MakePosition(3, 0x1000);

std::array<unsigned char, 16> ExampleUuid() {
  std::array<unsigned char, 16> uuid;
  for (size_t i = 0; i < uuid.size(); i++) uuid[i] = static_cast<unsigned char>(0xA0 + i);
  return uuid;
}

uint64_t ExampleSalt() {
  return LogSalt(ExampleUuid().data(), 7);
}

Buffer Encoded(const LogRecord& record, uint64_t salt = ExampleSalt(), LogPosition at = kPlace) {
  Buffer raw(RecordBytes(record.key.size(), record.value.size()), '\xEE');
  EncodeRecord(record, salt, at, raw.data());
  return raw;
}

Decoded Decode(Bytes raw, uint64_t salt = ExampleSalt(), LogPosition at = kPlace) {
  LogRecord record;
  size_t size = 0;
  return DecodeRecord(raw, salt, at, &record, &size);
}

LogRecord PutExample() {
  return LogRecord{RecordKind::kPut, 0, 42, kDeadline, "rock", "slate"};
}

// FORMAT.md shows these bytes.
TEST(a_put_record_has_these_bytes) {
  ASSERT_STR(HexDump(Encoded(PutExample())),
             "be8fb940 b969a242 2a000000 00000000\n"
             "00a8da76 9b010000 05000000 04000100\n"
             "726f636b 736c6174 65000000 00000000");
}

TEST(a_put_record_in_another_form_says_so_in_its_flags) {
  LogRecord record = PutExample();
  record.flags = kRecordCompressed | kRecordEncrypted;
  assert_int_equal(Encoded(record)[31], 12);
  LogRecord back;
  size_t size = 0;
  const Buffer raw = Encoded(record);
  assert_true(DecodeRecord(raw, ExampleSalt(), kPlace, &back, &size) == Decoded::kRecord);
  assert_int_equal(back.flags, 12);
}

TEST(a_delete_record_in_a_batch_has_these_bytes) {
  ASSERT_STR(HexDump(Encoded(LogRecord{RecordKind::kDelete, kRecordInBatch, 43, 0, "rock", ""})),
             "aa60ef65 36885d71 2b000000 00000000\n"
             "00000000 00000000 00000000 04000201\n"
             "726f636b 00000000");
}

TEST(a_touch_record_has_these_bytes) {
  char value[TouchTarget::kBytes];
  EncodeTouch(TouchTarget{kPlace, 42, 1000}, value);
  ASSERT_STR(
      HexDump(Encoded(LogRecord{RecordKind::kTouch, 0, 44, kDeadline, "rock", Bytes(value, sizeof value)})),
      "825970f5 930fad71 2c000000 00000000\n"
      "00a8da76 9b010000 18000000 04000300\n"
      "726f636b 00100000 03000000 2a000000\n"
      "00000000 e8030000 00000000 00000000");
}

TEST(a_batch_record_has_these_bytes) {
  char value[FrameHeader::kBytes];
  EncodeFrame(FrameHeader{0x100000001, uint64_t{1} << 7 | uint64_t{1} << 63, 136, 3}, value);
  ASSERT_STR(HexDump(Encoded(LogRecord{RecordKind::kBatch, 0, 44, 0, "", Bytes(value, sizeof value)})),
             "a135a644 f45b11f3 2c000000 00000000\n"
             "00000000 00000000 20000000 00000400\n"
             "01000000 01000000 80000000 00000080\n"
             "88000000 00000000 03000000 00000000");
}

TEST(a_synced_record_has_these_bytes) {
  const LogPosition synced = MakePosition(2, 0xFFFFA8);
  ASSERT_STR(
      HexDump(Encoded(LogRecord{RecordKind::kSynced, 0, 44, 0, "", MakeBytes(&synced, sizeof synced)})),
      "7e4754d0 a453c27a 2c000000 00000000\n"
      "00000000 00000000 08000000 00000500\n"
      "a8ffff00 02000000");
}

TEST(what_was_encoded_is_decoded) {
  for (const size_t key_len : {size_t{1}, size_t{7}, size_t{8}, kKeyBytesMax}) {
    for (const size_t value_len : {size_t{0}, size_t{1}, size_t{8}, size_t{100'001}}) {
      const Buffer key(key_len, 'k'), value(value_len, '\0');
      const LogRecord in{RecordKind::kPut, kRecordInBatch | kRecordMoved, INT64_MAX, -1, key, value};
      const Buffer raw = Encoded(in);
      LogRecord out;
      size_t size = 0;
      assert_true(DecodeRecord(raw, ExampleSalt(), kPlace, &out, &size) == Decoded::kRecord);
      assert_int_equal(size, raw.size());
      assert_int_equal(size % 8, 0);
      assert_true(out.kind == in.kind && out.flags == in.flags);
      assert_true(out.sequence == in.sequence && out.deadline_ms == in.deadline_ms);
      assert_true(out.key == key && out.value == value);
      assert_true(out.value.data() + out.value.size() <= raw.data() + raw.size());
    }
  }
}

TEST(padding_is_zero_whatever_lay_there) {
  for (size_t value_len = 0; value_len < 17; value_len++) {
    const Buffer value(value_len, 'v');
    const Buffer raw = Encoded(LogRecord{RecordKind::kPut, 0, 1, 0, "k", value});
    for (size_t i = kRecordHeaderBytes + 1 + value_len; i < raw.size(); i++) assert_int_equal(raw[i], 0);
  }
}

TEST(every_flipped_bit_is_noticed) {
  const LogRecord record = PutExample();
  const Buffer raw = Encoded(record);
  const size_t covered = kRecordHeaderBytes + record.key.size() + record.value.size();
  for (size_t bit = 0; bit < covered * 8; bit++) {
    if (Decode(FlippedBit(raw, bit)) == Decoded::kRecord) fail_msg("bit %zu", bit);
  }
}

TEST(every_flipped_bit_is_noticed_with_more_log_behind) {
  // A length that became larger then reaches into bytes that are there.
  const Buffer raw = Encoded(PutExample()) + Buffer(size_t{2} << 20, '\x11');
  for (size_t bit = 0; bit < kRecordHeaderBytes * 8; bit++) {
    if (Decode(FlippedBit(raw, bit)) == Decoded::kRecord) fail_msg("bit %zu", bit);
  }
}

TEST(a_record_is_valid_at_its_place_only) {
  const Buffer raw = Encoded(PutExample());
  assert_true(Decode(raw) == Decoded::kRecord);
  for (int bit = 0; bit < 64; bit++) {
    assert_true(Decode(raw, ExampleSalt(), kPlace ^ (LogPosition{1} << bit)) == Decoded::kInvalid);
  }
  for (LogPosition offset = 128; offset < 0x3000; offset += 8) {
    const Decoded wanted = offset == OffsetOf(kPlace) ? Decoded::kRecord : Decoded::kInvalid;
    assert_true(Decode(raw, ExampleSalt(), MakePosition(3, static_cast<uint32_t>(offset))) == wanted);
  }
}

TEST(a_record_of_another_shard_or_store_is_not_valid) {
  const Buffer raw = Encoded(PutExample());
  for (int shard = 0; shard < kDiskShards; shard++) {
    const Decoded wanted = shard == 7 ? Decoded::kRecord : Decoded::kInvalid;
    assert_true(Decode(raw, LogSalt(ExampleUuid().data(), shard)) == wanted);
  }
  for (size_t bit = 0; bit < 128; bit++) {
    auto uuid = ExampleUuid();
    uuid[bit / 8] = static_cast<unsigned char>(uuid[bit / 8] ^ (1 << bit % 8));
    assert_true(Decode(raw, LogSalt(uuid.data(), 7)) == Decoded::kInvalid);
  }
}

TEST(a_record_cut_short_is_partial_and_says_how_long_it_is) {
  const LogRecord record = PutExample();
  const Buffer raw = Encoded(record);
  const size_t covered = kRecordHeaderBytes + record.key.size() + record.value.size();
  for (size_t n = 0; n < raw.size(); n++) {
    LogRecord out;
    size_t size = 0;
    const Decoded decoded = DecodeRecord(Bytes(raw).substr(0, n), ExampleSalt(), kPlace, &out, &size);
    assert_true(decoded == (n < covered ? Decoded::kPartial : Decoded::kRecord));   // padding holds nothing
    assert_int_equal(size, n < kRecordHeaderBytes ? kRecordHeaderBytes : raw.size());
  }
}

TEST(zeros_are_not_a_record) {
  assert_true(Decode(Buffer(4096, '\0')) == Decoded::kInvalid);
  assert_true(Decode(Buffer(kRecordHeaderBytes, '\0')) == Decoded::kInvalid);
}

// With a checksum that fits, so that only the header can be the reason.
Buffer Forged(uint8_t kind, uint8_t flags, Bytes key, Bytes value) {
  return Encoded(LogRecord{static_cast<RecordKind>(kind), flags, 1, 0, key, value});
}

TEST(unknown_kinds_and_flags_are_not_valid) {
  for (unsigned kind = 0; kind < 256; kind++) {
    const bool keyed = kind >= 1 && kind <= 3;
    const Buffer raw = Forged(static_cast<uint8_t>(kind), 0, keyed ? "k" : "", "v");
    assert_true(Decode(raw) == (kind >= 1 && kind <= 6 ? Decoded::kRecord : Decoded::kInvalid));
  }
  for (unsigned flags = 0; flags < 256; flags++) {
    const Buffer raw = Forged(1, static_cast<uint8_t>(flags), "k", "v");
    assert_true(Decode(raw) == (flags <= 15 ? Decoded::kRecord : Decoded::kInvalid));
  }
  // Only a put has a value that can be in another form.
  for (unsigned kind = 2; kind <= 5; kind++) {
    for (const uint8_t flags : {kRecordCompressed, kRecordEncrypted, kRecordForm})
      assert_true(Decode(Forged(static_cast<uint8_t>(kind), flags, kind <= 3 ? "k" : "", "v")) ==
                  Decoded::kInvalid);
  }
}

TEST(kinds_have_a_key_or_have_none) {
  for (uint8_t kind = 1; kind <= 6; kind++) {
    const bool keyed = kind <= 3;
    assert_true(Decode(Forged(kind, 0, "k", "v")) == (keyed ? Decoded::kRecord : Decoded::kInvalid));
    assert_true(Decode(Forged(kind, 0, "", "v")) == (keyed ? Decoded::kInvalid : Decoded::kRecord));
  }
}

TEST(a_range_is_two_bounds_and_nothing_else_is_one) {
  const Buffer raw = EncodeRange("ab", Bytes("c\0", 2));
  assert_true(raw == Buffer("\2\0\0\0abc\0", 8));
  KeyRange range;
  assert_true(DecodeRange(raw, &range) && range.from == "ab" && range.to == Bytes("c\0", 2));
  assert_true(range.Has("ab") && range.Has("c") && !range.Has("aa") && !range.Has(Bytes("c\0", 2)));
  const Buffer open = EncodeRange("", "");
  assert_true(DecodeRange(open, &range) && range.Has("") && range.Has("\xff"));
  assert_false(DecodeRange(Bytes(raw).substr(0, 3), &range));
  assert_false(DecodeRange(Bytes(raw).substr(0, 5), &range));
  assert_false(DecodeRange(EncodeRange(Buffer(kKeyBytesMax + 1, 'k'), ""), &range));
  assert_false(DecodeRange(EncodeRange("", Buffer(kKeyBytesMax + 1, 'k')), &range));
}

TEST(a_value_length_above_the_limit_is_not_believed) {
  Buffer raw = Encoded(PutExample());
  StoreLE<uint32_t>(raw.data() + 24, static_cast<uint32_t>(kValueBytesMax));
  assert_true(Decode(raw) == Decoded::kPartial);
  StoreLE<uint32_t>(raw.data() + 24, static_cast<uint32_t>(kValueBytesMax + 1));
  assert_true(Decode(raw) == Decoded::kInvalid);
  raw[31] = static_cast<char>(kRecordEncrypted);   // then there is a nonce and a tag beside it
  StoreLE<uint32_t>(raw.data() + 24, static_cast<uint32_t>(kValueBytesMax + 40));
  assert_true(Decode(raw) == Decoded::kPartial);
  StoreLE<uint32_t>(raw.data() + 24, static_cast<uint32_t>(kValueBytesMax + 41));
  assert_true(Decode(raw) == Decoded::kInvalid);
}

TEST(touch_targets_and_frames_survive_coding) {
  char touch[TouchTarget::kBytes], frame[FrameHeader::kBytes];
  EncodeTouch(TouchTarget{MakePosition(UINT32_MAX, UINT32_MAX - 7), INT64_MAX, UINT32_MAX}, touch);
  TouchTarget target;
  assert_true(DecodeTouch(Bytes(touch, sizeof touch), &target));
  assert_true(target.position == MakePosition(UINT32_MAX, UINT32_MAX - 7) && target.sequence == INT64_MAX);
  assert_int_equal(target.value_len, UINT32_MAX);
  EncodeFrame(FrameHeader{UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 2, UINT32_MAX}, frame);
  FrameHeader header;
  assert_true(DecodeFrame(Bytes(frame, sizeof frame), &header));
  assert_true(header.batch_id == UINT64_MAX && header.shard_set == UINT64_MAX - 1);
  assert_true(header.member_bytes == UINT64_MAX - 2 && header.member_count == UINT32_MAX);
  assert_false(DecodeTouch(Bytes(frame, sizeof frame), &target));
  assert_false(DecodeTouch(Bytes(touch, sizeof touch - 1), &target));
  assert_false(DecodeFrame(Bytes(touch, sizeof touch), &header));
  assert_false(DecodeFrame(Bytes(), &header));
}

TEST(places_compare_as_numbers) {
  assert_true(MakePosition(1, UINT32_MAX) < MakePosition(2, 0));
  assert_int_equal(SegmentOf(MakePosition(0xFEDCBA98, 0x76543210)), 0xFEDCBA98);
  assert_int_equal(OffsetOf(MakePosition(0xFEDCBA98, 0x76543210)), 0x76543210);
}

}   // namespace
}   // namespace shale

RUN()
