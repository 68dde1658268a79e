// Eight threads on 64 hot keys, with memory for about 16 of them, and threads let in wherever a change, a
// fill or an eviction can be seen half done: every key's history must have an explanation (linearize.h).
// OPS=n operations in all, SEED=n to repeat what the threads do, if not when.
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

#include "base/yield_point.h"
#include "engine/linearize.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr int kThreads = 8;
constexpr uint64_t kKeys = 64;             // even ones are registers, odd ones counters
constexpr uint64_t kOpsAPiece = 500;       // of each thread, then the histories so far are checked
constexpr size_t kValueBytes = 1000;       // of a register
constexpr size_t kBallastBytes = 27'000;   // room for sixteen values, once one piece of ballast is let go

std::atomic<uint64_t> yields{0};

void LetOthersIn(shale::YieldPoint point) {
  thread_local Dice dice(std::hash<std::thread::id>()(std::this_thread::get_id()));
  const uint64_t roll = dice.Below(point == shale::YieldPoint::kEvict ? 64 : 16);
  if (roll > 1) return;
  yields.fetch_add(1, std::memory_order_relaxed);
  if (roll == 0) {
    std::this_thread::yield();
  } else if (dice.OneIn(8)) {
    usleep(static_cast<useconds_t>(dice.Below(60)));
  }
}

struct PinFree {
  void operator()(shale_pin* pin) const { shale_pin_free(pin); }
};

// The store, with all of its memory tier but a little held by pins.
class Fixture {
 public:
  explicit Fixture(bool with_path) : dir_("coherence") {
    Options options;
    options.Set("memory.budget", "8MiB");
    options.Set("cache.shards", "1");
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(with_path ? dir_.path().c_str() : nullptr, options.get(), &db, &err), &err,
         "open");
    if (with_path) FillWithBallast();
    shale::g_yield_hook = &LetOthersIn;
  }
  ~Fixture() {
    shale::g_yield_hook = nullptr;
    ballast_.clear();
    shale_free(db);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  int64_t Stat(const char* name) const {
    int64_t value = 0;
    Want(SHALE_OK, shale_stat(db, name, &value, nullptr), nullptr, name);
    return value;
  }

  // Hot keys that the memory tier holds now.
  uint64_t KeysHere() const {
    uint64_t here = 0;
    for (uint64_t key = 0; key < kKeys; key++) {
      const std::string name = "hot key " + std::to_string(key);
      char buf[2 * kValueBytes];
      size_t size = 0;
      here += shale_get_into(db, name.data(), name.size(), buf, sizeof buf, &size, nullptr, SHALE_CACHE_ONLY,
                             nullptr) == SHALE_OK;
    }
    return here;
  }

  shale_db* db = nullptr;

 private:
  void FillWithBallast() {
    const std::string value(kBallastBytes, 'b');
    while (Stat("cache.install_failures") == 0) {
      const std::string key = "ballast " + std::to_string(ballast_.size());
      shale_pin* pin = nullptr;
      const void* bytes = nullptr;
      size_t size = 0;
      Want(SHALE_OK,
           shale_put(db, key.data(), key.size(), value.data(), value.size(), 0, nullptr, 0, nullptr), nullptr,
           "put");
      Want(SHALE_OK, shale_get_pinned(db, key.data(), key.size(), &pin, &bytes, &size, nullptr, 0, nullptr),
           nullptr, "pin");
      ballast_.emplace_back(pin);
      if (ballast_.size() > 1000) Fatal("the memory tier does not fill");
    }
    ballast_.pop_back();   // a copy of its own, because there was no room
    ballast_.pop_back();
  }

  TempDir dir_;
  std::vector<std::unique_ptr<shale_pin, PinFree>> ballast_;
};

std::atomic<uint64_t> now{0};
std::atomic<int64_t> next_value{1};

std::string TextOf(int64_t value, bool counter) {
  std::string text = std::to_string(value);
  if (!counter) text.resize(kValueBytes, ' ');
  return text;
}

int64_t ValueOf(const void* bytes, size_t size) {
  return std::strtoll(std::string(static_cast<const char*>(bytes), size).c_str(), nullptr, 10);
}

// One thread's part: does random operations and writes them down.
class Worker {
 public:
  Worker(shale_db* db, uint8_t number, uint64_t seed, std::vector<Op>* log)
      : db_(db), dice_(seed), number_(number), log_(log) {}

  void Run() {
    for (uint64_t i = 0; i < kOpsAPiece; i++) One();
  }

