// An index whose files fail or are damaged.
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/coding.h"
#include "index_fixture.h"
#include "store/index.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

namespace {

std::string OfTable(int table, int i) {
  return "table " + std::to_string(table) + " row " + std::to_string(i);
}

// Table 0 has all rows, table 1 over it every second.
void MakeTwoTables(IndexHome* home, int rows) {
  home->Start(true);
  for (int table = 0; table < 2; table++) {
    for (int i = 0; i < rows; i += table + 1) ASSERT_OK(home->Put(KeyOf(i), OfTable(table, i)));
    ASSERT_OK(home->index->Flush());
  }
}

// Reads everything both ways; true if some read was refused as damaged. Whatever was answered must be right.
bool MeetsDamage(IndexHome* home, int rows) {
  bool damage = false;
  for (int i = 0; i < rows; i++) {
    Buffer row;
    const Status s = home->index->Get(KeyOf(i), &row);
    if (s.Is(Code::E_CORRUPT)) {
      damage = true;
      continue;
    }
    ASSERT_OK(s);
    ASSERT_STR(row, OfTable(i % 2 == 0 ? 1 : 0, i));
  }
  std::unique_ptr<IndexCursor> cursor;
  ASSERT_OK(home->index->NewCursor("", "", false, &cursor));
  int i = 0;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next(), i++) {
    ASSERT_STR(std::string(cursor->key()), KeyOf(i));
    ASSERT_STR(std::string(cursor->row()), OfTable(i % 2 == 0 ? 1 : 0, i));
  }
  if (cursor->status().Is(Code::E_CORRUPT)) damage = true;
  assert_true(i == rows || cursor->status().Is(Code::E_CORRUPT));
  ASSERT_OK(home->index->NewCursor("", "", false, &cursor));
  i = rows;
  for (cursor->SeekToLast(); cursor->Valid(); cursor->Prev()) {
    i--;
    ASSERT_STR(std::string(cursor->key()), KeyOf(i));
    ASSERT_STR(std::string(cursor->row()), OfTable(i % 2 == 0 ? 1 : 0, i));
  }
  assert_true(i == 0 || cursor->status().Is(Code::E_CORRUPT));
  return damage;
}

}   // namespace

TEST(a_failed_write_poisons_reads_go_on_and_reopening_mends) {
  IndexHome home;
  home.Start(true);
  ASSERT_OK(home.Put("a", "1"));
  ASSERT_OK(home.index->Flush());
  ASSERT_OK(home.Put("b", "2"));
  {
    const HookScope hook([](FileOp op, const std::string&) { return op == FileOp::kWrite ? ENOSPC : 0; });
    const Status s = home.index->Flush();
    assert_true(s.Is(Code::E_NO_SPACE));
    assert_int_equal(s.error_number(), ENOSPC);
    assert_non_null(std::strstr(s.message(), ".ldb"));
  }
  assert_true(home.index->poisoned());
  // The disk has room again, but what is on it is not known.
  const Status refused = home.Put("c", "3");
  assert_true(refused.Is(Code::E_READ_ONLY));
  assert_int_equal(refused.error_number(), ENOSPC);
  assert_true(home.index->Flush().Is(Code::E_READ_ONLY));
  ASSERT_STR(home.Get("a"), "1");
  ASSERT_STR(home.Get("b"), "2");
  std::unique_ptr<IndexCursor> cursor;
  ASSERT_OK(home.index->NewCursor("", "", false, &cursor));
  cursor->SeekToFirst();
  assert_true(cursor->Valid());
  cursor.reset();
  assert_true(home.index->Close().Is(Code::E_NO_SPACE));
  home.Start(false);
  ASSERT_STR(home.Get("a"), "1");
  ASSERT_STR(home.Get("b"), "NOT_FOUND");
  ASSERT_OK(home.Put("c", "3"));
  ASSERT_OK(home.index->Flush());
  home.Close();
}

TEST(a_log_that_cannot_be_synced_keeps_its_tables_from_disk) {
  IndexHome home;
  home.Start(true);
  ASSERT_OK(home.Put("a", "1"));
  home.syncer.fail = true;
  std::atomic<int> synced{0};
  const HookScope hook([&](FileOp op, const std::string&) {
    if (op == FileOp::kSync) synced++;
    return 0;
  });
  const Status s = home.index->Flush();
  assert_true(s.Is(Code::E_IO));
  assert_int_equal(s.error_number(), EIO);
  assert_non_null(std::strstr(s.message(), "00000001.seg"));
  assert_int_equal(synced.load(), 0);
  assert_true(home.index->poisoned());
  assert_true(home.index->Close().Is(Code::E_IO));
}

