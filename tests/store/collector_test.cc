// Garbage collection and expiry on a whole disk tier, by one thread: what is given back, what must stay, and
// a death at each file operation in between.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

#include "store/collector_kit.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {
namespace {

TEST(reclaim_gives_back_what_was_overwritten_and_keeps_what_is_live) {
  for (const Buffer& value : {kLarge, kMedium}) {
    StoreHome home;
    home.Open();
    Churn(&home, 3, 40, value.size() > 1000 ? 30 : 120, value);
    home.Delete(home.KeyIn(3, 1));
    home.Touch(home.KeyIn(3, 2), home.clock.NowMs() + 5'000'000);
    assert_true(home.store->Stats().log_bytes > size_t{3} << 20);
    ASSERT_OK(Reclaim(home.store.get()));
    const StoreStats stats = home.store->Stats();
    assert_true(stats.gc_segments > 0 && stats.gc_freed_bytes > size_t{2} << 20);
    assert_int_equal(stats.gc_retired_bytes, 0);
    assert_true(stats.log_bytes - 64 * kSegmentHeaderBytes < 40 * (value.size() + 200) * 13 / 10);
    AssertValid(home.store.get());
    home.AssertIs(home.model);
    home.Close();
    home.Open();
    home.AssertIs(home.model);
    AssertValid(home.store.get());
    home.Close();
  }
}

TEST(segments_of_inline_values_are_dropped_unread) {
  StoreHome home;
  home.Open();
  Churn(&home, 7, 100, 250, kSmall);
  const size_t before = SegmentFiles(home, 7);
  assert_true(before > 1);
  ASSERT_OK(Reclaim(home.store.get()));
  const StoreStats stats = home.store->Stats();
  assert_int_equal(stats.gc_read_bytes, 0);
  assert_int_equal(stats.gc_dropped_segments, stats.gc_segments);
  assert_int_equal(SegmentFiles(home, 7), 1);
  home.AssertIs(home.model);
  home.Close();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_moved_value_keeps_version_and_deadline) {
  StoreHome home;
  home.Open();
  const Buffer key = home.KeyIn(9), touched = home.KeyIn(9, 1);
  home.Put(key, kLarge);
  home.Put(touched, kLarge);
  const RecordPlace touch = home.Touch(touched, home.clock.NowMs() + 1000);
  DiskRead before, after;
  ASSERT_STR(home.Get(key, &before), kLarge);
  Churn(&home, 9, 20, 5, kLarge);
  // Churn wrote the first keys again; these two are the last of the shard's that it does not know.
  const Buffer late = home.KeyIn(9, 30);
  const RecordPlace put = home.Put(late, kLarge);
  ASSERT_OK(Reclaim(home.store.get()));
  assert_true(home.store->Stats().gc_moved_records > 0);
  home.CrashAndCopy();   // replay meets the moved records
  home.Open();
  ASSERT_STR(home.Get(late, &after), kLarge);
  assert_int_equal(after.version, put.version);
  home.AssertIs(home.model);
  assert_true(touch.version < put.version);
  home.Close();
}

TEST(a_value_that_was_touched_and_moved_is_replayed_with_its_new_deadline) {
  StoreHome home;
  home.Open();
  const Buffer key = home.KeyIn(9, 50);
  home.Put(key, kLarge);
  const int64_t deadline_ms = home.clock.NowMs() + 100'000;
  const RecordPlace touch = home.Touch(key, deadline_ms);
  Churn(&home, 9, 10, 4, kLarge);
  ASSERT_OK(Reclaim(home.store.get()));
  home.CrashAndCopy();
  home.Open();
  DiskRead read;
  ASSERT_STR(home.Get(key, &read), kLarge);
  assert_int_equal(read.version, touch.version);
  assert_int_equal(read.deadline_ms, deadline_ms);
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_segment_with_an_unreadable_record_stays) {
  StoreHome home;
  home.Open();
  Churn(&home, 5, 40, 1, kLarge);
  const RecordPlace bad = home.Put(home.KeyIn(5, 60), kLarge);
  Churn(&home, 5, 39, 20, kLarge);
  home.Close();
  home.Overwrite(5, bad.at + 100, "damage");
  home.Open();
  ASSERT_OK(Reclaim(home.store.get()));
  assert_int_equal(home.store->Stats().gc_damaged_segments, 1);
  assert_true(home.store->Stats().gc_segments > 0);
  assert_true(std::filesystem::exists(home.SegmentPath(5, bad.at)));
  DiskRead read;
  AssertCode(home.store->Read(home.Ref(home.KeyIn(5, 60)), true, &read), Code::E_CORRUPT);
  home.Close();
}

// An index that lost its end says that it reaches less far than it did; the log behind that is gone.
TEST(an_older_index_over_removed_segments_is_refused) {
  for (const char* boot : {kBoot, kNextBoot}) {
    StoreHome home;
    home.Open();
    Churn(&home, 5, 40, 10, kLarge);
    ASSERT_OK(home.store->Flush());
    home.Close();
    const std::string shard = home.config.path + "/05";
    const std::string old = home.scratch / "old";
    std::filesystem::create_directory(old);
    for (const auto& entry : std::filesystem::directory_iterator(shard)) {
      if (entry.path().extension() != ".seg")
        std::filesystem::copy(entry.path(), old + "/" + entry.path().filename().string());
    }
    home.Open();
    Churn(&home, 5, 40, 30, kLarge);
    ASSERT_OK(Reclaim(home.store.get()));
    Churn(&home, 5, 5, 2, kMedium);
    home.CrashAndCopy();
    const std::string now = home.config.path + "/05";
    std::vector<std::filesystem::path> remove;
    for (const auto& entry : std::filesystem::directory_iterator(now)) {
      if (entry.path().extension() != ".seg") remove.push_back(entry.path());
    }
    for (const auto& path : remove) std::filesystem::remove(path);
    std::filesystem::copy(old, now, std::filesystem::copy_options::recursive);
    SetBootIdForTest(boot);
    home.AssertRefused(Code::E_CORRUPT, "05/");
  }
}

struct NoLogToSync : LogSyncer {
  Status SyncLogBeforeTables() override { return Status::Ok(); }
};

// As if the index had been written by somebody who keeps no ledger.
void RemoveLedger(const StoreHome& home, int shard) {
  const std::string name = StoreShard::DirectoryName(shard);
  Fd root, dir;
  ASSERT_OK(OpenDirectory(home.config.path, false, &root));
  ASSERT_OK(OpenSubdirectory(root, name, false, &dir));
  FileCache files(dir, 10);
  WorkPool pool("test-index", 2, 1);
  ASSERT_OK(pool.Start());
  NoLogToSync syncer;
  leveldb::Cache* const cache = Index::NewBlockCache(1 << 20);
  Index::Config config;
  config.name = name;
  config.dir = &dir;
  config.files = &files;
  config.pool = &pool;
  config.log = &syncer;
  config.block_cache = cache;
  config.write_buffer_bytes = 64 << 10;
  std::unique_ptr<Index> index;
  ASSERT_OK(Index::Open(config, &index));
  ASSERT_OK(index->Commit());
  IndexBatch batch;
  batch.Delete(LedgerRowKey());
  ASSERT_OK(index->Write(&batch));
  ASSERT_OK(index->Flush());
  ASSERT_OK(index->Close());
  index.reset();
  pool.Stop();
  Index::DeleteBlockCache(cache);
}

// By the store's own thread, from a sample of each segment; and by a reclaim, which counts.
TEST(segments_that_nobody_has_counted_are_collected) {
  for (const bool background : {true, false}) {
    StoreHome home;
    home.config.segment_bytes = size_t{1} << 20;
    home.Open();
    Churn(&home, 3, 40, 350, kLarge);   // 67 MiB, of which 0.2 are live
    home.Close();
    RemoveLedger(home, 3);
    home.config.gc_background = background;
    home.Open();
    const size_t before = SegmentFiles(home, 3);
    if (!background) ASSERT_OK(Reclaim(home.store.get()));
    for (int i = 0; i < 600 && home.store->Stats().gc_freed_bytes == 0; i++) {
      home.store->Tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    assert_true(home.store->Stats().gc_freed_bytes > 0);
    assert_true(SegmentFiles(home, 3) < before);
    home.AssertIs(home.model);
    home.Close();
    home.Open();
    home.AssertIs(home.model);
    home.Close();
  }
}

// ---- expiry

TEST(expired_keys_leave_the_index_and_their_bytes_the_log) {
  StoreHome home;
  home.Open();
  const int64_t soon = home.clock.NowMs() + 100, late = soon + 1'000'000;
  for (int i = 0; i < 300; i++) {
    const Buffer key = home.KeyIn(11, i);
    home.Put(key, kLarge, soon);
    if (i % 3 == 1) home.Put(key, kLarge, late);
    if (i % 3 == 2) home.Put(key, kLarge);   // no deadline any more
  }
  home.clock.Set(soon);
  for (int i = 0; i < 300; i += 3) home.model.erase(home.KeyIn(11, i));
  ASSERT_OK(Reclaim(home.store.get()));
  const StoreStats stats = home.store->Stats();
  assert_int_equal(stats.swept_keys, 100);
  assert_true(stats.gc_freed_bytes > 300 * kLarge.size());
  home.AssertIs(home.model);
  AssertValid(home.store.get());
  home.clock.Set(late);
  for (int i = 1; i < 300; i += 3) home.model.erase(home.KeyIn(11, i));
  ASSERT_OK(Reclaim(home.store.get()));
  home.AssertIs(home.model);
  home.Close();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

// A value may be asked for while the grace after its deadline lasts; the sweep took it at the deadline.
TEST(a_sweep_waits_until_the_grace_is_over) {
  StoreHome home;
  home.config.grace_ms = 5000;
  home.Open();
  const int64_t soon = home.clock.NowMs() + 100;
  for (int i = 0; i < 50; i++) home.Put(home.KeyIn(11, i), kLarge, soon);
  home.clock.Set(soon + 4999);
  ASSERT_OK(Reclaim(home.store.get()));
  assert_int_equal(home.store->Stats().swept_keys, 0);
  home.AssertIs(home.model);
  home.clock.Set(soon + 5000);
  ASSERT_OK(Reclaim(home.store.get()));
  assert_int_equal(home.store->Stats().swept_keys, 50);
  home.model.clear();
  home.AssertIs(home.model);
  AssertValid(home.store.get());
  home.Close();
}

// What was swept is walked over by each scan until the index is rewritten.
TEST(mass_expiry_rewrites_the_index) {
  StoreHome home;
  home.Open();
  const int64_t soon = home.clock.NowMs() + 100;
  const Buffer kept = home.KeyIn(0);
  for (int i = 0, n = 0; n < 6000; i++) {
    const Buffer key = "mass" + std::to_string(i);
    if (DiskShardOf(home.Ref(key).hash) != 0) continue;
    n++;
    home.Put(key, kSmall, soon);
    home.model.erase(key);
  }
  home.Put(kept, kLarge);
  home.clock.Set(soon);
  ASSERT_OK(Reclaim(home.store.get()));
  const StoreStats stats = home.store->Stats();
  assert_int_equal(stats.swept_keys, 6000);
  assert_int_equal(stats.swept_compactions, 1);
  home.AssertIs(home.model);
  home.Close();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_sweep_never_takes_what_is_pending) {
  StoreHome home;
  home.Open();
  const int64_t soon = home.clock.NowMs() + 100;
  const Buffer renewed = home.KeyIn(4), touched = home.KeyIn(4, 1), gone = home.KeyIn(4, 2);
  for (const Buffer& key : {renewed, touched, gone}) home.Put(key, kLarge, soon);
  ASSERT_OK(home.store->DrainAll());
  home.Put(renewed, kMedium, soon + 500);
  home.Touch(touched, soon + 500);
  home.clock.Set(soon);
  home.model.erase(gone);
  ASSERT_OK(Reclaim(home.store.get()));
  home.AssertIs(home.model);
  AssertValid(home.store.get());
  home.CrashAndCopy();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

// ---- a death at each moment

// Everything from the n-th file operation on fails: what a process that died there would have left.
TEST(a_death_at_any_file_operation_of_a_reclaim_loses_nothing) {
  uint64_t deaths = 0;
  for (int stop_at = 0;; stop_at += 1 + stop_at / 8) {
    StoreHome home;
    home.Open();
    const int64_t soon = home.clock.NowMs() + 100;
    Churn(&home, 3, 20, 15, kLarge);
    Churn(&home, 4, 20, 3, kSmall);
    for (int i = 0; i < 20; i++) home.Put(home.KeyIn(3, 100 + i), kMedium, i % 2 == 0 ? soon : 0);
    home.Batch({home.KeyIn(3, 1), home.KeyIn(4, 1), home.KeyIn(5, 1)}, kLarge);
    home.Touch(home.KeyIn(3, 2), soon + 100'000);
    ASSERT_OK(home.store->DrainAll());
    home.clock.Set(soon);
    for (int i = 0; i < 20; i += 2) home.model.erase(home.KeyIn(3, 100 + i));
    std::atomic<int> left{stop_at};
    bool died = false;
    {
      StoreHook hook([&](FileOp op, const std::string&) {
        if (op == FileOp::kRead || op == FileOp::kOpen || op == FileOp::kClose) return 0;
        return left.fetch_sub(1) > 0 ? 0 : EIO;
      });
      (void)Reclaim(home.store.get());
      died = left.load() < 0;
      const std::string copy = home.scratch / "dead";
      std::filesystem::copy(home.config.path, copy, std::filesystem::copy_options::recursive);
      (void)home.store->Close();
      home.store.reset();
      std::filesystem::remove_all(home.config.path);
      home.config.path = copy;
    }
    home.Open();
    // Keys that had expired are gone or still to be swept: a reader judges their deadline.
    Rows rows = home.Contents();
    std::erase_if(rows, [&](const auto& row) { return Expired(row.second.deadline_ms, home.clock.NowMs()); });
    assert_true(rows == home.model);
    ASSERT_OK(Reclaim(home.store.get()));
    home.AssertIs(home.model);
    AssertValid(home.store.get());
    home.Close();
    if (!died) break;
    deaths++;
  }
  assert_true(deaths > 10);
}

}   // namespace
}   // namespace shale

RUN()
