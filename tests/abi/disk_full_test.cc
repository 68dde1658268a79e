// A disk that is full: what is refused and how, that reads go on, that nothing acknowledged is lost, and that
// it goes on when there is space again. Once on a real file system of 64 MiB (as root: it is mounted in a
// namespace of this process's own), and everywhere with file operations that fail as if there were no space.
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "store/files.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr size_t kValueBytes = 4000;

std::string KeyAt(int i) {
  char key[16];
  std::snprintf(key, sizeof key, "k%06d", i);
  return key;
}

std::string ValueAt(int i, int round) {
  std::string value = KeyAt(i) + ":" + std::to_string(round) + ":";
  return value + std::string(kValueBytes - value.size(), static_cast<char>('a' + (i + round) % 26));
}

// What was acknowledged: the round of each key. A write that failed may have happened or not.
class Disk {
 public:
  void Open(const std::string& path) {
    Options options;
    options.Set("memory.budget", OptionMinimum("memory.budget").c_str());
    options.Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(path.c_str(), options.get(), &db, &err), &err, "open");
  }
  void Close() {
    shale_free(db);   // closes; what a full disk has to say about that does not matter here
    db = nullptr;
  }
  shale_status Put(int i, int round) {
    const std::string key = KeyAt(i), value = ValueAt(i, round);
    const shale_status s = shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER,
                                     nullptr, 0, nullptr);
    Note(i, round, s, "put");
    return s;
  }
  shale_status Delete(int i) {
    const std::string key = KeyAt(i);
    const shale_status s = shale_delete(db, key.data(), key.size(), 0, nullptr);
    Note(i, -1, s, "delete");
    return s;
  }
  void CheckAll() {
    for (const auto& [i, rounds] : known) {
      const std::string key = KeyAt(i);
      void* value = nullptr;
      size_t size = 0;
      shale_error* err = nullptr;
      const shale_status s = shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err);
      if (s != SHALE_NOT_FOUND) Want(SHALE_OK, s, &err, "a read");
      const std::string seen = s == SHALE_OK ? std::string(static_cast<char*>(value), size) : "";
      shale_mem_free(value);
      const auto fits = [&](int round) { return round < 0 ? seen.empty() : seen == ValueAt(i, round); };
      if (!fits(rounds.first) && !fits(rounds.second))
        Fatal("%s: not what was acknowledged, but %s", key.c_str(), Show(seen).c_str());
    }
  }
  int ReadOnlyShards() {
    int count = 0;
    for (int32_t shard = 0; shard < SHALE_DISK_SHARDS; shard++) {
      int32_t state = 0;
      Want(SHALE_OK, shale_shard_state(db, shard, &state, nullptr), nullptr, "state");
      count += state == SHALE_SHARD_READ_ONLY;
    }
    return count;
  }

  shale_db* db = nullptr;
  std::map<int, std::pair<int, int>> known;   // acknowledged, and tried since; -1: deleted

 private:
  void Note(int i, int round, shale_status s, const char* what) {
    if (s != SHALE_OK && s != SHALE_E_NO_SPACE && s != SHALE_E_READ_ONLY)
      Fatal("a %s on a full disk: %s", what, shale_status_name(s));
    const auto found = known.find(i);
    const int before = found != known.end() ? found->second.first : -1;
    known[i] = s == SHALE_OK ? std::pair(round, round) : std::pair(before, round);
  }
};

void WantGood(const std::string& path) {
  int64_t problems = 0;
  char* report = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_verify(path.c_str(), nullptr, nullptr, &problems, &report, 0, &err), &err, "verify");
  if (problems != 0) Fatal("verify: %s", report);
  shale_mem_free(report);
}

// False where it is not allowed.
bool MountSmall(const std::string& path) {
  if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) return false;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return mkdir(path.c_str(), 0700) == 0 && mount("shale", path.c_str(), "tmpfs", 0, "size=64m") == 0;
}

