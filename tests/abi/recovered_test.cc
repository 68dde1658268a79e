// A store whose process was killed, opened for reading only and recovered in memory: by several handles and
// processes at once, each of which sees what the model says, while not a byte on disk changes. The log that
// was never applied holds puts, deletes, batches, deadlines and deleted ranges; so does the index.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "abi/store_files.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

extern char** environ;

namespace shale_test {
namespace {

using Rows = std::map<std::string, std::string>;

constexpr uint64_t kGroups = 4, kKeysOfGroup = 250, kSteps = 5000;
constexpr int64_t kHourMs = 3'600'000;

std::string KeyOf(uint64_t group, uint64_t i) {
  const std::string number = std::to_string(i);
  return std::string(1, static_cast<char>('a' + group)) + "/" + std::string(3 - number.size(), '0') + number;
}

// The same random changes to a store (null: none) and to a model; both sides of a kill draw them from the
// seed.
class Changes {
 public:
  Changes(uint64_t seed, shale_db* db) : dice_(seed), db_(db) {}

  const Rows& Run() {
    for (step_ = 0; step_ < kSteps; step_++) {
      const std::string key = KeyOf(dice_.Below(kGroups), dice_.Below(kKeysOfGroup));
      const uint64_t what = dice_.Below(100);
      if (what < 1)
        DropRange();
      else if (what < 15)
        Delete(key);
      else if (what < 25)
        Expire(key);
      else if (what < 35)
        Batch();
      else
        Put(what < 40 ? "e" + key : key, what < 40);   // nobody else touches those: they may be dead or not
      // From here on the log is all there is, but for what the store has drained by itself.
      if (step_ == kSteps / 3 && db_ != nullptr) Want(SHALE_OK, shale_flush(db_, &err_), &err_, "flush");
    }
    return rows_;
  }

 private:
  std::string NewValue() {
    std::string value = "step " + std::to_string(step_) + " ";
    return value.append(dice_.OneIn(3) ? dice_.Below(3000) : dice_.Below(60),
                        static_cast<char>('a' + step_ % 26));
  }
  void Put(const std::string& key, bool ends_at_once) {
    const std::string value = NewValue();
    const int64_t ttl_ms = ends_at_once ? 1 : dice_.OneIn(4) ? kHourMs : SHALE_TTL_NEVER;
    if (db_ != nullptr)
      Want(SHALE_OK,
           shale_put(db_, key.data(), key.size(), value.data(), value.size(), ttl_ms, nullptr, 0, &err_),
           &err_, "put");
    if (ends_at_once)
      rows_.erase(key);
    else
      rows_[key] = value;
  }
  void Delete(const std::string& key) {
    if (db_ != nullptr && shale_delete(db_, key.data(), key.size(), 0, &err_) < 0) Fatal("delete fails");
    rows_.erase(key);
  }
  void Expire(const std::string& key) {
    if (db_ != nullptr && shale_expire(db_, key.data(), key.size(), kHourMs, 0, &err_) < 0)
      Fatal("expire fails");
  }
  void Batch() {
    shale_batch* batch = nullptr;
    Want(SHALE_OK, shale_batch_new(&batch), nullptr, "batch_new");
    const uint64_t first = dice_.Below(kKeysOfGroup);
    for (uint64_t group = 0; group < kGroups; group++) {
      const std::string key = KeyOf(group, first), value = NewValue();
      if (dice_.OneIn(4)) {
        Want(SHALE_OK, shale_batch_delete(batch, key.data(), key.size(), &err_), &err_, "batch_delete");
        rows_.erase(key);
      } else {
        Want(SHALE_OK,
             shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER,
                             &err_),
             &err_, "batch_put");
        rows_[key] = value;
      }
    }
    if (db_ != nullptr) Want(SHALE_OK, shale_write(db_, batch, 0, &err_), &err_, "write");
    shale_batch_free(batch);
  }
  void DropRange() {
    const uint64_t group = dice_.Below(kGroups), first = dice_.Below(kKeysOfGroup);
    const bool prefix = dice_.OneIn(3);   // ten keys
    const std::string from = prefix ? KeyOf(group, first).substr(0, 4) : KeyOf(group, first);
    const std::string to =
        prefix ? from + "\xFF" : KeyOf(group, std::min(kKeysOfGroup - 1, first + dice_.Below(60)));
    if (db_ != nullptr)
      Want(SHALE_OK,
           shale_delete_range(db_, from.data(), from.size(), prefix ? nullptr : to.data(),
                              prefix ? 0 : to.size(), prefix ? SHALE_PREFIX : 0, &err_),
           &err_, "delete_range");
    rows_.erase(rows_.lower_bound(from), rows_.lower_bound(std::max(from, to)));
  }