TEST(a_writer_that_waits_for_a_flush_is_woken_by_its_failure) {
  IndexHome home;
  home.Start(true);
  const HookScope hook([](FileOp op, const std::string& name) {
    if (op == FileOp::kSync && name.ends_with(".ldb")) {
      usleep(30'000);   // long enough for writers to fill the next memtable and wait
      return EIO;
    }
    return 0;
  });
  std::vector<std::thread> writers;
  std::atomic<int> refused{0};
  for (int t = 0; t < 4; t++) {
    writers.emplace_back([&home, &refused, t] {
      Status s;
      for (int i = 0; s.ok(); i++) s = home.Put(KeyOf(t * 1'000'000 + i), std::string(500, 'v'));
      refused += s.Is(Code::E_IO) || s.Is(Code::E_READ_ONLY) ? 1 : 0;
    });
  }
  for (std::thread& writer : writers) writer.join();
  assert_int_equal(refused.load(), 4);
  assert_true(home.index->Close().Is(Code::E_IO));
}

// The n-th operation fails, once or from there on, for every n until a run meets no fault.
TEST(every_operation_may_fail_and_nothing_flushed_is_lost) {
  std::map<std::string, std::string> good;
  {
    IndexHome home;
    home.Start(true);
    ASSERT_OK(home.Put("applied", "-1"));
    ASSERT_OK(home.index->Flush());
    home.Close();
    good = home.scratch.Content();
  }
  int sweeps = 0;
  for (const bool persistent : {false, true}) {
    for (int fail_at = 0;; fail_at++) {
      IndexHome home;
      for (const auto& [name, content] : good) home.scratch.Write(name, content);
      int operations = 0, durable = -1;
      std::atomic<bool> failed{false};
      {
        const HookScope hook([&](FileOp, const std::string&) {
          const int n = operations++;
          const bool fail = n == fail_at || (persistent && n > fail_at);
          if (fail) failed = true;
          return !fail ? 0 : fail_at % 2 == 0 ? EIO : ENOSPC;
        });
        Status s = home.Open(false);
        if (s.ok()) s = home.index->Commit();
        for (int i = 0; i < 6 && s.ok(); i++) {
          IndexBatch batch;
          batch.Put(KeyOf(i), std::string(2000, 'v'));
          for (int j = 0; j < 20; j++) batch.Put("over" + KeyOf(j), std::to_string(i));
          batch.Put("applied", std::to_string(i));
          s = home.index->Write(&batch);
          if (s.ok()) s = home.index->Flush();
          if (s.ok()) durable = i;
        }
        assert_true(s.ok() || failed);
        if (!s.ok()) assert_true(s.IsError());
        if (home.index != nullptr) {
          Buffer row;
          const Status read = home.index->Get("applied", &row);
          assert_true(read.ok() || failed);
          assert_false(read.Is(Code::NOT_FOUND));
          const Status closed = home.index->Close();
          assert_true(closed.ok() || failed);
        }
        home.index.reset();
      }
      ASSERT_OK(home.Open(false));
      ASSERT_OK(home.index->Commit());
      const int applied = std::stoi(home.Get("applied"));
      assert_in_range(applied + 1, durable + 1, 6);
      for (int i = 0; i < 6; i++) {
        assert_int_equal(home.Get(KeyOf(i)).size(), i <= applied ? 2000 : std::strlen("NOT_FOUND"));
      }
      if (applied >= 0) ASSERT_STR(home.Get("over" + KeyOf(7)), std::to_string(applied));
      home.Close();
      sweeps++;
      if (!failed) break;
    }
  }
  assert_true(sweeps > 60);
}

TEST(a_flipped_bit_in_a_table_is_damage_or_harmless_but_never_wrong) {
  constexpr int kRows = 120;
  IndexHome home;
  MakeTwoTables(&home, kRows);
  home.Close();
  int met = 0, all = 0;
  for (const std::string& table : home.scratch.Named(".ldb")) {
    const std::string good = home.scratch.Read(table);
    for (size_t bit = 0; bit < 8 * good.size(); bit++) {
      // Every bit of the footer, one of each byte before it, and some of the data.
      const size_t at = bit / 8;
      if (at + 48 < good.size() && (bit % 8 != at % 8 || (at + 300 < good.size() && at % 7 != 0))) continue;
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit % 8));
      home.scratch.Write(table, bad);
      home.files->Forget(table);
      ASSERT_OK(home.Open(false));
      if (MeetsDamage(&home, kRows)) met++;
      all++;
      ASSERT_OK(home.index->Close());
      home.index.reset();
    }
    home.scratch.Write(table, good);
    home.files->Forget(table);
  }
  assert_true(met > all / 2);   // the rest: padding, and filters that are left out when damaged
}

TEST(a_footer_that_asks_for_any_size_is_damage) {
  IndexHome home;
  MakeTwoTables(&home, 50);
  home.Close();
  for (const std::string& table : home.scratch.Named(".ldb")) {
    const std::string good = home.scratch.Read(table);
    for (const uint64_t size : {uint64_t{1} << 40, uint64_t{1} << 62, ~uint64_t{0} - 2, ~uint64_t{0}}) {
      Buffer handles;
      for (const uint64_t number : {uint64_t{0}, uint64_t{10}, uint64_t{15}, size}) {
        PutVarint64(&handles, number);
      }
      std::string bad = good;
      bad.replace(bad.size() - 48, handles.size(), handles);
      home.scratch.Write(table, bad);
      home.files->Forget(table);
      ASSERT_OK(home.Open(false));
      assert_true(MeetsDamage(&home, 50));
      ASSERT_OK(home.index->Close());
      home.index.reset();
    }
    home.scratch.Write(table, good);
    home.files->Forget(table);
  }
}

