#include "store/index_env.h"

#include <algorithm>
#include <cstdarg>

#include "index_fixture.h"
#include "store/index_name.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

namespace {

// An Env alone, spoken to as LevelDB would.
struct EnvHome {
  EnvHome() {
    ASSERT_OK(pool.Start());
    env = std::make_unique<IndexEnv>("07", &scratch.fd(), &files, &syncer, &pool);
  }
  ~EnvHome() {
    std::string why;
    if (env != nullptr && !env->health().poisoned() && !env->Validate(&why)) {
      std::fprintf(stderr, "%s\n", why.c_str());
      std::abort();
    }
  }
  // Writes a file as LevelDB writes a new manifest.
  void WriteFile(const std::string& name, const std::string& content) {
    leveldb::WritableFile* raw;
    assert_true(env->NewWritableFile("07/" + name, &raw).ok());
    const std::unique_ptr<leveldb::WritableFile> file(raw);
    assert_true(file->Append(content).ok());
    assert_true(file->Flush().ok());
    assert_true(file->Sync().ok());
    assert_true(file->Close().ok());
  }
  std::string ReadFile(const std::string& name) {
    std::string content;
    const leveldb::Status s = leveldb::ReadFileToString(env.get(), "07/" + name, &content);
    return s.ok() ? content : s.ToString();
  }
  std::vector<std::string> Children() {
    std::vector<std::string> names;
    assert_true(env->GetChildren("07", &names).ok());
    std::sort(names.begin(), names.end());
    return names;
  }

  IndexDirectory scratch;
  FileCache files{scratch.fd(), 10};
  CountingSyncer syncer;
  WorkPool pool{"test", 2, 1};
  std::unique_ptr<IndexEnv> env;
};

[[gnu::format(printf, 2, 3)]] void Say(leveldb::Logger* logger, const char* format, ...) {
  std::va_list ap;
  va_start(ap, format);
  logger->Logv(format, ap);
  va_end(ap);
}

}   // namespace

TEST(names_tell_what_a_file_is) {
  const auto kind = [](const char* name) { return ParseIndexFileName(name).kind; };
  assert_true(kind("CURRENT") == IndexFileKind::kCurrent);
  assert_true(kind("000012.log") == IndexFileKind::kLog);
  assert_true(kind("12345678.ldb") == IndexFileKind::kTable);
  assert_true(kind("000012.dbtmp") == IndexFileKind::kTemporary);
  assert_true(kind("MANIFEST-000007") == IndexFileKind::kManifest);
  assert_int_equal(ParseIndexFileName("MANIFEST-000007").number, 7);
  assert_int_equal(ParseIndexFileName("18446744073709551615.ldb").number, UINT64_MAX);
  for (const char* other :
       {"", "LOCK", "LOG", "CURRENT.tmp", "00000001.seg", "12.sst", "12.ldb.tmp", ".ldb", "x1.ldb", "1x.ldb",
        "-1.ldb", "+1.ldb", " 1.ldb", "000000.ldb", "18446744073709551616.ldb", "MANIFEST-", "MANIFEST-x"}) {
    assert_true(kind(other) == IndexFileKind::kOther);
  }
}

TEST(names_that_lead_out_of_the_index_are_refused) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  for (const char* path :
       {"07/../000001.ldb", "08/000001.ldb", "/etc/passwd", "07", "07/", "000001.ldb", "07/a/b", ""}) {
    leveldb::WritableFile* writable;
    leveldb::SequentialFile* sequential;
    leveldb::RandomAccessFile* random;
    assert_false(home.env->NewSequentialFile(path, &sequential).ok());
    assert_null(sequential);
    assert_false(home.env->NewRandomAccessFile(path, &random).ok());
    assert_null(random);
    assert_false(home.env->FileExists(path));
    assert_false(home.env->RemoveFile(path).ok());
    assert_false(home.env->NewWritableFile(path, &writable).ok());
    assert_null(writable);
  }
  assert_false(home.env->RenameFile("07/1.dbtmp", "08/CURRENT").ok());
  assert_int_equal(home.scratch.Content().size(), 0);
}

