// The store against the model: not one difference is allowed. OPS=n sets the number of calls of the longest
// test, SEALED=1 compresses and encrypts, SEED=n replays one (single-threaded tests exactly, the others up to
// the scheduler).
//
// The memory budget is the smallest there is and the data several times larger, so that fills, evictions and
// drains race with everything else. Memory-only stores get room for all: there an eviction loses keys by
// contract.
#include <atomic>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

#include "abi/testing.h"
#include "base/clock.h"
#include "model/store_kit.h"
#include "model/workload.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

shale::FakeClock test_clock(1'700'000'000'000);

uint64_t Operations() {
  return EnvNumber("OPS", kSanitized ? 60'000 : 1'000'000);
}

// One store that can be closed and opened again at the same place.
class Store {
 public:
  Store(bool memory_only, int64_t default_ttl_ms) : dir_("model"), memory_only_(memory_only) {
    options_.Set("memory.budget", memory_only ? "512MiB" : OptionMinimum("memory.budget").c_str());
    options_.Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
    if (memory_only) options_.DropKey();
    if (default_ttl_ms != 0) options_.Set("ttl.default_ms", std::to_string(default_ttl_ms).c_str());
    Open();
  }
  ~Store() { Close(); }
  shale_db* db() const { return db_; }
  // Of the times before the last Reopen.
  int64_t place_hits() const { return place_hits_; }
  void Reopen() {
    Close();
    Open();
  }

 private:
  void Open() {
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(memory_only_ ? nullptr : dir_.path().c_str(), options_.get(), &db_, &err), &err,
         "open");
  }
  void Close() {
    shale_error* err = nullptr;
    int64_t hits = 0;
    Want(SHALE_OK, shale_stat(db_, "cache.place_hits", &hits, &err), &err, "stat");
    place_hits_ += hits;
    Want(SHALE_OK, shale_close(db_, &err), &err, "close");
    int32_t state = 0;
    if (shale_shard_state(db_, 0, &state, nullptr) != SHALE_E_CLOSED) Fatal("a closed database answers");
    shale_free(db_);
    db_ = nullptr;
  }

  TempDir dir_;
  Options options_;
  const bool memory_only_;
  shale_db* db_ = nullptr;
  int64_t place_hits_ = 0;
};

void FlushOrSync(shale_db* db, bool flush) {
  shale_error* err = nullptr;
  if (flush)
    Want(SHALE_OK, shale_flush(db, &err), &err, "flush");
  else
    Want(SHALE_OK, shale_sync(db, &err), &err, "sync");
}

void Reclaim(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_reclaim(db, nullptr, nullptr, 0, &err), &err, "reclaim");
}

void AdvanceClock(Dice* dice) {
  test_clock.Advance(
      static_cast<int64_t>(dice->OneIn(20) ? dice->Between(1000, 30000) : dice->Between(1, 40)));
}

// Segments are collected by chance of timing and size: the figure says whether the test saw any.
void PrintCollected(shale_db* db, bool memory_only) {
  if (memory_only) return;
  Reclaim(db);
  for (const char* name : {"gc.segments", "gc.moved_records", "ttl.swept_keys", "index.compactions"}) {
    int64_t value = 0;
    Want(SHALE_OK, shale_stat(db, name, &value, nullptr), nullptr, name);
    std::printf("  %s %lld", name, static_cast<long long>(value));
    if (std::string_view(name) == "gc.segments" && value == 0) Fatal("no segment was ever collected");
  }
  std::printf("\n");
}

