// Chapter 6: a loading process is killed in the middle, three times, on the same store.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "demo/demo.h"
#include "demo/demo_crash_child.h"

namespace shale::demo {
namespace {

constexpr int kRounds = 3;
constexpr double kStartSecondsMax = 30;

struct Moment {
  double seconds;
  int64_t writes;
};

struct Verdict {
  int64_t acknowledged = 0;
  int64_t lost = 0;   // acknowledged, and missing or wrong
  int64_t unfinished =
      0;   // not acknowledged, there nevertheless: allowed for the one write in flight of each thread
  int64_t strange = 0;   // there and wrong, or further than one write ahead
  int64_t half_batches = 0;
};

pid_t Spawn(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, argv.data(), environ);
  if (failed != 0)
    throw DemoFailure{std::string("cannot start the loading process: ") + std::strerror(failed)};
  return pid;
}

int64_t PutsOf(const Oracle& oracle) {
  int64_t puts = 0;
  for (const Oracle::Thread& thread : oracle.threads) puts += thread.puts.load();
  return puts;
}

bool AllHaveBatches(const Oracle& oracle, const std::vector<int64_t>& before) {
  for (size_t i = 0; i < before.size(); ++i) {
    if (oracle.threads[i].batches.load() <= before[i]) return false;
  }
  return true;
}

// Kills the child when every thread has written and the moment has come. Throws if it ended by itself.
void KillInTheMiddle(pid_t pid, const Oracle& oracle, const std::vector<int64_t>& batches_before,
                     Moment moment) {
  const Stopwatch since_start;
  std::optional<Stopwatch> since_writing;
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid)
      throw DemoFailure{"the loading process ended before it was killed"};
    if (!since_writing && AllHaveBatches(oracle, batches_before)) since_writing.emplace();
    const bool is_late = since_start.seconds() > kStartSecondsMax;
    if (since_writing && (since_writing->seconds() > moment.seconds || PutsOf(oracle) > moment.writes)) break;
    if (!is_late) continue;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    throw DemoFailure{"the loading process wrote nothing"};
  }
  int status = 0;
  ::kill(pid, SIGKILL);
  ::waitpid(pid, &status, 0);
}

void CheckPuts(shale_db* db, int round, int thread, int64_t acknowledged, Verdict* verdict) {
  std::string value;
  for (int64_t n = 0; n < acknowledged; ++n) {
    if (!Get(db, CrashKey(round, thread, n), &value) || value != CrashValue(round, thread, n))
      ++verdict->lost;
  }
  verdict->acknowledged += acknowledged;
  if (Get(db, CrashKey(round, thread, acknowledged), &value)) {
    ++verdict->unfinished;
    if (value != CrashValue(round, thread, acknowledged)) ++verdict->strange;
  }
  if (Get(db, CrashKey(round, thread, acknowledged + 1), &value)) ++verdict->strange;
}

// Every member of the group must hold the same number: the last acknowledged one or the one that was in
// flight. The oracle is brought up to what is there, since the next round goes on counting from it.
void CheckGroup(shale_db* db, int thread, std::atomic<int64_t>* noted, Verdict* verdict) {
  const int64_t acknowledged = noted->load();
  std::string value;
  for (const int64_t number : {acknowledged, acknowledged + 1}) {
    int members = 0;
    for (int member = 0; member < kGroupMembers; ++member) {
      if (Get(db, GroupKey(thread, member), &value) && value == GroupValue(thread, number)) ++members;
    }
    if (members != kGroupMembers) continue;
    noted->store(number);
    return;
  }
  ++verdict->half_batches;
}

void ReportRound(Demo* demo, int round, const Verdict& verdict, double opening, int64_t new_puts) {
  const std::string puts =
      Count(new_puts) + " writes acknowledged before the kill; reopened in " + Seconds(opening);
  demo->screen.Line("kill " + std::to_string(round), puts);
  demo->screen.Prove(verdict.lost == 0 && verdict.strange == 0 && verdict.half_batches == 0,
                     Count(verdict.acknowledged) + " acknowledged writes so far: " + Count(verdict.lost) +
                         " lost or wrong, " + Count(verdict.half_batches) + " half batches (" +
                         Count(verdict.unfinished) + " writes in flight were kept, whole)");
}

}   // namespace

void ShowCrashes(Demo* demo) {
  demo->screen.Chapter(
      "Crash proof",
      "A second process writes from 4 threads, puts and batches, and notes each acknowledged write in "
      "memory shared with this one, which kills it (SIGKILL) in the middle. Then every note is checked.");
  const std::string oracle_path = demo->dir + "/oracle";
  Oracle* const oracle = MapOracle(oracle_path);
  std::mt19937 random{std::random_device{}()};
  std::vector<std::vector<int64_t>> puts;   // by round, by thread
  for (int round = 1; round <= kRounds; ++round) {
    std::vector<int64_t> batches_before;
    for (Oracle::Thread& thread : oracle->threads) {
      thread.puts.store(0);
      batches_before.push_back(thread.batches.load());
    }
    const Moment moment{std::uniform_real_distribution<>(0.15, 0.6)(random),
                        std::uniform_int_distribution<int64_t>(20'000, 60'000)(random)};
    const pid_t pid =
        Spawn({"shale-demo", kCrashChildArgument, demo->crash_path(), oracle_path, std::to_string(round)});
    KillInTheMiddle(pid, *oracle, batches_before, moment);
    ++demo->kills;

    puts.emplace_back();
    for (const Oracle::Thread& thread : oracle->threads) puts.back().push_back(thread.puts.load());
    const Stopwatch opening;
    Db db = OpenStore(demo->crash_path());
    const double opening_seconds = opening.seconds();
    Verdict verdict;
    for (size_t past = 0; past < puts.size(); ++past) {
      for (int i = 0; i < kCrashThreads; ++i) {
        CheckPuts(db.get(), static_cast<int>(past) + 1, i, puts[past][static_cast<size_t>(i)], &verdict);
      }
    }
    for (int i = 0; i < kCrashThreads; ++i) CheckGroup(db.get(), i, &oracle->threads[i].batches, &verdict);
    CloseStore(std::move(db));
    ReportRound(demo, round, verdict, opening_seconds, PutsOf(*oracle));
    demo->acknowledged = verdict.acknowledged;
    demo->lost = std::max(demo->lost, verdict.lost + verdict.strange);
    demo->half_batches += verdict.half_batches;
  }
}

}   // namespace shale::demo
