// The N-th operation on a file fails, of what is done to a store as a whole: verify, salvage, rewrite, a look
// at it read-only, estimates, deleted ranges, compaction, backups and restores of both forms, destroy.
//  (1) a call ends as its documentation says, leaves no file open and no handle, and none crashes or hangs
//  (2) what only reads has changed nothing; where a new store was to be made and the call failed there is
//  none (3) what a call made and called good opens, and holds what the store held; so does the store itself,
//  then
//
//   TOOLS_SWEEP=1 SEED=7   each N; else one in so many, another share with each seed
//   TOOL=verify KIND=EIO AT=17 SEED=7   that one alone
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "fault/file_layer.h"
#include "fault/life.h"
#include "fault/specimen.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kHangSeconds = 300;   // of a call that takes a hundredth of one
constexpr FaultKind kKinds[] = {FaultKind::kIo, FaultKind::kIoAfterwards, FaultKind::kNoSpace,
                                FaultKind::kNoFiles, FaultKind::kInterrupted};

char running[256];   // told when the program is ended by a signal

void TellAndDie(int signal) {
  const char* const how = signal == SIGALRM ? "hangs: " : "crashed: ";
  const char* const met = FileLayer::The().first_met();
  for (const char* text : {how, static_cast<const char*>(running), ", first met by ", met, "\n"})
    (void)!write(STDERR_FILENO, text, std::strlen(text));
  _exit(1);
}

using Rows = std::map<std::string, std::string>;

// A tool is given the store in `path()` and may make what it likes in `made()`.
class Bench {
 public:
  Bench(uint64_t seed, bool unclean) : seed_(seed), specimen_(seed, unclean) {
    SetFatalSeed(seed);
    for (const int signal : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(signal, TellAndDie);
    specimen_.bytes().RestoreTo(store_.path());
    baseline_files_ = FileLayer::The().open_files();
    baseline_handles_ = shale_live_handles();
  }
  ~Bench() {
    for (const int signal : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(signal, SIG_DFL);
  }

  void WillDestroy() { destroyed_ = true; }
  const std::string& path() const { return store_.path(); }
  const std::string& made() const { return made_.path(); }
  const Specimen& specimen() const { return specimen_; }

  // `tool` says whether all its calls were OK. `reads`: it must leave the store as it is.
  // `whole`: what is good then, the store and what was made of it, has every key.
  void Sweep(const char* name, bool reads, bool whole, const std::function<bool()>& tool) {
    whole_ = whole;
    if (const char* const only = std::getenv("TOOL"); only != nullptr && std::strcmp(only, name) != 0) return;
    const uint64_t share = EnvNumber("TOOLS_SWEEP", kSanitized ? 499 : 29);
    const char* const only = std::getenv("KIND");
    for (const FaultKind kind : kKinds) {
      if (only != nullptr && std::strcmp(only, NameOf(kind)) != 0) continue;
      uint64_t at = std::getenv("AT") != nullptr ? EnvNumber("AT", 0) : seed_ % share;
      while (RunOnce(name, {kind, at, false}, reads, tool) && std::getenv("AT") == nullptr) at += share;
    }
  }

  // Ends the test unless it may end so when files fail.
  bool Took(const char* what, shale_status status, shale_error** err) {
    if (status != SHALE_END) WantDocumented(what, status, *err);
    shale_error_free(*err);
    *err = nullptr;
    return status >= 0;
  }

  // Of a store that is there, without faults.
  Rows RowsOf(const std::string& path) {
    shale_db* db = nullptr;
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(path.c_str(), specimen_.options(), &db, &err), &err, running);
    Rows rows;
    if (!Scan(db, &rows)) Die("a scan fails without a fault");
    Want(SHALE_OK, shale_close(db, &err), &err, running);
    shale_free(db);
    return rows;
  }

  bool Scan(shale_db* db, Rows* rows) {
    shale_iter* iter = nullptr;
    shale_error* err = nullptr;
    shale_status status = shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, &err);
    while (status == SHALE_OK) {
      const void* key = nullptr;
      const void* value = nullptr;
      size_t key_len = 0, value_len = 0;
      status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
      if (status != SHALE_OK) break;
      const std::string_view bytes(static_cast<const char*>(value), value_len);
      (*rows)[std::string(static_cast<const char*>(key), key_len)] = bytes;
    }
    shale_iter_free(iter);
    return Took("scan", status, &err);
  }

  [[noreturn]] void Die(const std::string& wrong) {
    Fatal("%s, first met by %s: %s", running, met_.c_str(), wrong.c_str());
  }

  uint64_t runs() const { return runs_; }
  uint64_t failed() const { return failed_; }

