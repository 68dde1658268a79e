// Stores opened for reading only: by several handles and processes at once, without a right to write, with
// the same bytes on disk afterwards; and stores that were not closed.
#include <grp.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "abi/damage_kit.h"
#include "abi/store_files.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

extern char** environ;

namespace shale_test {
namespace {

namespace fs = std::filesystem;

struct ReadOnly : Options {
  explicit ReadOnly(bool recover = false) {
    Set("open.read_only", "true");
    if (recover) Set("open.recover_in_memory", "true");
  }
};

shale_db* OpenToRead(const std::string& path, bool recover = false) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), ReadOnly(recover).get(), &db, &err), &err, "open for reading");
  return db;
}

// Rows by key, found by get and by a scan; `rows` are looked for.
void WantRows(shale_db* db, const std::map<std::string, std::string>& rows) {
  shale_error* err = nullptr;
  for (const auto& [key, wanted] : rows) {
    void* value = nullptr;
    size_t size = 0;
    Want(SHALE_OK, shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err), &err, key.c_str());
    if (std::string_view(static_cast<char*>(value), size) != wanted) Fatal("%s: wrong value", key.c_str());
    shale_mem_free(value);
  }
  Want(SHALE_NOT_FOUND, shale_exists(db, "key/9", 5, 0, &err), &err, "a deleted key");
  shale_iter* iter = nullptr;
  Want(SHALE_OK, shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, &err), &err, "iterator");
  auto expected = rows.begin();
  const void* key = nullptr;
  const void* value = nullptr;
  size_t key_len = 0, value_len = 0;
  while (shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr) == SHALE_OK) {
    if (expected == rows.end() ||
        expected->first != std::string_view(static_cast<const char*>(key), key_len) ||
        expected->second != std::string_view(static_cast<const char*>(value), value_len))
      Fatal("the scan differs");
    ++expected;
  }
  if (expected != rows.end()) Fatal("the scan ends early");
  shale_iter_free(iter);
}

void CloseAndFree(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

// This program again, as a reader.
int RunReader(const std::string& path, const char* how) {
  std::string words[] = {"read_only_test", how, path};
  char* args[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, args, environ) != 0)
    Fatal("cannot start a child");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) Fatal("the reader died");
  return WEXITSTATUS(status);
}

TEST(several_handles_and_processes_read_at_once) {
  const std::string& path = fixture->clean.path();
  const uint64_t before = HashStore(path);
  shale_db* one = OpenToRead(path);
  shale_db* two = OpenToRead(path);
  WantRows(one, fixture->rows);
  WantRows(two, fixture->rows);
  assert_int_equal(RunReader(path, "--read"), 0);
  shale_db* writer = nullptr;
  assert_int_equal(shale_open(path.c_str(), nullptr, &writer, nullptr), SHALE_E_LOCKED);
  assert_int_equal(RunReader(path, "--write"), SHALE_E_LOCKED & 0xFF);
  CloseAndFree(one);
  assert_int_equal(shale_open(path.c_str(), nullptr, &writer, nullptr), SHALE_E_LOCKED);
  WantRows(two, fixture->rows);
  CloseAndFree(two);
  assert_true(HashStore(path) == before);
}

TEST(a_writer_keeps_readers_out) {
  fixture->work.Clear();
  CopyStore(fixture->clean.path(), fixture->work.path());
  shale_db* writer = nullptr;
  assert_int_equal(shale_open(fixture->work.path().c_str(), nullptr, &writer, nullptr), SHALE_OK);
  shale_db* reader = nullptr;
  assert_int_equal(shale_open(fixture->work.path().c_str(), ReadOnly().get(), &reader, nullptr),
                   SHALE_E_LOCKED);
  assert_int_equal(RunReader(fixture->work.path(), "--read"), SHALE_E_LOCKED & 0xFF);
  CloseAndFree(writer);
  WantRows(reader = OpenToRead(fixture->work.path()), fixture->rows);
  CloseAndFree(reader);
}

TEST(every_write_is_refused) {
  const uint64_t before = HashStore(fixture->clean.path());
  shale_db* db = OpenToRead(fixture->clean.path());
  shale_error* err = nullptr;
  shale_batch* batch = nullptr;
  assert_int_equal(shale_batch_new(&batch), SHALE_OK);
  const shale_slice slice = {"key/0", 5};
  void* old = nullptr;
  size_t old_len = 0;
  int64_t number = 0;
  const shale_status statuses[] = {
      shale_put(db, "key/0", 5, "v", 1, 0, nullptr, 0, &err),
      shale_put(db, "new", 3, "v", 1, 0, nullptr, SHALE_IF_PRESENT, nullptr),
      shale_delete(db, "key/0", 5, 0, nullptr),
      shale_delete(db, "none", 4, SHALE_IF_PRESENT, nullptr),
      shale_get_and_set(db, "key/0", 5, "v", 1, 0, &old, &old_len, nullptr, 0, nullptr),
      shale_compare_and_set(db, "key/0", 5, "x", 1, "v", 1, 0, nullptr, 0, nullptr),
      shale_compare_version_and_set(db, "key/0", 5, 77, "v", 1, 0, nullptr, 0, nullptr),
      shale_compare_and_delete(db, "key/0", 5, "x", 1, 0, nullptr),
      shale_compare_version_and_delete(db, "key/0", 5, 77, 0, nullptr),
      shale_incr(db, "n", 1, 1, &number, 0, nullptr),
      shale_decr(db, "n", 1, 1, &number, 0, nullptr),
      shale_expire(db, "key/0", 5, 1000, 0, nullptr),
      shale_persist(db, "key/0", 5, 0, nullptr),
      shale_multi_put(db, &slice, &slice, 1, 0, 0, nullptr),
      shale_multi_delete(db, &slice, 1, 0, nullptr),
      shale_write(db, batch, 0, nullptr),
  };
  for (const shale_status status : statuses) assert_int_equal(status, SHALE_E_READ_ONLY);
  assert_non_null(std::strstr(shale_error_message(err), "open.read_only"));
  shale_error_free(err);
  shale_batch_free(batch);
  assert_int_equal(shale_flush(db, nullptr), SHALE_OK);
  assert_int_equal(shale_sync(db, nullptr), SHALE_OK);
  int32_t state = 0;
  assert_int_equal(shale_shard_state(db, 7, &state, nullptr), SHALE_OK);
  assert_int_equal(state, SHALE_SHARD_READ_ONLY);
  WantRows(db, fixture->rows);
  CloseAndFree(db);
  assert_true(HashStore(fixture->clean.path()) == before);
}

