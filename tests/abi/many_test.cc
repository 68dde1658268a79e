// Many keys in one call: groups of one shard go to its log with one write, and are still one change a key.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

uint64_t seed = 0;

struct Slices {
  std::vector<shale_slice> keys, values;
  void Add(std::string_view key, std::string_view value) {
    keys.push_back({key.data(), key.size()});
    values.push_back({value.data(), value.size()});
  }
};

shale_db* OpenAt(const std::string& path) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Options options;
  options.Set("memory.budget", "32MiB");
  options.Set("log.segment_bytes", "1MiB");
  Want(SHALE_OK, shale_open(path.empty() ? nullptr : path.c_str(), options.get(), &db, &err), &err, "open");
  return db;
}

void Close(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

void PutAll(shale_db* db, const Slices& rows, uint32_t flags = 0) {
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_multi_put(db, rows.keys.data(), rows.values.data(), rows.keys.size(), SHALE_TTL_NEVER, flags,
                       &err),
       &err, "multi_put");
}

// The value, and its version; empty if there is none.
std::string Get(shale_db* db, const std::string& key, int64_t* version) {
  void* value = nullptr;
  size_t size = 0;
  shale_error* err = nullptr;
  const shale_status s = shale_get(db, key.data(), key.size(), &value, &size, version, 0, &err);
  if (s != SHALE_NOT_FOUND) Want(SHALE_OK, s, &err, "get");
  std::string text(static_cast<const char*>(value), size);
  shale_mem_free(value);
  return text;
}

void CheckAll(shale_db* db, const std::map<std::string, std::string>& wanted, const char* when) {
  for (const auto& [key, value] : wanted) {
    int64_t version = 0;
    if (Get(db, key, &version) != value) Fatal("%s: %s has another value", when, key.c_str());
  }
  int64_t keys = 0, bytes = 0;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_count(db, nullptr, 0, nullptr, 0, nullptr, nullptr, &keys, &bytes, 0, &err), &err,
       "count");
  if (static_cast<size_t>(keys) != wanted.size()) Fatal("%s: %lld keys", when, static_cast<long long>(keys));
}

// More rows than are taken up at a time, keys that come again in one call, values from nothing to more than
// is written at a time.
TEST(the_last_of_a_key_counts_in_groups_of_any_size) {
  Dice dice(seed);
  for (const bool on_disk : {true, false}) {
    const TempDir home("many");
    shale_db* db = OpenAt(on_disk ? home.path() : "");
    std::map<std::string, std::string> wanted;
    std::map<std::string, int64_t> versions;
    for (const uint64_t count : {0, 1, 50, 9000, 9000}) {
      std::vector<std::pair<std::string, std::string>> rows(count);
      Slices slices;
      for (auto& [key, value] : rows) {
        key = "k" + std::to_string(dice.Below(3000));
        const uint64_t size = dice.OneIn(500) ? dice.Below(300'000) : dice.Below(1500);
        value.assign(size, static_cast<char>('a' + dice.Below(26)));
        slices.Add(key, value);
        wanted[key] = value;
      }
      PutAll(db, slices, dice.OneIn(2) ? SHALE_WRITE_AROUND : 0);
      for (const auto& [key, value] : rows) {
        int64_t version = 0;
        if (Get(db, key, &version) != wanted[key]) Fatal("%s has another value", key.c_str());
        if (version < versions[key]) Fatal("%s has an older version", key.c_str());
        versions[key] = version;
      }
    }
    std::vector<std::string> gone;
    for (const auto& [key, value] : wanted) {
      if (dice.OneIn(2)) gone.push_back(key);
    }
    Slices slices;
    for (const std::string& key : gone) slices.Add(key, "");
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_multi_delete(db, slices.keys.data(), slices.keys.size(), 0, &err), &err, "delete");
    for (const std::string& key : gone) wanted.erase(key);
    CheckAll(db, wanted, "after the call");
    Close(db);
    if (!on_disk) continue;
    db = OpenAt(home.path());
    CheckAll(db, wanted, "after reopening");
    Close(db);
  }
}