 private:
  Op Begin(OpKind kind) {
    Op op;
    op.kind = kind;
    op.thread = number_;
    // Half of them on eight keys, so that threads meet.
    op.key = static_cast<uint8_t>(dice_.OneIn(2) ? dice_.Below(8) : dice_.Below(kKeys));
    return op;
  }
  void Start(Op* op) {
    counter_ = op->key % 2 == 1;
    name_ = "hot key " + std::to_string(op->key);
    if (op->kind != OpKind::kGet && op->kind != OpKind::kDelete)
      op->argument = op->kind == OpKind::kIncr ? static_cast<int64_t>(dice_.Between(1, 9)) : next_value++;
    text_ = TextOf(op->argument, counter_);
    op->start = now++;
  }
  void End(Op* op) {
    op->end = now++;
    log_->push_back(*op);
  }
  [[noreturn]] void Wrong(const char* what, shale_status s) {
    Fatal("%s of %s: %s", what, name_.c_str(), shale_status_name(s));
  }

  void One() {
    switch (dice_.Below(16)) {
      case 0:
      case 1:
      case 2:
        return Put();
      case 3:
        return Delete();
      case 4:
        return Swap();
      case 5:
        return CompareAndSet();
      case 6:
        return PutIfAbsent();
      case 7:
        return Incr();
      case 8:
      case 9:
        return Load();
      case 10:
        return GetMany();
      default:
        return Get();
    }
  }

  void Put() {
    Op op = Begin(OpKind::kPut);
    Start(&op);
    const uint32_t flags = dice_.OneIn(8) ? SHALE_WRITE_AROUND : 0;
    const shale_status s =
        shale_put(db_, name_.data(), name_.size(), text_.data(), text_.size(), 0, nullptr, flags, nullptr);
    if (s != SHALE_OK) Wrong("put", s);
    End(&op);
  }
  void Delete() {
    Op op = Begin(OpKind::kDelete);
    Start(&op);
    const shale_status s = shale_delete(db_, name_.data(), name_.size(), 0, nullptr);
    if (s != SHALE_OK) Wrong("delete", s);
    End(&op);
  }
  void Swap() {
    Op op = Begin(OpKind::kSwap);
    Start(&op);
    void* old = nullptr;
    size_t size = 0;
    const shale_status s = shale_get_and_set(db_, name_.data(), name_.size(), text_.data(), text_.size(), 0,
                                             &old, &size, nullptr, 0, nullptr);
    if (s != SHALE_OK && s != SHALE_NOT_FOUND) Wrong("get_and_set", s);
    op.result = s == SHALE_OK ? ValueOf(old, size) : kAbsent;
    shale_mem_free(old);
    End(&op);
  }
  void CompareAndSet() {
    Op op = Begin(OpKind::kCompareAndSet);
    op.expected = last_seen_[op.key];
    Start(&op);
    const std::string expected = TextOf(op.expected, counter_);
    const shale_status s =
        shale_compare_and_set(db_, name_.data(), name_.size(), expected.data(), expected.size(), text_.data(),
                              text_.size(), 0, nullptr, 0, nullptr);
    if (s < 0) Wrong("compare_and_set", s);
    op.done = s == SHALE_OK;
    End(&op);
  }
  void PutIfAbsent() {
    Op op = Begin(OpKind::kPutIfAbsent);
    Start(&op);
    const shale_status s = shale_put(db_, name_.data(), name_.size(), text_.data(), text_.size(), 0, nullptr,
                                     SHALE_IF_ABSENT, nullptr);
    if (s < 0) Wrong("put if absent", s);
    op.done = s == SHALE_OK;
    End(&op);
  }
  void Incr() {
    Op op = Begin(OpKind::kIncr);
    op.key |= 1;
    Start(&op);
    const shale_status s = shale_incr(db_, name_.data(), name_.size(), op.argument, &op.result, 0, nullptr);
    if (s != SHALE_OK) Wrong("incr", s);
    End(&op);
  }
  void Seen(Op* op, shale_status s, const void* bytes, size_t size) {
    op->result = s == SHALE_OK ? ValueOf(bytes, size) : kAbsent;
    if (s == SHALE_OK) last_seen_[op->key] = op->result;
  }
  void Get() {
    Op op = Begin(OpKind::kGet);
    Start(&op);
    char buf[2 * kValueBytes];
    const void* bytes = buf;
    size_t size = 0;
    shale_pin* pin = nullptr;
    const shale_status s =
        dice_.OneIn(4)
            ? shale_get_pinned(db_, name_.data(), name_.size(), &pin, &bytes, &size, nullptr, 0, nullptr)
            : shale_get_into(db_, name_.data(), name_.size(), buf, sizeof buf, &size, nullptr, 0, nullptr);
    if (s != SHALE_OK && s != SHALE_NOT_FOUND) Wrong("get", s);
    Seen(&op, s, bytes, size);
    End(&op);
    shale_pin_free(pin);
  }
  void GetMany() {
    Op ops[2] = {Begin(OpKind::kGet), Begin(OpKind::kGet)};
    if (ops[0].key == ops[1].key) ops[1].key = static_cast<uint8_t>((ops[1].key + 1) % kKeys);
    std::string names[2];
    shale_slice keys[2];
    for (int i = 0; i < 2; i++) {
      Start(&ops[i]);
      names[i] = name_;
      keys[i] = {names[i].data(), names[i].size()};
    }
    shale_results* results = nullptr;
    const shale_status s = shale_multi_get(db_, keys, 2, &results, 0, nullptr);
    if (s != SHALE_OK) Wrong("multi_get", s);
    for (size_t i = 0; i < 2; i++) {
      const void* bytes = nullptr;
      size_t size = 0;
      const shale_status answer = shale_results_at(results, i, &bytes, &size, nullptr);
      if (answer < 0) Wrong("multi_get", answer);
      Seen(&ops[i], answer, bytes, size);
      End(&ops[i]);
    }
    shale_results_free(results);
  }
  // What the lease call sees is a read; what it sets under the lease must have been absent.
  void Load() {
    Op op = Begin(OpKind::kGet);
    Start(&op);
    char buf[2 * kValueBytes];
    const void* bytes = nullptr;
    size_t size = 0;
    shale_pin* pin = nullptr;
    shale_lease* lease = nullptr;
    const shale_status s =
        shale_get_or_lease(db_, name_.data(), name_.size(), static_cast<int64_t>(dice_.Below(3)), 1000, buf,
                           sizeof buf, &pin, &bytes, &size, nullptr, &lease, 0, nullptr);
    if (s < 0) Wrong("get_or_lease", s);
    Seen(&op, s, bytes, size);
    shale_pin_free(pin);
    if (s == SHALE_OK || s == SHALE_LEASED) End(&op);   // else it has not looked
    if (s != SHALE_LEASED) return;
    if (dice_.OneIn(4)) usleep(static_cast<useconds_t>(dice_.Below(100)));
    if (!dice_.OneIn(4)) {
      Op load = op;
      load.kind = OpKind::kFulfil;
      Start(&load);
      const shale_status set = shale_lease_fulfil(lease, text_.data(), text_.size(), 0, nullptr, 0, nullptr);
      if (set != SHALE_OK && set != SHALE_MISMATCH) Wrong("fulfil", set);
      load.done = set == SHALE_OK;
      End(&load);
    }
    shale_lease_free(lease);
  }