TEST(a_directory_without_the_right_to_write_is_read) {
  fixture->work.Clear();
  CopyStore(fixture->clean.path(), fixture->work.path());
  std::vector<fs::path> all{fixture->work.path()};
  for (const auto& entry : fs::recursive_directory_iterator(fixture->work.path()))
    all.push_back(entry.path());
  for (const fs::path& path : all) {
    if (geteuid() == 0) assert_int_equal(chown(path.c_str(), 65534, 65534), 0);
    fs::permissions(
        path, fs::is_directory(path) ? fs::perms::owner_read | fs::perms::owner_exec : fs::perms::owner_read);
  }
  const uint64_t before = HashStore(fixture->work.path());
  assert_int_equal(RunReader(fixture->work.path(), "--read-as-nobody"), 0);
  assert_true(HashStore(fixture->work.path()) == before);
  for (const fs::path& path : all) {
    if (fs::is_directory(path)) fs::permissions(path, fs::perms::owner_all);   // so that it can be removed
  }
}

TEST(a_store_that_was_not_closed_is_refused_or_recovered_in_memory) {
  fixture->work.Clear();
  CopyStore(fixture->unclean.path(), fixture->work.path());
  const std::string& path = fixture->work.path();
  const uint64_t before = HashStore(path);
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  assert_int_equal(shale_open(path.c_str(), ReadOnly().get(), &db, &err), SHALE_E_INCOMPATIBLE);
  assert_non_null(std::strstr(shale_error_message(err), "open.recover_in_memory"));
  shale_error_free(err);
  db = OpenToRead(path, true);
  shale_db* other = OpenToRead(path, true);
  WantRows(db, fixture->rows);
  WantRows(other, fixture->rows);
  CloseAndFree(db);
  CloseAndFree(other);
  assert_true(HashStore(path) == before);
  assert_int_equal(shale_open(path.c_str(), nullptr, &db, nullptr), SHALE_OK);
  WantRows(db, fixture->rows);
  CloseAndFree(db);
  WantRows(db = OpenToRead(path, true), fixture->rows);   // nothing to recover is no matter
  CloseAndFree(db);
}

TEST(wrong_uses_are_told) {
  shale_db* db = nullptr;
  Options recover_only;
  recover_only.Set("open.recover_in_memory", "true");
  assert_int_equal(shale_open(fixture->clean.path().c_str(), recover_only.get(), &db, nullptr),
                   SHALE_E_INVALID);
  assert_int_equal(shale_open(nullptr, ReadOnly().get(), &db, nullptr), SHALE_E_INVALID);
  fixture->work.Clear();
  assert_int_equal(shale_open(fixture->work.path().c_str(), ReadOnly().get(), &db, nullptr),
                   SHALE_E_NO_STORE);
  assert_false(fs::exists(fixture->work.path()));
  CopyStore(fixture->clean.path(), fixture->work.path());
  fs::remove(fixture->work.path() + "/LOCK");
  assert_int_equal(shale_open(fixture->work.path().c_str(), ReadOnly().get(), &db, nullptr),
                   SHALE_E_INCOMPATIBLE);
  assert_false(fs::exists(fixture->work.path() + "/LOCK"));
}

// In the child: 0, or the low byte of the status.
int Read(const char* path, const char* how) {
  const bool nobody = std::strcmp(how, "--read-as-nobody") == 0;
  if (nobody && geteuid() == 0 &&
      (setgroups(0, nullptr) != 0 || setresgid(65534, 65534, 65534) != 0 ||
       setresuid(65534, 65534, 65534) != 0))
    return 99;
  if (nobody && access(path, W_OK) == 0) return 98;
  shale_db* db = nullptr;
  const bool write = std::strcmp(how, "--write") == 0;
  const shale_status status = shale_open(path, write ? nullptr : ReadOnly().get(), &db, nullptr);
  if (status != SHALE_OK) return status & 0xFF;
  shale_iter* iter = nullptr;
  if (shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, nullptr) != SHALE_OK) return 97;
  const void* bytes = nullptr;
  size_t size = 0, rows = 0;
  while (shale_iter_next(iter, &bytes, &size, &bytes, &size, nullptr) == SHALE_OK) rows++;
  shale_iter_free(iter);
  CloseAndFree(db);
  return rows == 1350 ? 0 : 96;
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  if (argc == 3 && std::strcmp(argv[1], "--write-and-die") == 0) WriteAndDie(argv[2]);
  if (argc == 3) return Read(argv[2], argv[1]);
  fixture = new DamageFixture(TestSeed());
  const int failed = RunTests("read_only_test");
  delete fixture;
  if (shale_live_handles() != 0) Fatal("handles are left");
  return failed;
}