void RunAlone(bool memory_only, int64_t default_ttl_ms, uint64_t operations) {
  const uint64_t seed = TestSeed();
  SetFatalSeed(seed);
  Dice dice(seed + 1);
  {
    Store store(memory_only, default_ttl_ms);
    Workload work({"", seed, kSanitized ? 6000u : 20000u, memory_only, default_ttl_ms}, &test_clock);
    work.Attach(store.db());
    for (uint64_t i = 0; i < operations; i++) {
      work.Step();
      if (dice.OneIn(200)) AdvanceClock(&dice);
      if (dice.OneIn(5000)) FlushOrSync(store.db(), dice.OneIn(2));
      if (dice.OneIn(20000)) Reclaim(store.db());
      if (!memory_only && dice.OneIn(operations / 10 + 1)) {
        store.Reopen();
        work.Closed();
        work.Attach(store.db());
        work.VerifyAll();
      }
    }
    work.VerifyAll();
    PrintCollected(store.db(), memory_only);
    std::printf("  %llu calls, %llu rows scanned, %llu would block, %llu snapshots, 0 differences\n",
                static_cast<unsigned long long>(work.steps()),
                static_cast<unsigned long long>(work.rows_seen()),
                static_cast<unsigned long long>(work.would_block_seen()),
                static_cast<unsigned long long>(work.snapshots_taken()));
    if (work.snapshots_taken() == 0) Fatal("no snapshot was ever taken");
    if (work.rows_seen() == 0) Fatal("no row was ever scanned");
    store.Reopen();
    std::printf("  %lld reads at remembered places\n", static_cast<long long>(store.place_hits()));
    // A shorter run may end before a large value has left the memory tier and is asked for again.
    if (!memory_only && work.steps() >= 100'000 && store.place_hits() == 0)
      Fatal("no value was ever read at a remembered place");
  }
  assert_int_equal(shale_live_handles(), 0);
}

TEST(a_store_with_a_path_equals_the_model) {
  RunAlone(false, 0, Operations());
}

TEST(a_default_time_to_live_reaches_every_write) {
  RunAlone(false, 20'000, Operations() / 5);
}

TEST(a_memory_only_store_equals_the_model) {
  RunAlone(true, 0, Operations() / 2);
}

// ---- several threads
// ------------------------------------------------------------------------------------------------

constexpr int kThreads = 8;
constexpr int kCounters = 16;
constexpr int kStampKeys = 4;
constexpr uint64_t kStepsPerPhase = 2000;

std::string CounterKey(uint64_t i) {
  return "sum/" + std::to_string(i);
}
std::string StampKey(int thread, int i) {
  return "stamp/" + std::to_string(i) + "/" + std::to_string(thread);
}

// Between two phases all threads wait; then the clock moves and sometimes the store is reopened, so that each
// thread's model stays exact without a lock around the calls.
class Crowd {
 public:
  Crowd(bool memory_only, uint64_t operations)
      : memory_only_(memory_only),
        seed_(TestSeed()),
        phases_(operations / (kThreads * kStepsPerPhase) + 1),
        store_(memory_only, 0),
        dice_(seed_),
        barrier_(kThreads + 1, PhaseEnd{this}) {
    SetFatalSeed(seed_);
  }

  void Run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; i++) threads.emplace_back([this, i] { Work(i); });
    threads.emplace_back([this] { Watch(); });
    for (std::thread& thread : threads) thread.join();
    CheckSums();
    std::printf("  %d threads x %llu phases of %llu calls, 0 differences\n", kThreads,
                static_cast<unsigned long long>(phases_), static_cast<unsigned long long>(kStepsPerPhase));
  }

 private:
  struct PhaseEnd {
    Crowd* crowd;
    void operator()() noexcept { crowd->BetweenPhases(); }
  };

  void BetweenPhases() {
    AdvanceClock(&dice_);
    reopened_ = !memory_only_ && dice_.OneIn(6);
    if (reopened_) store_.Reopen();
  }

  void Work(int thread) {
    Dice dice(seed_ + 100 + static_cast<uint64_t>(thread));
    Workload work({std::string("w") + static_cast<char>('0' + thread) + "/",
                   seed_ + static_cast<uint64_t>(thread), kSanitized ? 500u : 2000u, memory_only_, 0},
                  &test_clock);
    int64_t stamp = 0;
    for (uint64_t phase = 0; phase < phases_; phase++) {
      work.Attach(store_.db());
      for (uint64_t i = 0; i < kStepsPerPhase; i++) {
        work.Step();
        if (i % 16 == 0) AddToCounter(&dice);
        if (i % 64 == 0) WriteStamp(thread, ++stamp);
        if (dice.OneIn(20000)) FlushOrSync(store_.db(), dice.OneIn(2));
        if (dice.OneIn(50000)) Reclaim(store_.db());
      }
      barrier_.arrive_and_wait();
      if (reopened_) work.Closed();
    }
    work.Attach(store_.db());
    work.VerifyAll();
  }

  void AddToCounter(Dice* dice) {
    const uint64_t i = dice->Below(kCounters);
    const auto delta = static_cast<int64_t>(dice->Below(1000)) - 300;
    int64_t result = 0;
    shale_error* err = nullptr;
    const std::string key = CounterKey(i);
    Want(SHALE_OK, shale_incr(store_.db(), key.data(), key.size(), delta, &result, 0, &err), &err,
         "shared incr");
    sums_[i].fetch_add(delta,
                       std::memory_order_relaxed);   // relaxed: only added up after the threads were joined
  }

  // The same number to keys in several shards, all at once.
  void WriteStamp(int thread, int64_t stamp) {
    shale_batch* batch = nullptr;
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_batch_new(&batch), nullptr, "batch_new");
    const std::string text = std::to_string(stamp);
    for (int i = 0; i < kStampKeys; i++) {
      const std::string key = StampKey(thread, i);
      Want(SHALE_OK,
           shale_batch_put(batch, key.data(), key.size(), text.data(), text.size(), SHALE_TTL_NEVER, &err),
           &err, "stamp put");
    }
    Want(SHALE_OK, shale_write(store_.db(), batch, 0, &err), &err, "stamp write");
    shale_batch_free(batch);
  }

  // Scans while the others write: rows in order, each stamp whole and never older than in the scan before.
  void Watch() {
    std::vector<int64_t> newest(kThreads, 0);
    for (uint64_t phase = 0; phase < phases_; phase++) {
      for (int scan = 0; scan < 3; scan++) WatchOnce(scan == 1, &newest);
      barrier_.arrive_and_wait();
    }
  }

  void WatchOnce(bool reverse, std::vector<int64_t>* newest) {
    shale_iter* iter = nullptr;
    shale_error* err = nullptr;
    Want(SHALE_OK,
         shale_iter_new(store_.db(), nullptr, 0, nullptr, 0, 0, &iter, reverse ? SHALE_REVERSE : 0, &err),
         &err, "iter_new");
    std::vector<std::vector<int64_t>> seen(kThreads);
    std::string last;
    for (;;) {
      const void* key = nullptr;
      const void* value = nullptr;
      size_t key_len = 0, value_len = 0;
      const shale_status status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
      if (status == SHALE_END) break;
      Want(SHALE_OK, status, &err, "iter_next");
      const std::string now_key(static_cast<const char*>(key), key_len);
      if (!last.empty() && (reverse ? now_key >= last : now_key <= last))
        Fatal("rows out of order at %s", Show(now_key).c_str());
      last = now_key;
      if (now_key.compare(0, 6, "stamp/") != 0) continue;
      const auto thread = static_cast<size_t>(now_key.back() - '0');
      seen[thread].push_back(std::stoll(std::string(static_cast<const char*>(value), value_len)));
    }
    shale_iter_free(iter);
    for (size_t thread = 0; thread < kThreads; thread++) CheckStamp(seen[thread], &(*newest)[thread]);
  }

  void CheckStamp(const std::vector<int64_t>& stamps, int64_t* newest) {
    if (memory_only_) return;   // its iterators read each value when they reach it
    if (stamps.empty() && *newest == 0) return;
    if (stamps.size() != kStampKeys) Fatal("%zu of %d keys of a batch", stamps.size(), kStampKeys);
    for (const int64_t stamp : stamps) {
      if (stamp != stamps[0])
        Fatal("a scan sees half a batch: %lld and %lld", static_cast<long long>(stamp),
              static_cast<long long>(stamps[0]));
    }
    if (stamps[0] < *newest) Fatal("a later scan sees an older batch");
    *newest = stamps[0];
  }

  void CheckSums() {
    for (uint64_t i = 0; i < kCounters; i++) {
      const std::string key = CounterKey(i);
      int64_t result = 0;
      shale_error* err = nullptr;
      Want(SHALE_OK, shale_incr(store_.db(), key.data(), key.size(), 0, &result, 0, &err), &err, "incr by 0");
      if (result != sums_[i].load()) {
        Fatal("counter %s is %lld instead of %lld", key.c_str(), static_cast<long long>(result),
              static_cast<long long>(sums_[i].load()));
      }
    }
  }

  const bool memory_only_;
  const uint64_t seed_;
  const uint64_t phases_;
  Store store_;
  Dice dice_;               // only used between phases
  bool reopened_ = false;   // written between phases, read after the barrier
  std::atomic<int64_t> sums_[kCounters] = {};
  std::barrier<PhaseEnd> barrier_;
};

TEST(threads_with_own_ranges_each_equal_their_model) {
  std::make_unique<Crowd>(false, Operations() / 2)->Run();
  assert_int_equal(shale_live_handles(), 0);
}

TEST(threads_on_a_memory_only_store_each_equal_their_model) {
  std::make_unique<Crowd>(true, Operations() / 4)->Run();
  assert_int_equal(shale_live_handles(), 0);
}

}   // namespace
}   // namespace shale_test

int main() {
  using namespace shale_test;
  shale::SetClockForTest(&test_clock);
  return RunTests("model_test");
}
