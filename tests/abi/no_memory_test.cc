// The N-th allocation of a call fails, alone or with all that follow, on its thread or in the whole process:
// the call says E_NO_MEMORY (or did without), hands over nothing, leaks no handle, and what it did not touch
// stays as it was. A write that had reached the log makes its shard read-only, as a failed append does: the
// next open says whether it has happened, and of a batch all or nothing has. By default a few allocations of
// each call are tried with a path, and all of them in memory; SWEEP=n tries every n-th with a path too.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "abi/failing_memory.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

using Plan = FailurePlan;

constexpr Plan kPlans[] = {{0, false, false}, {0, true, false}, {0, false, true}, {0, true, true}};
const std::string kLarge(3000, 'l');

void InsistNull(const void* pointer, const char* what) {
  if (pointer != nullptr) Fatal("%s: an output of a call that failed is set", what);
}

shale_db* OpenAt(const std::string& path) {
  Options options;
  options.Set("memory.budget", OptionMinimum("memory.budget").c_str());
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.empty() ? nullptr : path.c_str(), options.get(), &db, &err), &err, "open");
  return db;
}

// The store that calls work on; opened anew when a failure has made a shard read-only.
struct Home {
  explicit Home(const std::string& at) : path(at), backup(at + "-backup"), db(OpenAt(at)) {}
  ~Home() { shale_free(db); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  void Reopen() {
    (void)shale_close(db, nullptr);   // which reports the failure
    shale_free(db);
    db = OpenAt(path);
    reopened++;
  }
  void ReopenIfBroken() {
    for (int32_t shard = 0; shard < SHALE_DISK_SHARDS; shard++) {
      int32_t state = SHALE_SHARD_OPEN;
      Want(SHALE_OK, shale_shard_state(db, shard, &state, nullptr), nullptr, "shard_state");
      if (state != SHALE_SHARD_OPEN) return Reopen();
    }
  }
  std::string Get(const std::string& key) const {
    void* value = nullptr;
    size_t size = 0;
    const shale_status s =
        shale_get(db, key.data(), key.size(), &value, &size, nullptr, SHALE_NO_FILL, nullptr);
    if (s != SHALE_OK && s != SHALE_NOT_FOUND) Fatal("get of %s: %s", key.c_str(), shale_status_name(s));
    std::string text = s == SHALE_OK ? std::string(static_cast<char*>(value), size) : "none";
    shale_mem_free(value);
    return text;
  }
  // What must hold after every call, failed or not.
  void Check(const char* what) const {
    if (Get("apart") != "1") Fatal("%s: a key that nobody touched has changed", what);
    const std::string first = Get("b1");
    for (const char* key : {"b2", "b3", "b4"}) {
      if (Get(key) != first) Fatal("%s: a part of a batch: b1 is %s, %s is not", what, first.c_str(), key);
    }
  }

  const std::string path, backup;
  shale_db* db;
  int reopened = 0;
};

struct Verb {
  const char* name;
  std::function<shale_status(Home*, shale_error**)> call;
};

// A shard that a failure made read-only may be met by the rest of the same call.
bool IsDocumented(shale_status status) {
  return status >= 0 || status == SHALE_E_NO_MEMORY || status == SHALE_E_LIMIT || status == SHALE_E_READ_ONLY;
}

// Calls a verb with memory running out; returns how many allocations there were.
int64_t Try(Home* home, const Verb& verb, const Plan& plan) {
  const int64_t handles = shale_live_handles();
  shale_error* err = nullptr;
  FailingMemory::Arm(plan);
  const shale_status status = verb.call(home, &err);
  const int64_t seen = FailingMemory::Disarm();
  const auto nth = static_cast<long long>(plan.nth);
  if (!IsDocumented(status) || (!FailingMemory::failed() && status < 0))
    Fatal("%s, allocation %lld: %s: %s", verb.name, nth, shale_status_name(status), shale_error_message(err));
  shale_error_free(err);
  if (FailingMemory::failed() && !home->path.empty()) home->ReopenIfBroken();
  if (shale_live_handles() != handles)
    Fatal("%s, allocation %lld: %lld handles are left", verb.name, nth,
          static_cast<long long>(shale_live_handles() - handles));
  home->Check(verb.name);
  return seen;
}

// Returns how many tries met a failure.
int Sweep(Home* home, const Verb& verb) {
  Try(home, verb, Plan());   // a thread's first use of what it keeps for itself
  const auto every = static_cast<int64_t>(EnvNumber("SWEEP", 0));
  const bool all = home->path.empty() || every != 0;
  int failed = 0;
  for (size_t p = 0; p < std::size(kPlans); p++) {
    Plan plan = kPlans[p];
    Plan counts = plan;
    counts.nth = INT64_MAX;
    const int64_t count = Try(home, verb, counts);
    const int64_t step = all ? std::max<int64_t>(1, every) : std::max<int64_t>(1, count * 2 / 3);
    // The slice begins each plan at another place.
    for (plan.nth = all ? 0 : count * static_cast<int64_t>(p) / 7; plan.nth < count; plan.nth += step) {
      Try(home, verb, plan);
      failed += FailingMemory::failed() ? 1 : 0;
    }
  }
  return failed;
}

Verb PutVerb(const char* name, const char* key, size_t bytes, uint32_t flags) {
  return {name, [=](Home* home, shale_error** err) {
            return shale_put(home->db, key, std::strlen(key), kLarge.data(), bytes, SHALE_TTL_NEVER, nullptr,
                             flags, err);
          }};
}

std::vector<Verb> WriteVerbs() {
  std::vector<Verb> verbs = {PutVerb("put, small", "small", 9, 0), PutVerb("put, large", "large", 3000, 0),
                             PutVerb("put, around", "around", 3000, SHALE_WRITE_AROUND),
                             PutVerb("put, synced", "sync", 9, SHALE_SYNC)};
  verbs.push_back({"incr", [](Home* home, shale_error** err) {
                     int64_t result = 0;
                     return shale_incr(home->db, "counter", 7, 1, &result, 0, err);
                   }});
  verbs.push_back({"get_and_set", [](Home* home, shale_error** err) {
                     void* old = nullptr;
                     size_t size = 0;
                     const shale_status s = shale_get_and_set(home->db, "large", 5, kLarge.data(), 2000,
                                                              SHALE_TTL_NEVER, &old, &size, nullptr, 0, err);
                     if (s < 0) InsistNull(old, "get_and_set");
                     shale_mem_free(old);
                     return s;
                   }});
  verbs.push_back({"expire", [](Home* home, shale_error** err) {
                     return shale_expire(home->db, "large", 5, 1 << 30, 0, err);
                   }});
  verbs.push_back(
      {"delete", [](Home* home, shale_error** err) { return shale_delete(home->db, "small", 5, 0, err); }});
  verbs.push_back({"write", [](Home* home, shale_error** err) {
                     shale_batch* batch = nullptr;
                     shale_status s = shale_batch_new(&batch);
                     static char turn = 'a';
                     turn = turn == 'z' ? 'a' : static_cast<char>(turn + 1);
                     const char value[] = {'v', turn};
                     for (const char* key : {"b1", "b2", "b3", "b4"}) {
                       if (s == SHALE_OK) s = shale_batch_put(batch, key, 2, value, 2, SHALE_TTL_NEVER, err);
                     }
                     if (s == SHALE_OK) s = shale_write(home->db, batch, 0, err);
                     shale_batch_free(batch);
                     return s;
                   }});
  verbs.push_back({"multi_put", [](Home* home, shale_error** err) {
                     const shale_slice keys[] = {{"m1", 2}, {"m2", 2}, {"m3", 2}};
                     const shale_slice values[] = {{"1", 1}, {kLarge.data(), 2500}, {"", 0}};
                     return shale_multi_put(home->db, keys, values, 3, SHALE_TTL_NEVER, 0, err);
                   }});
  verbs.push_back({"delete_range", [](Home* home, shale_error** err) {
                     return shale_delete_range(home->db, "x", 1, "y", 1, 0, err);
                   }});
  return verbs;
}

std::vector<Verb> ReadVerbs() {
  std::vector<Verb> verbs;
  verbs.push_back({"get", [](Home* home, shale_error** err) {
                     void* value = nullptr;
                     size_t size = 0;
                     const shale_status s =
                         shale_get(home->db, "around", 6, &value, &size, nullptr, SHALE_NO_FILL, err);
                     if (s < 0) InsistNull(value, "get");
                     shale_mem_free(value);
                     return s;
                   }});
  verbs.push_back({"get_pinned", [](Home* home, shale_error** err) {
                     shale_pin* pin = nullptr;
                     const void* value = nullptr;
                     size_t size = 0;
                     const shale_status s = shale_get_pinned(home->db, "around", 6, &pin, &value, &size,
                                                             nullptr, SHALE_NO_FILL, err);
                     if (s < 0) InsistNull(pin, "get_pinned");
                     shale_pin_free(pin);
                     return s;
                   }});
  verbs.push_back({"multi_get", [](Home* home, shale_error** err) {
                     const shale_slice keys[] = {{"small", 5}, {"around", 6}, {"none", 4}};
                     shale_results* results = nullptr;
                     shale_status s = shale_multi_get(home->db, keys, 3, &results, SHALE_NO_FILL, err);
                     for (size_t i = 0; s == SHALE_OK && i < 3; i++) {
                       const shale_status one = shale_results_at(results, i, nullptr, nullptr, nullptr);
                       if (one < 0) s = one;
                     }
                     shale_results_free(results);
                     return s;
                   }});
  verbs.push_back({"scan", [](Home* home, shale_error** err) {
                     shale_iter* iter = nullptr;
                     shale_status s = shale_iter_new(home->db, nullptr, 0, nullptr, 0, 0, &iter, 0, err);
                     while (s == SHALE_OK) {
                       const void *key = nullptr, *value = nullptr;
                       size_t key_len = 0, value_len = 0;
                       s = shale_iter_next(iter, &key, &key_len, &value, &value_len, err);
                     }
                     shale_iter_free(iter);
                     return s;
                   }});
  return verbs;
}

std::vector<Verb> LookVerbs() {
  std::vector<Verb> verbs;
  verbs.push_back({"snapshot", [](Home* home, shale_error** err) {
                     shale_snapshot* snapshot = nullptr;
                     shale_status s = shale_snapshot_new(home->db, &snapshot, 0, err);
                     void* value = nullptr;
                     size_t size = 0;
                     if (s == SHALE_OK)
                       s = shale_snapshot_get(snapshot, "around", 6, &value, &size, nullptr, 0, err);
                     shale_mem_free(value);
                     shale_snapshot_free(snapshot);
                     return s;
                   }});
  verbs.push_back({"get_or_lease", [](Home* home, shale_error** err) {
                     shale_lease* lease = nullptr;
                     shale_pin* pin = nullptr;
                     const void* value = nullptr;
                     size_t size = 0;
                     shale_status s = shale_get_or_lease(home->db, "to load", 7, 0, 0, nullptr, 0, &pin,
                                                         &value, &size, nullptr, &lease, 0, err);
                     if (s == SHALE_LEASED) s = shale_lease_fail(lease, 0, 0, err);
                     shale_lease_free(lease);
                     shale_pin_free(pin);
                     return s;
                   }});
  verbs.push_back({"stats", [](Home* home, shale_error** err) {
                     char* text = nullptr;
                     shale_status s = shale_stats_json(home->db, &text, err);
                     shale_mem_free(text);
                     return s;
                   }});
  verbs.push_back({"count", [](Home* home, shale_error** err) {
                     int64_t keys = 0, bytes = 0;
                     return shale_count(home->db, nullptr, 0, nullptr, 0, nullptr, nullptr, &keys, &bytes, 0,
                                        err);
                   }});
  verbs.push_back({"estimate", [](Home* home, shale_error** err) {
                     int64_t keys = 0, bytes = 0;
                     return shale_estimate(home->db, nullptr, 0, nullptr, 0, &keys, &bytes, 0, err);
                   }});
  return verbs;
}

// With a path, these have much to do.
std::vector<Verb> StoreVerbs() {
  std::vector<Verb> verbs;
  verbs.push_back({"flush", [](Home* home, shale_error** err) {
                     shale_status s = shale_put(home->db, "f", 1, "v", 1, SHALE_TTL_NEVER, nullptr, 0, err);
                     return s == SHALE_OK ? shale_flush(home->db, err) : s;
                   }});
  verbs.push_back({"reclaim", [](Home* home, shale_error** err) {
                     return shale_reclaim(home->db, nullptr, nullptr, 0, err);
                   }});
  verbs.push_back({"compact", [](Home* home, shale_error** err) {
                     return shale_compact(home->db, nullptr, 0, nullptr, 0, nullptr, nullptr, 0, err);
                   }});
  verbs.push_back({"backup", [](Home* home, shale_error** err) {
                     const shale_status s = shale_backup(home->db, home->backup.c_str(), nullptr, nullptr,
                                                         nullptr, nullptr, 0, err);
                     FailingMemory::Disarm();
                     if (std::filesystem::exists(home->backup) != (s == SHALE_OK))
                       Fatal("backup: half of one is there");
                     std::filesystem::remove_all(home->backup);
                     return s;
                   }});
  verbs.push_back({"close, verify, open", [](Home* home, shale_error** err) {
                     const shale_status closed = shale_close(home->db, err);
                     if (closed < 0) shale_error_free(*err);
                     *err = nullptr;
                     shale_free(home->db);
                     int64_t problems = 0;
                     char* report = nullptr;
                     (void)shale_verify(home->path.c_str(), nullptr, nullptr, &problems, &report, 0, nullptr);
                     if (problems != 0) Fatal("verify: %s", report != nullptr ? report : "no report");
                     shale_mem_free(report);
                     shale_db* db = nullptr;
                     const shale_status s = shale_open(home->path.c_str(), nullptr, &db, err);
                     FailingMemory::Disarm();
                     if (s != SHALE_OK) InsistNull(db, "open");
                     shale_free(db);
                     home->db = OpenAt(home->path);
                     return s;
                   }});
  return verbs;
}

void Run(const std::string& path) {
  Home home(path);
  Want(SHALE_OK, shale_put(home.db, "apart", 5, "1", 1, SHALE_TTL_NEVER, nullptr, 0, nullptr), nullptr,
       "put");
  std::vector<Verb> verbs = WriteVerbs();
  for (const Verb& verb : ReadVerbs()) verbs.push_back(verb);
  for (const Verb& verb : LookVerbs()) verbs.push_back(verb);
  if (!path.empty()) {
    for (const Verb& verb : StoreVerbs()) verbs.push_back(verb);
  }
  int failed = 0;
  for (const Verb& verb : verbs) {
    const int one = Sweep(&home, verb);
    if (EnvNumber("SWEEP", 0) != 0) std::printf("             %s: %d\n", verb.name, one);
    std::fflush(stdout);
    failed += one;
  }
  std::printf("             %d calls met a failure, %d opens after it\n", failed, home.reopened);
  if (failed < 30) Fatal("hardly anything failed");
  home.Check("at the end");
  if (path.empty()) return;
  home.Reopen();
  home.Check("opened anew");
  // Also over what a backup without memory could not take away.
  Want(SHALE_OK, shale_backup(home.db, home.backup.c_str(), nullptr, nullptr, nullptr, nullptr, 0, nullptr),
       nullptr, "backup");
  std::filesystem::remove_all(home.backup);
}

TEST(memory_may_run_out_in_every_call_with_a_path) {
  if (kSanitized) return;
  const TempDir dir("no-memory");
  Run(dir.path());
}

TEST(memory_may_run_out_in_every_call_in_memory) {
  if (kSanitized) return;
  Run("");
}

}   // namespace
}   // namespace shale_test

RUN()