TEST(held_files_live_in_memory_until_commit) {
  EnvHome home;
  home.scratch.Write("CURRENT", "MANIFEST-000002\n");
  home.scratch.Write("MANIFEST-000002", "old manifest");
  home.scratch.Write("000005.ldb", "orphan");
  home.scratch.Write("00000001.seg", "not LevelDB's");
  const auto before = home.scratch.Content();
  ASSERT_OK(home.env->Load());
  home.WriteFile("MANIFEST-000006", "new manifest");
  home.WriteFile("000006.dbtmp", "MANIFEST-000006\n");
  assert_true(home.env->RenameFile("07/000006.dbtmp", "07/CURRENT").ok());
  assert_true(home.env->RemoveFile("07/MANIFEST-000002").ok());
  assert_true(home.env->RemoveFile("07/000005.ldb").ok());
  assert_true(home.env->RemoveFile("07/000005.ldb").IsNotFound());
  ASSERT_STR(home.ReadFile("CURRENT"), "MANIFEST-000006\n");
  ASSERT_STR(home.ReadFile("MANIFEST-000006"), "new manifest");
  assert_true(home.Children() == std::vector<std::string>({"CURRENT", "MANIFEST-000006"}));
  uint64_t size;
  assert_true(home.env->GetFileSize("07/MANIFEST-000006", &size).ok());
  assert_int_equal(size, 12);
  assert_true(home.scratch.Content() == before);
  assert_int_equal(home.syncer.calls.load(), 0);

  std::vector<std::string> steps;
  {
    const HookScope hook([&](FileOp op, const std::string& name) {
      if (op == FileOp::kCreate) steps.push_back("create " + name);
      if (op == FileOp::kSync) steps.push_back("sync " + name);
      if (op == FileOp::kSyncDirectory) steps.push_back("sync directory");
      if (op == FileOp::kRename) steps.push_back("rename to " + name);
      if (op == FileOp::kRemove && name != "CURRENT.tmp") steps.push_back("remove " + name);
      return 0;
    });
    ASSERT_OK(home.env->Commit());
  }
  const std::vector<std::string> expected = {
      "create MANIFEST-000006", "sync MANIFEST-000006",   "sync directory",
      "create CURRENT.tmp",     "sync CURRENT.tmp",       "rename to CURRENT",
      "sync directory",         "remove MANIFEST-000002", "remove 000005.ldb"};
  assert_true(steps == expected);
  const std::map<std::string, std::string> after = {{"CURRENT", "MANIFEST-000006\n"},
                                                    {"MANIFEST-000006", "new manifest"},
                                                    {"00000001.seg", "not LevelDB's"}};
  assert_true(home.scratch.Content() == after);
}

TEST(a_manifest_that_stays_open_goes_on_in_its_file) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  leveldb::WritableFile* raw;
  assert_true(home.env->NewWritableFile("07/MANIFEST-000002", &raw).ok());
  const std::unique_ptr<leveldb::WritableFile> file(raw);
  assert_true(file->Append("first ").ok());
  assert_true(file->Sync().ok());
  assert_int_equal(home.scratch.Content().size(), 0);
  ASSERT_OK(home.env->Commit());
  ASSERT_STR(home.scratch.Read("MANIFEST-000002"), "first ");
  assert_true(file->Append("second").ok());
  assert_true(file->Sync().ok());
  ASSERT_STR(home.scratch.Read("MANIFEST-000002"), "first second");
  assert_true(file->Append(" never synced").ok());
}

