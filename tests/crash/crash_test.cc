// kill -9 at any moment: while writing, flushing, opening, closing, creating. Nothing acknowledged may be
// lost, nothing deleted may come back, no value may be torn, no batch may be half there, and the store must
// open. CYCLES=n sets the number of kills, SEALED=1 compresses and encrypts, SEED=n draws the same cycles
// again (the moment of a kill stays the scheduler's).
//
// The program is its own victim: it starts itself with "--victim", so that no fork happens in a process with
// threads.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "crash/oracle.h"
#include "crash/verifier.h"
#include "crash/victim.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

extern char** environ;

namespace shale_test {
namespace {

constexpr int kFreshEvery = 20;       // cycles on one store
constexpr int64_t kHangMs = 60'000;   // a victim that has not opened its store by then never will

void SleepMs(uint64_t ms) {
  usleep(static_cast<useconds_t>(ms * 1000));
}

class Cycles {
 public:
  explicit Cycles(uint64_t seed) : dice_(seed), store_("crash"), oracle_file_("crash-oracle") {
    SetFatalSeed(seed);
    Fresh();
  }
  ~Cycles() { UnmapOracle(oracle_); }

  // Kills only while disk space is being given back.
  void RunReclaims(uint64_t cycles) {
    for (uint64_t cycle = 0; cycle < cycles; cycle++) {
      if (cycle % kFreshEvery == 0) Fresh();
      KillOnce(Victim::kReclaim, true, dice_.Between(5, 400));
      Verify();
      if (found_.Bad() != 0) break;
    }
    Print(cycles);
    std::printf("  %llu log segments collected\n", static_cast<unsigned long long>(collected_));
  }
  uint64_t collected() const { return collected_; }

  void Run(uint64_t cycles) {
    for (uint64_t cycle = 0; cycle < cycles; cycle++) {
      const uint64_t on_this_store = cycle % kFreshEvery;
      if (on_this_store < 3) {
        // The first kills of a row hit the creation of a store.
        Fresh();
        KillOnce(Victim::kWrite, false, dice_.Below(open_ms_ + 20));
      } else {
        KillSomewhere(cycle);
      }
      Verify();
      if (found_.Bad() != 0) break;
    }
    Print(cycles);
  }
  const Findings& found() const { return found_; }

 private:
  void Fresh() {
    if (oracle_ != nullptr) {
      acknowledged_ += oracle_->acknowledged;
      collected_ += oracle_->collected;
      UnmapOracle(oracle_);
    }
    store_.Clear();
    oracle_file_.Clear();
    oracle_ = MapOracle(oracle_file_.path(), true);
  }

  void KillSomewhere(uint64_t cycle) {
    switch (cycle % 6) {
      case 0:
        return KillOnce(Victim::kWrite, true, dice_.Between(5, 200));
      case 1:
        return KillOnce(Victim::kFlush, true, dice_.Between(5, 200));
      case 2:
        return KillOnce(Victim::kCloseLoop, true, dice_.Between(5, 200));
      case 3:
        return KillOnce(Victim::kSync, true, dice_.Between(5, 200));
      case 4:
        return KillOnce(Victim::kReclaim, true, dice_.Between(5, 200));
      default:
        KillOnce(Victim::kWrite, true, dice_.Between(5, 100));
        // Recovery is killed twice, so that it also starts from what a killed recovery left.
        for (int i = 0; i < 2; i++) KillOnce(Victim::kOpen, false, dice_.Below(open_ms_ + 5));
    }
  }

  pid_t Spawn(Victim kind) {
    std::vector<std::string> words = {"crash_test",
                                      "--victim",
                                      store_.path(),
                                      oracle_file_.path(),
                                      std::to_string(static_cast<int>(kind)),
                                      std::to_string(dice_.Next() >> 8)};
    std::vector<char*> args;
    for (std::string& word : words) args.push_back(word.data());
    args.push_back(nullptr);
    pid_t pid = 0;
    const int error = posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, args.data(), environ);
    if (error != 0) Fatal("cannot start the victim: %s", std::strerror(error));
    return pid;
  }

  // Starts a victim and kills it after_ms after its store is open, or after its start.
  void KillOnce(Victim kind, bool from_open, uint64_t after_ms) {
    oracle_->phase = static_cast<uint32_t>(Phase::kStarted);
    const pid_t pid = Spawn(kind);
    if (from_open) WaitUntilOpen(pid);
    SleepMs(after_ms);
    kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    killed_ms_ = WallClockMs();
    kills_++;
    if (oracle_->phase == static_cast<uint32_t>(Phase::kFailed))
      Fatal("the victim met an error: %s", oracle_->failure);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
      Fatal("the victim ended by itself, status 0x%x", status);
  }

  void WaitUntilOpen(pid_t pid) {
    const int64_t start_ms = WallClockMs();
    while (oracle_->phase == static_cast<uint32_t>(Phase::kStarted)) {
      if (WallClockMs() - start_ms > kHangMs) {
        kill(pid, SIGKILL);
        Fatal("the victim hangs in open");
      }
      siginfo_t info = {};
      if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          info.si_pid == pid)
        return;
      usleep(200);
    }
    open_ms_ = (open_ms_ * 3 + static_cast<uint64_t>(WallClockMs() - start_ms)) / 4;
  }

