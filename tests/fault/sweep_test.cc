// The N-th operation on a file fails, for every N until a run meets no fault: of the whole life of a store,
// and of the opening of a store that has to recover. No call may crash, hang or answer what is not
// documented; without faults the store opens again, holds what was acknowledged, nothing half, nothing that
// came back, and is found in order.
//
//   make test-fault SWEEP=1    each N; else only one in SWEEP (a prime), another share with each seed
//   KIND=EIO EVER=0 AT=17      that one run
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "fault/disk_model.h"
#include "fault/file_layer.h"
#include "fault/history.h"
#include "fault/life.h"
#include "store/superblock.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr unsigned kHangSeconds =
    300;   // of a run that takes a tenth of one, on a machine that has other work
constexpr FaultKind kKinds[] = {FaultKind::kIo,      FaultKind::kIoAfterwards, FaultKind::kNoSpace,
                                FaultKind::kNoFiles, FaultKind::kShort,        FaultKind::kInterrupted};

char running[256];   // told when the program is ended by a signal

void TellAndDie(int signal) {
  const char* const how = signal == SIGALRM ? "hangs" : "crashed";
  const char* const met = FileLayer::The().first_met();
  for (const char* text : {how, ": ", static_cast<const char*>(running), ", first met by ", met, "\n"})
    (void)!write(STDERR_FILENO, text, std::strlen(text));
  _exit(1);
}

struct Tally {
  uint64_t runs = 0, met = 0, failed_calls = 0, longest = 0;
};