  Dice dice_;
  shale_db* const db_;
  shale_error* err_ = nullptr;
  uint64_t step_ = 0;
  Rows rows_;
};

shale_db* Open(const std::string& path, bool to_read) {
  Options options;
  options.Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
  options.Set("memory.budget", OptionMinimum("memory.budget").c_str());
  if (to_read) {
    options.Set("open.read_only", "true");
    options.Set("open.recover_in_memory", "true");
  }
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), options.get(), &db, &err), &err, "open");
  return db;
}

[[noreturn]] void WriteAndDie(const char* path, uint64_t seed) {
  Changes(seed, Open(path, false)).Run();
  usleep(20'000);   // what had a millisecond to live is dead
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

pid_t Start(const char* how, const std::string& path, uint64_t seed) {
  std::string words[] = {"recovered_test", how, path, std::to_string(seed)};
  char* args[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, args, environ) != 0)
    Fatal("cannot start a child");
  return pid;
}

int EndOf(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) Fatal("waitpid");
  return status;
}

void CheckScan(shale_iter* iter, bool reverse, const Rows& rows) {
  auto up = rows.begin();
  auto down = rows.rbegin();
  const void* key = nullptr;
  const void* value = nullptr;
  size_t key_len = 0, value_len = 0, seen = 0;
  shale_status status = SHALE_OK;
  while ((status = shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr)) == SHALE_OK) {
    if (seen++ == rows.size()) Fatal("a scan shows too many rows");
    const auto& row = reverse ? *down++ : *up++;
    if (row.first != std::string_view(static_cast<const char*>(key), key_len) ||
        row.second != std::string_view(static_cast<const char*>(value), value_len))
      Fatal("a scan differs at %s", row.first.c_str());
  }
  if (status != SHALE_END || seen != rows.size()) Fatal("a scan ends at %zu of %zu rows", seen, rows.size());
  shale_iter_free(iter);
}

void CheckCount(shale_db* db, const std::string& from, const std::string& to, bool prefix, const Rows& rows) {
  const auto end = prefix ? rows.lower_bound(from + "\xFF") : to.empty() ? rows.end() : rows.lower_bound(to);
  int64_t wanted = 0, wanted_bytes = 0, keys = -1, bytes = -1;
  for (auto row = rows.lower_bound(from); row != end; ++row, wanted++)
    wanted_bytes += static_cast<int64_t>(row->first.size() + row->second.size());
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_count(db, from.data(), from.size(), to.data(), to.size(), nullptr, nullptr, &keys, &bytes,
                   prefix ? SHALE_PREFIX : 0, &err),
       &err, "count");
  if (keys != wanted || bytes != wanted_bytes)
    Fatal("%s..%s: %lld keys of %lld bytes instead of %lld of %lld", from.c_str(), to.c_str(),
          static_cast<long long>(keys), static_cast<long long>(bytes), static_cast<long long>(wanted),
          static_cast<long long>(wanted_bytes));
}