  shale_db* const db_;
  Dice dice_;
  const uint8_t number_;
  std::vector<Op>* const log_;
  int64_t last_seen_[kKeys] = {};
  bool counter_ = false;
  std::string name_;
  std::string text_;
};

void Run(bool with_path, uint64_t ops_wanted) {
  Fixture store(with_path);
  const uint64_t seed = TestSeed();
  SetFatalSeed(seed);
  std::vector<Linearizer> linearizers(kKeys);
  uint64_t ops_done = 0, fulfilled = 0, here = 0, pieces = 0;
  for (uint64_t piece = 0; ops_done < ops_wanted; piece++) {
    pieces++;
    std::vector<std::vector<Op>> logs(kThreads);
    std::vector<std::thread> threads;
    for (uint64_t t = 0; t < kThreads; t++) {
      threads.emplace_back(
          [&, t] { Worker(store.db, static_cast<uint8_t>(t), seed + piece * kThreads + t, &logs[t]).Run(); });
    }
    for (std::thread& t : threads) t.join();
    here += store.KeysHere();
    std::vector<std::vector<Op>> histories(kKeys);
    for (const std::vector<Op>& log : logs) {
      for (const Op& op : log) {
        histories[op.key].push_back(op);
        fulfilled += op.kind == OpKind::kFulfil && op.done;
      }
      ops_done += log.size();
    }
    for (size_t key = 0; key < kKeys; key++) {
      std::string why;
      if (!linearizers[key].Check(histories[key], &why)) Fatal("key %zu: %s", key, why.c_str());
    }
  }
  std::printf(
      "             %llu operations, 0 violations; yields %llu, fulfilled %llu, evictions %lld, fills %lld, "
      "rejected %lld, keys in memory %llu\n",
      static_cast<unsigned long long>(ops_done), static_cast<unsigned long long>(yields.load()),
      static_cast<unsigned long long>(fulfilled), static_cast<long long>(store.Stat("cache.evictions")),
      static_cast<long long>(store.Stat("cache.fills")),
      static_cast<long long>(store.Stat("cache.fills_rejected")),
      static_cast<unsigned long long>(here / pieces));
  assert_true(yields.load() > 0 && fulfilled > 0);
  if (!with_path) return;
  // It was the test that it means to be.
  assert_in_range(here / pieces, 4, 32);
  assert_true(store.Stat("cache.evictions") > static_cast<int64_t>(ops_done / 100));
  assert_true(store.Stat("cache.fills") > static_cast<int64_t>(ops_done / 100));
  assert_true(store.Stat("cache.fills_rejected") > 0);
}

TEST(every_history_has_an_order_with_a_path) {
  Run(true, EnvNumber("OPS", kSanitized ? 40'000 : 200'000));
}

TEST(every_history_has_an_order_in_memory_only) {
  Run(false, EnvNumber("OPS", kSanitized ? 40'000 : 200'000) / 4);
}

}   // namespace
}   // namespace shale_test

RUN()