// A reader sees generations of a key grow, and each value whole, while groups replace them.
TEST(readers_beside_groups_never_go_back) {
  const TempDir home("many-readers");
  shale_db* const db = OpenAt(home.path());
  constexpr int kKeys = 500;
  std::vector<std::string> keys;
  for (int i = 0; i < kKeys; i++) keys.push_back("shared/" + std::to_string(i));
  std::atomic<bool> done{false};
  const auto write = [&](int generations) {
    for (int g = 1; g <= generations; g++) {
      const std::string value(static_cast<size_t>(100 + g), static_cast<char>(g));
      Slices slices;
      for (const std::string& key : keys) slices.Add(key, value);
      PutAll(db, slices);
    }
    done = true;
  };
  const auto read = [&](uint64_t own_seed) {
    Dice dice(own_seed);
    std::vector<size_t> seen(kKeys);
    while (!done) {
      const size_t i = dice.Below(kKeys);
      int64_t version = 0;
      const std::string value = Get(db, keys[i], &version);
      if (value.empty() && seen[i] == 0) continue;
      if (value.size() < seen[i]) Fatal("%s went back", keys[i].c_str());
      if (value != std::string(value.size(), static_cast<char>(value.size() - 100))) Fatal("a torn value");
      seen[i] = value.size();
    }
  };
  std::vector<std::thread> readers;
  for (uint64_t i = 0; i < 4; i++) readers.emplace_back(read, seed + i);
  write(kSanitized ? 30 : 100);
  for (std::thread& reader : readers) reader.join();
  Close(db);
}

// What a call returned for is there after kill -9; of the call that was under way any row may be, whole.
TEST(rows_of_calls_that_returned_outlive_the_process) {
  constexpr uint64_t kRows = 700;
  auto* const returned = static_cast<std::atomic<uint64_t>*>(mmap(
      nullptr, sizeof(std::atomic<uint64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const auto value_of = [](uint64_t call, uint64_t row) {
    return std::string(300 + row, static_cast<char>('a' + (call + row) % 26));
  };
  Dice dice(seed);
  for (int cycle = 0; cycle < 8; cycle++) {
    const TempDir home("many-killed");
    Close(OpenAt(home.path()));
    returned->store(0);
    const pid_t child = fork();
    if (child == 0) {
      shale_db* const db = OpenAt(home.path());
      for (uint64_t call = 0;; call++) {
        std::vector<std::string> keys, values;
        for (uint64_t row = 0; row < kRows; row++) {
          keys.push_back("call/" + std::to_string(call) + "/" + std::to_string(row));
          values.push_back(value_of(call, row));
        }
        Slices slices;
        for (uint64_t row = 0; row < kRows; row++) slices.Add(keys[row], values[row]);
        PutAll(db, slices);
        returned->store(call + 1);
      }
    }
    while (returned->load() == 0) usleep(1000);
    usleep(static_cast<useconds_t>(dice.Below(50'000)));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    shale_db* const db = OpenAt(home.path());
    for (uint64_t call = 0; call <= returned->load(); call++) {
      for (uint64_t row = 0; row < kRows; row++) {
        int64_t version = 0;
        const std::string key = "call/" + std::to_string(call) + "/" + std::to_string(row);
        const std::string value = Get(db, key, &version);
        if (value.empty() && call == returned->load()) continue;
        if (value != value_of(call, row)) Fatal("%s is lost or torn", key.c_str());
      }
    }
    Close(db);
  }
  munmap(returned, sizeof(std::atomic<uint64_t>));
}

}   // namespace
}   // namespace shale_test

int main() {
  using namespace shale_test;
  seed = TestSeed();
  SetFatalSeed(seed);
  const int failed = RunTests("many_test");
  if (shale_live_handles() != 0) Fatal("handles are left");
  return failed;
}