TEST(an_orphan_of_the_same_name_is_replaced) {
  EnvHome home;
  home.scratch.Write("MANIFEST-000004", std::string(1000, 'o'));
  home.scratch.Write("000007.ldb", std::string(1000, 'o'));
  ASSERT_OK(home.env->Load());
  home.WriteFile("MANIFEST-000004", "new");
  ASSERT_STR(home.ReadFile("MANIFEST-000004"), "new");
  ASSERT_OK(home.env->Commit());
  ASSERT_STR(home.scratch.Read("MANIFEST-000004"), "new");
  home.WriteFile("000007.ldb", "table");
  ASSERT_STR(home.scratch.Read("000007.ldb"), "table");
}

// Whatever operation of Commit fails: the index opens again with all its rows, from the old manifest or the
// new.
TEST(commit_that_fails_anywhere_leaves_an_index_that_opens) {
  int commits = 0;
  for (bool failed = true; failed; commits++) {
    IndexHome home;
    home.Start(true);
    ASSERT_OK(home.Put("a", "1"));
    ASSERT_OK(home.index->Flush());
    home.Close();
    home.scratch.Write("000999.ldb", "an orphan");
    ASSERT_OK(home.Open(false));
    const auto before = home.scratch.Content();
    int n = 0;
    failed = false;
    bool removed = false;
    {
      const HookScope hook([&](FileOp op, const std::string& name) {
        failed = failed || n == commits;
        // Nothing but leftovers may go, and nothing at all after a failure.
        if (op == FileOp::kRemove && !name.ends_with(".tmp")) removed = true;
        return n++ == commits ? EIO : 0;
      });
      const Status s = home.index->Commit();
      if (!s.ok()) {
        assert_true(failed && home.index->poisoned());
        assert_false(removed);
        for (const auto& [name, content] : before) {
          assert_true(name == "CURRENT" || home.scratch.Read(name) == content);
        }
        assert_true(home.Put("b", "2").IsError());
        assert_true(home.index->Close().Is(Code::E_IO));
      }
    }
    home.index.reset();
    home.Start(false);
    ASSERT_STR(home.Get("a"), "1");
    assert_int_equal(home.scratch.Named("000999.ldb").size(), 0);
    home.Close();
  }
  assert_true(commits > 10);
}

TEST(a_rename_that_happened_is_no_error_but_ends_removals) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  ASSERT_OK(home.env->Commit());
  home.WriteFile("MANIFEST-000002", "manifest");
  home.WriteFile("000002.dbtmp", "MANIFEST-000002\n");
  const HookScope hook([](FileOp op, const std::string&) { return op == FileOp::kSyncDirectory ? EIO : 0; });
  assert_true(home.env->RenameFile("07/000002.dbtmp", "07/CURRENT").ok());
  ASSERT_STR(home.scratch.Read("CURRENT"), "MANIFEST-000002\n");
  assert_true(home.env->health().poisoned());
  assert_true(home.env->RemoveFile("07/MANIFEST-000002").ok());
  ASSERT_STR(home.scratch.Read("MANIFEST-000002"), "manifest");
  leveldb::WritableFile* writable;
  assert_true(home.env->NewWritableFile("07/000003.log", &writable).IsIOError());
  assert_true(home.env->RenameFile("07/MANIFEST-000002", "07/CURRENT").IsIOError());
}

TEST(tables_are_written_in_large_pieces_whatever_is_flushed) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  ASSERT_OK(home.env->Commit());
  std::string content;
  int writes = 0;
  {
    const HookScope hook([&](FileOp op, const std::string&) {
      writes += op == FileOp::kWrite ? 1 : 0;
      return 0;
    });
    leveldb::WritableFile* raw;
    assert_true(home.env->NewWritableFile("07/000003.ldb", &raw).ok());
    const std::unique_ptr<leveldb::WritableFile> file(raw);
    for (int i = 0; i < 300; i++) {
      const std::string block(4101, static_cast<char>('a' + i % 26));
      content += block;
      assert_true(file->Append(block).ok());
      assert_true(file->Flush().ok());
    }
    assert_true(file->Sync().ok());
    assert_true(file->Close().ok());
  }
  assert_true(home.scratch.Read("000003.ldb") == content);
  assert_int_equal(writes, 5);
  assert_int_equal(home.env->context().table_bytes_written.load(), content.size());
}

