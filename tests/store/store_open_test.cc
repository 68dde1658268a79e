// Opening a store that is not as a clean session left it: what is created, what is refused, what is removed.
#include <atomic>
#include <filesystem>

#include "store/store_fixture.h"

namespace shale {
namespace {

namespace fs = std::filesystem;

const Buffer kLarge(5000, 'L');

// A closed store with some rows in every shard, drained, in tables and logs of several segments.
void MakeStore(StoreHome* home) {
  home->Open();
  for (int shard = 0; shard < kDiskShards; shard++) {
    home->Put(home->KeyIn(shard), shard % 2 == 0 ? Buffer("small") : kLarge);
  }
  home->Batch({home->KeyIn(1, 1), home->KeyIn(60, 1)}, kLarge);
  home->Close();
}

TEST(a_store_is_made_only_when_that_is_asked_for) {
  StoreHome home;
  home.config.create = false;
  AssertCode(home.TryOpen(), Code::E_NO_STORE);
  assert_false(fs::exists(home.config.path));
  fs::create_directory(home.config.path);
  AssertCode(home.TryOpen(), Code::E_NO_STORE);
  assert_true(fs::is_empty(home.config.path));
  home.config.create = true;
  home.config.error_if_exists = true;
  home.Open();
  home.Put("key", "value");
  home.Close();
  home.AssertRefused(Code::EXISTS, "");
  home.config.error_if_exists = false;
  home.config.create = false;
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_store_that_is_open_is_locked) {
  StoreHome home;
  home.Open();
  std::unique_ptr<Store> second;
  AssertCode(Store::Open(home.config, &second), Code::E_LOCKED);
  AssertCode(Store::Destroy(home.config.path), Code::E_LOCKED);
  home.Close();
  ASSERT_OK(Store::Open(home.config, &second));
  ASSERT_OK(second->Close());
}

TEST(a_directory_with_something_else_in_it_is_left_alone) {
  StoreHome home;
  fs::create_directory(home.config.path);
  std::ofstream(home.config.path + "/notes.txt") << "not a store";
  home.AssertRefused(Code::E_INCOMPATIBLE, "notes.txt");
  assert_false(fs::exists(home.config.path + "/LOCK"));
  AssertCode(Store::Destroy(home.config.path), Code::NOT_FOUND);
  assert_true(fs::exists(home.config.path + "/notes.txt"));
}

// A creation that fails, or dies, at any operation leaves something that the next open makes a store of.
TEST(a_creation_cut_off_anywhere_is_begun_again) {
  int total = 0;
  {
    StoreHome home;
    std::atomic<int> count{0};
    const StoreHook counter([&](FileOp, const std::string&) { return count++, 0; });
    home.Open();
    total = count;
  }
  for (int fail_at = 0; fail_at < total; fail_at += 1 + total / 37) {
    StoreHome home;
    Status s;
    {
      std::atomic<int> count{0};
      // From there on everything fails, as if the process had died; only looking is still possible.
      const StoreHook dead([&](FileOp op, const std::string&) {
        return count++ >= fail_at && op != FileOp::kClose && op != FileOp::kList ? EIO : 0;
      });
      s = home.TryOpen();
    }
    if (s.ok()) fail_msg("operation %d of %d failed, and the store opened", fail_at, total);
    assert_true(home.store == nullptr);
    home.Open();
    home.Put("key", "value");
    home.Close();
    home.Open();
    home.AssertIs(home.model);
    home.Close();
  }
}

TEST(shards_with_data_and_no_superblock_are_refused) {
  StoreHome home;
  MakeStore(&home);
  fs::remove(home.config.path + "/SHALE-A");
  home.Open();   // one copy is enough, and the other is mended
  home.Close();
  assert_true(fs::exists(home.config.path + "/SHALE-A"));
  fs::remove(home.config.path + "/SHALE-A");
  fs::remove(home.config.path + "/SHALE-B");
  home.AssertRefused(Code::E_INCOMPATIBLE, "SHALE-A");
  AssertCode(Store::Destroy(home.config.path), Code::NOT_FOUND);
}

TEST(another_number_of_shards_is_refused) {
  StoreHome home;
  MakeStore(&home);
  Fd dir;
  ASSERT_OK(OpenDirectory(home.config.path, false, &dir));
  Superblock superblock;
  int damaged;
  ASSERT_OK(ReadSuperblock(dir, &superblock, &damaged));
  superblock.shard_count = 128;
  ASSERT_OK(WriteSuperblock(dir, &superblock));
  home.AssertRefused(Code::E_INCOMPATIBLE, "128");
}

TEST(a_missing_shard_is_refused) {
  StoreHome home;
  MakeStore(&home);
  fs::rename(home.config.path + "/17", home.scratch / "elsewhere");
  home.AssertRefused(Code::E_INCOMPATIBLE, "17: shard directory is missing");
  std::ofstream(home.config.path + "/17") << "a file";
  home.AssertRefused(Code::E_INCOMPATIBLE, "17");
  fs::remove(home.config.path + "/17");
  fs::rename(home.scratch / "elsewhere", home.config.path + "/17");
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(shards_that_changed_places_are_refused) {
  StoreHome home;
  MakeStore(&home);
  fs::rename(home.config.path + "/17", home.config.path + "/x");
  fs::rename(home.config.path + "/18", home.config.path + "/17");
  fs::rename(home.config.path + "/x", home.config.path + "/18");
  home.AssertRefused(Code::E_INCOMPATIBLE, "17/00000001.seg: belongs to shard 18 of 64");
}

TEST(a_shard_of_another_store_is_refused) {
  StoreHome home, other;
  MakeStore(&home);
  MakeStore(&other);
  fs::remove_all(home.config.path + "/63");
  fs::copy(other.config.path + "/63", home.config.path + "/63");
  home.AssertRefused(Code::E_INCOMPATIBLE, "63/00000001.seg: belongs to another store");
}

TEST(an_index_of_another_shard_or_store_is_refused) {
  StoreHome home, other;
  MakeStore(&home);
  MakeStore(&other);
  const auto replace_index = [&](const std::string& with) {
    for (const auto& entry : fs::directory_iterator(home.config.path + "/05")) {
      if (entry.path().extension() != ".seg") fs::remove(entry.path());
    }
    for (const auto& entry : fs::directory_iterator(with)) {
      if (entry.path().extension() != ".seg") fs::copy(entry.path(), home.config.path + "/05");
    }
  };
  replace_index(home.config.path + "/06");
  home.AssertRefused(Code::E_INCOMPATIBLE, "shard 6 of 64");
  replace_index(other.config.path + "/05");
  home.AssertRefused(Code::E_INCOMPATIBLE, "another store");
}

TEST(a_log_that_lost_the_segment_where_the_index_ends_is_refused) {
  StoreHome home;
  MakeStore(&home);
  home.Open();
  const Buffer key = home.KeyIn(5);
  while (SegmentOf(home.Put(key, Buffer(100'000, 'v')).at) < 3) {
  }
  home.Close();
  fs::rename(home.config.path + "/05/00000003.seg", home.scratch / "elsewhere");
  home.AssertRefused(Code::E_CORRUPT, "05/00000003.seg: segment is missing");
  for (const auto& entry : fs::directory_iterator(home.config.path + "/05")) {
    if (entry.path().extension() == ".seg") fs::remove(entry.path());
  }
  home.AssertRefused(Code::E_CORRUPT, "05: no log segment");
}

TEST(a_log_that_lost_a_segment_which_is_not_in_the_index_is_refused) {
  StoreHome home;
  home.Open();
  const Buffer key = home.KeyIn(5);
  while (SegmentOf(home.Put(key, Buffer(100'000, 'v')).at) < 4) {
  }
  home.CrashAndCopy();
  fs::remove(home.config.path + "/05/00000002.seg");
  home.AssertRefused(Code::E_CORRUPT, "05/00000001.seg");
}

TEST(bytes_behind_a_log_that_was_closed_cleanly_are_damage) {
  for (const bool record : {false, true}) {
    StoreHome home;
    home.Open();
    const RecordPlace place = home.Put(home.KeyIn(9), "value");
    home.Close();
    if (record) {
      LogRecord more{RecordKind::kPut, 0, 999, 0, "key", "value"};
      Buffer raw(RecordBytes(3, 5), '\0');
      EncodeRecord(more, 1234, place.next, raw.data());   // of another store
      home.Overwrite(9, place.next, raw);
    } else {
      home.Overwrite(9, place.next, Buffer(40, '\x01'));
    }
    home.AssertRefused(Code::E_CORRUPT, "09/00000001.seg: offset " + std::to_string(OffsetOf(place.next)));
  }
}

TEST(zeros_behind_a_log_that_was_closed_cleanly_are_free_space) {
  StoreHome home;
  home.Open();
  const RecordPlace place = home.Put(home.KeyIn(9), "value");
  home.Close();
  home.Overwrite(9, place.next, Buffer(10'000, '\0'));
  home.Open();
  home.Put(home.KeyIn(9, 1), kLarge);
  home.AssertIs(home.model);
  home.Close();
}

TEST(destroying_removes_a_store_and_nothing_else) {
  StoreHome home;
  MakeStore(&home);
  ASSERT_OK(Store::Destroy(home.config.path));
  assert_false(fs::exists(home.config.path));
  AssertCode(Store::Destroy(home.config.path), Code::NOT_FOUND);
  home.model.clear();
  MakeStore(&home);   // with a secret of its own
  std::ofstream(home.config.path + "/07/notes.txt") << "somebody's";
  ASSERT_OK(Store::Destroy(home.config.path));
  const auto left = FilesBelow(home.config.path);
  assert_int_equal(left.size(), 2);
  assert_true(left.contains("07/notes.txt"));
}

TEST(a_destruction_cut_off_can_be_finished) {
  StoreHome home;
  MakeStore(&home);
  for (int fail_at = 0;; fail_at += 60) {
    int removed = 0;
    Status s;
    {
      const StoreHook dead([&](FileOp op, const std::string&) {
        return op == FileOp::kRemove && removed++ >= fail_at ? EIO : 0;
      });
      s = Store::Destroy(home.config.path);
    }
    if (s.ok()) break;
    AssertCode(s, Code::E_IO);
    if (fail_at > 0) assert_true(home.TryOpen().IsError());   // never a store with fewer rows
  }
  assert_false(fs::exists(home.config.path));
}

TEST(a_damaged_store_can_be_destroyed) {
  StoreHome home;
  MakeStore(&home);
  for (const char* name : {"/SHALE-A", "/SHALE-B"}) std::ofstream(home.config.path + name) << "damaged";
  home.AssertRefused(Code::E_CORRUPT, "SHALE-A");
  ASSERT_OK(Store::Destroy(home.config.path));
  assert_false(fs::exists(home.config.path));
}

}   // namespace
}   // namespace shale

RUN()
