// An index that was left alone because memory ran out inside LevelDB, and the others that share its threads.
#include <unistd.h>

#include "abi/failing_memory.h"
#include "index_fixture.h"
#include "store/index.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

namespace {

constexpr int kTriesMax = 200;

// Leaves the index of `home` dead, with its mutex held, while its job is at work in a flush.
void KillWhileItFlushes(IndexHome* home) {
  home->Start(true);
  std::atomic<bool> inside{false}, go_on{false};
  home->syncer.on_call = [&] {
    inside = true;
    while (!go_on) usleep(100);
  };
  ASSERT_OK(home->Put("key", "row"));
  ASSERT_OK(home->index->BeginFlush());
  while (!inside) usleep(100);
  // LevelDB makes its iterators under its mutex.
  for (int64_t nth = 0; nth < kTriesMax && !home->index->poisoned(); nth++) {
    std::unique_ptr<IndexCursor> cursor;
    FailingMemory::Arm({nth, false, false});
    (void)home->index->NewCursor("", "", false, &cursor);
    FailingMemory::Disarm();
  }
  assert_true(home->index->poisoned());
  go_on = true;   // to the mutex, where it stays
  assert_true(home->index->Flush().Is(Code::E_NO_MEMORY));
  assert_true(home->Put("key", "row").Is(Code::E_NO_MEMORY));
  assert_true(home->index->Close().Is(Code::E_NO_MEMORY));
}

}   // namespace

// Memory ran out in a scan, inside LevelDB, whose mutex stayed locked; the shard's flush went for it and took
// one of the two threads of the pool, and with it the only place for compactions. The closes of all other
// shards then waited for jobs that never began: one run in four of no_memory_test did not end.
TEST(an_index_that_died_takes_no_thread_from_the_others) {
  if (kSanitized) return;
  WorkPool pool("test-index", 3, 2);
  ASSERT_OK(pool.Start());
  for (int i = 0; i < 4; i++) {
    IndexHome dead;
    dead.shared_pool = &pool;
    KillWhileItFlushes(&dead);
  }
  IndexHome alive;
  alive.shared_pool = &pool;
  alive.Start(true);
  for (int i = 0; i < 2000; i++) ASSERT_OK(alive.Put(KeyOf(i), std::string(200, 'v')));
  ASSERT_OK(alive.index->Flush());
  ASSERT_OK(alive.index->Compact());
  ASSERT_STR(alive.Get(KeyOf(7)), std::string(200, 'v'));
  alive.Close();
}

namespace {

// Reads until the index refuses to.
void ReadOn(void* arg) {
  auto* const home = static_cast<IndexHome*>(arg);
  Buffer row;
  Status s;
  while (s.ok()) {
    std::unique_ptr<IndexCursor> cursor;
    s = home->index->NewCursor("", "", false, &cursor);
    if (s.ok()) cursor->SeekToFirst();
    if (s.ok()) s = home->index->Get("key", &row);
  }
}

}   // namespace

// The collector made an iterator while a scan of the host ran out of memory under LevelDB's mutex: it waited
// for the mutex, and the close for the collector. Threads of the library now wait in front of LevelDB, and
// see the death when their turn comes.
TEST(a_thread_of_the_library_does_not_wait_for_the_mutex_of_a_dead_index) {
  if (kSanitized) return;
  for (int round = 0; round < 20; round++) {
    IndexHome home;
    home.Start(true);
    ASSERT_OK(home.Put("key", "row"));
    for (int i = 0; i < 3; i++) home.pool.Submit(WorkPool::Priority::kHigh, {ReadOn, &home});
    for (int64_t nth = 0; nth < kTriesMax && !home.index->poisoned(); nth++) {
      std::unique_ptr<IndexCursor> cursor;
      FailingMemory::Arm({nth, false, false});
      (void)home.index->NewCursor("", "", false, &cursor);
      FailingMemory::Disarm();
    }
    assert_true(home.index->poisoned());
    home.pool.Stop();
    ASSERT_OK(home.pool.Start());
    assert_true(home.index->Close().Is(Code::E_NO_MEMORY));
  }
}

RUN()