TEST(damage_names_table_and_offset) {
  IndexHome home;
  MakeTwoTables(&home, 100);
  home.Close();
  const std::string table = home.scratch.Named(".ldb").at(0);
  std::string bad = home.scratch.Read(table);
  bad[100] ^= 1;
  home.scratch.Write(table, bad);
  home.Start(false);
  Buffer row;
  const Status s = home.index->Get(KeyOf(1), &row);
  assert_true(s.Is(Code::E_CORRUPT));
  ASSERT_STR(s.message(), "index: " + table + " at offset 0: block checksum mismatch");
  home.Close();
}

TEST(damage_in_newer_rows_does_not_bring_older_ones_to_light) {
  constexpr int kRows = 2000;
  IndexHome home;
  MakeTwoTables(&home, kRows);
  home.Close();
  const std::string newer = home.scratch.Named(".ldb").at(1);
  std::string bad = home.scratch.Read(newer);
  bad[bad.size() / 2] ^= 1;
  home.scratch.Write(newer, bad);
  home.Start(false);
  assert_true(MeetsDamage(&home, kRows));
  home.Close();
}

TEST(a_short_or_missing_table_is_damage_and_not_an_absent_key) {
  constexpr int kRows = 500;
  IndexHome home;
  MakeTwoTables(&home, kRows);
  home.Close();
  const std::string table = home.scratch.Named(".ldb").at(0);
  const std::string good = home.scratch.Read(table);
  const size_t half = good.size() / 2;
  for (const size_t size : {size_t{0}, size_t{47}, size_t{48}, size_t{60}, half, good.size() - 1}) {
    home.scratch.Write(table, good.substr(0, size));
    home.files->Forget(table);
    ASSERT_OK(home.Open(false));
    assert_true(MeetsDamage(&home, kRows));
    home.index.reset();
  }
  home.scratch.Write(table, good);
  home.files->Forget(table);
  ASSERT_OK(home.Open(false));
  Buffer row;
  ASSERT_OK(home.index->Get(KeyOf(1), &row));
  // Behind its back: LevelDB has this table open, the descriptor is to be opened again.
  home.scratch.Remove(table);
  home.files->Forget(table);
  assert_true(MeetsDamage(&home, kRows));
  home.index.reset();
  home.scratch.Write(table, good);
  ASSERT_OK(home.Open(false));
  home.scratch.Remove(table);   // and before LevelDB opens it
  home.files->Forget(table);
  assert_true(MeetsDamage(&home, kRows));
  home.index.reset();
  const auto before = home.scratch.Content();
  const Status s = home.Open(false);
  assert_true(s.Is(Code::E_CORRUPT));
  assert_non_null(std::strstr(s.message(), table.c_str()));
  assert_true(home.scratch.Content() == before);
}

TEST(a_compaction_that_meets_damage_makes_the_index_read_only) {
  IndexHome home;
  MakeTwoTables(&home, 500);
  home.Close();
  const std::string table = home.scratch.Named(".ldb").at(1);
  std::string bad = home.scratch.Read(table);
  bad[bad.size() / 2] ^= 1;
  home.scratch.Write(table, bad);
  home.Start(false);
  Status s;
  for (int round = 0; round < 100 && s.ok(); round++) {
    for (int i = 0; i < 500 && s.ok(); i += 3) s = home.Put(KeyOf(i), "more");
    if (s.ok()) s = home.index->Flush();
  }
  assert_true(s.Is(Code::E_CORRUPT) || s.Is(Code::E_READ_ONLY));
  assert_non_null(std::strstr(s.message(), "in a compaction: block checksum mismatch"));
  assert_true(home.index->poisoned());
  // Between two batches of a replay, a write said only that there are no writes, and so did the open: it asks
  // for this.
  assert_true(home.index->PoisonCause().Is(Code::E_CORRUPT));
  ASSERT_STR(home.Get(KeyOf(0)), "more");
  assert_true(home.index->Close().Is(Code::E_CORRUPT));
}

TEST(a_read_that_fails_once_is_an_error_once) {
  IndexHome home;
  MakeTwoTables(&home, 100);
  ASSERT_VALID(*home.index);
  home.Close();
  home.Start(false);
  Buffer row;
  {
    const HookScope hook([](FileOp op, const std::string&) { return op == FileOp::kRead ? EIO : 0; });
    const Status s = home.index->Get(KeyOf(1), &row);
    assert_true(s.Is(Code::E_IO));
    assert_int_equal(s.error_number(), EIO);
  }
  ASSERT_OK(home.index->Get(KeyOf(1), &row));
  assert_false(home.index->poisoned());
  ASSERT_OK(home.Put("more", "row"));
  ASSERT_OK(home.index->Flush());
  home.Close();
}

RUN()
