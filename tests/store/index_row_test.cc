#include "store/index_row.h"

#include <memory>

#include "base/coding.h"
#include "base/random.h"
#include "store/hex.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr int64_t kDeadline = 1'767'225'600'000;

Buffer Encoded(const IndexRow& row) {
  Buffer out = "what lay here before";
  EncodeIndexRow(row, &out);
  return out;
}

IndexRow Pointer(int64_t version, int64_t record_sequence, LogPosition position, uint32_t value_len,
                 int64_t deadline_ms) {
  IndexRow row;
  row.version = version;
  row.deadline_ms = deadline_ms;
  row.position = position;
  row.position_sequence = record_sequence;
  row.value_len = value_len;
  return row;
}

IndexRow Inline(int64_t version, Bytes value, int64_t deadline_ms) {
  IndexRow row;
  row.version = version;
  row.deadline_ms = deadline_ms;
  row.inline_value = true;
  row.value = value;
  return row;
}

// FORMAT.md shows these bytes.
TEST(rows_have_these_bytes) {
  const LogPosition place = MakePosition(3, 0x1000);
  ASSERT_STR(HexDump(Encoded(Inline(42, "slate", kNoDeadline))), "002a736c 617465");
  ASSERT_STR(HexDump(Encoded(Inline(42, "slate", kDeadline))), "022a80d0 eab6b733 736c6174 65");
  IndexRow sealed = Inline(42, "slate", kNoDeadline);   // for the example, in no real form
  sealed.value_form = kRecordCompressed;
  ASSERT_STR(HexDump(Encoded(sealed)), "082a736c 617465");
  sealed.value_form = kRecordEncrypted;
  ASSERT_STR(HexDump(Encoded(sealed)), "102a736c 617465");
  sealed.value_form = kRecordForm;
  sealed.deadline_ms = kDeadline;
  ASSERT_STR(HexDump(Encoded(sealed)), "1a2a80d0 eab6b733 736c6174 65");
  IndexRow back;
  const Buffer raw = Encoded(sealed);
  assert_true(DecodeIndexRow(raw, &back) && back.value_form == kRecordForm && back.value == "slate");
  ASSERT_STR(HexDump(Encoded(Pointer(42, 42, place, 1000, kNoDeadline))), "012a0380 04e807");
  ASSERT_STR(HexDump(Encoded(Pointer(42, 42, place, 1000, kDeadline))), "032a80d0 eab6b733 038004e8 07");
  ASSERT_STR(HexDump(Encoded(Pointer(44, 42, place, 1000, kDeadline))), "072c80d0 eab6b733 038004e8 072a");
}

TEST(row_keys_have_these_bytes) {
  ASSERT_STR(HexDump(DataRowKey("rock")), "01726f63 6b");
  ASSERT_STR(HexDump(DeadlineRowKey(kDeadline, "rock")), "02000001 9b76daa8 00726f63 6b");
  ASSERT_STR(HexDump(AppliedRowKey()), "00617070 6c696564");
  ASSERT_STR(HexDump(IdentityRowKey()), "00696465 6e746974 79");
}

TEST(metadata_rows_have_these_bytes) {
  ASSERT_STR(HexDump(EncodeApplied(AppliedMark{MakePosition(3, 0x1000), 42, 0x100000001, kDeadline})),
             "00100000 03000000 2a000000 00000000\n"
             "01000000 01000000 00a8da76 9b010000");
  ShardIdentity identity;
  for (size_t i = 0; i < identity.uuid.size(); i++) identity.uuid[i] = static_cast<unsigned char>(0xA0 + i);
  identity.shard = 7;
  identity.shard_count = 64;
  ASSERT_STR(HexDump(EncodeIdentity(identity)), "a0a1a2a3 a4a5a6a7 a8a9aaab acadaeaf\n07000000 40000000");
}

TEST(keyspaces_sort_apart_and_deadlines_by_time) {
  assert_true(AppliedRowKey() < DataRowKey("") && IdentityRowKey() < DataRowKey(""));
  assert_true(DataRowKey("\xFF\xFF") < DeadlineRowKey(0, ""));
  assert_true(DeadlineRowKey(255, "z") < DeadlineRowKey(256, "a"));
  assert_true(DeadlineRowKey(kDeadline, "a") < DeadlineRowKey(kDeadline, "b"));
  assert_true(DeadlineRowKey(INT64_MAX - 1, "z") < DeadlineRowKey(INT64_MAX, ""));
}

void AssertSame(const IndexRow& a, const IndexRow& b) {
  assert_true(a.version == b.version && a.deadline_ms == b.deadline_ms && a.inline_value == b.inline_value);
  if (a.inline_value) {
    assert_true(a.value == b.value && b.value_len == a.value.size());
    return;
  }
  assert_true(a.position == b.position && a.position_sequence == b.position_sequence &&
              a.value_len == b.value_len);
}

