#include "store/segment.h"

#include "base/coding.h"
#include "base/hash.h"
#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail
#include "store/hex.h"
#include "test.h"

namespace shale {
namespace {

SegmentHeader Example() {
  SegmentHeader header;
  for (size_t i = 0; i < header.uuid.size(); i++) header.uuid[i] = static_cast<unsigned char>(0xA0 + i);
  header.shard = 7;
  header.shard_count = 64;
  header.segment = 3;
  header.previous_end = MakePosition(2, 0xFFFFA8);
  header.first_sequence = 40;
  return header;
}

Buffer Encoded(const SegmentHeader& header) {
  Buffer raw(kSegmentHeaderBytes, '\xEE');
  EncodeSegmentHeader(header, raw.data());
  return raw;
}

Status Decode(Bytes raw) {
  SegmentHeader header;
  return DecodeSegmentHeader(raw, "07/00000003.seg", &header);
}

// FORMAT.md shows these bytes.
TEST(a_segment_header_has_these_bytes) {
  ASSERT_STR(HexDump(Encoded(Example())),
             "5348414c 45534547 4652947a fbee16fc\n"
             "01000000 07004000 a0a1a2a3 a4a5a6a7\n"
             "a8a9aaab acadaeaf 03000000 00000000\n"
             "a8ffff00 02000000 28000000 00000000\n"
             "00000000 00000000 00000000 00000000\n"
             "00000000 00000000 00000000 00000000\n"
             "00000000 00000000 00000000 00000000\n"
             "00000000 00000000 00000000 00000000");
}

TEST(what_was_encoded_is_decoded) {
  SegmentHeader in = Example();
  in.shard = 0xFFFE;
  in.shard_count = 0xFFFF;
  in.segment = UINT32_MAX;
  in.previous_end = UINT64_MAX;
  in.first_sequence = INT64_MAX;
  SegmentHeader out;
  ASSERT_OK(DecodeSegmentHeader(Encoded(in), "x", &out));
  assert_true(out.uuid == in.uuid && out.shard == in.shard && out.shard_count == in.shard_count);
  assert_true(out.segment == in.segment && out.previous_end == in.previous_end);
  assert_true(out.first_sequence == in.first_sequence);
}

TEST(every_flipped_bit_is_refused) {
  const Buffer raw = Encoded(Example());
  for (size_t bit = 0; bit < raw.size() * 8; bit++) AssertCode(Decode(FlippedBit(raw, bit)), Code::E_CORRUPT);
}

TEST(every_truncation_is_refused_and_more_bytes_are_not_looked_at) {
  const Buffer raw = Encoded(Example());
  for (size_t n = 0; n < raw.size(); n++) AssertCode(Decode(Bytes(raw).substr(0, n)), Code::E_CORRUPT);
  ASSERT_OK(Decode(raw + "anything"));
}

TEST(a_newer_version_is_incompatible_not_corrupt) {
  Buffer raw = Encoded(Example());
  StoreLE<uint32_t>(raw.data() + 16, 2);
  StoreLE<uint64_t>(raw.data() + 8, Checksum64(Bytes(raw).substr(16)));
  const Status s = Decode(raw);
  AssertCode(s, Code::E_INCOMPATIBLE);
  assert_true(std::string(s.message()).find("07/00000003.seg") != std::string::npos);
}

TEST(names_are_eight_hex_digits) {
  ASSERT_STR(SegmentName(1), "00000001.seg");
  ASSERT_STR(SegmentName(0xFEDCBA98), "fedcba98.seg");
  for (const uint32_t number : {uint32_t{1}, uint32_t{0x10}, uint32_t{0xABCDEF}, UINT32_MAX}) {
    uint32_t parsed = 0;
    assert_true(ParseSegmentName(SegmentName(number), &parsed));
    assert_int_equal(parsed, number);
  }
}

TEST(other_names_are_no_segments) {
  for (const char* name :
       {"", "00000000.seg", "0000001.seg", "000000001.seg", "0000000A.seg", "0000000g.seg", "00000001.SEG",
        "00000001.seg.tmp", "00000001.ldb", "+0000001.seg", " 0000001.seg", "00000001seg.", "CURRENT"}) {
    uint32_t number = 99;
    if (ParseSegmentName(name, &number)) fail_msg("%s was taken for segment %u", name, number);
  }
}

}   // namespace
}   // namespace shale

RUN()
