#include "store/index.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "index_fixture.h"
#include "store/index_manifest.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

namespace {

// Several overlapping tables, newest rows in the last.
void FillTables(IndexHome* home, int tables, int rows) {
  for (int t = 0; t < tables; t++) {
    for (int i = t % 2; i < rows; i += 2) ASSERT_OK(home->Put(KeyOf(i), "table " + std::to_string(t)));
    ASSERT_OK(home->index->Flush());
  }
}

std::vector<std::string> WalkForward(IndexCursor* cursor) {
  std::vector<std::string> keys;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) keys.emplace_back(cursor->key());
  ASSERT_OK(cursor->status());
  return keys;
}

}   // namespace

TEST(flushed_rows_survive_close_and_reopen) {
  IndexHome home;
  home.Start(true);
  ASSERT_OK(home.Put("a", "1"));
  ASSERT_OK(home.Put("b", std::string(100'000, 'x')));
  ASSERT_OK(home.index->Flush());
  home.Close();
  home.Start(false);
  ASSERT_STR(home.Get("a"), "1");
  ASSERT_STR(home.Get("b"), std::string(100'000, 'x'));
  ASSERT_STR(home.Get("c"), "NOT_FOUND");
  home.Close();
}

TEST(rows_not_flushed_are_gone_after_reopen_and_the_mark_says_so) {
  IndexHome home;
  home.Start(true);
  for (int i = 0; i < 10; i++) {
    IndexBatch batch;
    batch.Put(KeyOf(i), "row");
    batch.Put("applied", std::to_string(i));
    ASSERT_OK(home.index->Write(&batch));
    if (i == 4) ASSERT_OK(home.index->Flush());
  }
  home.Close();
  home.Start(false);
  ASSERT_STR(home.Get("applied"), "4");
  ASSERT_STR(home.Get(KeyOf(4)), "row");
  ASSERT_STR(home.Get(KeyOf(5)), "NOT_FOUND");
  home.Close();
}

TEST(the_mark_in_tables_always_matches_the_rows_in_tables) {
  IndexHome home;
  home.Start(true);
  int rows = 0;
  for (int session = 0; session < 5; session++) {
    for (int i = 0; i < 3000; i++) {   // several rotations, the last memtable unflushed
      IndexBatch batch;
      batch.Put(KeyOf(rows), std::string(60, 'r'));
      batch.Put("applied", std::to_string(rows));
      ASSERT_OK(home.index->Write(&batch));
      rows++;
    }
    home.Close();
    home.Start(false);
    const int applied = std::stoi(home.Get("applied"));
    assert_in_range(applied, 0, rows - 1);
    assert_int_equal(home.Get(KeyOf(applied)).size(), 60);
    ASSERT_STR(home.Get(KeyOf(applied + 1)), "NOT_FOUND");
    rows = applied + 1;
  }
  home.Close();
}

TEST(a_second_flush_with_nothing_new_writes_nothing) {
  IndexHome home;
  home.Start(true);
  ASSERT_OK(home.Put("a", "1"));
  ASSERT_OK(home.index->Flush());
  const auto before = home.scratch.Content();
  const uint64_t flushes = home.index->Stats().flushes;
  for (int i = 0; i < 10; i++) ASSERT_OK(home.index->Flush());
  assert_true(home.scratch.Content() == before);
  assert_int_equal(home.index->Stats().flushes, flushes);
  home.Close();
}

TEST(flushes_of_many_threads_all_return_with_their_rows_in_tables) {
  IndexHome home;
  home.Start(true);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; t++) {
    threads.emplace_back([&home, t] {
      for (int i = 0; i < 20; i++) {
        ASSERT_OK(home.Put(KeyOf(t * 1000 + i), "v"));
        ASSERT_OK(home.index->Flush());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  home.Close();
  home.Start(false);
  for (int t = 0; t < 8; t++) {
    for (int i = 0; i < 20; i++) ASSERT_STR(home.Get(KeyOf(t * 1000 + i)), "v");
  }
  home.Close();
}

TEST(open_without_commit_changes_no_byte) {
  IndexHome home;
  home.Start(true);
  FillTables(&home, 3, 500);
  home.Close();
  // Things that opening would clean up: an orphan table, an old manifest, a temporary file.
  home.scratch.Write("000999.ldb", std::string(100, 'x'));
  home.scratch.Write("MANIFEST-000001", "old");
  home.scratch.Write("000998.dbtmp", "half");
  const auto before = home.scratch.Content();
  for (int i = 0; i < 3; i++) {
    ASSERT_OK(home.Open(false));
    ASSERT_STR(home.Get(KeyOf(1)), "table 1");
    assert_true(home.scratch.Content() == before);
    ASSERT_VALID(*home.index);
    ASSERT_OK(home.index->Close());
    home.index.reset();
    assert_true(home.scratch.Content() == before);
  }
  home.Start(false);
  assert_int_equal(home.scratch.Content().count("000999.ldb"), 0);
  assert_int_equal(home.scratch.Content().count("MANIFEST-000001"), 0);
  assert_int_equal(home.scratch.Content().count("000998.dbtmp"), 0);
  ASSERT_STR(home.Get(KeyOf(1)), "table 1");
  home.Close();
}

TEST(a_new_index_without_commit_leaves_an_empty_directory) {
  IndexHome home;
  ASSERT_OK(home.Open(true));
  ASSERT_STR(home.Get("a"), "NOT_FOUND");
  assert_true(home.Put("a", "1").Is(Code::E_INTERNAL));
  assert_true(home.index->Flush().Is(Code::E_INTERNAL));
  ASSERT_OK(home.index->Close());
  assert_int_equal(home.scratch.Content().size(), 0);
}

TEST(a_compaction_due_at_open_is_held_until_commit_and_dropped_without) {
  IndexHome home;
  home.Start(true);
  FillTables(&home, 2, 200);   // these go below level 0
  ASSERT_VALID(*home.index);
  std::atomic<bool> blocked{true};
  const auto wait = [](void* flag) {
    while (static_cast<std::atomic<bool>*>(flag)->load()) usleep(1000);
  };
  // Both places for compactions are taken: flushes pile up tables in level 0.
  for (int i = 0; i < 2; i++) home.pool.Submit(WorkPool::Priority::kLow, {wait, &blocked});
  FillTables(&home, 6, 200);
  assert_true(home.scratch.Named(".ldb").size() >= 6);
  assert_int_equal(home.index->Stats().compactions, 0);
  std::thread unblock([&blocked] {
    usleep(20'000);
    blocked = false;
  });
  ASSERT_OK(home.index->Close());
  unblock.join();
  home.index.reset();
  const auto before = home.scratch.Content();
  ASSERT_OK(home.Open(false));
  usleep(50'000);
  assert_true(home.scratch.Content() == before);
  ASSERT_OK(home.index->Close());
  home.index.reset();
  assert_true(home.scratch.Content() == before);
  home.Start(false);
  ASSERT_VALID(*home.index);
  assert_true(home.index->Stats().compactions > 0);
  ASSERT_STR(home.Get(KeyOf(1)), "table 5");
  home.Close();
}

TEST(creating_over_an_index_and_opening_none_are_refused) {
  IndexHome home;
  assert_true(home.Open(false).Is(Code::E_CORRUPT));
  assert_int_equal(home.scratch.Content().size(), 0);
  home.Start(true);
  home.Close();
  const auto before = home.scratch.Content();
  assert_true(home.Open(true).Is(Code::E_INCOMPATIBLE));
  assert_true(home.scratch.Content() == before);
}

TEST(a_log_of_plain_leveldb_is_refused) {
  IndexHome home;
  home.Start(true);
  home.Close();
  home.scratch.Write("000123.log", "");
  const auto before = home.scratch.Content();
  const Status s = home.Open(false);
  assert_true(s.Is(Code::E_INCOMPATIBLE));
  assert_non_null(std::strstr(s.message(), "000123.log"));
  assert_true(home.scratch.Content() == before);
}

TEST(no_log_file_lock_or_text_is_ever_on_disk) {
  IndexHome home;
  home.Start(true);
  FillTables(&home, 6, 1000);
  ASSERT_VALID(*home.index);   // no compaction removes files meanwhile
  for (const auto& [name, content] : home.scratch.Content()) {
    assert_true(name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".ldb"));
    const auto mode = std::filesystem::status(home.scratch / name).permissions();
    assert_true(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
  home.Close();
}

TEST(the_log_is_synced_before_each_table_and_manifest) {
  IndexHome home;
  std::vector<std::string> events;
  Mutex mu;
  home.syncer.on_call = [&] {
    MutexLock lock(&mu);
    events.push_back("log");
  };
  std::vector<std::string> created;
  const HookScope hook([&](FileOp op, const std::string& name) {
    MutexLock lock(&mu);
    if (op == FileOp::kSync && name != "CURRENT.tmp") events.push_back(name);
    if (op == FileOp::kCreate) created.push_back(name);
    if (op == FileOp::kSyncDirectory) events.push_back("directory");
    return 0;
  });
  home.Start(true);
  FillTables(&home, 6, 2000);
  ASSERT_VALID(*home.index);
  int tables = 0, manifests = 0;
  for (size_t i = 0; i < events.size(); i++) {
    if (events[i] == "log" || events[i] == "directory") continue;
    assert_true(i > 0);
    ASSERT_STR(events[i - 1], "log");
    (events[i].ends_with(".ldb") ? tables : manifests)++;
    // A table's name is durable before the manifest names it.
    if (events[i].ends_with(".ldb")) ASSERT_STR(events.at(i + 1), "directory");
  }
  assert_true(tables >= 6);
  assert_true(manifests >= 7);
  assert_true(static_cast<int>(created.size()) >= tables);
  home.Close();
}

TEST(a_copy_made_while_removals_are_held_is_a_whole_index) {
  IndexHome home;
  home.Start(true);
  FillTables(&home, 4, 2000);
  ASSERT_OK(home.Put("marker", "old"));
  ASSERT_OK(home.index->Flush());
  home.index->HoldRemovals();
  IndexManifest manifest;
  ASSERT_OK(ReadIndexManifest(home.scratch.fd(), &manifest));
  assert_true(manifest.whole_bytes > 0 && !manifest.tables.empty());
  // All of these tables are rewritten now.
  ASSERT_OK(home.Put("marker", "new"));
  FillTables(&home, 2, 2000);
  ASSERT_OK(home.index->Compact());
  IndexHome copy;
  for (const std::string& name : home.scratch.Named(".ldb"))
    copy.scratch.Write(name, home.scratch.Read(name));
  copy.scratch.Write(manifest.name, home.scratch.Read(manifest.name).substr(0, manifest.whole_bytes));
  copy.scratch.Write("CURRENT", manifest.name + "\n");
  copy.Start(false);
  ASSERT_STR(copy.Get("marker"), "old");
  ASSERT_STR(home.Get("marker"), "new");
  const size_t held = home.scratch.Named(".ldb").size();
  home.index->ReleaseRemovals();
  assert_true(home.scratch.Named(".ldb").size() < held);
  home.Close();
  copy.Close();
}

TEST(reads_of_overlapping_tables_write_no_table) {
  IndexHome home;
  home.Start(true);
  // Two level-0 tables over each other: each read of the second half looks into both.
  FillTables(&home, 2, 2000);
  ASSERT_VALID(*home.index);
  const IndexStats before = home.index->Stats();
  const auto tables = home.scratch.Named(".ldb");
  Buffer row;
  for (int round = 0; round < 40; round++) {
    for (int i = 0; i < 2000; i++) ASSERT_OK(home.index->Get(KeyOf(i), &row));
  }
  std::unique_ptr<IndexCursor> cursor;
  ASSERT_OK(home.index->NewCursor("", "", true, &cursor));
  for (int round = 0; round < 100; round++) assert_int_equal(WalkForward(cursor.get()).size(), 2000);
  cursor.reset();
  ASSERT_VALID(*home.index);
  const IndexStats after = home.index->Stats();
  assert_int_equal(after.table_bytes_written, before.table_bytes_written);
  assert_true(after.parked_compactions > 0);
  assert_true(home.scratch.Named(".ldb") == tables);

  // With the job parked: writes, rotations, flushes and the close still work.
  for (int i = 0; i < 5000; i++) ASSERT_OK(home.Put(KeyOf(i), std::string(60, 'n')));
  ASSERT_OK(home.index->Flush());
  for (int round = 0; round < 40; round++) {
    for (int i = 0; i < 2000; i++) ASSERT_OK(home.index->Get(KeyOf(i), &row));
  }
  home.Close();
}

TEST(close_ends_with_a_job_parked_by_reads) {
  IndexHome home;
  home.Start(true);
  FillTables(&home, 2, 2000);
  ASSERT_VALID(*home.index);
  const auto before = home.scratch.Content();
  Buffer row;
  while (home.index->Stats().parked_compactions == 0) {
    for (int i = 0; i < 2000; i++) ASSERT_OK(home.index->Get(KeyOf(i), &row));
  }
  ASSERT_OK(home.index->Close());
  assert_true(home.scratch.Content() == before);
}

TEST(batch_is_reusable_and_applies_in_order) {
  IndexHome home;
  home.Start(true);
  IndexBatch batch;
  const size_t empty = batch.bytes();
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Delete("a");
  batch.Put("b", "3");
  batch.Delete("b");
  batch.Put("b", "4");
  assert_true(batch.bytes() > empty);
  ASSERT_OK(home.index->Write(&batch));
  batch.Clear();
  assert_int_equal(batch.bytes(), empty);
  batch.Put("c", "");
  ASSERT_OK(home.index->Write(&batch));
  ASSERT_STR(home.Get("a"), "NOT_FOUND");
  ASSERT_STR(home.Get("b"), "4");
  ASSERT_STR(home.Get("c"), "");
  home.Close();
}

TEST(memtable_bytes_grow_with_rows_and_fall_with_a_flush) {
  IndexHome home(4 << 20);
  home.Start(true);
  const size_t empty = home.index->memtable_bytes();
  for (int i = 0; i < 1000; i++) ASSERT_OK(home.Put(KeyOf(i), std::string(1000, 'v')));
  assert_in_range(home.index->memtable_bytes(), empty + 1'000'000, empty + 1'500'000);
  ASSERT_OK(home.index->Flush());
  Buffer row;
  // Fills the block cache, which does not count.
  for (int i = 0; i < 1000; i++) ASSERT_OK(home.index->Get(KeyOf(i), &row));
  assert_in_range(home.index->memtable_bytes(), 0, empty + 1000);
  home.Close();
}

RUN()
