// Atomic batches in damaged stores: what salvage brings back of each is all of it or nothing, but for batches
// of which a part had reached an index, and values of which nothing is left; both are told. SALVAGES=n sets
// how many stores are damaged.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "abi/store_files.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

uint64_t seed = 0;

namespace fs = std::filesystem;

constexpr uint64_t kBatches = 300;

uint64_t SizeOfBatch(uint64_t batch) {
  return 2 + batch * 7 % 23;
}

std::string KeyOf(uint64_t batch, uint64_t i) {
  return "batch/" + std::to_string(batch) + "/" + std::to_string(i);
}

std::string ValueOf(uint64_t batch, uint64_t i) {
  return std::string(50 + (batch * 31 + i * 977) % 1200, static_cast<char>('a' + (batch + i) % 26));
}

// Ends by SIGKILL. `drained`: a part of the batches is in the indexes by then.
[[noreturn]] void WriteAndDie(const char* path, bool drained) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path, nullptr, &db, &err), &err, "open");
  shale_batch* batch = nullptr;
  Want(SHALE_OK, shale_batch_new(&batch), nullptr, "batch");
  for (uint64_t b = 0; b < kBatches; b++) {
    for (uint64_t i = 0; i < SizeOfBatch(b); i++) {
      const std::string key = KeyOf(b, i), value = ValueOf(b, i);
      Want(SHALE_OK,
           shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, &err),
           &err, "batch_put");
    }
    Want(SHALE_OK, shale_write(db, batch, 0, &err), &err, "write");
    shale_batch_clear(batch);
    if (drained && b == kBatches / 2) Want(SHALE_OK, shale_flush(db, &err), &err, "flush");
  }
  raise(SIGKILL);
  _exit(1);
}

void MakeStore(const std::string& path, bool drained) {
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "salvage_batch_test", drained ? "--drained" : "--undrained", path.c_str(),
          nullptr);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) Fatal("the writer has not come to its end");
}

int64_t NumberIn(const std::string& report, const char* name) {
  const size_t at = report.find("\"" + std::string(name) + "\":");
  if (at == std::string::npos) Fatal("the report has no %s", name);
  return std::stoll(report.substr(at + std::strlen(name) + 3));
}

struct Salvaged {
  std::set<std::string> keys;
  int64_t dropped = 0, in_part = 0, values_lost = 0;
};

Salvaged Salvage(const std::string& damaged) {
  const TempDir rescued("salvage-batch-rescued");
  Salvaged out;
  shale_error* err = nullptr;
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  char* report = nullptr;
  Want(SHALE_OK,
       shale_salvage(damaged.c_str(), rescued.path().c_str(), nullptr, nullptr, &recovered, &suspicious,
                     &dropped, &report, 0, &err),
       &err, "salvage");
  out.dropped = NumberIn(report, "batches_dropped");
  out.values_lost = dropped;
  out.in_part = NumberIn(report, "batches_in_part");
  shale_mem_free(report);
  shale_db* db = nullptr;
  Want(SHALE_OK, shale_open(rescued.path().c_str(), nullptr, &db, &err), &err, "open");
  for (uint64_t b = 0; b < kBatches; b++) {
    for (uint64_t i = 0; i < SizeOfBatch(b); i++) {
      const std::string key = KeyOf(b, i);
      void* value = nullptr;
      size_t size = 0;
      const shale_status s = shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err);
      if (s != SHALE_NOT_FOUND) Want(SHALE_OK, s, &err, "get");
      if (s == SHALE_OK && std::string_view(static_cast<char*>(value), size) != ValueOf(b, i))
        Fatal("%s has a wrong value", key.c_str());
      if (s == SHALE_OK) out.keys.insert(key);
      shale_mem_free(value);
    }
  }
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
  if (static_cast<int64_t>(out.keys.size()) != recovered) Fatal("another number of keys than was said");
  return out;
}

struct Tally {
  int64_t whole = 0, gone = 0, in_part = 0;
};

Tally Count(const Salvaged& salvaged) {
  Tally tally;
  for (uint64_t b = 0; b < kBatches; b++) {
    uint64_t here = 0;
    for (uint64_t i = 0; i < SizeOfBatch(b); i++) here += salvaged.keys.contains(KeyOf(b, i));
    tally.whole += here == SizeOfBatch(b);
    tally.gone += here == 0;
    tally.in_part += here != 0 && here != SizeOfBatch(b);
  }
  return tally;
}

// Flips a byte of a log, or zeros 512, or cuts it, where there is data.
std::string Harm(const std::string& store) {
  static Dice dice(seed);
  const std::vector<std::string> logs = FindFiles(store, "", ".seg");
  const std::string file = logs[dice.Below(logs.size())];
  const uint64_t at = dice.Below(DataEnd(file));
  const uint64_t way = dice.Below(3);
  if (way == 0) {
    FlipByte(file, at, static_cast<unsigned char>(1u << dice.Below(8)));
  } else if (way == 1) {
    std::string bytes = ReadAll(file);
    for (uint64_t i = at; i < at + 512 && i < bytes.size(); i++) bytes[i] = '\0';
    WriteAll(file, bytes);
  } else {
    fs::resize_file(file, at);
  }
  return file.substr(store.size()) + " at " + std::to_string(at) + " way " + std::to_string(way);
}

void CheckMany(bool drained) {
  const TempDir home("salvage-batch");
  MakeStore(home.path(), drained);
  const Tally all = Count(Salvage(home.path()));
  if (all.whole != static_cast<int64_t>(kBatches))
    Fatal("%lld batches of an unharmed store", static_cast<long long>(all.whole));
  int64_t gone = 0;
  for (uint64_t i = 0; i < EnvNumber("SALVAGES", kSanitized ? 3 : 6); i++) {
    const TempDir work("salvage-batch-work");
    CopyStore(home.path(), work.path());
    const std::string harm = Harm(work.path());
    const Salvaged salvaged = Salvage(work.path());
    const Tally tally = Count(salvaged);
    gone += tally.gone;
    // A batch that is in the indexes as a whole can still lose values, which lie in the logs.
    const int64_t in_part_most = drained ? salvaged.in_part + salvaged.values_lost : 0;
    if (tally.in_part > in_part_most || tally.gone > salvaged.dropped)
      Fatal("%s: %lld batches in part and %lld gone, %lld and %lld were told", harm.c_str(),
            static_cast<long long>(tally.in_part), static_cast<long long>(tally.gone),
            static_cast<long long>(salvaged.in_part), static_cast<long long>(salvaged.dropped));
  }
  std::printf("  %lld batches were left out\n", static_cast<long long>(gone));
}

TEST(batches_in_logs_come_back_whole_or_not_at_all) {
  CheckMany(false);
}

TEST(what_is_lost_of_batches_in_an_index_is_told) {
  CheckMany(true);
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  if (argc == 3) WriteAndDie(argv[2], std::strcmp(argv[1], "--drained") == 0);
  seed = TestSeed();
  SetFatalSeed(seed);
  const int failed = RunTests("salvage_batch_test");
  if (shale_live_handles() != 0) Fatal("handles are left");
  return failed;
}
