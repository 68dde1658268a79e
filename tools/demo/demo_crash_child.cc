#include "demo/demo_crash_child.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "demo/demo_store.h"

namespace shale::demo {
namespace {

constexpr int64_t kPutsBetweenBatches = 15;

void WriteOn(shale_db* db, Oracle::Thread* notes, int round, int thread) {
  const Batch batch = NewBatch();
  int64_t number = notes->batches.load();
  for (int64_t n = 0;; ++n) {
    Put(db, CrashKey(round, thread, n), CrashValue(round, thread, n));
    notes->puts.store(n + 1);
    if (n % kPutsBetweenBatches != 0) continue;
    ++number;
    shale_batch_clear(batch.get());
    for (int member = 0; member < kGroupMembers; ++member) {
      BatchPut(batch.get(), GroupKey(thread, member), GroupValue(thread, number));
    }
    WriteBatch(db, batch.get());
    notes->batches.store(number);
  }
}

}   // namespace

Oracle* MapOracle(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(Oracle)) != 0) throw DemoFailure{path + ": " + std::strerror(errno)};
  void* const memory = ::mmap(nullptr, sizeof(Oracle), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) throw DemoFailure{path + ": " + std::strerror(errno)};
  return static_cast<Oracle*>(memory);
}

std::string CrashKey(int round, int thread, int64_t n) {
  return "crash/" + std::to_string(round) + "/" + std::to_string(thread) + "/" + std::to_string(n);
}

std::string CrashValue(int round, int thread, int64_t n) {
  // Names its key, so that a value in the wrong place is seen; then noise of a size on either side of the
  // inline limit.
  std::string value = CrashKey(round, thread, n) + ":";
  std::minstd_rand noise(static_cast<uint32_t>(n * 31 + thread * 7 + round + 1));
  const size_t size = value.size() + (n % 8 == 0 ? noise() % 4000 : noise() % 200);
  while (value.size() < size) value.push_back(static_cast<char>(noise() >> 8));
  return value;
}

std::string GroupKey(int thread, int member) {
  return "group/" + std::to_string(thread) + "/" + std::to_string(member);
}

std::string GroupValue(int thread, int64_t number) {
  return std::to_string(number) + std::string(static_cast<size_t>(40 + thread * 300), '.');
}

int RunCrashChild(const std::string& store, const std::string& oracle, int round) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);   // an interrupted demonstration leaves no process behind
  try {
    Oracle* const notes = MapOracle(oracle);
    const Db db = OpenStore(store);
    std::vector<std::thread> threads;
    for (int i = 0; i < kCrashThreads; ++i) {
      threads.emplace_back([&, i] {
        try {
          WriteOn(db.get(), &notes->threads[i], round, i);
        } catch (const DemoFailure& failure) {
          std::fprintf(stderr, "shale-demo: loading process: %s\n", failure.message.c_str());
          ::_exit(3);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  } catch (const DemoFailure& failure) {
    std::fprintf(stderr, "shale-demo: loading process: %s\n", failure.message.c_str());
  }
  return 3;
}

}   // namespace shale::demo
