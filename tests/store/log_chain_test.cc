#include "store/log_chain.h"

#include <algorithm>

#include "base/coding.h"
#include "base/hash.h"
#include "store/log_fixture.h"

namespace shale {
namespace {

constexpr uint32_t kStart = kSegmentHeaderBytes;

Status ReadChain(const LogHome& home, bool may_be_torn, LogChain* chain) {
  return ReadLogChain(home.scratch.fd(), "07", TestIdentity(), may_be_torn, chain);
}

// "1,2 | 3,4": numbers of the chain, then of the orphans.
std::string Shape(const LogHome& home, bool may_be_torn = false) {
  LogChain chain;
  const Status s = ReadChain(home, may_be_torn, &chain);
  if (!s.ok()) return s.ToString();
  std::sort(chain.orphans.begin(), chain.orphans.end());
  std::string text;
  for (const auto& segment : chain.segments) {
    text +=
        std::to_string(segment.number) + (segment.end != 0 ? ":" + std::to_string(segment.end) : "") + " ";
  }
  text += "|";
  for (const std::string& name : chain.orphans) text += " " + name;
  return text;
}

TEST(each_segment_ends_where_its_successor_says) {
  LogHome home;
  home.WriteSegment(1, 0, {"a", "b"});
  home.WriteSegment(2, MakePosition(1, 200), {"c"});
  home.WriteSegment(3, MakePosition(2, 4096), {});
  ASSERT_STR(Shape(home), "1:200 2:4096 3 |");
  LogChain chain;
  ASSERT_OK(ReadChain(home, false, &chain));
  assert_int_equal(chain.highest_number, 3);
  assert_true(chain.segments[0].previous_end == 0 && chain.segments[1].previous_end == MakePosition(1, 200));
}

TEST(segments_behind_a_cut_are_orphans) {
  LogHome home;
  home.WriteSegment(1, 0, {"a"});
  home.WriteSegment(2, MakePosition(1, 4096), {"b"});
  home.WriteSegment(3, MakePosition(2, 4096), {"c"});
  home.WriteSegment(4, MakePosition(1, kStart), {});   // a recovery ended the log in 1, before its records
  ASSERT_STR(Shape(home), "1:128 4 | 00000002.seg 00000003.seg");
  LogChain chain;
  ASSERT_OK(ReadChain(home, false, &chain));
  assert_int_equal(chain.highest_number, 4);
}

TEST(a_chain_goes_on_behind_a_cut) {
  LogHome home;
  home.WriteSegment(1, 0, {"a"});
  home.WriteSegment(2, MakePosition(1, 4096), {"b"});
  home.WriteSegment(5, MakePosition(1, 168), {"c"});
  home.WriteSegment(6, MakePosition(5, 168), {"d"});
  ASSERT_STR(Shape(home), "1:168 5:168 6 | 00000002.seg");
}

TEST(a_segment_may_be_missing_from_the_middle) {
  LogHome home;
  home.WriteSegment(1, 0, {"a"});
  home.WriteSegment(2, MakePosition(1, 176), {"b"});
  home.WriteSegment(4, MakePosition(3, 176), {"c"});
  home.WriteSegment(5, MakePosition(4, 176), {"d"});
  ASSERT_STR(Shape(home), "1:176 2 4:176 5 |");   // what is known of the end of 2 was in 3
}

TEST(the_oldest_segments_may_be_missing) {
  LogHome home;
  home.WriteSegment(8, MakePosition(7, 176), {"c"});
  home.WriteSegment(9, MakePosition(8, 176), {"d"});
  ASSERT_STR(Shape(home), "8:176 9 |");
}

TEST(a_newest_file_without_header_is_an_orphan_after_a_crash_only) {
  for (const Buffer& torn : {Buffer(), Buffer(64, '\0'), Buffer(4096, '\0'), Buffer(kStart, 'x')}) {
    LogHome home;
    home.WriteSegment(1, 0, {"a"});
    home.scratch.Write(SegmentName(2), torn);
    ASSERT_STR(Shape(home, true), "1 | 00000002.seg");
    LogChain chain;
    const Status s = ReadChain(home, false, &chain);
    AssertCode(s, Code::E_CORRUPT);
    assert_true(std::string(s.message()).find("07/00000002.seg") != std::string::npos);
  }
}

TEST(after_a_clean_end_no_file_may_lack_its_header) {
  for (const uint32_t number : {1U, 2U, 3U}) {
    LogHome home;
    home.WriteSegment(1, 0, {"a"});
    home.WriteSegment(2, MakePosition(1, 168), {"b"});
    home.WriteSegment(3, MakePosition(2, 168), {"c"});
    home.Overwrite(MakePosition(number, 0), Buffer(kStart, '\0'));
    LogChain chain;
    const Status s = ReadChain(home, false, &chain);
    AssertCode(s, Code::E_CORRUPT);
    assert_true(std::string(s.message()).find("07/" + SegmentName(number)) != std::string::npos);
  }
}

TEST(segments_of_another_store_or_shard_are_refused) {
  for (const int field : {20, 22, 24, 39}) {   // shard, shard count, first and last byte of the uuid
    for (const uint32_t number : {1U, 2U, 3U}) {
      LogHome home;
      home.WriteSegment(1, 0, {"a"});
      home.WriteSegment(2, MakePosition(1, 168), {"b"});
      home.WriteSegment(3, MakePosition(1, 168), {"c"});   // 2 is an orphan, and still looked at
      Buffer raw = home.Segment(number);
      raw[static_cast<size_t>(field)] = static_cast<char>(raw[static_cast<size_t>(field)] ^ 1);
      StoreLE<uint64_t>(raw.data() + 8, Checksum64(Bytes(raw).substr(16, 112)));
      home.scratch.Write(SegmentName(number), raw);
      LogChain chain;
      for (const bool torn : {false, true}) {
        const Status s = ReadChain(home, torn, &chain);
        AssertCode(s, Code::E_INCOMPATIBLE);
        assert_true(std::string(s.message()).find("07/" + SegmentName(number)) != std::string::npos);
      }
    }
  }
}

TEST(a_segment_under_another_name_is_refused) {
  LogHome home;
  home.WriteSegment(1, 0, {"a"});
  home.WriteSegment(2, MakePosition(1, 168), {"b"});
  home.scratch.Write(SegmentName(3), home.Segment(2));
  LogChain chain;
  AssertCode(ReadChain(home, true, &chain), Code::E_CORRUPT);
}

TEST(a_directory_without_segments_is_no_log) {
  LogHome home;
  LogChain chain;
  AssertCode(ReadChain(home, true, &chain), Code::E_CORRUPT);
  home.scratch.Write("00000000.seg", "not a segment's name");
  home.scratch.Write("CURRENT", "of the index");
  AssertCode(ReadChain(home, true, &chain), Code::E_CORRUPT);
}

TEST(reading_the_chain_changes_nothing) {
  LogHome home;
  home.WriteSegment(1, 0, {"a"});
  home.WriteSegment(2, MakePosition(1, 128), {"b"});
  home.WriteSegment(3, MakePosition(1, 128), {});
  home.scratch.Write(SegmentName(4), "torn");
  bool changed = false;
  const LogHook hook([&](FileOp op, const std::string&) {
    changed = changed || (op != FileOp::kOpen && op != FileOp::kRead && op != FileOp::kList);
    return 0;
  });
  ASSERT_STR(Shape(home, true), "1:128 3 | 00000002.seg 00000004.seg");
  assert_false(changed);
  assert_int_equal(home.FileCount(), 4);
}

}   // namespace
}   // namespace shale

RUN()