TEST(a_small_disk_fills_up_and_goes_on_when_there_is_space) {
  TempDir dir("small-disk");
  if (!MountSmall(dir.path())) {
    std::printf("  not allowed to mount a file system: left out\n");
    skip();
  }
  const std::string ballast = dir.path() + "/ballast", path = dir.path() + "/store";
  std::ofstream(ballast) << std::string(size_t{16} << 20, 'b');
  Disk disk;
  disk.Open(path);
  int next = 0;
  while (disk.Put(next, 0) == SHALE_OK) next++;
  assert_int_equal(disk.ReadOnlyShards(), 0);
  std::printf("  %d values of %zu bytes before the disk was full\n", next, kValueBytes);
  assert_true(next > 2000);
  // Other shards have some room left in what they have allocated.
  for (int in_a_row = 0; in_a_row < 300; next++) in_a_row = disk.Put(next, 0) == SHALE_OK ? 0 : in_a_row + 1;
  disk.CheckAll();
  // Deletes have space that is kept for them, and give back what then can be collected.
  for (int i = 0; i < next; i += 2) assert_int_equal(disk.Delete(i), SHALE_OK);
  disk.CheckAll();
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_reclaim(disk.db, nullptr, nullptr, 0, &err), &err, "reclaim on a full disk");
  disk.CheckAll();
  assert_int_equal(disk.ReadOnlyShards(), 0);
  int written = 0;
  for (int i = 0; i < 500; i++) written += disk.Put(i, 1) == SHALE_OK;
  std::printf("  %d of 500 writes went on after deletes and a reclaim\n", written);
  assert_true(written > 250);
  // Full again; then another gives space back.
  for (int i = 0; i < 20000; i++) disk.Put(1000000 + i % 4000, i / 4000);
  disk.CheckAll();
  unlink(ballast.c_str());
  written = 0;
  for (int i = 0; i < 200; i++) written += disk.Put(2000000 + i, 0) == SHALE_OK;
  std::printf("  %d of 200 writes went on after the ballast went, %d shards refuse\n", written,
              disk.ReadOnlyShards());
  assert_true(written > 100);
  disk.CheckAll();
  Want(SHALE_OK, shale_delete_range(disk.db, "k1", 2, nullptr, 0, SHALE_PREFIX, &err), &err, "delete_range");
  for (auto& [i, rounds] : disk.known) {
    if (KeyAt(i).starts_with("k1")) rounds = {-1, -1};
  }
  disk.CheckAll();
  disk.Close();
  WantGood(path);
  disk.Open(path);
  disk.CheckAll();
  Want(SHALE_OK, shale_reclaim(disk.db, nullptr, nullptr, 0, &err), &err, "reclaim");
  for (int i = 0; i < 200; i++) assert_int_equal(disk.Put(i, 7), SHALE_OK);
  disk.Close();
  WantGood(path);
}

// Nothing can be allocated, created or written to an index, until there is space again.
class NoSpace : public shale::FileFaultHook {
 public:
  NoSpace() { shale::SetFileFaultHookForTest(this); }
  ~NoSpace() override { shale::SetFileFaultHookForTest(nullptr); }
  int Before(shale::FileOp op, const char* name) override {
    if (!full.load()) return 0;
    const bool log = std::string_view(name).ends_with(".seg");
    if (op == shale::FileOp::kAllocate || op == shale::FileOp::kCreate) return ENOSPC;
    return op == shale::FileOp::kWrite && !log ? ENOSPC : 0;
  }
  std::atomic<bool> full{false};
};

TEST(no_space_is_an_error_and_loses_nothing) {
  TempDir dir("no-space");
  NoSpace hook;
  Disk disk;
  disk.Open(dir.path());
  for (int i = 0; i < 2000; i++) assert_int_equal(disk.Put(i, 0), SHALE_OK);
  hook.full.store(true);
  int refused = 0;
  for (int i = 0; i < 8000; i++) refused += disk.Put(i % 2500, 1 + i / 2500) != SHALE_OK;
  assert_true(refused > 1000);
  disk.CheckAll();
  assert_true(shale_reclaim(disk.db, nullptr, nullptr, 0, nullptr) != SHALE_E_INTERNAL);
  disk.CheckAll();
  hook.full.store(false);
  int32_t state = 0;
  int open_shards = 0, written = 0;
  for (int32_t shard = 0; shard < SHALE_DISK_SHARDS; shard++) {
    Want(SHALE_OK, shale_shard_state(disk.db, shard, &state, nullptr), nullptr, "state");
    open_shards += state == SHALE_SHARD_OPEN;
  }
  for (int i = 0; i < 1000; i++) written += disk.Put(i, 8) == SHALE_OK;
  std::printf("  %d refused; %d shards go on without being opened again: %d of 1000 writes\n", refused,
              open_shards, written);
  assert_true((written > 0) == (open_shards > 0));
  disk.CheckAll();
  disk.Close();
  disk.Open(dir.path());
  assert_int_equal(disk.ReadOnlyShards(), 0);
  disk.CheckAll();
  for (int i = 0; i < 1000; i++) assert_int_equal(disk.Put(i, 9), SHALE_OK);
  disk.CheckAll();
  disk.Close();
  WantGood(dir.path());
}

// With only the log full, every shard goes on by itself.
TEST(a_log_that_found_no_space_goes_on) {
  TempDir dir("log-full");
  Disk disk;
  disk.Open(dir.path());
  struct LogOnly : shale::FileFaultHook {
    LogOnly() { shale::SetFileFaultHookForTest(this); }
    ~LogOnly() override { shale::SetFileFaultHookForTest(nullptr); }
    int Before(shale::FileOp op, const char*) override {
      return full.load() && op == shale::FileOp::kAllocate ? ENOSPC : 0;
    }
    std::atomic<bool> full{false};
  } hook;
  for (int i = 0; i < 500; i++) assert_int_equal(disk.Put(i, 0), SHALE_OK);
  hook.full.store(true);
  int refused = 0;
  for (int i = 0; i < 9000; i++) {
    const shale_status s = disk.Put(i % 3000, 1);
    if (s != SHALE_OK) assert_int_equal(s, SHALE_E_NO_SPACE);
    refused += s != SHALE_OK;
  }
  assert_true(refused > 1000);
  disk.CheckAll();
  hook.full.store(false);
  for (int i = 0; i < 3000; i++) assert_int_equal(disk.Put(i, 2), SHALE_OK);
  assert_int_equal(disk.ReadOnlyShards(), 0);
  disk.CheckAll();
  disk.Close();
  WantGood(dir.path());
}

}   // namespace
}   // namespace shale_test

RUN()
