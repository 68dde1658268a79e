// Backups on file systems that share blocks, that copy by themselves, a little or not at all, and that can
// neither: the same backup each time, which later writes to the store do not change.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "fault/file_layer.h"
#include "fault/life.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

namespace fs = std::filesystem;

constexpr int kKeys = 300;
const LifePlan kPlan{.seed = 16};   // values as they are, the large ones in the log

std::string ValueOf(int key, int round) {
  std::string value = std::to_string(key) + "/" + std::to_string(round) + "/";
  return value.append(static_cast<size_t>(key * 37 % 9000), static_cast<char>('a' + (key + round) % 26));
}

void PutAll(shale_db* db, int round) {
  for (int i = 0; i < kKeys; i++) {
    const std::string key = "key" + std::to_string(i), value = ValueOf(i, round);
    shale_error* err = nullptr;
    Want(SHALE_OK,
         shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, &err),
         &err, "put");
  }
}

std::map<std::string, std::string> ContentsOf(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), path)] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

void Verify(const std::string& path) {
  int64_t problems = -1;
  char* report = nullptr;
  shale_error* err = nullptr;
  Options options;
  Want(SHALE_OK,
       shale_verify_with(path.c_str(), options.get(), nullptr, nullptr, &problems, &report, 0, &err), &err,
       "verify");
  if (problems != 0) Fatal("%s: %s", path.c_str(), report);
  shale_mem_free(report);
}

// Of round 1, whatever was written since.
void CheckRows(const std::string& path) {
  Options options;
  SetSmall(&options, kPlan);
  options.Set("open.read_only", "true");
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), options.get(), &db, &err), &err, "open of a backup");
  for (int i = 0; i < kKeys; i++) {
    const std::string key = "key" + std::to_string(i);
    void* value = nullptr;
    size_t size = 0;
    Want(SHALE_OK, shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err), &err, key.c_str());
    if (std::string_view(static_cast<char*>(value), size) != ValueOf(i, 1))
      Fatal("%s: %s has another value", path.c_str(), key.c_str());
    shale_mem_free(value);
  }
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

struct Seen {
  uint64_t shared = 0, copied = 0;
};

// One backup, and one restored from it.
Seen BackUp(const CopyPlan& plan, uint32_t flags) {
  TempDir root("copies");
  fs::create_directory(root.path());
  const std::string store = root.path() + "/store", backup = root.path() + "/backup",
                    restored = root.path() + "/restored";
  FileLayer& layer = FileLayer::The();
  layer.SetCopyPlan(plan);
  Options options;
  SetSmall(&options, kPlan);
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(store.c_str(), options.get(), &db, &err), &err, "open");
  PutAll(db, 0);
  Want(SHALE_OK, shale_flush(db, &err), &err, "flush");
  PutAll(db, 1);
  Want(SHALE_OK, shale_backup(db, backup.c_str(), nullptr, nullptr, nullptr, nullptr, flags, &err), &err,
       "backup");
  const Seen seen{layer.shared_bytes(), layer.copied_bytes()};
  const auto before = ContentsOf(backup);
  PutAll(db, 2);
  Want(SHALE_OK, shale_reclaim(db, nullptr, nullptr, 0, &err), &err, "reclaim");
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
  if (ContentsOf(backup) != before) Fatal("writing to the store changed its backup");
  Verify(backup);
  CheckRows(backup);
  Want(SHALE_OK, shale_restore(backup.c_str(), restored.c_str(), nullptr, nullptr, nullptr, 0, &err), &err,
       "restore");
  Verify(restored);
  CheckRows(restored);
  // What is restored shares nothing with its backup, and a copy nothing with the store.
  assert_true(layer.shared_bytes() == seen.shared && layer.copied_bytes() == seen.copied);
  layer.SetCopyPlan(CopyPlan());
  return seen;
}

TEST(blocks_are_shared_where_the_file_system_can) {
  const Seen seen = BackUp({.shares = true}, 0);
  assert_true(seen.shared > 0 && seen.copied == 0);
}

TEST(else_the_kernel_copies) {
  const Seen seen = BackUp(CopyPlan(), 0);
  assert_true(seen.shared == 0 && seen.copied > 100'000);
}

// A call that copies less than it was asked for goes on where it ended.
TEST(a_copy_in_small_steps_is_whole) {
  const Seen seen = BackUp({.copies_most = 1000}, 0);
  assert_true(seen.shared == 0 && seen.copied > 100'000);
}

TEST(else_bytes_are_read_and_written) {
  const Seen seen = BackUp({.copies_most = 0}, 0);
  assert_true(seen.shared == 0 && seen.copied == 0);
}

TEST(a_copy_that_was_asked_for_shares_nothing) {
  const Seen seen = BackUp({.shares = true}, SHALE_COPY_FILES);
  assert_true(seen.shared == 0 && seen.copied == 0);
}

// The kernel gives up in the middle of a file: the rest is written.
TEST(a_copy_that_fails_in_the_middle_is_ended_by_writes) {
  for (const uint64_t calls : {1, 2, 50}) {
    const Seen seen = BackUp({.copies_most = 1000, .copies_end = calls}, 0);
    assert_int_equal(seen.shared, 0);
    assert_in_range(seen.copied, 1, calls * 1000);
  }
}

}   // namespace
}   // namespace shale_test

RUN()
