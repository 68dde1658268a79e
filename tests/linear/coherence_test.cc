// Eight threads on 64 hot keys, with memory for about 16 of them, while somebody drains, flushes and collects
// garbage, and with threads let in wherever a change, a fill, an eviction or a drain can be seen half done:
// every key's history must have an explanation (linearize.h). OPS=n operations in all, SEED=n to repeat what
// the threads do, if not when.
#include <algorithm>
#include <thread>

#include "abi/testing.h"
#include "linear/history.h"
#include "linear/hot_store.h"
#include "linear/hot_worker.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr uint64_t kOpsAPiece = 500;   // of each thread, then the histories so far are checked

struct Figures {
  uint64_t ops = 0, fulfilled = 0, here = 0, pieces = 0, absent = 0;
};

[[noreturn]] void Disagree(size_t key, const std::string& why) {
  std::fprintf(stderr, "key %zu: %s\n", key, why.c_str());
  Fatal("the history of key %zu has no order", key);
}

void Piece(const HotStore& store, History* history, uint64_t seed, shale::FakeClock* clock,
           std::vector<Linearizer>* linearizers, Figures* figures) {
  std::vector<std::thread> threads;
  for (uint8_t t = 0; t < kHotThreads; t++) {
    threads.emplace_back([=, &store] {
      HotWorker(store.db(), t, seed + figures->pieces * kHotThreads + t, history, clock).Run(kOpsAPiece);
    });
  }
  for (std::thread& t : threads) t.join();
  figures->here += store.KeysHere();
  figures->pieces++;
  const std::vector<std::vector<Op>> histories = history->Take();
  for (size_t key = 0; key < kHotKeys; key++) {
    std::string why;
    if (!(*linearizers)[key].Check(histories[key], &why)) Disagree(key, why);
    for (const Op& op : histories[key]) {
      figures->fulfilled += op.kind == OpKind::kFulfil && op.done;
      figures->absent += op.result == kAbsent;
    }
    figures->ops += histories[key].size();
  }
}

void Run(bool with_path, bool timed, uint64_t ops_wanted) {
  const uint64_t seed = TestSeed();
  SetFatalSeed(seed);
  shale::FakeClock clock;
  if (timed) shale::SetClockForTest(&clock);
  const TempDir dir("coherence");
  {
    HotStore store(with_path ? dir.path() : "", seed);
    store.LetOthersIn();
    if (with_path) store.KeepMoving();
    History* history = History::Map();
    std::vector<Linearizer> linearizers(kHotKeys);
    Figures figures;
    while (figures.ops < ops_wanted) {
      Piece(store, history, seed, timed ? &clock : nullptr, &linearizers, &figures);
    }
    History::Unmap(history);
    std::printf(
        "             %llu operations, 0 violations; yields %llu, fulfilled %llu, absent %llu, evictions "
        "%lld, "
        "fills %lld, rejected %lld, drained keys %lld, keys in memory %llu\n",
        static_cast<unsigned long long>(figures.ops), static_cast<unsigned long long>(HotStore::yields()),
        static_cast<unsigned long long>(figures.fulfilled), static_cast<unsigned long long>(figures.absent),
        static_cast<long long>(store.Stat("cache.evictions")),
        static_cast<long long>(store.Stat("cache.fills")),
        static_cast<long long>(store.Stat("cache.fills_rejected")),
        static_cast<long long>(store.Stat("pending.drained_keys")),
        static_cast<unsigned long long>(figures.here / figures.pieces));
    // It was the test that it means to be.
    assert_true(HotStore::yields() > 0 && figures.fulfilled > 0);
    if (with_path) {
      assert_true(store.Stat("cache.evictions") > 0 && store.Stat("cache.fills") > 0);
      assert_true(store.Stat("cache.fills_rejected") > 0);
      assert_true(store.Stat("pending.drained_keys") > 0);
    }
    if (timed) assert_true(clock.NowMs() > 1'000'000 + 0);
  }
  shale::SetClockForTest(nullptr);
}

uint64_t Ops(uint64_t divisor) {
  return EnvNumber("OPS", kSanitized ? 40'000 : 200'000) / divisor;
}

TEST(every_history_has_an_order_with_a_path) {
  Run(true, false, Ops(1));
}

TEST(every_history_has_an_order_in_memory_only) {
  Run(false, false, Ops(4));
}

TEST(every_history_has_an_order_with_deadlines_and_a_path) {
  Run(true, true, Ops(2));
}

TEST(every_history_has_an_order_with_deadlines_in_memory_only) {
  Run(false, true, Ops(4));
}

}   // namespace
}   // namespace shale_test

RUN()
