// The wall clock is set forth and back at random, also while the store is closed, and machines start anew:
// what is over is never returned, by no call, and nothing is over early unless the wall clock went forth.
// STEPS=n, SEED=n. Each session is a process of its own, because a process has one clock for all of its life.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <ctime>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace {
std::atomic<int64_t> wall_ms{1'700'000'000'000};
std::atomic<int64_t> boot_ms{50'000};
}   // namespace

// In place of libc's, for this program: two clocks are ours, the others are real.
extern "C" int clock_gettime(clockid_t id, timespec* ts) noexcept {
  if (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME)
    return static_cast<int>(syscall(SYS_clock_gettime, id, ts));
  const int64_t ms = id == CLOCK_REALTIME ? wall_ms.load() : boot_ms.load();
  ts->tv_sec = static_cast<time_t>(ms / 1000);
  ts->tv_nsec = static_cast<long>(ms % 1000 * 1'000'000);
  return 0;
}

namespace shale_test {
namespace {

constexpr uint64_t kKeys = 48;

// What is known of a key. Times are milliseconds for which the store has been open.
struct Known {
  bool exists = false;
  int64_t over_at = INT64_MAX;
  int64_t number = 0;
  uint64_t forth = 0;   // steps forth before it was written
};

// Outlives the processes.
struct World {
  int64_t wall_ms = 0, boot_ms = 0;
  int64_t open_ms = 0;
  uint64_t forth = 0, steps = 0, asked_when_over = 0, next_number = 1;
  Known keys[kKeys];
};

class Session {
 public:
  Session(World* world, const char* path, uint64_t seed) : world_(world), dice_(seed), path_(path) {
    SetFatalSeed(seed);
    shale_error* err = nullptr;
    Options options;
    options.Set("memory.budget", path != nullptr ? "12MiB" : "8MiB");
    Want(SHALE_OK, shale_open(path, options.get(), &db_, &err), &err, "open");
  }
  ~Session() { shale_free(db_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Step() {
    StepClocks();
    const uint64_t i = dice_.Below(kKeys);
    name_ = "key " + std::to_string(i);
    Act(&world_->keys[i]);
    world_->steps++;
  }

 private:
  void StepClocks() {
    const auto passes = static_cast<int64_t>(dice_.Below(12));
    world_->open_ms += passes;
    boot_ms += passes;
    int64_t step = 0;
    if (dice_.OneIn(3)) {
      const int64_t reach[] = {10, 1000, 100'000, 1'000'000'000};
      const int64_t most = reach[dice_.Below(4)];
      step = static_cast<int64_t>(dice_.Below(static_cast<uint64_t>(2 * most))) - most;
      // Mostly back, or the library's clock would run ahead so far that nothing is ever close to its end.
      if (step > 0 && !dice_.OneIn(200)) step = -step;
      if (wall_ms.load() + step < 1'000'000'000'000) step = 0;
    }
    if (step > 0) world_->forth++;
    wall_ms += passes + step;
  }

  bool IsOver(const Known& known) const { return !known.exists || world_->open_ms >= known.over_at; }
  // The call says whether the key is there, and with what.
  void Told(Known* known, bool there, int64_t number, const char* call) {
    const bool over = IsOver(*known);
    world_->asked_when_over += over && known->exists;
    if (there && over) Fatal("%s of %s: it is over and was returned", call, name_.c_str());
    if (there && number != known->number) Fatal("%s of %s: another value", call, name_.c_str());
    if (!there && !over && known->forth == world_->forth)
      Fatal("%s of %s: gone too early", call, name_.c_str());
    // Gone is gone for ever, whatever the clocks say next.
    if (!there) known->exists = false;
  }
  void Written(Known* known, int64_t number, int64_t ttl_ms) {
    *known = Known{true, ttl_ms > 0 ? world_->open_ms + ttl_ms : INT64_MAX, number, world_->forth};
  }
  int64_t SomeTtl() { return dice_.OneIn(8) ? SHALE_TTL_NEVER : static_cast<int64_t>(dice_.Between(1, 600)); }
  static int64_t Parse(const void* bytes, size_t size) {
    return std::strtoll(std::string(static_cast<const char*>(bytes), size).c_str(), nullptr, 10);
  }
  bool There(shale_status s, const char* call) {
    if (s < 0 || s > SHALE_MISMATCH) Fatal("%s of %s: %s", call, name_.c_str(), shale_status_name(s));
    return s == SHALE_OK;
  }

  void Act(Known* known) {
    const char* key = name_.data();
    const size_t n = name_.size();
    const auto number = static_cast<int64_t>(world_->next_number++);
    const std::string text = std::to_string(number);
    const int64_t ttl_ms = SomeTtl();
    char buf[64];
    size_t size = 0;
    shale_status s = SHALE_OK;
    switch (dice_.Below(12)) {
      case 0:
      case 1:
        There(shale_put(db_, key, n, text.data(), text.size(), ttl_ms, nullptr, 0, nullptr), "put");
        return Written(known, number, ttl_ms);
      case 2: {
        const bool done = There(shale_put(db_, key, n, text.data(), text.size(), ttl_ms, nullptr,
                                          SHALE_IF_ABSENT, nullptr) == SHALE_EXISTS
                                    ? SHALE_NOT_FOUND
                                    : SHALE_OK,
                                "put if absent");
        Told(known, !done, known->number, "put if absent");
        if (done) Written(known, number, ttl_ms);
        return;
      }
      case 3: {
        void* old = nullptr;
        s = shale_get_and_set(db_, key, n, text.data(), text.size(), ttl_ms, &old, &size, nullptr, 0,
                              nullptr);
        Told(known, There(s, "get_and_set"), s == SHALE_OK ? Parse(old, size) : 0, "get_and_set");
        shale_mem_free(old);
        return Written(known, number, ttl_ms);
      }
      case 4: {
        const std::string expected = std::to_string(known->number);
        s = shale_compare_and_set(db_, key, n, expected.data(), expected.size(), text.data(), text.size(),
                                  ttl_ms, nullptr, 0, nullptr);
        Told(known, There(s, "compare_and_set"), known->number, "compare_and_set");
        if (s == SHALE_OK) Written(known, number, ttl_ms);
        return;
      }
      case 5: {   // keeps the deadline; of what is over nothing may be left in the sum
        int64_t sum = 0;
        There(shale_incr(db_, key, n, number, &sum, 0, nullptr), "incr");
        const bool there = sum != number;
        Told(known, there, sum - number, "incr");
        if (!there) return Written(known, sum, SHALE_TTL_NEVER);
        known->number = sum;
        return;
      }
      case 6: {
        s = shale_expire(db_, key, n, ttl_ms, 0, nullptr);
        const bool there = There(s, "expire");
        Told(known, there, known->number, "expire");
        if (there) Written(known, known->number, ttl_ms);
        return;
      }
      case 7: {
        int64_t left_ms = 0;
        s = shale_ttl(db_, key, n, &left_ms, 0, nullptr);
        Told(known, There(s, "ttl"), known->number, "ttl");
        if (s == SHALE_OK && left_ms != SHALE_TTL_NEVER && left_ms > known->over_at - world_->open_ms)
          Fatal("ttl of %s: more than was given", key);
        return;
      }
      case 8:
        return Told(known, There(shale_exists(db_, key, n, 0, nullptr), "exists"), known->number, "exists");
      case 9:
        return dice_.OneIn(path_ != nullptr ? 200 : 20) ? Scan() : GetMany(known);
      default:
        s = shale_get_into(db_, key, n, buf, sizeof buf, &size, nullptr, 0, nullptr);
        return Told(known, There(s, "get"), s == SHALE_OK ? Parse(buf, size) : 0, "get");
    }
  }
  void GetMany(Known* known) {
    const shale_slice keys[] = {{name_.data(), name_.size()}};
    shale_results* results = nullptr;
    const void* bytes = nullptr;
    size_t size = 0;
    There(shale_multi_get(db_, keys, 1, &results, 0, nullptr), "multi_get");
    const shale_status s = shale_results_at(results, 0, &bytes, &size, nullptr);
    Told(known, There(s, "multi_get"), s == SHALE_OK ? Parse(bytes, size) : 0, "multi_get");
    shale_results_free(results);
  }
  void Scan() {
    shale_iter* iter = nullptr;
    There(shale_iter_new(db_, nullptr, 0, nullptr, 0, 0, &iter, 0, nullptr), "iter_new");
    bool seen[kKeys] = {};
    const void *key = nullptr, *value = nullptr;
    size_t key_len = 0, value_len = 0;
    while (shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr) == SHALE_OK) {
      name_.assign(static_cast<const char*>(key), key_len);
      const auto i = static_cast<size_t>(Parse(name_.data() + 4, name_.size() - 4));
      seen[i] = true;
      Told(&world_->keys[i], true, Parse(value, value_len), "scan");
    }
    shale_iter_free(iter);
    for (size_t i = 0; i < kKeys; i++) {
      name_ = "key " + std::to_string(i);
      if (!seen[i]) Told(&world_->keys[i], false, 0, "scan");
    }
  }

  World* const world_;
  Dice dice_;
  const char* const path_;
  shale_db* db_ = nullptr;
  std::string name_;
};

// In a process of its own, from the clocks of the world.
void RunSession(World* world, const char* path, uint64_t seed, uint64_t steps) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    wall_ms = world->wall_ms;
    boot_ms = world->boot_ms;
    {
      Session session(world, path, seed);
      for (uint64_t i = 0; i < steps; i++) session.Step();
    }
    world->wall_ms = wall_ms;
    world->boot_ms = boot_ms;
    std::fflush(nullptr);
    _exit(0);
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

World* NewWorld() {
  void* memory = mmap(nullptr, sizeof(World), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(memory != MAP_FAILED);
  World* world = new (memory) World;
  world->wall_ms = wall_ms;
  world->boot_ms = boot_ms;
  return world;
}

void Report(World* world) {
  std::printf(
      "             %llu steps, %llu answers about keys that were over, 0 returned; the wall clock went "
      "forth %llu "
      "times\n",
      static_cast<unsigned long long>(world->steps), static_cast<unsigned long long>(world->asked_when_over),
      static_cast<unsigned long long>(world->forth));
  assert_true(world->asked_when_over > world->steps / 100);
  munmap(world, sizeof(World));
}

TEST(what_is_over_is_never_returned_in_memory) {
  const uint64_t steps = EnvNumber("STEPS", kSanitized ? 100'000 : 1'000'000);
  World* world = NewWorld();
  RunSession(world, nullptr, TestSeed(), steps);
  assert_int_equal(world->steps, steps);
  Report(world);
}

TEST(what_is_over_is_never_returned_over_restarts) {
  const uint64_t steps = EnvNumber("STEPS", kSanitized ? 20'000 : 200'000);
  constexpr uint64_t kSessions = 10;
  TempDir dir("clock");
  const uint64_t seed = TestSeed();
  Dice dice(seed);
  World* world = NewWorld();
  for (uint64_t i = 0; i < kSessions; i++) {
    RunSession(world, dir.path().c_str(), seed + i, steps / kSessions);
    // While it is closed no time passes for it, but the clocks are set as anybody likes; a machine may start
    // anew.
    if (dice.OneIn(2)) world->boot_ms = static_cast<int64_t>(dice.Below(100'000));
    world->wall_ms += static_cast<int64_t>(dice.Below(4'000'000'000)) - 3'900'000'000;
    world->forth++;
  }
  Report(world);
}

}   // namespace
}   // namespace shale_test

RUN()