 private:
  // False: the fault was not met, so this was the last.
  bool RunOnce(const char* name, const FaultPlan& plan, bool reads, const std::function<bool()>& tool) {
    std::snprintf(running, sizeof running, "SEED=%llu TOOL=%s KIND=%s AT=%llu",
                  static_cast<unsigned long long>(seed_), name, NameOf(plan.kind),
                  static_cast<unsigned long long>(plan.at));
    alarm(kHangSeconds);
    fs::remove_all(made());
    if (!reads) store_.Clear();
    specimen_.bytes().RestoreTo(path());
    FileLayer::The().SetPlan(plan);
    const bool good = tool();
    const bool met = FileLayer::The().met() > 0;
    met_ = FileLayer::The().first_met();
    FileLayer::The().SetPlan(FaultPlan());
    if (!good && !met) Die("a call failed without a fault");
    if (FileLayer::The().open_files() != baseline_files_) Die("files are left open");
    if (shale_live_handles() != baseline_handles_) Die("handles are left");
    if (reads) {
      if (const std::string file = specimen_.bytes().Difference(path()); !file.empty())
        Die(file + " was changed");
    }
    Judge(good);
    runs_++;
    failed_ += !good;
    alarm(0);
    return met;
  }

  // What is there now, of the store and of what was made, is right.
  void Judge(bool good) {
    std::vector<std::string> stores;
    if (destroyed_) {
      DestroyAgain(good);
    } else {
      stores.push_back(path());
    }
    for (const char* name : {"/store", "/backup"}) {
      if (fs::exists(made() + name)) stores.push_back(made() + name);
    }
    for (const std::string& store : stores) {
      const Rows rows = RowsOf(store);
      for (const auto& [key, value] : rows) {
        if (!specimen_.WasEver(key, value)) Die(store + " holds wrong bytes for " + Show(key));
      }
      if (good && whole_ && rows != specimen_.rows()) Die(store + " is not whole");
    }
  }

  // One that failed is begun again, and then nothing of the store is left; where the superblocks were gone
  // already that is for nobody to know, and the directory may stay.
  void DestroyAgain(bool good) {
    shale_error* err = nullptr;
    const shale_status status = shale_destroy(path().c_str(), 0, &err);
    if (status != SHALE_NOT_FOUND) Want(SHALE_OK, status, &err, running);
    if (good && status != SHALE_NOT_FOUND) Die("there is still a store");
    if (good && fs::exists(path())) Die("a directory is left");
    if (!fs::exists(path())) return;
    for (const auto& left : fs::directory_iterator(path())) {
      if (left.path().filename() != "LOCK") Die(left.path().string() + " is left");
    }
  }

  const uint64_t seed_;
  const Specimen specimen_;
  TempDir store_{"tools"}, made_{"tools-made"};
  int64_t baseline_files_ = 0;
  int64_t baseline_handles_ = 0;   // the options of the specimen
  bool whole_ = false, destroyed_ = false;
  std::string met_;
  uint64_t runs_ = 0, failed_ = 0;
};

shale_db* OpenStore(Bench* bench, const std::string& path, const shale_options* options) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  return bench->Took("open", shale_open(path.c_str(), options, &db, &err), &err) ? db : nullptr;
}

bool CloseStore(Bench* bench, shale_db* db) {
  shale_error* err = nullptr;
  const bool good = bench->Took("close", shale_close(db, &err), &err);
  shale_free(db);
  return good;
}

bool Verify(Bench* bench) {
  int64_t problems = 0;
  char* report = nullptr;
  shale_error* err = nullptr;
  const shale_status status = shale_verify_with(bench->path().c_str(), bench->specimen().options(), nullptr,
                                                nullptr, &problems, &report, 0, &err);
  const bool good = bench->Took("verify", status, &err);
  shale_mem_free(report);
  return good && problems == 0;
}

bool Salvage(Bench* bench) {
  fs::create_directory(bench->made());
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  char* report = nullptr;
  shale_error* err = nullptr;
  const shale_status status = shale_salvage_with(
      bench->path().c_str(), bench->specimen().options(), (bench->made() + "/store").c_str(),
      bench->specimen().options(), nullptr, nullptr, &recovered, &suspicious, &dropped, &report, 0, &err);
  shale_mem_free(report);
  return bench->Took("salvage", status, &err);
}

bool Rewrite(Bench* bench) {
  fs::create_directory(bench->made());
  int64_t keys = 0;
  shale_error* err = nullptr;
  const shale_status status =
      shale_rewrite(bench->path().c_str(), bench->specimen().options(), (bench->made() + "/store").c_str(),
                    bench->specimen().options(), nullptr, nullptr, &keys, 0, &err);
  return bench->Took("rewrite", status, &err);
}

bool LookReadOnly(Bench* bench) {
  shale_db* const db = OpenStore(bench, bench->path(), bench->specimen().read_only());
  if (db == nullptr) return false;
  Rows rows;
  bool good = bench->Scan(db, &rows);
  shale_error* err = nullptr;
  int64_t keys = 0, bytes = 0;
  good &= bench->Took(
      "count", shale_count(db, nullptr, 0, nullptr, 0, nullptr, nullptr, &keys, &bytes, 0, &err), &err);
  good &= bench->Took("estimate", shale_estimate(db, "key/1", 5, "key/4", 5, &keys, &bytes, 0, &err), &err);
  return CloseStore(bench, db) && good;
}