TEST(a_table_given_up_before_sync_leaves_nothing_unwritten_behind) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  ASSERT_OK(home.env->Commit());
  leveldb::WritableFile* raw;
  assert_true(home.env->NewWritableFile("07/000003.ldb", &raw).ok());
  assert_true(raw->Append("begun").ok());
  delete raw;
  ASSERT_STR(home.scratch.Read("000003.ldb"), "");
  assert_true(home.env->RemoveFile("07/000003.ldb").ok());
  assert_int_equal(home.scratch.Content().size(), 0);
}

TEST(logs_exist_by_number_only) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  leveldb::WritableFile* raw;
  assert_true(home.env->NewWritableFile("07/000003.log", &raw).ok());
  const std::unique_ptr<leveldb::WritableFile> file(raw);
  assert_true(file->Append(std::string(100'000, 'x')).ok());
  assert_true(file->Sync().ok());
  assert_true(home.env->FileExists("07/000003.log"));
  assert_true(home.Children() == std::vector<std::string>({"3.log"}));
  assert_int_equal(home.scratch.Content().size(), 0);
  assert_true(home.env->RemoveFile("07/3.log").ok());
  assert_false(home.env->FileExists("07/000003.log"));
  assert_true(home.Children().empty());
}

TEST(stalls_are_counted_and_not_slept) {
  EnvHome home;
  const uint64_t before = home.env->NowMicros();
  for (int i = 0; i < 1000; i++) home.env->SleepForMicroseconds(3'600'000);
  assert_true(home.env->NowMicros() - before < uint64_t{3'600'000'000});
  assert_int_equal(home.env->stall_micros(), uint64_t{3'600'000'000});
}

TEST(the_logger_counts_dropped_bytes_and_hears_of_failed_compactions) {
  EnvHome home;
  leveldb::Logger* const logger = home.env->logger();
  Say(logger, "%s%s: dropping %d bytes; %s", "", "000001.log", 7, "why");
  Say(logger, "Compacting %d@%d + %d@%d files", 1, 0, 1, 1);
  assert_int_equal(home.env->context().damage_reports.load(), 1);
  assert_int_equal(home.env->context().compactions.load(), 1);
  assert_false(home.env->health().poisoned());
  Say(logger, "Compaction error: %s", "Corruption: block checksum mismatch");
  assert_true(home.env->health().poisoned());
  ASSERT_STR(home.env->health().PoisonCause().ToString(),
             "E_CORRUPT: index: in a compaction: block checksum mismatch");
}

TEST(what_leveldb_does_not_need_is_answered_too) {
  EnvHome home;
  ASSERT_OK(home.env->Load());
  leveldb::WritableFile* writable;
  std::string path = "x";
  leveldb::FileLock* lock;
  assert_true(home.env->NewAppendableFile("07/000003.ldb", &writable).IsNotSupportedError());
  assert_true(home.env->GetTestDirectory(&path).IsNotSupportedError());
  assert_true(home.env->RemoveDir("07").IsNotSupportedError());
  assert_true(home.env->CreateDir("07").ok());
  assert_true(home.env->LockFile("07/LOCK", &lock).ok());
  assert_true(home.env->UnlockFile(lock).ok());
  std::atomic<bool> ran{false};
  home.env->StartThread([](void* flag) { static_cast<std::atomic<bool>*>(flag)->store(true); }, &ran);
  home.pool.Stop();
  assert_true(ran.load());
  leveldb::Logger* logger;
  assert_true(home.env->NewLogger("07/LOG", &logger).ok());
  delete logger;
  assert_int_equal(home.scratch.Content().size(), 0);
}

RUN()
