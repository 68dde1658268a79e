// The log when the operating system fails, and when many threads make it durable at once.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "store/log_fixture.h"

namespace shale {
namespace {

constexpr size_t kSegment = size_t{256} << 10;

Status Sync(LogHome* home) {
  return home->log->SyncTo(home->log->end());
}

void NoSpace() {
  LogHome home(size_t{4} << 20);
  home.Create();
  const OwnedRecord first = home.Put("first", "value");
  const LogPosition end = home.log->end();
  {
    const LogHook full([](FileOp op, const std::string&) { return op == FileOp::kAllocate ? ENOSPC : 0; });
    OwnedRecord record;
    for (int i = 0; i < 3; i++)
      AssertCode(home.TryPut("large", Buffer(size_t{1} << 20, 'v'), &record), Code::E_NO_SPACE);
    assert_int_equal(home.log->end(), end);
    assert_false(home.log->poisoned());
    home.AssertReads(first);
    ASSERT_OK(Sync(&home));
  }
  const OwnedRecord second = home.Put("second", Buffer(size_t{1} << 20, 'v'));
  home.AssertReads(second);
  home.Close();
  ASSERT_OK(home.Open());
  assert_true(home.Scan() == (std::vector<OwnedRecord>{first, second}));
}

TEST(a_full_disk_is_an_error_before_anything_happened) {
  NoSpace();
}

TEST(a_full_disk_at_the_end_of_a_segment_loses_nothing) {
  LogHome home(kSegment);
  home.Create();
  std::vector<OwnedRecord> records{home.Put("key", Buffer(kSegment / 2, 'a'))};
  for (const FileOp failing : {FileOp::kCreate, FileOp::kWrite, FileOp::kAllocate}) {
    {
      const LogHook full([&](FileOp op, const std::string&) { return op == failing ? ENOSPC : 0; });
      OwnedRecord record;
      for (int i = 0; i < 2; i++)
        AssertCode(home.TryPut("key", Buffer(kSegment / 2, 'b'), &record), Code::E_NO_SPACE);
    }
    ASSERT_OK(Sync(&home));
    records.push_back(home.Put("key", Buffer(kSegment / 2, 'c')));
    records.push_back(home.Put("key", "small"));
    for (const OwnedRecord& r : records) home.AssertReads(r);
  }
  home.Close();
  ASSERT_OK(home.Open());
  assert_true(home.Scan() == records);
}

TEST(a_segment_that_could_be_neither_begun_nor_removed_does_not_spoil_the_log) {
  LogHome home(kSegment);
  home.Create();
  const OwnedRecord first = home.Put("key", Buffer(kSegment / 2, 'a'));
  {
    const LogHook broken([](FileOp op, const std::string&) {
      return op == FileOp::kWrite ? ENOSPC : op == FileOp::kRemove ? EIO : 0;
    });
    OwnedRecord record;
    AssertCode(home.TryPut("key", Buffer(kSegment / 2, 'b'), &record), Code::E_NO_SPACE);
  }
  const OwnedRecord second = home.Put("key", Buffer(kSegment / 2, 'c'));
  home.Close();
  ASSERT_OK(home.Open());
  assert_true(home.Scan() == (std::vector<OwnedRecord>{first, second}));
}

// An error of the call that makes a segment's file left the file behind, empty, if it was there all the same;
// the store went on, was closed as clean, and then refused to open: "shorter than a segment header". Found by
// the sweep of failing operations, which also lets operations fail that have taken place.
TEST(a_segment_whose_creation_failed_afterwards_is_removed_before_the_log_is_closed) {
  for (const bool removed_at_once : {true, false}) {
    LogHome home(kSegment);
    home.Create();
    const OwnedRecord first = home.Put("key", Buffer(kSegment / 2, 'a'));
    {
      const LogHook late([&](FileOp op, const std::string& name) {
        if (op == FileOp::kCreate) home.scratch.Write(name, "");
        return op == FileOp::kCreate || (op == FileOp::kRemove && !removed_at_once) ? EIO : 0;
      });
      OwnedRecord record;
      AssertCode(home.TryPut("key", Buffer(kSegment / 2, 'b'), &record), Code::E_IO);
    }
    assert_int_equal(home.scratch.Has(SegmentName(2)), !removed_at_once);
    const OwnedRecord second = home.Put("key", Buffer(kSegment / 2, 'c'));
    home.Close();
    ASSERT_OK(home.Open());
    assert_true(home.Scan() == (std::vector<OwnedRecord>{first, second}));
  }
}

TEST(a_log_with_a_file_that_cannot_be_removed_is_not_closed_as_clean) {
  LogHome home(kSegment);
  home.Create();
  home.Put("key", Buffer(kSegment / 2, 'a'));
  const LogHook broken([](FileOp op, const std::string& name) {
    return op == FileOp::kRemove || (op == FileOp::kWrite && name.ends_with("2.seg")) ? EIO : 0;
  });
  OwnedRecord record;
  AssertCode(home.TryPut("key", Buffer(kSegment / 2, 'b'), &record), Code::E_IO);
  ASSERT_OK(Sync(&home));
  AssertCode(home.log->Close(), Code::E_IO);
}

TEST(a_failed_sync_poisons_the_log_for_writers_and_not_for_readers) {
  LogHome home;
  home.Create();
  const OwnedRecord record = home.Put("key", "value");
  int syncs = 0;
  {
    const LogHook broken(
        [&](FileOp op, const std::string&) { return op == FileOp::kSync ? (syncs++, EIO) : 0; });
    const Status s = Sync(&home);
    AssertCode(s, Code::E_IO);
    assert_int_equal(s.error_number(), EIO);
    assert_true(home.log->poisoned());
    assert_true(Sync(&home).IsError());
    assert_int_equal(syncs, 1);   // a failed fsync is never tried again: the next would lie
  }
  assert_true(home.log->synced() < home.log->end());
  assert_true(Sync(&home).IsError());   // nor when the disk is well again
  AssertCode(home.log->Reserve(100), Code::E_READ_ONLY);
  assert_true(std::string(home.log->PoisonStatus().message()).find("07/00000001.seg") != std::string::npos);
  home.AssertReads(record);
  assert_true(home.log->Close().IsError());
}

TEST(a_failed_sync_of_the_directory_poisons_too) {
  LogHome home(kSegment);
  home.Create();
  while (SegmentOf(home.log->end()) < 2) home.Put("key", Buffer(20'000, 'v'));
  const LogPosition before = home.log->synced();
  const LogHook broken([](FileOp op, const std::string&) { return op == FileOp::kSyncDirectory ? EIO : 0; });
  AssertCode(Sync(&home), Code::E_IO);
  assert_int_equal(home.log->synced(), before);
  assert_true(home.log->poisoned());
}

TEST(a_failed_write_poisons_the_log) {
  LogHome home;
  home.Create();
  const OwnedRecord first = home.Put("first", "value");
  {
    const LogHook broken([](FileOp op, const std::string&) { return op == FileOp::kWrite ? EIO : 0; });
    OwnedRecord record;
    AssertCode(home.TryPut("second", "value", &record), Code::E_IO);
  }
  assert_true(home.log->poisoned());
  assert_int_equal(home.log->end(), first.next);
  AssertCode(home.log->Reserve(100), Code::E_READ_ONLY);
  home.AssertReads(first);
  assert_true(home.log->Close().IsError());
}

TEST(refusing_from_outside_names_the_reason) {
  LogHome home;
  home.Create();
  home.log->Refuse(Status::Error(Code::E_IO, "the partner failed"));
  AssertCode(home.log->Reserve(8), Code::E_READ_ONLY);
  assert_true(std::string(home.log->PoisonStatus().message()).find("the partner failed") !=
              std::string::npos);
}

// While room is made for a record, another thread's sync may end: the mark that says so needs room of its
// own.
TEST(a_sync_that_ends_while_room_is_made_does_not_take_the_records_room) {
  for (const size_t value_len :
       {size_t{300'000}, size_t{1} << 20, (size_t{2} << 20) - kSegmentHeaderBytes - 200}) {
    LogHome home(size_t{2} << 20);
    home.Create();
    const OwnedRecord first = home.Put("first", "value");
    OwnedRecord second;
    {
      const LogHook sync_meanwhile([&](FileOp op, const std::string&) {
        if (op == FileOp::kAllocate) ASSERT_OK(Sync(&home));
        return 0;
      });
      second = home.Put("second", Buffer(value_len, 'v'));   // ends where what was allocated ends
    }
    const OwnedRecord third = home.Put("third", "value");
    for (const OwnedRecord& r : {first, second, third}) home.AssertReads(r);
    home.Close();
    ASSERT_OK(home.Open());
    assert_true(home.Scan() == (std::vector<OwnedRecord>{first, second, third}));
  }
}

TEST(segments_become_durable_in_order_each_with_its_entry) {
  LogHome home(kSegment);
  home.Create();
  while (SegmentOf(home.log->end()) < 4) home.Put("key", Buffer(20'000, 'v'));
  std::string order;
  const LogHook hook([&](FileOp op, const std::string& name) {
    if (op == FileOp::kSync) order += name.substr(name.size() - 5, 1);
    if (op == FileOp::kSyncDirectory) order += "d";
    return 0;
  });
  ASSERT_OK(Sync(&home));
  ASSERT_STR(order, "12d3d4d");   // the first one's entry was durable from creation
  order.clear();
  home.Put("key", "value");
  ASSERT_OK(Sync(&home));
  ASSERT_STR(order, "4");   // what is durable is not synced again
  order.clear();
  ASSERT_OK(Sync(&home));
  ASSERT_STR(order, "");
}

TEST(a_log_resumed_after_a_crash_syncs_what_it_found) {
  LogHome home(kSegment);
  home.Create();
  std::vector<OwnedRecord> records;
  while (SegmentOf(home.log->end()) < 4) records.push_back(home.Put("key", Buffer(20'000, 'v')));
  const auto in_second =
      std::find_if(records.begin(), records.end(), [](const auto& r) { return SegmentOf(r.at) == 2; });
  home.Resume(in_second->at);
  assert_int_equal(home.log->synced(), 0);
  std::string order;
  const LogHook hook([&](FileOp op, const std::string& name) {
    if (op == FileOp::kSync) order += name.substr(name.size() - 5, 1);
    return 0;
  });
  ASSERT_OK(home.log->SyncTo(records.front().next));
  ASSERT_STR(order, "234");
  assert_int_equal(home.log->synced(), home.log->end());
}

// The first sync is held until all have asked; what they wait for was appended before.
TEST(one_sync_serves_all_who_wait) {
  constexpr int kThreads = 8;
  LogHome home;
  home.Create();
  std::vector<LogPosition> targets;
  for (int i = 0; i < kThreads; i++) targets.push_back(home.Put("key", std::to_string(i)).next);
  std::atomic<int> asked{0}, syncs{0}, failed{0};
  const LogHook hook([&](FileOp op, const std::string&) {
    if (op != FileOp::kSync) return 0;
    while (asked < kThreads) std::this_thread::yield();
    syncs++;
    return 0;
  });
  const uint64_t before = home.log->Stats().fsyncs;
  std::vector<std::thread> threads;
  for (const LogPosition target : targets) {
    threads.emplace_back([&, target] {
      asked++;
      if (!home.log->SyncTo(target).ok() || home.log->synced() < target) failed++;
    });
  }
  for (std::thread& t : threads) t.join();
  assert_int_equal(failed.load(), 0);
  assert_int_equal(syncs.load(), 1);
  assert_int_equal(home.log->Stats().fsyncs - before, 1);
}

TEST(who_comes_during_a_sync_shares_the_next) {
  constexpr int kLate = 7;
  LogHome home;
  home.Create();
  const LogPosition early = home.Put("early", "value").next;
  std::atomic<int> asked{0}, syncs{0}, failed{0};
  std::atomic<bool> inside{false};
  const LogHook hook([&](FileOp op, const std::string&) {
    if (op != FileOp::kSync) return 0;
    inside = true;
    while (asked < kLate) std::this_thread::yield();
    syncs++;
    return 0;
  });
  std::thread leader([&] { failed += !home.log->SyncTo(early).ok(); });
  while (!inside) std::this_thread::yield();
  std::vector<LogPosition> targets;
  for (int i = 0; i < kLate; i++) targets.push_back(home.Put("late", std::to_string(i)).next);
  std::vector<std::thread> threads;
  for (const LogPosition target : targets) {
    threads.emplace_back([&, target] {
      asked++;
      if (!home.log->SyncTo(target).ok() || home.log->synced() < target) failed++;
    });
  }
  leader.join();
  for (std::thread& t : threads) t.join();
  assert_int_equal(failed.load(), 0);
  assert_int_equal(syncs.load(), 2);
}

TEST(threads_append_and_sync_at_once_with_fewer_syncs_than_calls) {
  constexpr int kThreads = 8, kCalls = 100;
  LogHome home(kSegment);
  home.Create();
  std::mutex stripe;
  std::vector<OwnedRecord> records;
  std::atomic<int> failed{0};
  std::atomic<int> inside{0};
  // A sync goes on until somebody else waits for one, or nobody else is left.
  std::atomic<int> asking{0}, running{kThreads};
  const LogHook hook([&](FileOp op, const std::string&) {
    if (op != FileOp::kSync) return 0;
    if (inside++ != 0) failed++;   // one at a time
    while (asking < 2 && running > 1) std::this_thread::yield();
    inside--;
    return 0;
  });
  const uint64_t before = home.log->Stats().fsyncs;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; i++) {
        OwnedRecord record;
        {
          const std::lock_guard<std::mutex> lock(stripe);
          if (!home.TryPut(std::to_string(t), Buffer(static_cast<size_t>(i) * 17, 'v'), &record).ok())
            failed++;
          records.push_back(record);
        }
        asking++;
        if (!home.log->SyncTo(record.next).ok() || home.log->synced() < record.next) failed++;
        asking--;
      }
      running--;
    });
  }
  for (std::thread& t : threads) t.join();
  assert_int_equal(failed.load(), 0);
  assert_true(home.log->Stats().fsyncs - before < kThreads * kCalls);
  home.Close();
  ASSERT_OK(home.Open());
  assert_true(home.Scan() == records);
}

}   // namespace
}   // namespace shale

RUN()
