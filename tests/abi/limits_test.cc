// What a process may run out of: descriptors, address space, and patience with 2,000 threads. An open
// succeeds or says what is missing, all or nothing; nobody crashes and nothing is left open. LIMITS=all tries
// every number of descriptors from 3 to 600.
#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string>
#include <vector>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

int OpenDescriptors() {
  int count = 0;
  DIR* const dir = opendir("/proc/self/fd");
  if (dir == nullptr) return -1;
  while (readdir(dir) != nullptr) count++;
  closedir(dir);
  return count;
}

// In a process of its own, which has used nothing of the library before.
template <typename Body>
int InChild(Body body) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) Fatal("cannot fork");
  if (pid == 0) {
    for (const int signal_number : {SIGSEGV, SIGABRT, SIGBUS})
      std::signal(signal_number, SIG_DFL);   // cmocka has others
    // Pages of the stack count too, and a stack that cannot grow is nobody's error.
    volatile char stack[512 << 10];
    for (size_t i = 0; i < sizeof stack; i += 4096) stack[i] = 1;
    _exit(body());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status)) Fatal("the process ended with signal %d", WTERMSIG(status));
  return WEXITSTATUS(status);
}

// 0: worked, 1: was refused in a documented way, 2: something else.
int UseStore(const std::string& path) {
  const int before = OpenDescriptors();
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  shale_status s = shale_open(path.c_str(), nullptr, &db, &err);
  if (s != SHALE_OK) {
    const bool documented = s == SHALE_E_LIMIT || s == SHALE_E_NO_MEMORY || s == SHALE_E_IO;
    const bool says = shale_error_message(err)[0] != '\0' || s == SHALE_E_NO_MEMORY;
    shale_error_free(err);
    const bool clean =
        db == nullptr && (before < 0 || OpenDescriptors() == before) && shale_live_handles() == 0;
    return documented && says && clean ? 1 : 2;
  }
  const std::string value(2000, 'v');
  bool right = true;
  for (int i = 0; i < 50; i++) {
    const std::string key = "key" + std::to_string(i);
    s = shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0,
                  nullptr);
    right = right && (s == SHALE_OK || s == SHALE_E_NO_MEMORY || s == SHALE_E_LIMIT || s == SHALE_E_IO ||
                      s == SHALE_E_READ_ONLY);
    if (s != SHALE_OK) continue;
    void* got = nullptr;
    size_t size = 0;
    s = shale_get(db, key.data(), key.size(), &got, &size, nullptr, 0, nullptr);
    right = right && (s == SHALE_E_NO_MEMORY || (s == SHALE_OK && size == value.size()));
    shale_mem_free(got);
  }
  (void)shale_close(db, nullptr);
  shale_free(db);
  return right && shale_live_handles() == 0 ? 0 : 2;
}

TEST(every_limit_of_descriptors_is_met_with_success_or_a_reason) {
  const TempDir dir("limits-files");
  const bool all = std::getenv("LIMITS") != nullptr;
  int worked = 0, refused = 0;
  for (rlim_t limit = 3; limit <= 600; limit += all ? 1 : (limit < 20 ? 4 : 83)) {
    const int result = InChild([&] {
      const rlimit files = {limit, limit};
      if (setrlimit(RLIMIT_NOFILE, &files) != 0) return 2;
      return UseStore(dir.path());
    });
    if (result == 2)
      Fatal("with %llu descriptors: neither success nor a reason", static_cast<unsigned long long>(limit));
    worked += result == 0;
    refused += result == 1;
  }
  std::printf("             %d limits worked, %d were refused\n", worked, refused);
  assert_true(worked > 0 && refused > 0);
  assert_int_equal(InChild([&] { return UseStore(dir.path()); }), 0);
}

TEST(every_limit_of_address_space_is_met_with_success_or_a_reason) {
  if (kSanitized) return;   // which maps terabytes itself
  const TempDir dir("limits-space");
  assert_int_equal(InChild([&] { return UseStore(dir.path()); }), 0);
  int worked = 0, refused = 0;
  for (rlim_t mib : {1, 4, 16, 48, 96, 160, 320, 640, 1280, 2560, 5120, 65536}) {
    const int result = InChild([&] {
      // Of what the process has already, nothing is taken.
      FILE* const file = std::fopen("/proc/self/statm", "r");
      unsigned long pages = 0;
      if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) return 2;
      std::fclose(file);
      const rlim_t bytes = pages * 4096 + (mib << 20);
      const rlimit space = {bytes, bytes};
      if (setrlimit(RLIMIT_AS, &space) != 0) return 2;
      return UseStore(dir.path());
    });
    if (result == 2)
      Fatal("with %llu MiB more: neither success nor a reason", static_cast<unsigned long long>(mib));
    worked += result == 0;
    refused += result == 1;
  }
  std::printf("             %d limits worked, %d were refused\n", worked, refused);
  assert_true(worked > 0 && refused > 0);
  assert_int_equal(InChild([&] { return UseStore(dir.path()); }), 0);
}

// Threads that wait at a gate asleep: thousands that look at a flag leave no time to start the next one.
struct Crowd {
  shale_db* db = nullptr;
  std::atomic<int> wrong{0};
  std::mutex mu;
  std::condition_variable gate;
  bool go = false;
};

void* OneOfMany(void* arg) {
  auto* const crowd = static_cast<Crowd*>(arg);
  {
    std::unique_lock<std::mutex> lock(crowd->mu);
    crowd->gate.wait(lock, [crowd] { return crowd->go; });
  }
  int64_t sum = 0;
  for (int i = 0; i < 3; i++) {
    if (shale_incr(crowd->db, "sum", 3, 1, &sum, 0, nullptr) != SHALE_OK) crowd->wrong++;
  }
  return nullptr;
}

TEST(two_thousand_threads_are_served) {
  constexpr size_t kThreads = kSanitized ? 200 : 2000;   // waiting for one lock, most of the time
  const TempDir dir("limits-threads");
  Crowd crowd;
  Want(SHALE_OK, shale_open(dir.path().c_str(), nullptr, &crowd.db, nullptr), nullptr, "open");
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, size_t{256} << 10);
  std::vector<pthread_t> threads;
  while (threads.size() < kThreads) {
    pthread_t thread;
    if (pthread_create(&thread, &attr, &OneOfMany, &crowd) != 0) break;   // the machine has no more
    threads.push_back(thread);
  }
  pthread_attr_destroy(&attr);
  {
    const std::lock_guard<std::mutex> lock(crowd.mu);
    crowd.go = true;
    crowd.gate.notify_all();
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  std::printf("             %zu threads\n", threads.size());
  assert_true(threads.size() > 100);
  assert_int_equal(crowd.wrong, 0);
  int64_t sum = 0;
  Want(SHALE_OK, shale_incr(crowd.db, "sum", 3, 0, &sum, 0, nullptr), nullptr, "sum");
  assert_int_equal(sum, 3 * threads.size());
  Want(SHALE_OK, shale_close(crowd.db, nullptr), nullptr, "close");
  shale_free(crowd.db);
}

}   // namespace
}   // namespace shale_test

RUN()
