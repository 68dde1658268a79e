#include "store/shard_log.h"

#include <filesystem>
#include <optional>

#include "base/coding.h"
#include "base/random.h"
#include "store/log_fixture.h"

namespace shale {
namespace {

constexpr size_t kSegment = size_t{256} << 10;

void AssertScanIs(LogHome* home, const std::vector<OwnedRecord>& wanted) {
  LogPosition end = 0;
  const std::vector<OwnedRecord> seen = home->Scan(&end);
  assert_int_equal(seen.size(), wanted.size());
  for (size_t i = 0; i < seen.size(); i++) {
    if (!(seen[i] == wanted[i])) fail_msg("record %zu differs", i);
  }
  if (!wanted.empty()) assert_true(end >= wanted.back().next);
}

void AppendAndReadBack() {
  LogHome home(kSegment);
  home.Create();
  std::vector<OwnedRecord> records;
  // The last three are larger than a segment.
  for (const size_t size : {size_t{0}, size_t{1}, size_t{7}, size_t{4096}, size_t{16384}, size_t{16385},
                            kSegment - 400, kSegment, size_t{1} << 20, size_t{3} << 20}) {
    records.push_back(
        home.Put("key" + std::to_string(size), Buffer(size, static_cast<char>('a' + size % 26))));
    records.push_back(home.Put("small", "after it"));
    for (const OwnedRecord& r : records) home.AssertReads(r);   // while the segment is still being written
  }
  assert_int_equal(home.log->end(), records.back().next);
  home.Close();
  ASSERT_OK(home.Open());
  AssertScanIs(&home, records);
  for (const OwnedRecord& r : records) home.AssertReads(r);
}

TEST(what_is_appended_is_read_back_whatever_its_size) {
  AppendAndReadBack();
}

TEST(a_value_of_the_largest_key_is_read_back) {
  LogHome home(kSegment);
  home.Create();
  home.AssertReads(home.Put(Buffer(kKeyBytesMax, 'k'), Buffer(70'000, 'v')));
  home.Close();
}

TEST(a_read_checks_whose_record_it_is) {
  LogHome home;
  home.Create();
  const OwnedRecord record = home.Put("key", "value");
  const OwnedRecord second = home.Put("kex", "value");
  Buffer scratch;
  LogRecord found;
  ASSERT_OK(home.log->Read(record.at, "key", 5, &scratch, &found));
  AssertCode(home.log->Read(record.at, "kez", 5, &scratch, &found), Code::E_CORRUPT);
  AssertCode(home.log->Read(record.at, "key", 4, &scratch, &found), Code::E_CORRUPT);
  AssertCode(home.log->Read(record.at, "key", 6, &scratch, &found), Code::E_CORRUPT);
  ASSERT_OK(home.log->ReadUpTo(record.at, "key", 45, &scratch, &found));
  assert_true(found.value == "value");
  AssertCode(home.log->ReadUpTo(record.at, "key", 4, &scratch, &found), Code::E_CORRUPT);
  AssertCode(home.log->Read(record.at + 8, "key", 5, &scratch, &found), Code::E_CORRUPT);
  AssertCode(home.log->Read(second.at, "key", 5, &scratch, &found), Code::E_CORRUPT);
  AssertCode(home.log->Read(MakePosition(9, 128), "key", 5, &scratch, &found), Code::NOT_FOUND);
  AssertCode(home.log->Read(MakePosition(1, 0xFFFFFFF8), "key", 5, &scratch, &found), Code::E_CORRUPT);
  home.Close();
}

TEST(a_record_that_rotted_is_not_read) {
  LogHome home;
  home.Create();
  const OwnedRecord record = home.Put("key", "value");
  home.Close();
  const Buffer good = home.Segment(1);
  for (size_t bit = 0; bit < (kRecordHeaderBytes + 8) * 8; bit++) {
    Buffer bad = good;
    bad[OffsetOf(record.at) + bit / 8] =
        static_cast<char>(bad[OffsetOf(record.at) + bit / 8] ^ (1 << bit % 8));
    home.scratch.Write(SegmentName(1), bad);
    ASSERT_OK(home.Open());
    Buffer scratch;
    LogRecord found;
    AssertCode(home.log->Read(record.at, "key", 5, &scratch, &found), Code::E_CORRUPT);
  }
}

// Records never cross a segment, and each segment but a large record's own keeps to its size.
void Rotate() {
  LogHome home(kSegment);
  home.Create();
  Random dice(TestSeed());
  std::vector<OwnedRecord> records;
  while (SegmentOf(home.log->end()) < 6) {
    records.push_back(home.Put("key" + std::to_string(records.size()), Buffer(dice.Below(30'000), 'v')));
    assert_int_equal(SegmentOf(records.back().at), SegmentOf(records.back().next));
    assert_true(OffsetOf(records.back().next) <= kSegment);
  }
  assert_int_equal(home.log->Stats().segment_count, 6);
  home.Close();
  ASSERT_OK(home.Open());
  const auto& segments = home.log->chain().segments;
  assert_int_equal(segments.size(), 6);
  for (const LogChain::Segment& s : segments) {
    const size_t size = home.Segment(s.number).size();
    if (s.end != 0) assert_int_equal(size, s.end);   // what was allocated and not used was given back
    if (s.end == 0) assert_int_equal(size, OffsetOf(records.back().next));
  }
  AssertScanIs(&home, records);
}

TEST(a_full_segment_is_followed_by_another) {
  Rotate();
}

void PageEdges() {
  // Records that end at the edge of a page, one word before it and one word behind it.
  LogHome home(size_t{1} << 20);
  home.Create();
  std::vector<OwnedRecord> records;
  for (int round = 0; round < 40; round++) {
    const uint32_t to_edge = 4096 - OffsetOf(home.log->end()) % 4096;
    for (const int slack : {-16, -8, 0, 8, 16}) {
      const int64_t value_len = int64_t{to_edge} + slack - static_cast<int64_t>(kRecordHeaderBytes) - 8;
      if (value_len >= 0)
        records.push_back(home.Put("12345678", Buffer(static_cast<size_t>(value_len), 'v')));
    }
    records.push_back(home.Put("12345678", Buffer(static_cast<size_t>(round) * 100, 'w')));
  }
  Random dice(TestSeed());
  for (int i = 0; i < 2000; i++)
    records.push_back(home.Put("key", Buffer(dice.Below(i % 50 == 0 ? 9000 : 300), 'x')));
  for (const OwnedRecord& r : records) home.AssertReads(r);
  home.Close();
  ASSERT_OK(home.Open());
  AssertScanIs(&home, records);
}

TEST(records_around_the_edges_of_pages_are_whole) {
  PageEdges();
}

void ResumeOften() {
  LogHome home(kSegment);
  home.Create();
  std::vector<OwnedRecord> records;
  for (int session = 0; session < 30; session++) {
    if (session % 3 != 2) records.push_back(home.Put("key" + std::to_string(session), Buffer(10'000, 'v')));
    home.Close();
    home.Resume();
    assert_true(home.log->synced() == home.log->end());
    for (const OwnedRecord& r : records) home.AssertReads(r);
  }
  AssertScanIs(&home, records);
  // Sequences went on over the sessions.
  for (size_t i = 1; i < records.size(); i++) assert_true(records[i].sequence > records[i - 1].sequence);
  assert_true(home.FileCount() <= 3);   // sessions share segments
  home.Close();
}

TEST(a_log_that_is_opened_often_goes_on_in_its_last_segment) {
  ResumeOften();
}

TEST(a_session_without_a_write_changes_no_byte) {
  LogHome home;
  home.Create();
  home.Put("key", "value");
  home.Close();
  const Buffer before = home.Segment(1);
  home.Resume();
  home.Close();
  assert_true(home.Segment(1) == before);
  assert_int_equal(home.FileCount(), 1);
}

TEST(a_segment_that_is_mostly_full_is_not_resumed) {
  LogHome home(kSegment);
  home.Create();
  const OwnedRecord first = home.Put("key", Buffer(kSegment / 4 * 3, 'v'));
  home.Close();
  home.Resume();
  const OwnedRecord second = home.Put("key", "v");
  assert_int_equal(SegmentOf(second.at), 2);
  home.Close();
  ASSERT_OK(home.Open());
  assert_true(home.log->chain().segments[1].previous_end == first.next);
}

// What a backup shares must not grow under it.
TEST(a_segment_with_a_second_link_is_not_resumed) {
  LogHome home;
  home.Create();
  home.Put("key", "value");
  home.Close();
  const Buffer before = home.Segment(1);
  std::filesystem::create_hard_link(home.scratch / "00000001.seg", home.scratch / "shared");
  home.Resume();
  assert_int_equal(SegmentOf(home.Put("key", "v").at), 2);
  home.Close();
  assert_true(home.Segment(1) == before);
}

TEST(a_log_that_ends_inside_the_last_padding_can_be_appended_to) {
  LogHome home;
  home.Create();
  home.Put("key", "val");   // two bytes of padding
  home.Close();
  std::filesystem::resize_file(home.scratch / SegmentName(1), home.Segment(1).size() - 1);
  home.Resume();
  home.Put("key", "next");
  home.Close();
  ASSERT_OK(home.Open());
  assert_int_equal(home.Scan().size(), 2);
}

TEST(a_cut_begins_a_durable_segment_and_the_dead_tail_stays_dead) {
  LogHome home(kSegment);
  home.Create();
  std::vector<OwnedRecord> records;
  while (SegmentOf(home.log->end()) < 4) records.push_back(home.Put("key", Buffer(20'000, 'v')));
  home.Close();
  ASSERT_OK(home.Open());
  ShardLog::Start start;
  start.end = records[5].next;
  start.cut = true;
  start.next_sequence = 1000;
  start.unsynced_from = records[0].at;
  ASSERT_OK(home.log->StartAppending(start));
  assert_int_equal(home.log->end(), MakePosition(5, kSegmentHeaderBytes));
  assert_int_equal(home.log->synced(), home.log->end());
  const OwnedRecord after = home.Put("after", "the cut");
  assert_int_equal(after.sequence, 1000);
  home.log.reset();   // not closed: a process that died
  records.resize(6);
  records.push_back(after);
  for (int i = 0; i < 2; i++) {
    ASSERT_OK(home.Open());
    AssertScanIs(&home, records);
    assert_int_equal(home.FileCount(), 2);
    assert_true(home.log->chain().orphans.empty());
  }
}

TEST(starting_removes_orphans) {
  LogHome home;
  home.Create();
  const OwnedRecord record = home.Put("key", "value");
  home.Close();
  home.scratch.Write(SegmentName(2), "");   // a creation that was cut off
  ASSERT_OK(home.Open(true));
  ShardLog::Start start;
  start.end = record.next;
  start.unsynced_from = record.at;
  ASSERT_OK(home.log->StartAppending(start));
  assert_false(home.scratch.Has(SegmentName(2)));
  home.Close();
}

TEST(a_synced_mark_precedes_the_first_record_after_a_sync) {
  LogHome home;
  home.Create();
  home.Put("a", "1");
  const LogPosition synced = home.log->end();
  ASSERT_OK(home.log->SyncTo(synced));
  home.Put("b", "2");
  home.Put("c", "3");
  home.Close();
  ASSERT_OK(home.Open());
  LogScanner scanner(home.log.get(), &home.scratch.fd(), MakePosition(1, kSegmentHeaderBytes));
  std::string kinds;
  LogPosition last_mark = 0;
  while (true) {
    LogRecord r;
    LogPosition at = 0, next = 0;
    LogScanner::Step step;
    ASSERT_OK(scanner.Next(UINT64_MAX, &r, &at, &next, &step));
    if (step != LogScanner::Step::kRecord) break;
    kinds += r.kind == RecordKind::kSynced ? "s" : Buffer(r.key);
    if (r.kind != RecordKind::kSynced) continue;
    last_mark = LoadLE<uint64_t>(r.value.data());
    assert_true(last_mark <= at);
  }
  ASSERT_STR(kinds, "sasbc");
  assert_int_equal(last_mark, synced);
}

TEST(figures_count_what_is_there) {
  LogHome home(kSegment);
  home.Create();
  while (SegmentOf(home.log->end()) < 3) home.Put("key", Buffer(20'000, 'v'));
  LogStats stats = home.log->Stats();
  assert_int_equal(stats.segment_count, 3);
  assert_true(stats.segment_bytes >= stats.appended_bytes + 3 * kSegmentHeaderBytes);
  const uint64_t bytes = stats.segment_bytes;
  home.Close();
  home.Resume();
  stats = home.log->Stats();
  assert_int_equal(stats.segment_count, 3);
  assert_int_equal(stats.segment_bytes, bytes);
  assert_int_equal(stats.appended_bytes, 0);
  home.Close();
}

TEST(a_durable_mark_stays_a_proof_when_newer_ones_follow) {
  LogHome home(kSegment);
  home.Create();
  const OwnedRecord first = home.Put("key", "value");
  bool proven = true;
  ASSERT_OK(home.log->SyncTo(home.log->end()));
  ASSERT_OK(home.log->ProveDurable(first.next, &proven));   // writes the mark
  assert_false(proven);
  ASSERT_OK(home.log->ProveDurable(first.next, &proven));
  assert_false(proven);
  ASSERT_OK(home.log->SyncTo(home.log->end()));
  home.Put("key", "another");   // with a newer mark before it, which is not durable
  ASSERT_OK(home.log->ProveDurable(first.next, &proven));
  assert_true(proven);
  home.Close();
}

TEST(a_removed_segment_is_gone_for_readers_and_the_next_open) {
  LogHome home(kSegment);
  home.Create();
  const OwnedRecord in_first = home.Put("key", Buffer(20'000, 'v'));
  while (SegmentOf(home.log->end()) < 4) home.Put("key", Buffer(20'000, 'v'));
  const OwnedRecord last = home.Put("key", "last");
  assert_int_equal(home.log->Sealed().size(), 3);
  ASSERT_OK(home.log->Remove(1));
  ASSERT_OK(home.log->Remove(2));
  assert_int_equal(home.log->Stats().segment_count, 2);
  Buffer scratch;
  LogRecord found;
  AssertCode(home.log->Read(in_first.at, "key", 20'000, &scratch, &found), Code::NOT_FOUND);
  home.AssertReads(last);
  home.Close();
  home.Resume();
  assert_int_equal(home.log->chain().segments.front().number, 3);
  home.AssertReads(last);
  const OwnedRecord next = home.Put("key", "next");
  assert_true(SegmentOf(next.at) >= 4);
  home.Close();
}

TEST(a_sealed_segment_is_followed_by_a_new_one) {
  LogHome home(kSegment);
  home.Create();
  const OwnedRecord before = home.Put("key", "value");
  ASSERT_OK(home.log->Seal());
  home.log->TrimActive();
  const OwnedRecord after = home.Put("key", "other");
  assert_int_equal(SegmentOf(after.at), SegmentOf(before.at) + 1);
  home.log->TrimActive();
  const OwnedRecord third = home.Put("key", "third");
  for (const OwnedRecord& record : {before, after, third}) home.AssertReads(record);
  home.Close();
  home.Resume();
  for (const OwnedRecord& record : {before, after, third}) home.AssertReads(record);
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
