#include "store/index_jobs.h"

#include <unistd.h>

#include <atomic>
#include <new>
#include <thread>

#include "test.h"

using namespace shale;   // NOLINT

namespace {

struct Home {
  Home() {
    if (!pool.Start().ok()) std::abort();
  }
  ~Home() {
    jobs.Drain();
    jobs.AwaitIdle();
    std::string why;
    if (!jobs.Validate(&why)) {
      std::fprintf(stderr, "%s\n", why.c_str());
      std::abort();
    }
  }
  void Schedule() {
    jobs.Schedule([](void* arg) { static_cast<Home*>(arg)->Run(); }, this);
  }
  void Run() {
    while (blocked) usleep(100);
    ran++;
  }
  // Occupies the only place for low priority.
  void BlockLow() {
    pool.Submit(WorkPool::Priority::kLow, {[](void* arg) {
                                             while (*static_cast<std::atomic<bool>*>(arg)) usleep(100);
                                           },
                                           &low_blocked});
  }

  std::atomic<int> ran{0};
  std::atomic<bool> blocked{false};
  std::atomic<bool> low_blocked{true};
  IndexHealth health;
  WorkPool pool{"test", 2, 1};
  IndexJobs jobs{&pool, &health};
};

}   // namespace

TEST(jobs_are_held_until_release) {
  Home home;
  home.jobs.LogCreated(3);
  home.Schedule();
  home.jobs.LogCreated(4);
  usleep(5000);
  assert_int_equal(home.ran.load(), 0);
  home.jobs.Release();
  home.jobs.AwaitIdle();
  assert_int_equal(home.ran.load(), 1);
  assert_int_equal(home.jobs.parked(), 0);
}

TEST(a_job_asked_for_by_a_read_waits_for_the_next_log) {
  Home home;
  home.jobs.Release();
  home.jobs.LogCreated(3);
  {
    const IndexJobs::ReadScope reading(&home.jobs);
    home.Schedule();
  }
  usleep(5000);
  assert_int_equal(home.ran.load(), 0);
  assert_int_equal(home.jobs.parked(), 1);
  home.jobs.LogCreated(4);
  home.jobs.AwaitIdle();
  assert_int_equal(home.ran.load(), 1);
}

TEST(reads_of_another_index_park_nothing) {
  Home home, other;
  home.jobs.Release();
  {
    const IndexJobs::ReadScope reading(&home.jobs);
    const IndexJobs::ReadScope inner(&other.jobs);
    home.Schedule();
  }
  home.jobs.AwaitIdle();
  assert_int_equal(home.ran.load(), 1);
  {
    const IndexJobs::ReadScope reading(&home.jobs);
    { const IndexJobs::ReadScope inner(&other.jobs); }
    home.Schedule();   // the outer scope is back
  }
  assert_int_equal(home.jobs.parked(), 1);
}

TEST(drain_lets_held_and_parked_jobs_go) {
  for (const bool release : {false, true}) {
    Home home;
    if (release) home.jobs.Release();
    {
      const IndexJobs::ReadScope reading(&home.jobs);
      home.Schedule();
    }
    home.jobs.Drain();
    home.jobs.AwaitIdle();
    assert_int_equal(home.ran.load(), 1);
    const IndexJobs::ReadScope reading(&home.jobs);
    home.Schedule();
    home.jobs.AwaitIdle();
    assert_int_equal(home.ran.load(), 2);
  }
}

TEST(a_flush_does_not_wait_behind_compactions) {
  Home home;
  home.jobs.Release();
  home.jobs.LogCreated(3);
  home.BlockLow();
  home.Schedule();   // a compaction: no older memtable
  usleep(5000);
  assert_int_equal(home.ran.load(), 0);
  home.jobs.LogCreated(4);   // now it has a memtable to flush
  while (home.ran == 0) usleep(100);
  home.jobs.LogRemoved(3);
  assert_true(home.jobs.AwaitLogsRemovedBefore(4));
  home.low_blocked = false;
  home.jobs.AwaitIdle();
  assert_int_equal(home.ran.load(), 1);   // its old place in the queue ran nothing
}

TEST(logs_tell_when_memtables_are_in_tables) {
  Home home;
  home.jobs.Release();
  home.jobs.LogCreated(3);
  assert_false(home.jobs.NewestLogIsWritten());
  home.jobs.LogWritten();
  assert_true(home.jobs.NewestLogIsWritten());
  assert_true(home.jobs.AwaitLogsRemovedBefore(3));
  home.blocked = true;
  home.jobs.LogCreated(4);
  home.Schedule();
  assert_false(home.jobs.NewestLogIsWritten());
  assert_true(home.jobs.HasLog(3) && home.jobs.HasLog(4));
  std::atomic<bool> flushed{false};
  std::thread waiter([&] { flushed = home.jobs.AwaitLogsRemovedBefore(4); });
  usleep(5000);
  assert_false(flushed.load());
  home.jobs.LogRemoved(3);
  waiter.join();
  assert_true(flushed.load());
  assert_int_equal(home.jobs.flushes(), 1);
  home.jobs.LogRemoved(99);
  assert_int_equal(home.jobs.flushes(), 1);
  assert_int_equal(home.jobs.NewestLog(), 4);
  home.blocked = false;
}

TEST(waiting_for_a_flush_ends_when_no_job_is_left) {
  Home home;
  home.jobs.Release();
  home.jobs.LogCreated(3);
  home.jobs.LogCreated(4);
  home.Schedule();   // runs, and removes nothing
  assert_false(home.jobs.AwaitLogsRemovedBefore(4));
}

TEST(an_exception_in_a_job_makes_the_index_dead) {
  IndexHealth health;
  WorkPool pool("test", 1, 1);
  ASSERT_OK(pool.Start());
  IndexJobs jobs(&pool, &health);
  jobs.Release();
  jobs.Schedule([](void*) { throw std::bad_alloc(); }, nullptr);
  jobs.AwaitIdle();
  assert_true(health.dead());
  assert_false(jobs.Abandon());
  ASSERT_VALID(jobs);
}

TEST(nobody_waits_for_jobs_of_an_index_that_is_left_alone) {
  WorkPool pool("test", 1, 1);
  ASSERT_OK(pool.Start());
  static std::atomic<bool> inside, stuck, left;
  inside = left = false;
  stuck = true;
  IndexHealth health;
  IndexJobs jobs(&pool, &health);
  jobs.Release();
  jobs.LogCreated(3);
  jobs.LogCreated(4);
  jobs.Schedule(
      [](void* arg) {
        inside = true;
        while (stuck) usleep(100);
        static_cast<IndexJobs*>(arg)->Schedule([](void*) { std::abort(); }, arg);   // forgotten
      },
      &jobs);
  while (!inside) usleep(100);
  assert_true(jobs.Abandon());
  assert_false(jobs.AwaitLogsRemovedBefore(4));
  jobs.AwaitIdle();
  ASSERT_VALID(jobs);
  // The one thread there was is replaced.
  pool.Submit(WorkPool::Priority::kLow, {[](void*) { left = true; }, nullptr});
  while (!left) usleep(100);
  stuck = false;
  std::string why;
  while (!jobs.Validate(&why) || jobs.running() > 0) usleep(100);
  jobs.Schedule([](void*) { std::abort(); }, &jobs);
  jobs.AwaitIdle();
}

RUN()
