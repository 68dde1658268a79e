#include "store/store.h"

#include <atomic>
#include <set>

#include "base/random.h"
#include "store/store_fixture.h"

namespace shale {
namespace {

const Buffer kSmall = "small";
const Buffer kLarge(5000, 'L');

TEST(what_is_put_is_read_until_it_is_deleted) {
  StoreHome home;
  home.Open();
  for (const Buffer& value :
       {kSmall, kLarge, Buffer(), Buffer(kInlineMax, 'i'), Buffer(kInlineMax + 1, 'p')}) {
    for (const bool drained : {false, true}) {
      const int64_t first = home.Put("key", value).version;
      if (drained) ASSERT_OK(home.store->DrainAll());
      DiskRead read;
      ASSERT_STR(home.Get("key", &read), value);
      assert_true(read.version == first && read.value_len == value.size() && read.deadline_ms == 0);
      ASSERT_OK(home.store->Read(home.Ref("key"), false, &read));
      assert_true(read.value.empty() && read.value_len == value.size());
      assert_true(home.Delete("key").version > first);
      if (drained) ASSERT_OK(home.store->DrainAll());
      ASSERT_STR(home.Get("key"), "NOT_FOUND");
    }
  }
  home.AssertIs({});
  home.Close();
}

TEST(a_touch_changes_the_deadline_and_nothing_else) {
  StoreHome home;
  home.Open();
  for (const Buffer& value : {kSmall, kLarge}) {
    const int64_t version = home.Put("key", value, 5000).version;
    const uint64_t appended = home.store->Stats().log_appended_bytes;
    for (const int64_t deadline_ms : {int64_t{9000}, int64_t{0}, int64_t{7000}}) {
      assert_true(home.Touch("key", deadline_ms).version > version);
      DiskRead read;
      ASSERT_STR(home.Get("key", &read), value);
      assert_int_equal(read.deadline_ms, deadline_ms);
      ASSERT_OK(home.store->DrainAll());
      ASSERT_STR(home.Get("key", &read), value);
      assert_int_equal(read.deadline_ms, deadline_ms);
    }
    assert_true(home.store->Stats().log_appended_bytes - appended <
                1000);   // a large value is not written again
  }
  DiskWrite write = home.MakePut("absent", "", 1);
  write.kind = DiskWrite::Kind::kTouch;
  RecordPlace place;
  AssertCode(home.TryWrite(write, &place), Code::NOT_FOUND);
  home.Close();
}

struct NoLog : LogSyncer {
  Status SyncLogBeforeTables() override { return Status::Ok(); }
};

// The row in the tables of a closed store.
void AssertPointsTo(const StoreHome& home, const RecordPlace& put, const Buffer& key, int64_t version) {
  Fd dir;
  ASSERT_OK(OpenDirectory(home.config.path + "/" + StoreShard::DirectoryName(put.shard), false, &dir));
  FileCache files(dir, 8);
  WorkPool pool("test-index", 2, 1);
  ASSERT_OK(pool.Start());
  NoLog no_log;
  Index::Config config;
  config.log = &no_log;
  config.name = StoreShard::DirectoryName(put.shard);
  config.dir = &dir;
  config.files = &files;
  config.pool = &pool;
  config.write_buffer_bytes = home.config.write_buffer_bytes;
  config.block_cache = Index::NewBlockCache(size_t{1} << 20);
  std::unique_ptr<Index> index;
  ASSERT_OK(Index::Open(config, &index));
  Buffer raw;
  ASSERT_OK(index->Get(DataRowKey(key), &raw));
  ASSERT_OK(index->Close());
  pool.Stop();
  Index::DeleteBlockCache(config.block_cache);
  IndexRow row;
  assert_true(DecodeIndexRow(raw, &row));
  assert_int_equal(row.version, version);
  assert_int_equal(row.position, put.at);
  assert_int_equal(row.position_sequence, put.version);
}

TEST(a_touched_row_names_the_record_of_its_value) {
  for (const bool replayed : {false, true}) {
    StoreHome home;
    home.Open();
    const Buffer key = home.KeyIn(33);
    const RecordPlace put = home.Put(key, kLarge);
    home.Touch(key, 9000);
    const int64_t version = home.Touch(key, 7000).version;
    if (replayed) {
      home.CrashAndCopy();
      home.Open();
    }
    home.Close();
    AssertPointsTo(home, put, key, version);
  }
}

TEST(a_batch_is_there_in_all_its_shards) {
  StoreHome home;
  home.Open();
  std::vector<Buffer> keys;
  for (int shard = 0; shard < kDiskShards; shard++) keys.push_back(home.KeyIn(shard));
  home.Batch(keys, kLarge);
  home.Batch({keys[3], keys[40]}, kSmall);
  home.AssertIs(home.model);
  home.Close();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(cursors_show_one_order_over_all_shards) {
  StoreHome home;
  home.Open();
  Random dice(TestSeed());
  for (int i = 0; i < 2000; i++) {
    const Buffer key = "key" + std::to_string(dice.Below(1000));
    if (dice.Below(4) == 0) {
      home.Delete(key);
    } else {
      home.Put(key, Buffer(dice.Below(200), 'v'), static_cast<int64_t>(dice.Below(2) * 77));
    }
  }
  for (const auto& [from, to] : std::vector<std::pair<Buffer, Buffer>>{{"", ""},
                                                                       {"key5", ""},
                                                                       {"", "key5"},
                                                                       {"key2", "key7"},
                                                                       {"key500", "key501"},
                                                                       {"z", ""},
                                                                       {"key5", "key5"}}) {
    for (const bool reverse : {false, true}) {
      for (const bool keys_only : {false, true}) {
        std::vector<std::pair<Buffer, StoredRow>> wanted, seen;
        for (auto it = home.model.lower_bound(from); it != home.model.end() && (to.empty() || it->first < to);
             ++it) {
          wanted.emplace_back(it->first,
                              StoredRow{keys_only ? Buffer() : it->second.value, it->second.deadline_ms});
        }
        if (reverse) std::reverse(wanted.begin(), wanted.end());
        Buffer storage;
        std::unique_ptr<DiskCursor> cursor;
        ASSERT_OK(home.store->NewCursor(CursorBounds{from, to, reverse, keys_only}, &cursor));
        Bytes key, value;
        int64_t deadline_ms = 0;
        Status s;
        while ((s = cursor->Next(&key, &storage, &value, &deadline_ms)).ok()) {
          seen.emplace_back(Buffer(key), StoredRow{Buffer(value), deadline_ms});
        }
        AssertCode(s, Code::END);
        AssertCode(cursor->Next(&key, &storage, &value, &deadline_ms), Code::END);
        assert_true(seen == wanted);
      }
    }
  }
  home.Close();
}

TEST(a_cursor_shows_the_cut_at_which_it_was_made) {
  StoreHome home;
  home.Open();
  for (int i = 0; i < 200; i++) home.Put("key" + std::to_string(i), i % 2 == 0 ? kSmall : kLarge);
  Buffer storage;
  std::unique_ptr<DiskCursor> cursor;
  ASSERT_OK(home.store->NewCursor(CursorBounds(), &cursor));
  const Rows then = home.model;
  for (int i = 0; i < 300; i++) home.Put("key" + std::to_string(i), "later");
  for (int i = 0; i < 50; i++) home.Delete("key" + std::to_string(i));
  ASSERT_OK(home.store->Flush());
  Rows seen;
  Bytes key, value;
  int64_t deadline_ms = 0;
  while (cursor->Next(&key, &storage, &value, &deadline_ms).ok())
    seen[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
  assert_true(seen == then);
  cursor.reset();
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_cursor_reports_a_value_that_rotted) {
  StoreHome home;
  home.Open();
  home.Put("a", kSmall);
  const RecordPlace place = home.Put("b", kLarge);
  home.Close();
  home.Overwrite(place.shard, place.at + 100, "\x01");
  home.Open();
  Buffer storage;
  std::unique_ptr<DiskCursor> cursor;
  ASSERT_OK(home.store->NewCursor(CursorBounds(), &cursor));
  Bytes key, value;
  int64_t deadline_ms;
  ASSERT_OK(cursor->Next(&key, &storage, &value, &deadline_ms));
  AssertCode(cursor->Next(&key, &storage, &value, &deadline_ms), Code::E_CORRUPT);
  cursor.reset();
  assert_true(home.Get("b").find("E_CORRUPT") == 0);
  home.Close();
}

TEST(a_clean_reopen_replays_nothing_and_shows_the_same) {
  StoreHome home;
  home.Open();
  Random dice(TestSeed());
  for (int session = 0; session < 4; session++) {
    for (int i = 0; i < 500; i++) {
      const Buffer key = "key" + std::to_string(dice.Below(300));
      const uint64_t what = dice.Below(10);
      if (what < 6)
        home.Put(key, Buffer(dice.Below(what == 0 ? 20'000 : 120), 'v'), static_cast<int64_t>(dice.Below(3)));
      if (what == 6) home.Delete(key);
      if (what == 7 && home.model.contains(key)) home.Touch(key, static_cast<int64_t>(dice.Below(1000)));
      if (what == 8) home.Batch({key, "other" + key, "third" + std::to_string(i)}, kSmall);
      if (what == 9 && dice.Below(10) == 0) ASSERT_OK(home.store->Flush());
    }
    home.AssertIs(home.model);
    home.Close();
    home.Open();
    assert_int_equal(home.store->Stats().recovered_records, 0);
    home.AssertIs(home.model);
  }
  home.Close();
}

TEST(versions_and_batch_ids_grow_over_sessions) {
  StoreHome home;
  home.Open();
  std::vector<int64_t> last_version(kDiskShards, 0);
  uint64_t last_batch = 0;
  for (int session = 0; session < 5; session++) {
    for (int shard = 0; shard < kDiskShards; shard += 7) {
      auto& last = last_version[static_cast<size_t>(shard)];
      for (const RecordPlace& p : {home.Put(home.KeyIn(shard), kSmall), home.Touch(home.KeyIn(shard), 9),
                             home.Delete(home.KeyIn(shard))}) {
        assert_true(p.version > last);
        last = p.version;
      }
    }
    for (const RecordPlace& p : home.Batch({home.KeyIn(1), home.KeyIn(2)}, kSmall))
      assert_true(p.batch_id > last_batch);
    last_batch = home.Batch({home.KeyIn(1), home.KeyIn(2)}, kSmall)[0].batch_id;
    if (session % 2 == 0) {
      home.Close();
    } else {
      home.CrashAndCopy();
    }
    home.Open();
  }
  home.Close();
}

TEST(the_clock_is_never_behind_what_a_store_has_seen) {
  StoreHome home;
  home.clock.Set(5'000'000);
  home.Open();
  home.Put("key", kSmall);
  home.Close();
  home.clock.Set(1'000'000);
  home.Open();
  assert_true(home.clock.NowMs() >= 5'000'000);
  home.Close();
}

TEST(making_a_batch_durable_syncs_all_its_shards_and_no_others) {
  StoreHome home;
  home.Open();
  home.Put(home.KeyIn(20), kSmall);
  const std::vector<RecordPlace> batch = home.Batch({home.KeyIn(3), home.KeyIn(50)}, kSmall);
  const std::vector<RecordPlace> tied = home.Batch({home.KeyIn(50, 1), home.KeyIn(9)}, kSmall);
  const RecordPlace behind = home.Put(home.KeyIn(9, 1), kSmall);   // tied to 50, and so to 3
  Mutex mu;
  std::set<std::string> synced;
  const StoreHook hook([&](FileOp op, const std::string& name) {
    MutexLock lock(&mu);
    if (op == FileOp::kSync) synced.insert(name.substr(0, 2));
    return 0;
  });
  ASSERT_OK(home.Sync(batch[0]));
  assert_true(synced == (std::set<std::string>{"03", "50"}) ||
              synced == (std::set<std::string>{"03", "50", "09"}));
  ASSERT_OK(home.Sync(behind));
  assert_true(synced == (std::set<std::string>{"03", "50", "09"}));
  synced.clear();
  for (const RecordPlace& p : {batch[0], batch[1], tied[0], tied[1], behind}) ASSERT_OK(home.Sync(p));
  assert_true(synced.empty());
  home.Close();
}

TEST(a_batch_that_finds_no_space_in_one_shard_leaves_nothing) {
  StoreHome home;
  home.Open();
  home.Put(home.KeyIn(3), kSmall);
  const Rows before = home.model;
  const std::vector<Buffer> keys{home.KeyIn(3), home.KeyIn(3, 1), home.KeyIn(50)};
  {
    const StoreHook full([](FileOp op, const std::string& name) {
      return op == FileOp::kAllocate && name.starts_with("50") ? ENOSPC : 0;
    });
    AssertCode(home.TryBatch(keys, kLarge), Code::E_NO_SPACE);
    home.AssertIs(before);
  }
  home.Batch(keys, kLarge);
  home.AssertIs(home.model);
  home.CrashAndCopy();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_shard_whose_sync_failed_reads_on_and_the_others_write_on) {
  StoreHome home;
  home.Open();
  const Buffer sick = home.KeyIn(7), well = home.KeyIn(8);
  const RecordPlace place = home.Put(sick, kLarge);
  {
    const StoreHook broken([](FileOp op, const std::string& name) {
      return op == FileOp::kSync && name.starts_with("07") ? EIO : 0;
    });
    const Status s = home.Sync(place);
    AssertCode(s, Code::E_IO);
    assert_int_equal(s.shard(), 7);
  }
  assert_true(home.store->ShardReadOnly(7) && !home.store->ShardReadOnly(8));
  assert_int_equal(home.store->Stats().shards_read_only, 1);
  RecordPlace refused;
  AssertCode(home.TryWrite(home.MakePut(sick, "x"), &refused), Code::E_READ_ONLY);
  AssertCode(home.TryBatch({sick, well}, "x"), Code::E_READ_ONLY);
  ASSERT_STR(home.Get(sick), kLarge);
  home.Put(well, kLarge);
  ASSERT_STR(home.Get(well), kLarge);
  assert_true(home.store->Close().IsError());
  home.store.reset();
  home.Open();   // not clean: replayed
  home.AssertIs(home.model);
  home.Put(sick, "again");
  home.Close();
}

TEST(pending_updates_are_bounded_and_writers_wait_for_drains) {
  StoreHome home;
  home.config.pending_bytes_max = size_t{64} * 16 << 10;   // 16 KiB a shard
  home.Open();
  const Buffer key = home.KeyIn(5);
  for (int i = 0; i < 3000; i++) {
    home.Put(key, Buffer(60, static_cast<char>('a' + i % 26)));
    assert_true(home.store->Stats().pending_bytes < size_t{17} << 10);
  }
  assert_true(home.store->Stats().drains > 0);
  home.AssertIs(home.model);
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