bool ChangeRanges(Bench* bench) {
  shale_db* const db = OpenStore(bench, bench->path(), bench->specimen().options());
  if (db == nullptr) return false;
  shale_error* err = nullptr;
  int64_t keys = 0, bytes = 0;
  bool good =
      bench->Took("estimate", shale_estimate(db, nullptr, 0, nullptr, 0, &keys, &bytes, 0, &err), &err);
  good &= bench->Took("delete", shale_delete_range(db, "key/2", 5, nullptr, 0, SHALE_PREFIX, &err), &err);
  good &= bench->Took(
      "count", shale_count(db, "key/", 4, nullptr, 0, nullptr, nullptr, &keys, &bytes, SHALE_PREFIX, &err),
      &err);
  good &= bench->Took("compact", shale_compact(db, nullptr, 0, nullptr, 0, nullptr, nullptr, 0, &err), &err);
  good &= bench->Took("reclaim", shale_reclaim(db, nullptr, nullptr, 0, &err), &err);
  return CloseStore(bench, db) && good;
}

// With files of its own, so that every byte is copied through the layer.
bool Backup(Bench* bench, bool stream) {
  fs::create_directory(bench->made());
  shale_db* const db = OpenStore(bench, bench->path(), bench->specimen().options());
  if (db == nullptr) return false;
  shale_error* err = nullptr;
  char* report = nullptr;
  bool good;
  if (stream) {
    const int fd = open((bench->made() + "/stream").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    good =
        bench->Took("backup", shale_backup_stream(db, fd, nullptr, nullptr, nullptr, &report, 0, &err), &err);
    close(fd);
  } else {
    good = bench->Took("backup",
                       shale_backup(db, (bench->made() + "/backup").c_str(), nullptr, nullptr, nullptr,
                                    &report, SHALE_COPY_FILES, &err),
                       &err);
  }
  shale_mem_free(report);
  return CloseStore(bench, db) && good;
}

// Of a backup made beforehand, without faults.
bool Restore(Bench* bench, const std::string& backups, bool stream) {
  fs::create_directory(bench->made());
  const std::string to = bench->made() + "/store";
  shale_error* err = nullptr;
  char* report = nullptr;
  bool good;
  if (stream) {
    const int fd = open((backups + "/stream").c_str(), O_RDONLY | O_CLOEXEC);
    good = bench->Took(
        "restore", shale_restore_stream(fd, nullptr, to.c_str(), nullptr, nullptr, &report, 0, &err), &err);
    close(fd);
  } else {
    good = bench->Took(
        "restore",
        shale_restore((backups + "/backup").c_str(), to.c_str(), nullptr, nullptr, &report, 0, &err), &err);
  }
  shale_mem_free(report);
  return good;
}

void SweepTools(bool unclean) {
  const uint64_t seed = TestSeed();
  Bench bench(seed, unclean);
  TempDir backups("tools-backups");
  for (const bool stream : {false, true}) {
    if (!Backup(&bench, stream)) Fatal("a backup fails without a fault");
    fs::copy(bench.made(), backups.path(), fs::copy_options::recursive);
    fs::remove_all(bench.made());
  }
  bench.Sweep("verify", true, true, [&] { return Verify(&bench); });
  bench.Sweep("salvage", true, false, [&] { return Salvage(&bench); });
  if (!unclean) bench.Sweep("rewrite", true, true, [&] { return Rewrite(&bench); });
  bench.Sweep("look", true, true, [&] { return LookReadOnly(&bench); });
  bench.Sweep("ranges", false, false, [&] { return ChangeRanges(&bench); });
  bench.Sweep("backup", false, true, [&] { return Backup(&bench, false); });
  bench.Sweep("backup_stream", false, true, [&] { return Backup(&bench, true); });
  bench.Sweep("restore", true, true, [&] { return Restore(&bench, backups.path(), false); });
  bench.Sweep("restore_stream", true, true, [&] { return Restore(&bench, backups.path(), true); });
  bench.WillDestroy();
  bench.Sweep("destroy", false, false, [&] {
    shale_error* err = nullptr;
    return bench.Took("destroy", shale_destroy(bench.path().c_str(), 0, &err), &err);
  });
  std::printf("  %llu runs, of which %llu failed\n", static_cast<unsigned long long>(bench.runs()),
              static_cast<unsigned long long>(bench.failed()));
  if (std::getenv("TOOL") == nullptr) assert_true(bench.failed() > 0);
}

TEST(any_operation_of_a_tool_may_fail) {
  SweepTools(false);
}

TEST(any_operation_of_a_tool_on_an_unclean_store_may_fail) {
  SweepTools(true);
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--write-and-die") == 0)
    shale_test::Specimen::WriteAndDie(argv[2], std::strtoull(argv[3], nullptr, 10));
  // A place in memory, if there is one: thousands of small directories are made.
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  return shale_test::RunTests(__FILE__);
}
