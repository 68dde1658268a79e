// The same histories over kill -9: what was acknowledged has happened, what was under way has happened or
// never will, and all that is read after the next open must fit one order of it all. The victim writes its
// history to memory that outlives it, and the next one goes on in the same store, on the same history.
// CYCLES=n kills, SEED=n.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "linear/history.h"
#include "linear/hot_store.h"
#include "linear/hot_worker.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr uint64_t kFreshEvery = 25;    // kills of one store
constexpr int kOpenPatience = 60'000;   // milliseconds
constexpr int kWorkPatience = 20'000;   // then with what was done by then

[[noreturn]] void BeTheVictim(const std::string& path, uint64_t seed, History* history) {
  HotStore store(path, seed);
  store.LetOthersIn();
  HotWorker(store.db(), 0, seed, history, nullptr).ReadAll();
  store.KeepMoving();
  history->ready = true;
  std::vector<std::thread> threads;
  for (uint8_t t = 0; t < kHotThreads; t++) {
    threads.emplace_back(
        [&, t] { HotWorker(store.db(), t, seed + 1 + t, history, nullptr).Run(kHotRowsAPiece); });
  }
  for (std::thread& t : threads) t.join();
  for (;;) pause();   // the history is full
}

// Nothing but the victim has ever had a thread, so that it may fork.
void KillOne(const std::string& path, uint64_t seed, uint64_t after_marks, History* history) {
  history->ready = false;
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) Fatal("cannot fork");
  if (pid == 0) BeTheVictim(path, seed, history);
  int status = 0;
  for (int waited_ms = 0; !history->ready; waited_ms++) {
    if (waitpid(pid, &status, WNOHANG) == pid) Fatal("the victim ended by itself, status 0x%x", status);
    if (waited_ms > kOpenPatience) {
      kill(pid, SIGKILL);
      Fatal("the victim hangs in open");
    }
    usleep(1000);
  }
  // By what was done and not by the clock, so that a busy machine does as much.
  const uint64_t until = history->Seen() + after_marks;
  for (int waited_ms = 0; history->Seen() < until && waited_ms < kWorkPatience; waited_ms++) usleep(1000);
  kill(pid, SIGKILL);
  waitpid(pid, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
    Fatal("the victim ended by itself, status 0x%x", status);
}

TEST(every_history_has_an_order_over_kills) {
  const uint64_t cycles = EnvNumber("CYCLES", kSanitized ? 5 : 25);
  const uint64_t seed = TestSeed();
  SetFatalSeed(seed);
  Dice dice(seed);
  TempDir dir("killed");
  History* history = History::Map();
  std::vector<Linearizer> linearizers(kHotKeys);
  uint64_t ops = 0, under_way = 0, there = 0;
  for (uint64_t cycle = 0; cycle < cycles; cycle++) {
    if (cycle % kFreshEvery == 0) {
      dir.Clear();
      linearizers = std::vector<Linearizer>(kHotKeys);
    }
    KillOne(dir.path(), dice.Next() >> 8, dice.OneIn(4) ? 0 : dice.Below(6'000), history);
    const std::vector<std::vector<Op>> histories = history->Take();
    for (size_t key = 0; key < kHotKeys; key++) {
      std::string why;
      if (!linearizers[key].Check(histories[key], &why)) {
        std::fprintf(stderr, "key %zu: %s\n", key, why.c_str());
        Fatal("kill %llu: the history of key %zu has no order", static_cast<unsigned long long>(cycle), key);
      }
      ops += histories[key].size();
      for (const Op& op : histories[key]) {
        under_way += op.end == 0;
        there += op.end != 0 && op.kind == OpKind::kGet && op.result != kAbsent;
      }
    }
  }
  History::Unmap(history);
  std::printf("             %llu kills, %llu operations, %llu of them under way at a kill, 0 violations\n",
              static_cast<unsigned long long>(cycles), static_cast<unsigned long long>(ops),
              static_cast<unsigned long long>(under_way));
  assert_true(ops > cycles * kHotKeys && under_way > 0 && there > cycles);
}

}   // namespace
}   // namespace shale_test

RUN()
