// Stores opened as a crash left them: the directory is copied while the store is open, then bytes that a
// power cut could have lost are taken away. The same boot id means that only the process died; another one,
// that the machine did.
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "base/random.h"
#include "store/store_fixture.h"
#include "store/verify.h"

namespace shale {
namespace {

const Buffer kSmall = "small";
const Buffer kLarge(5000, 'L');

// Opens, compares, closes, and once more: recovery has to come to the same end each time.
void AssertRecovers(StoreHome* home, const Rows& wanted) {
  home->Open();
  home->AssertIs(wanted);
  home->Close();
  home->Open();
  assert_int_equal(home->store->Stats().recovered_records, 0);
  home->AssertIs(wanted);
}

TEST(what_was_acknowledged_survives_the_process) {
  StoreHome home;
  home.Open();
  Random dice(TestSeed());
  for (int crash = 0; crash < 5; crash++) {
    for (int i = 0; i < 400; i++) {
      const Buffer key = "key" + std::to_string(dice.Below(300));
      const uint64_t what = dice.Below(10);
      if (what < 5)
        home.Put(key, Buffer(dice.Below(what == 0 ? 60'000 : 120), 'v'), static_cast<int64_t>(dice.Below(3)));
      if (what == 6) home.Delete(key);
      if (what == 7 && home.model.contains(key)) home.Touch(key, static_cast<int64_t>(dice.Below(1000)));
      if (what == 8) home.Batch({key, "other" + key, "third" + std::to_string(i)}, kSmall);
      if (i == 200 && crash % 2 == 0) ASSERT_OK(home.store->DrainAll());   // in memtables, which die too
      if (i == 300 && crash % 3 == 0) ASSERT_OK(home.store->Flush());
    }
    ASSERT_OK(home.store->DrainAll());   // no drain of its own accord runs while the directory is copied
    home.CrashAndCopy();
    home.Open();
    assert_true(home.store->Stats().recovered_records > 0);
    home.AssertIs(home.model);
  }
  home.Close();
}

TEST(touches_and_deletes_are_replayed) {
  StoreHome home;
  home.Open();
  for (int i = 0; i < 40; i++) home.Put("key" + std::to_string(i), i % 2 == 0 ? kSmall : kLarge, 100);
  ASSERT_OK(home.store->Flush());
  for (int i = 0; i < 20; i++) home.Touch("key" + std::to_string(i), i < 10 ? 0 : 9000);
  for (int i = 10; i < 30; i += 3) home.Delete("key" + std::to_string(i));
  for (int i = 0; i < 10; i += 2) home.Touch("key" + std::to_string(i), 7000);
  DiskRead before;
  home.Get("key1", &before);
  home.CrashAndCopy();
  AssertRecovers(&home, home.model);
  DiskRead after;
  home.Get("key1", &after);
  assert_int_equal(after.version, before.version);
  home.Touch("key1", 1);   // of a pointer that was replayed as a touch
  home.AssertIs(home.model);
  home.Close();
}

TEST(the_record_that_was_being_written_is_dropped) {
  for (const size_t torn_bytes : {1U, 8U, 9U, 31U, 32U, 100U}) {
    StoreHome home;
    home.Open();
    home.Put(home.KeyIn(5), kSmall);
    const Rows wanted = home.model;
    const RecordPlace last = home.Put(home.KeyIn(5, 1), Buffer(200, 'v'));
    home.CrashAndCopy();
    home.Zero(5, last.at, last.at + 8);   // the checksum is written last
    home.Zero(5, last.at + 8 + torn_bytes, last.next);
    home.Open();
    home.AssertIs(wanted);
    home.model = wanted;
    home.Put(home.KeyIn(5, 2), kSmall);
    home.CrashAndCopy();   // again, with what came after the cut
    AssertRecovers(&home, home.model);
    home.Close();
  }
}

TEST(a_batch_that_was_being_written_leaves_nothing) {
  // Which shards have their frames, and how much of the last one is there.
  for (const bool partner_missing : {false, true}) {
    StoreHome home;
    home.Open();
    const Buffer a = home.KeyIn(2), b = home.KeyIn(40), c = home.KeyIn(40, 1);
    home.Put(a, kSmall);
    home.Put(b, kSmall);
    const Rows wanted = home.model;
    const std::vector<RecordPlace> batch = home.Batch({a, b, c}, kLarge);
    home.CrashAndCopy();
    home.Zero(40, partner_missing ? batch[1].at - 64 : batch[2].at, batch[2].next);
    home.Open();
    home.AssertIs(wanted);
    home.model = wanted;
    const std::vector<RecordPlace> next = home.Batch({a, b, c}, kSmall);
    assert_true(next[0].batch_id > batch[0].batch_id);
    home.CrashAndCopy();
    AssertRecovers(&home, home.model);
    home.Close();
  }
}

TEST(a_hole_with_records_behind_it_is_damage_if_only_the_process_died) {
  StoreHome home;
  home.Open();
  const RecordPlace first = home.Put(home.KeyIn(5), kSmall);
  home.Put(home.KeyIn(5, 1), kSmall);
  home.CrashAndCopy();
  home.Zero(5, first.at, first.next);
  home.AssertRefused(Code::E_CORRUPT, "05/00000001.seg: offset " + std::to_string(OffsetOf(first.at)));
  SetBootIdForTest(kNextBoot);   // a power cut may leave that
  AssertRecovers(&home, {});
  home.Close();
}

TEST(an_incomplete_batch_with_records_behind_it_is_damage_if_only_the_process_died) {
  StoreHome home;
  home.Open();
  const std::vector<RecordPlace> batch = home.Batch({home.KeyIn(2), home.KeyIn(40)}, kLarge);
  home.Put(home.KeyIn(2, 1), kSmall);
  home.CrashAndCopy();
  home.Zero(40, batch[1].at - 64, batch[1].next);
  home.AssertRefused(Code::E_CORRUPT, "batch " + std::to_string(batch[0].batch_id));
  SetBootIdForTest(kNextBoot);
  AssertRecovers(&home, {});
  home.Close();
}

TEST(a_power_cut_leaves_each_shard_a_prefix) {
  Random dice(TestSeed());
  for (int round = 0; round < 6; round++) {
    StoreHome home;
    home.Open();
    std::vector<std::vector<RecordPlace>> places(kDiskShards);
    std::vector<std::vector<Rows::value_type>> rows(kDiskShards);
    for (int i = 0; i < 600; i++) {
      const Buffer key = "key" + std::to_string(i);
      const Buffer value(dice.Below(400), 'v');
      const RecordPlace p = home.Put(key, value);
      places[static_cast<size_t>(p.shard)].push_back(p);
      rows[static_cast<size_t>(p.shard)].emplace_back(key, StoredRow{value, 0});
    }
    home.CrashAndCopy();
    // Of each shard some records are lost, in any order: what is before the first lost one stays.
    Rows wanted;
    for (size_t s = 0; s < kDiskShards; s++) {
      size_t first_lost = places[s].size();
      for (uint64_t lost = dice.Below(4); lost > 0 && !places[s].empty(); lost--) {
        const size_t i = dice.Below(places[s].size());
        const RecordPlace& p = places[s][i];
        const LogPosition from = p.at + dice.Below(4) * 8;
        home.Zero(static_cast<int>(s), from, p.next);
        first_lost = std::min(first_lost, i);
      }
      wanted.insert(rows[s].begin(), rows[s].begin() + static_cast<ptrdiff_t>(first_lost));
    }
    SetBootIdForTest(kNextBoot);
    AssertRecovers(&home, wanted);
    home.CrashAndCopy();
    AssertRecovers(&home, wanted);
    home.Close();
  }
}

TEST(what_was_made_durable_is_never_cut_off) {
  StoreHome home;
  home.Open();
  const RecordPlace first = home.Put(home.KeyIn(5), kSmall);
  const RecordPlace second = home.Put(home.KeyIn(5, 1), kSmall);
  ASSERT_OK(home.Sync(second));
  const Rows durable = home.model;
  const RecordPlace third = home.Put(home.KeyIn(5, 2), kSmall);
  home.Put(home.KeyIn(5, 3), kSmall);
  home.CrashAndCopy();
  SetBootIdForTest(kNextBoot);
  const std::string pristine = home.scratch / "pristine";
  std::filesystem::copy(home.config.path, pristine, std::filesystem::copy_options::recursive);
  home.Zero(5, first.at, first.next);   // the mark before the third says that it was durable
  home.AssertRefused(Code::E_CORRUPT, "05/00000001.seg: offset " + std::to_string(OffsetOf(first.at)));
  std::filesystem::remove_all(home.config.path);
  std::filesystem::copy(pristine, home.config.path, std::filesystem::copy_options::recursive);
  home.Zero(5, third.at, third.next);   // not durable: lost, and what follows with it
  AssertRecovers(&home, durable);
  home.Close();
}

TEST(a_batch_that_lost_a_part_in_a_power_cut_takes_what_follows_it_along) {
  StoreHome home;
  home.Open();
  const Buffer a = home.KeyIn(2), b = home.KeyIn(40), c = home.KeyIn(50);
  home.Put(a, kSmall);
  home.Put(b, kSmall);
  home.Put(c, kSmall);
  Rows wanted = home.model;
  const std::vector<RecordPlace> first = home.Batch({a, b}, kLarge);   // lost in 40
  home.Batch({a, c}, kLarge);                                          // behind the first in 2
  home.Put(c, "behind both");
  const std::vector<Buffer> others{home.KeyIn(9), home.KeyIn(10)};
  home.Batch(others, kLarge);
  for (const Buffer& key : others) wanted[key] = home.model.at(key);
  home.CrashAndCopy();
  home.Zero(40, first[1].at - 64, first[1].next);
  SetBootIdForTest(kNextBoot);
  AssertRecovers(&home, wanted);
  home.CrashAndCopy();
  AssertRecovers(&home, wanted);
  home.Close();
}

TEST(a_batch_of_which_a_part_reached_the_tables_is_whole_after_a_crash) {
  StoreHome home;
  home.Open();
  const std::vector<Buffer> keys{home.KeyIn(2), home.KeyIn(2, 1), home.KeyIn(40)};
  std::vector<DiskWrite> writes;
  for (const Buffer& key : keys) {
    writes.push_back(home.MakePut(key, kLarge));
    home.model[key] = StoredRow{kLarge, 0};
  }
  home.Put(home.KeyIn(2, 2), kSmall);
  DurablePoint point;
  ASSERT_OK(home.store->AppendBatch(writes.data(), writes.size(), &point));
  home.store->Publish(writes[0]);
  ASSERT_OK(home.store->Flush());   // between two members of one frame
  home.CrashAndCopy();
  SetBootIdForTest(kNextBoot);
  AssertRecovers(&home, home.model);
  home.Close();
}

TEST(a_frame_that_is_in_a_partners_tables_counts_as_there) {
  StoreHome home;
  home.Open();
  const Buffer a = home.KeyIn(2), b = home.KeyIn(40);
  home.Batch({a, b}, kLarge);
  ASSERT_OK(home.store->DrainAll());
  // Shard 40 alone brings its part into tables, and with it both logs to the disk.
  std::set<std::string> synced;
  {
    Mutex mu;
    const StoreHook hook([&](FileOp op, const std::string& name) {
      MutexLock lock(&mu);
      if (op == FileOp::kSync && name.ends_with(".seg")) synced.insert(name.substr(0, 2));
      return 0;
    });
    for (int i = 0; !synced.contains("40"); i++) {
      home.Put(home.KeyIn(40, 1 + i % 50), Buffer(kInlineMax, 'v'));
      ASSERT_OK(home.store->DrainAll());
    }
  }
  assert_true(synced.contains("02"));
  ASSERT_OK(home.store->Flush());
  home.CrashAndCopy();
  SetBootIdForTest(kNextBoot);
  AssertRecovers(&home, home.model);
  home.Close();
}

// A segment without header may be dropped if its creation was cut off: nothing was in it. With records in it,
// it is damage.
TEST(a_segment_that_lost_only_its_header_is_not_given_up) {
  for (const uint32_t number : {2U, 3U}) {
    for (const bool machine_died : {false, true}) {
      StoreHome home;
      home.Open();
      const Buffer key = home.KeyIn(5);
      RecordPlace place;
      do {
        place = home.Put(key, Buffer(200'000, 'v'));
      } while (SegmentOf(place.at) < 3);
      ASSERT_OK(home.Sync(place));
      home.Put(home.KeyIn(5, 1), kSmall);   // with the mark that says so
      home.CrashAndCopy();
      home.Overwrite(5, MakePosition(number, 9), Bytes("\0\0", 2));
      if (machine_died) SetBootIdForTest(kNextBoot);
      home.AssertRefused(Code::E_CORRUPT, "05/0000000");   // the place where the log would end, or the file
    }
  }
}

// Segments begun since the last sync: after a power cut any of them may lack its header, not only the newest.
TEST(a_power_cut_may_take_the_headers_of_several_segments) {
  for (const std::vector<uint32_t>& lost :
       std::vector<std::vector<uint32_t>>{{4}, {3}, {3, 4}, {2, 3}, {2, 3, 4}}) {
    StoreHome home;
    home.Open();
    Rows wanted;
    for (int i = 0;; i++) {
      const Buffer key = home.KeyIn(5, i);
      const RecordPlace p = home.Put(key, Buffer(100'000, 'v'));
      if (SegmentOf(p.at) < lost.front()) wanted = home.model;
      if (SegmentOf(p.at) == 4) break;
    }
    home.CrashAndCopy();
    for (const uint32_t number : lost) home.Zero(5, MakePosition(number, 0), MakePosition(number, 4096));
    SetBootIdForTest(kNextBoot);
    AssertRecovers(&home, wanted);
    home.Close();
  }
}

// Verify called a log damaged that lacked bytes before the end of a segment with successors, or the header of
// one with records: what an open takes for the end of the log after a power cut. Found by verifying images of
// such cuts before they were opened. It judges like an open now; what the index reaches must be there as
// ever.
TEST(verify_takes_what_a_power_cut_may_leave_for_no_damage) {
  for (const bool header : {false, true}) {
    for (const bool machine_died : {false, true}) {
      StoreHome home;
      home.Open();
      RecordPlace place, first_in_third;
      for (int i = 0; SegmentOf(place.at) < 4; i++) {
        place = home.Put(home.KeyIn(5, i), Buffer(100'000, 'v'));
        if (SegmentOf(place.at) == 3 && first_in_third.at == 0) first_in_third = place;
      }
      home.CrashAndCopy();
      if (header)
        home.Zero(5, MakePosition(4, 0), MakePosition(4, kSegmentHeaderBytes));
      else
        home.Zero(5, first_in_third.at, first_in_third.at + 64);
      if (machine_died) SetBootIdForTest(kNextBoot);
      CheckReport report;
      ASSERT_OK(VerifyStore(
          home.config.path, [](uint64_t, uint64_t) { return true; }, &report));
      assert_int_equal(report.CountFiles(Severity::kDamaged), machine_died ? 0 : 1);
      if (machine_died) {
        home.Open();
        home.Close();
      } else {
        AssertCode(home.TryOpen(), Code::E_CORRUPT);
      }
    }
  }
}

// After a power cut, recovery itself is cut off at any operation, in the same boot: the next open goes on
// with it.
TEST(a_recovery_that_was_cut_off_is_begun_again) {
  for (int fail_at = 0; fail_at < 1200; fail_at += 41) {
    StoreHome home;
    home.Open();
    const Buffer a = home.KeyIn(2), b = home.KeyIn(40);
    home.Put(a, kSmall);
    const Rows wanted = home.model;
    const RecordPlace lost = home.Put(home.KeyIn(2, 1), kLarge);
    home.Batch({a, b}, kLarge);
    home.Put(b, kSmall);
    home.CrashAndCopy();
    home.Zero(2, lost.at, lost.at + 64);
    SetBootIdForTest(kNextBoot);
    Status s;
    {
      std::atomic<int> writes{0};
      const StoreHook dead([&](FileOp op, const std::string&) {
        const bool looking =
            op == FileOp::kOpen || op == FileOp::kRead || op == FileOp::kList || op == FileOp::kClose;
        return !looking && writes++ >= fail_at ? EIO : 0;
      });
      s = home.TryOpen();
      home.store.reset();
    }
    AssertRecovers(&home, wanted);
    home.Close();
    if (s.ok()) break;   // all of the recovery has been gone through
  }
}

// The tables that replay fills may be written before the other shards have begun.
TEST(replay_makes_partner_logs_durable_before_its_tables) {
  StoreHome home;
  home.Open();
  const Buffer a = home.KeyIn(0), b = home.KeyIn(63);
  home.Batch({a, b}, kSmall);
  const Buffer filler = home.KeyIn(0, 1);
  for (int i = 0; i < 15'000; i++)
    home.Put(filler, Buffer(kInlineMax, 'v'));   // some memtables full, in few rows
  ASSERT_OK(home.store->DrainAll());
  home.CrashAndCopy();
  std::atomic<bool> table_first{false}, partner_durable{false}, table_durable{false};
  std::atomic<int> committed{0};
  const StoreHook hook([&](FileOp op, const std::string& name) {
    if (op == FileOp::kSync && name == "63/00000001.seg") partner_durable = true;
    if (op == FileOp::kSync && name.ends_with(".ldb")) {   // shard 0's: no other has rows enough
      table_first = table_first || !partner_durable;
      table_durable = true;
    }
    // Shards begin in order, some at a time. All but the first begin late here, so that a table that does not
    // wait for shard 63 has the time to come first.
    if (op == FileOp::kRename && name == "CURRENT" && committed++ >= 16) {
      for (int i = 0; i < 500 && !table_durable; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return 0;
  });
  home.Open();
  home.AssertIs(home.model);
  home.Close();
  assert_true(partner_durable && table_durable);
  assert_false(table_first.load());
}

}   // namespace
}   // namespace shale

RUN()