void CheckGets(shale_db* db, const Rows& rows) {
  for (uint64_t group = 0; group < kGroups; group++) {
    for (uint64_t i = 0; i < kKeysOfGroup; i++) {
      const std::string key = KeyOf(group, i);
      const auto row = rows.find(key);
      void* value = nullptr;
      size_t size = 0;
      shale_error* err = nullptr;
      Want(row == rows.end() ? SHALE_NOT_FOUND : SHALE_OK,
           shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err), &err, key.c_str());
      if (row != rows.end() && row->second != std::string_view(static_cast<char*>(value), size))
        Fatal("%s has another value", key.c_str());
      shale_mem_free(value);
    }
  }
}

void CheckAll(shale_db* db, const Rows& rows) {
  CheckGets(db, rows);
  shale_error* err = nullptr;
  shale_iter* iter = nullptr;
  for (const bool reverse : {false, true}) {
    Want(SHALE_OK, shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, reverse ? SHALE_REVERSE : 0, &err),
         &err, "iterator");
    CheckScan(iter, reverse, rows);
  }
  shale_snapshot* snapshot = nullptr;
  Want(SHALE_OK, shale_snapshot_new(db, &snapshot, 0, &err), &err, "snapshot");
  Want(SHALE_OK, shale_snapshot_iter(snapshot, nullptr, 0, nullptr, 0, 0, &iter, 0, &err), &err,
       "iterator of a snapshot");
  CheckScan(iter, false, rows);
  shale_snapshot_free(snapshot);
  CheckCount(db, "", "", false, rows);
  CheckCount(db, "b/050", "c/199", false, rows);
  for (const char* prefix : {"a/", "b/1", "c/12", "d/2", "e"}) CheckCount(db, prefix, "", true, rows);
}

void CloseAndFree(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

TEST(what_is_recovered_in_memory_is_what_the_model_says_and_the_files_stay_as_they_are) {
  const uint64_t seed = TestSeed();
  SetFatalSeed(seed);
  for (uint64_t round = 0; round < (kSanitized ? 1 : 3); round++) {
    TempDir dir("recovered");
    const std::string& path = dir.path();
    if (!WIFSIGNALED(EndOf(Start("--write", path, seed + round)))) Fatal("the writer did not get to its end");
    const Rows rows = Changes(seed + round, nullptr).Run();
    const uint64_t before = HashStore(path);
    const pid_t readers[] = {Start("--read", path, seed + round), Start("--read", path, seed + round)};
    std::vector<shale_db*> handles = {Open(path, true), Open(path, true)};
    int64_t replayed = 0, problems = -1;
    Want(SHALE_OK, shale_stat(handles[0], "store.recovered_records", &replayed, nullptr), nullptr, "stat");
    assert_true(replayed > 0);
    std::vector<std::thread> threads;
    for (shale_db* db : handles) threads.emplace_back([db, &rows] { CheckAll(db, rows); });
    for (std::thread& thread : threads) thread.join();
    char* report = nullptr;
    shale_error* err = nullptr;
    Options options;   // with the key, if there is one
    Want(SHALE_OK,
         shale_verify_with(path.c_str(), options.get(), nullptr, nullptr, &problems, &report, 0, &err), &err,
         "verify beside readers");
    if (problems != 0) Fatal("verify: %s", report);
    shale_mem_free(report);
    for (const pid_t reader : readers) assert_int_equal(EndOf(reader), 0);
    for (shale_db* db : handles) CloseAndFree(db);
    assert_true(HashStore(path) == before);
    std::printf("  %zu rows, %lld records of the log in memory, by two handles and two processes\n",
                rows.size(), static_cast<long long>(replayed));
    // And recovered for good it is the same.
    shale_db* db = Open(path, false);
    CheckAll(db, rows);
    CloseAndFree(db);
  }
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  const uint64_t seed = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (argc == 4 && std::strcmp(argv[1], "--write") == 0) WriteAndDie(argv[2], seed);
  if (argc == 4) {
    shale_db* const db = Open(argv[2], true);
    CheckAll(db, Changes(seed, nullptr).Run());
    CloseAndFree(db);
    return 0;
  }
  const int failed = RunTests("recovered_test");
  if (shale_live_handles() != 0) Fatal("handles are left");
  return failed;
}