  void Verify() {
    Options options;
    options.Set("memory.budget", OptionMinimum("memory.budget").c_str());
    options.Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
    shale_db* db = nullptr;
    shale_error* err = nullptr;
    const shale_status status = shale_open(store_.path().c_str(), options.get(), &db, &err);
    if (status != SHALE_OK) {
      Fatal("open failure after kill %llu: %s: %s", static_cast<unsigned long long>(kills_),
            shale_status_name(status), shale_error_message(err));
    }
    Verifier(db, oracle_, killed_ms_, &found_).Run();
    Want(SHALE_OK, shale_close(db, &err), &err, "close after the kill");
    shale_free(db);
  }

  void Print(uint64_t cycles) {
    acknowledged_ += oracle_->acknowledged;
    collected_ += oracle_->collected;
    const auto n = [](uint64_t x) { return static_cast<unsigned long long>(x); };
    std::printf("  %llu cycles, %llu kills, %llu calls acknowledged, %llu keys looked at (%llu present)\n",
                n(cycles), n(kills_), n(acknowledged_), n(found_.keys), n(found_.present));
    std::printf(
        "  acknowledged lost %llu, torn %llu, resurrected %llu, half batches %llu, miscounted %llu, "
        "scan differs %llu, open failures 0\n",
        n(found_.lost), n(found_.torn), n(found_.resurrected), n(found_.half), n(found_.miscounted),
        n(found_.scan));
  }

  Dice dice_;
  TempDir store_;
  TempDir oracle_file_;
  Oracle* oracle_ = nullptr;
  Findings found_;
  int64_t killed_ms_ = 0;
  uint64_t open_ms_ = 50;   // running mean
  uint64_t kills_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t collected_ = 0;
};

TEST(a_killed_store_keeps_all_that_was_acknowledged) {
  auto cycles = std::make_unique<Cycles>(TestSeed());
  cycles->Run(EnvNumber("CYCLES", kSanitized ? 20 : 100));
  assert_true(cycles->found().present > 0);
  assert_int_equal(cycles->found().Bad(), 0);
}

TEST(a_store_that_is_killed_while_it_collects_garbage_keeps_all_that_was_acknowledged) {
  auto cycles = std::make_unique<Cycles>(TestSeed());
  cycles->RunReclaims(EnvNumber("CYCLES", kSanitized ? 10 : 40));
  assert_true(cycles->found().present > 0);
  assert_true(cycles->collected() > 0);
  assert_int_equal(cycles->found().Bad(), 0);
}

// ---- the verifier itself
// --------------------------------------------------------------------------------------------

void SetKey(shale_db* db, const std::string& key, const std::string& value) {
  Want(
      SHALE_OK,
      shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, nullptr),
      nullptr, "put");
}

void Settle(Slot* slot, uint64_t sequence, Kind kind) {
  slot->committed = MakeWord(sequence, kind);
  slot->pending = slot->committed.load();
}

// A store in which each kind of damage was done by hand: an oracle that sees nothing proves nothing.
TEST(the_verifier_sees_each_kind_of_loss) {
  auto oracle = std::make_unique<Oracle>();
  shale_db* db = nullptr;
  Want(SHALE_OK, shale_open(nullptr, nullptr, &db, nullptr), nullptr, "open");
  Settle(&oracle->keys[0], 1, Kind::kPut);   // lost
  Settle(&oracle->keys[1], 3, Kind::kPut);   // an older value
  SetKey(db, PlainKey(1), ValueOf(PlainKey(1), 2));
  Settle(&oracle->keys[2], 5, Kind::kAbsent);   // resurrected
  SetKey(db, PlainKey(2), ValueOf(PlainKey(2), 4));
  Settle(&oracle->keys[3], 1, Kind::kPut);   // misplaced
  SetKey(db, PlainKey(3), ValueOf(PlainKey(4), 1));
  Settle(&oracle->keys[5], 1, Kind::kPut);   // torn
  SetKey(db, PlainKey(5), ValueOf(PlainKey(5), 1) + "x");
  Settle(&oracle->keys[6], 1, Kind::kPutTtl);   // expired long ago, and here
  SetKey(db, PlainKey(6), ValueOf(PlainKey(6), 1));
  Settle(&oracle->groups[0], 2, Kind::kPut);   // half a batch: one member of the next one
  oracle->groups[0].pending = MakeWord(3, Kind::kPut);
  for (uint32_t member = 0; member < kGroupKeys; member++) {
    const uint64_t sequence = member == 1 ? 3 : 2;
    if (!GroupDeletes(sequence, member))
      SetKey(db, GroupKey(0, member), ValueOf(GroupKey(0, member), sequence));
  }
  oracle->counters[0].committed = oracle->counters[0].pending = 7;
  SetKey(db, CounterKey(0), "6");
  SetKey(db, "stranger", "a key that nobody wrote");
  Findings found;
  Verifier(db, oracle.get(), WallClockMs(), &found).Run();
  assert_int_equal(found.lost, 2);
  assert_int_equal(found.resurrected, 2);
  assert_int_equal(found.torn, 2);
  assert_int_equal(found.half, 1);
  assert_int_equal(found.miscounted, 1);
  assert_int_equal(found.scan, 1);
  Want(SHALE_OK, shale_close(db, nullptr), nullptr, "close");
  shale_free(db);
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  if (argc == 6 && std::strcmp(argv[1], "--victim") == 0) {
    RunVictim(argv[2], argv[3], static_cast<Victim>(std::atoi(argv[4])), std::strtoull(argv[5], nullptr, 10));
  }
  return RunTests("crash_test");
}