TEST(random_rows_survive_coding) {
  Random dice(TestSeed());
  for (int i = 0; i < 20'000; i++) {
    const auto number = [&] { return static_cast<int64_t>(dice.Next() >> (1 + dice.Next() % 63)); };
    const int64_t version = number(), deadline_ms = dice.Next() % 3 == 0 ? kNoDeadline : number();
    const Buffer value(dice.Next() % 700, static_cast<char>(dice.Next()));
    const LogPosition place =
        MakePosition(static_cast<uint32_t>(dice.Next() >> (32 + dice.Next() % 32)),
                     static_cast<uint32_t>(dice.Next() >> (32 + dice.Next() % 32)) & ~7U);
    const int64_t record_sequence = dice.Next() % 2 == 0 ? version : number();
    const IndexRow in = dice.Next() % 2 == 0
                            ? Inline(version, value, deadline_ms)
                            : Pointer(version, record_sequence, place,
                                      static_cast<uint32_t>(dice.Next() % (kValueBytesMax + 1)), deadline_ms);
    const Buffer raw = Encoded(in);
    IndexRow out;
    assert_true(DecodeIndexRow(raw, &out));
    AssertSame(in, out);
  }
}

TEST(a_reused_row_keeps_nothing_of_the_row_before) {
  const Buffer with_deadline = Encoded(Pointer(44, 42, MakePosition(3, 8), 9, kDeadline));
  const Buffer plain = Encoded(Pointer(1, 1, MakePosition(1, 128), 1, kNoDeadline));
  IndexRow row;
  assert_true(DecodeIndexRow(with_deadline, &row) && DecodeIndexRow(plain, &row));
  AssertSame(row, Pointer(1, 1, MakePosition(1, 128), 1, kNoDeadline));
}

TEST(a_pointer_row_cut_short_or_too_long_is_malformed) {
  const Buffer raw = Encoded(Pointer(44, 42, MakePosition(300, 0x10000), 100'000, kDeadline));
  IndexRow row;
  for (size_t n = 0; n < raw.size(); n++) assert_false(DecodeIndexRow(Bytes(raw).substr(0, n), &row));
  assert_true(DecodeIndexRow(raw, &row));
  assert_false(DecodeIndexRow(raw + '\0', &row));
}

TEST(rows_of_unknown_form_or_out_of_range_are_malformed) {
  const auto with = [](char form, std::initializer_list<uint64_t> numbers) {
    Buffer raw(1, form);
    for (const uint64_t n : numbers) PutVarint64(&raw, n);
    return raw;
  };
  IndexRow row;
  assert_true(DecodeIndexRow(with(1, {1, UINT32_MAX, UINT32_MAX / 8, kStoredBytesMax}), &row));
  assert_false(DecodeIndexRow(with(1, {1, uint64_t{UINT32_MAX} + 1, 16, 1}), &row));
  assert_false(DecodeIndexRow(with(1, {1, 1, UINT32_MAX / 8 + 1, 1}), &row));
  assert_false(DecodeIndexRow(with(1, {1, 1, 16, kStoredBytesMax + 1}), &row));
  for (const int form : {32, 64, 128, 9, 17, 25, 12, 255}) {
    assert_false(DecodeIndexRow(with(static_cast<char>(form), {1, 1, 16, 1}), &row));
  }
  assert_false(
      DecodeIndexRow(Bytes("\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 11), &row));   // above 64 bits
  assert_false(DecodeIndexRow(Bytes("\x02\x01", 2), &row));
  assert_false(DecodeIndexRow(Bytes("\0", 1), &row));
  assert_false(DecodeIndexRow(Bytes(), &row));
}

TEST(a_touched_inline_row_does_not_exist) {
  IndexRow row;
  assert_false(DecodeIndexRow(Bytes("\x04\x01value", 7), &row));
  assert_false(DecodeIndexRow(Bytes("\x06\x01\x01value", 8), &row));
}

TEST(metadata_rows_survive_coding_and_other_sizes_are_malformed) {
  const AppliedMark mark{UINT64_MAX, INT64_MAX, UINT64_MAX - 1, INT64_MIN};
  const Buffer raw = EncodeApplied(mark);
  AppliedMark applied;
  assert_true(DecodeApplied(raw, &applied));
  assert_true(applied.position == mark.position && applied.sequence == mark.sequence);
  assert_true(applied.batch_id == mark.batch_id && applied.clock_ms == mark.clock_ms);
  ShardIdentity in, out;
  in.uuid.fill(9);
  in.shard = UINT32_MAX;
  in.shard_count = 1;
  const Buffer identity = EncodeIdentity(in);
  assert_true(DecodeIdentity(identity, &out) && in == out);
  for (size_t n = 0; n < 64; n++) {
    const Buffer other(n, '\0');
    assert_true(DecodeApplied(other, &applied) == (n == raw.size()));
    assert_true(DecodeIdentity(other, &out) == (n == identity.size()));
  }
}

}   // namespace
}   // namespace shale

RUN()