class Sweep {
 public:
  Sweep(uint64_t seed, uint64_t share, Tally* tally)
      : seed_(seed), share_(share), root_("sweep"), tally_(tally) {
    SetFatalSeed(seed);
    for (const int signal : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(signal, TellAndDie);
    baseline_files_ = FileLayer::The().open_files();
  }
  ~Sweep() {
    for (const int signal : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(signal, SIG_DFL);
  }

  // Of a life from its creation on, or, with an image, of the opening and further life of what that holds.
  void Run(const DiskImage* image, const StoreState& held) {
    const char* const only = std::getenv("KIND");
    for (const FaultKind kind : kKinds) {
      if (only != nullptr && std::strcmp(only, NameOf(kind)) != 0) continue;
      for (const bool for_ever : {false, true}) {
        if (EnvNumber("EVER", for_ever) != for_ever) continue;
        uint64_t at = std::getenv("AT") != nullptr ? EnvNumber("AT", 0) : seed_ % share_;
        while (RunOnce({kind, at, for_ever}, image, held) && std::getenv("AT") == nullptr) at += share_;
        tally_->longest = std::max(tally_->longest, at);
        std::printf("  %s, %s: up to N = %llu\n", NameOf(kind), for_ever ? "for ever" : "once",
                    static_cast<unsigned long long>(at));
        std::fflush(stdout);
      }
    }
  }

 private:
  // False: the fault was not met, so this was the last.
  bool RunOnce(const FaultPlan& plan, const DiskImage* image, const StoreState& held) {
    std::snprintf(running, sizeof running, "SEED=%llu KIND=%s EVER=%d AT=%llu, %s",
                  static_cast<unsigned long long>(seed_), NameOf(plan.kind), plan.for_ever,
                  static_cast<unsigned long long>(plan.at), image == nullptr ? "life" : "recovery");
    alarm(kHangSeconds);
    root_.Clear();
    SetSystemRandomSeed(seed_ + 1);
    History history;
    if (image == nullptr) {
      std::filesystem::create_directory(root_.path());
    } else {
      image->WriteTo(root_.path());
      NoteHeld(held, &history);
    }
    LifePlan life_plan;
    life_plan.seed = seed_;
    life_plan.durable = seed_ % 2 == 0;
    Life life(life_plan, root_.path(), &history, nullptr);
    life.KnowCounters(held);
    FileLayer::The().SetPlan(plan);
    if (image == nullptr)
      life.Run();
    else
      life.RunLater();
    const bool met = FileLayer::The().met() > 0;
    const std::string what = FileLayer::The().first_met();
    FileLayer::The().SetPlan(FaultPlan());
    if (met && plan.kind != FaultKind::kShort) tally_->failed_calls += life.failures();
    const bool harmless = plan.kind == FaultKind::kShort || !met;
    if (harmless && life.failures() != 0)
      Die("calls failed though nothing that matters did: " + life.first_failure(), what);
    if (FileLayer::The().open_files() != baseline_files_) Die("files are left open", what);
    if (shale_live_handles() != 0) Die("handles are left", what);
    Check(history, what);
    tally_->runs++;
    tally_->met += met;
    alarm(0);
    return met;
  }

  void NoteHeld(const StoreState& held, History* history) {
    Deed* const deed = history->Begin("recovery", 0);
    for (const auto& [key, state] : held) deed->changes.push_back({key, state});
    history->Acknowledge(deed, 0);
  }

  void Check(const History& history, const std::string& what) {
    StoreState seen;
    std::string wrong = CheckStore(Life::StorePath(root_.path()), &seen);
    if (wrong.empty()) wrong = history.JudgeAfterErrors(seen);
    if (!wrong.empty()) Die(wrong, what);
    const std::string backup = Life::BackupPath(root_.path());
    const bool there = std::filesystem::exists(backup);
    for (size_t i = 0; i < history.deeds().size(); i++) {
      const Deed& deed = history.deeds()[i];
      if (deed.backup.empty()) continue;
      if (deed.acknowledged && !there) Die("an acknowledged backup is not there", what);
      if (!there) continue;
      wrong = CheckStore(backup, &seen);
      if (!wrong.empty()) Die("backup: " + wrong, what);
      wrong = history.Before(i).JudgeAfterErrors(seen);
      if (!wrong.empty()) Die("backup: " + wrong, what);
    }
  }

  [[noreturn]] void Die(const std::string& wrong, const std::string& what) {
    Fatal("%s, first met by %s: %s", running, what.c_str(), wrong.c_str());
  }

  const uint64_t seed_;
  const uint64_t share_;
  TempDir root_;
  Tally* const tally_;
  int64_t baseline_files_ = 0;
};

void Print(const Tally& tally, double seconds) {
  const auto n = [](uint64_t x) { return static_cast<unsigned long long>(x); };
  std::printf("  %llu runs, %llu met their fault, %llu calls failed, N up to %llu; %.1f s\n", n(tally.runs),
              n(tally.met), n(tally.failed_calls), n(tally.longest), seconds);
}

void RunSweep(bool recovery) {
  const uint64_t seed = TestSeed();
  // A prime, so that every N comes up for some seed whatever repeats itself in a life.
  const uint64_t share = EnvNumber("SWEEP", kSanitized ? 997 : 199);
  Tally tally;
  const auto began = std::chrono::steady_clock::now();
  DiskImage image;
  StoreState held;
  if (recovery) {
    // As the process left it that died before its first close.
    shale::SetBootIdForTest("11111111-1111-1111-1111-111111111111");
    TempDir root("sweep-image");
    std::filesystem::create_directory(root.path());
    DiskRecorder recorder(root.path());
    FileLayer::The().SetRecorder(&recorder);
    History history;
    LifePlan plan;
    plan.seed = seed;
    Life life(plan, root.path(), &history, &recorder);
    life.Run();
    FileLayer::The().SetRecorder(nullptr);
    const std::vector<DiskEvent> events = recorder.TakeEvents();
    size_t cut = 0;
    for (const Deed& deed : history.deeds()) {
      if (cut == 0 && deed.what.ends_with(" close")) cut = deed.begin;
    }
    DiskModel model;
    for (size_t i = 0; i < cut; i++) model.Apply(&events[i]);
    Dice dice(seed);
    image = model.Cut({CutPolicy::Files::kAllKept, CutPolicy::Entries::kAllKept}, &dice);
    held = history.StateAt(cut);
  }
  Sweep(seed, share, &tally).Run(recovery ? &image : nullptr, held);
  shale::SetBootIdForTest(nullptr);
  Print(tally, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (std::getenv("AT") == nullptr) assert_true(tally.met > 0 && tally.failed_calls > 0);
}

TEST(any_operation_of_a_life_may_fail) {
  RunSweep(false);
}

TEST(any_operation_of_a_recovery_may_fail) {
  RunSweep(true);
}

}   // namespace
}   // namespace shale_test

int main() {
  // A place in memory, if there is one: thousands of small directories are made.
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  return shale_test::RunTests(__FILE__);
}
