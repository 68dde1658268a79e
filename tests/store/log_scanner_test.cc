#include "store/log_scanner.h"

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "store/log_fixture.h"

namespace shale {
namespace {

constexpr size_t kSegment = size_t{256} << 10;
using Step = LogScanner::Step;

// A log of `segments` segments, closed and opened again.
std::vector<OwnedRecord> MakeLog(LogHome* home, uint32_t segments, uint64_t seed = 1) {
  home->Create();
  Random dice(seed);
  std::vector<OwnedRecord> records;
  while (SegmentOf(home->log->end()) < segments) {
    const Buffer value(dice.Below(dice.Below(10) == 0 ? 60'000 : 3000), 'v');
    records.push_back(home->Put("key" + std::to_string(records.size()), value));
  }
  for (int i = 0; i < 5; i++)
    records.push_back(home->Put("tail" + std::to_string(i), Buffer(static_cast<size_t>(i) * 9, 't')));
  home->Close();
  ASSERT_OK(home->Open());
  return records;
}

LogTail Inspect(const LogHome& home, LogPosition end) {
  LogTail tail;
  ASSERT_OK(InspectTail(*home.log, home.scratch.fd(), end, &tail));
  return tail;
}

TEST(a_scan_is_what_was_appended_over_all_segments) {
  LogHome home(kSegment);
  const std::vector<OwnedRecord> records = MakeLog(&home, 5, TestSeed());
  LogPosition end = 0;
  Step last;
  assert_true(home.Scan(&end, 0, UINT64_MAX, &last) == records);
  assert_true(last == Step::kEnd);
  assert_int_equal(end, records.back().next);
  assert_true(Inspect(home, end).empty);
}

TEST(a_scan_may_begin_at_any_record_and_at_the_end_of_a_segment) {
  LogHome home(kSegment);
  const std::vector<OwnedRecord> records = MakeLog(&home, 4);
  for (size_t i = 0; i < records.size(); i += 7) {
    const std::vector<OwnedRecord> rest(records.begin() + static_cast<ptrdiff_t>(i), records.end());
    assert_true(home.Scan(nullptr, records[i].at) == rest);
  }
  for (size_t i = 0; i + 1 < records.size(); i++) {
    if (SegmentOf(records[i].at) == SegmentOf(records[i + 1].at)) continue;
    assert_true(home.Scan(nullptr, records[i].next).front() == records[i + 1]);
  }
  assert_true(home.Scan(nullptr, records.back().next).empty());
}

TEST(a_scan_stops_at_upto_whatever_follows) {
  LogHome home(kSegment);
  const std::vector<OwnedRecord> records = MakeLog(&home, 3);
  for (size_t i = 0; i < records.size(); i += 5) {
    Step last;
    const std::vector<OwnedRecord> seen = home.Scan(nullptr, 0, records[i].at, &last);
    assert_true(last == Step::kEnd);
    assert_true(seen ==
                std::vector<OwnedRecord>(records.begin(), records.begin() + static_cast<ptrdiff_t>(i)));
  }
}

TEST(a_scan_from_a_segment_that_is_not_there_is_refused) {
  LogHome home;
  MakeLog(&home, 1);
  LogScanner scanner(home.log.get(), &home.scratch.fd(), MakePosition(9, 128));
  LogRecord record;
  LogPosition at, next;
  Step step;
  AssertCode(scanner.Next(UINT64_MAX, &record, &at, &next, &step), Code::E_CORRUPT);
  AssertCode(scanner.Next(UINT64_MAX, &record, &at, &next, &step), Code::E_CORRUPT);
}

// Every length of the last record that a crash can leave: in a file that ends there, and in one with zeros
// behind.
TEST(a_tail_torn_at_any_byte_ends_the_log_before_the_torn_record) {
  LogHome home;
  home.Create();
  const std::vector<OwnedRecord> records{home.Put("first", "value"),
                                         home.Put("second", "a value of some length"),
                                         home.Put("last", Buffer(61, 'v'))};
  home.Close();
  const Buffer whole = home.Segment(1);
  const OwnedRecord& last = records.back();
  const size_t covered = OffsetOf(last.at) + kRecordHeaderBytes + last.key.size() + last.value.size();
  for (const bool zeros_behind : {false, true}) {
    for (size_t n = OffsetOf(last.at); n <= whole.size(); n++) {
      home.scratch.Write(SegmentName(1), whole.substr(0, n) + Buffer(zeros_behind ? 5000 : 0, '\0'));
      ASSERT_OK(home.Open(true));
      LogPosition end = 0;
      Step step;
      const std::vector<OwnedRecord> seen = home.Scan(&end, 0, UINT64_MAX, &step);
      assert_true(step == Step::kEnd);
      const bool survived = n >= covered;
      assert_int_equal(seen.size(), survived ? 3 : 2);
      assert_int_equal(end, survived ? last.next : last.at);
      const LogTail tail = Inspect(home, end);
      assert_true(tail.empty == (survived || n == OffsetOf(last.at)));
      assert_false(tail.record_behind);
      assert_int_equal(tail.synced_evidence, 0);
    }
  }
}

TEST(a_hole_of_zeros_ends_the_log_and_what_lies_behind_is_seen) {
  LogHome home;
  home.Create();
  const OwnedRecord first = home.Put("first", "value");
  const OwnedRecord second = home.Put("second", Buffer(5000, 'v'));
  home.Put("third", "value");
  home.Close();
  home.Overwrite(second.at, Buffer(second.next - second.at, '\0'));
  ASSERT_OK(home.Open(true));
  LogPosition end = 0;
  assert_true(home.Scan(&end) == std::vector<OwnedRecord>{first});
  assert_int_equal(end, second.at);
  const LogTail tail = Inspect(home, end);
  assert_true(!tail.empty && tail.record_behind);
  assert_int_equal(tail.synced_evidence, 0);
}

TEST(a_synced_mark_behind_a_hole_is_evidence) {
  LogHome home;
  home.Create();
  const OwnedRecord first = home.Put("first", "value");
  const OwnedRecord second = home.Put("second", "value");
  ASSERT_OK(home.log->SyncTo(second.next));
  home.Put("third", "value");   // with the mark before it
  home.Close();
  home.Overwrite(second.at, Buffer(second.next - second.at, '\0'));
  ASSERT_OK(home.Open(true));
  LogPosition end = 0;
  home.Scan(&end);
  assert_int_equal(end, second.at);
  assert_int_equal(Inspect(home, end).synced_evidence, second.next);
  assert_int_equal(Inspect(home, first.at).synced_evidence, second.next);
}

TEST(evidence_in_later_segments_is_found) {
  LogHome home(kSegment);
  home.Create();
  const OwnedRecord first = home.Put("first", "value");
  while (SegmentOf(home.log->end()) < 3) home.Put("key", Buffer(50'000, 'v'));
  const LogPosition synced = home.log->end();
  ASSERT_OK(home.log->SyncTo(synced));
  home.Put("last", "value");
  home.Close();
  home.Overwrite(first.at, Buffer(8, '\0'));
  ASSERT_OK(home.Open(true));
  LogPosition end = 0;
  Step step;
  home.Scan(&end, 0, UINT64_MAX, &step);
  assert_int_equal(end, first.at);
  assert_true(step == Step::kBroken);
  const LogTail tail = Inspect(home, end);
  assert_true(!tail.empty && tail.record_behind);
  assert_int_equal(tail.synced_evidence, synced);
}

TEST(a_later_segment_alone_says_that_there_was_more_log) {
  LogHome home;
  home.WriteSegment(1, 0, {"a"});
  home.WriteSegment(2, MakePosition(1, 168), {});
  ASSERT_OK(home.Open());
  const LogTail tail = Inspect(home, MakePosition(1, 128));
  assert_true(!tail.empty && tail.record_behind);
}

TEST(dead_bytes_of_another_place_are_no_records) {
  LogHome home;
  home.Create();
  const OwnedRecord first = home.Put("first", Buffer(100, 'v'));
  home.Put("second", "value");
  home.Close();
  // The first record's bytes once more, where a third would be: as a file system that mixes blocks up would
  // leave them.
  const Buffer raw = home.Segment(1);
  home.Overwrite(MakePosition(1, static_cast<uint32_t>(raw.size())),
                 Bytes(raw).substr(OffsetOf(first.at), 144));
  ASSERT_OK(home.Open(true));
  LogPosition end = 0;
  assert_int_equal(home.Scan(&end).size(), 2);
  const LogTail tail = Inspect(home, end);
  assert_true(!tail.empty && !tail.record_behind);
}

TEST(any_byte_behind_the_end_is_seen_in_files_of_any_size) {
  LogHome home;
  home.Create();
  const LogPosition end = home.Put("key", "value").next;
  home.Close();
  const Buffer whole = home.Segment(1);
  for (size_t room = 0; room < 100; room++) {
    home.scratch.Write(SegmentName(1), whole + Buffer(room, '\0'));
    ASSERT_OK(home.Open(true));
    assert_true(Inspect(home, end).empty);
    for (size_t i = 0; i < room; i++) {
      Buffer behind(room, '\0');
      behind[i] = '\x01';
      home.scratch.Write(SegmentName(1), whole + behind);
      if (Inspect(home, end).empty) fail_msg("byte %zu of %zu behind the end was not seen", i, room);
    }
  }
}

TEST(damage_in_a_segment_with_a_successor_is_broken_not_the_end) {
  LogHome home(kSegment);
  const std::vector<OwnedRecord> records = MakeLog(&home, 3);
  const auto victim =
      std::find_if(records.begin(), records.end(), [](const auto& r) { return SegmentOf(r.at) == 2; }) + 3;
  for (const bool cut_off : {false, true}) {
    const Buffer whole = home.Segment(2);
    if (cut_off) {
      std::filesystem::resize_file(home.scratch / SegmentName(2), OffsetOf(victim->at));
    } else {
      home.Overwrite(victim->at + 9, "\x55");
    }
    ASSERT_OK(home.Open(true));
    LogPosition end = 0;
    Step step;
    home.Scan(&end, 0, UINT64_MAX, &step);
    assert_true(step == Step::kBroken);
    assert_int_equal(end, victim->at);
    home.scratch.Write(SegmentName(2), whole);
  }
}

TEST(a_record_that_reaches_over_the_end_of_its_segment_does_not_count) {
  LogHome home;
  std::vector<LogPosition> places;
  home.WriteSegment(1, 0, {"a", "b"}, &places);
  home.WriteSegment(2, places[1] + 8, {"c"});   // says that 1 ends inside its second record
  ASSERT_OK(home.Open());
  LogPosition end = 0;
  Step step;
  assert_int_equal(home.Scan(&end, 0, UINT64_MAX, &step).size(), 1);
  assert_int_equal(end, places[1]);
  assert_true(step == Step::kBroken);
}

TEST(a_scan_does_not_pass_a_missing_segment) {
  LogHome home(kSegment);
  const std::vector<OwnedRecord> records = MakeLog(&home, 4);
  assert_true(std::filesystem::remove(home.scratch / SegmentName(3)));
  ASSERT_OK(home.Open());
  LogPosition end = 0;
  Step step;
  const std::vector<OwnedRecord> seen = home.Scan(&end, 0, UINT64_MAX, &step);
  assert_int_equal(SegmentOf(end), 2);
  assert_true(step == Step::kBroken);
  assert_true(std::equal(seen.begin(), seen.end(), records.begin()));
}

}   // namespace
}   // namespace shale

RUN()
