#include "store/background.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <vector>

#include "base/mutex.h"
#include "test.h"

using namespace shale;   // NOLINT

namespace {

using Priority = WorkPool::Priority;

// Jobs wait at it until it is opened.
class Gate {
 public:
  void Open() {
    MutexLock lock(&mu_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Pass() {
    MutexLock lock(&mu_);
    waiting_++;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(&mu_);
    waiting_--;
  }
  void AwaitWaiting(int n) {
    MutexLock lock(&mu_);
    while (waiting_ < n) changed_.Wait(&mu_);
  }
  int waiting() {
    MutexLock lock(&mu_);
    return waiting_;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  bool open_ = false;
  int waiting_ = 0;
};

void PassGate(void* gate) {
  static_cast<Gate*>(gate)->Pass();
}
void AddOne(void* counter) {
  static_cast<std::atomic<int>*>(counter)->fetch_add(1);
}

// A job that writes down when it ran.
struct Numbered {
  int number = 0;
  Mutex* mu = nullptr;
  std::vector<int>* order = nullptr;
};
void Note(void* arg) {
  const auto* const job = static_cast<Numbered*>(arg);
  MutexLock lock(job->mu);
  job->order->push_back(job->number);
}

}   // namespace

TEST(stop_runs_all_that_was_submitted) {
  std::atomic<int> ran{0};
  WorkPool pool("test", 3, 2);
  for (int i = 0; i < 10; i++) pool.Submit(Priority::kLow, {AddOne, &ran});   // before Start too
  ASSERT_OK(pool.Start());
  for (int i = 0; i < 1000; i++) pool.Submit(i % 2 == 0 ? Priority::kHigh : Priority::kLow, {AddOne, &ran});
  pool.Stop();
  assert_int_equal(ran.load(), 1010);
}

TEST(stop_runs_what_the_last_jobs_submit) {
  struct Chain {
    WorkPool* pool;
    std::atomic<int> left{100};
    static void Step(void* arg) {
      auto* const chain = static_cast<Chain*>(arg);
      const int left = chain->left.fetch_sub(1);
      if (left > 1) chain->pool->Submit(left % 2 == 0 ? Priority::kHigh : Priority::kLow, {Step, arg});
    }
  };
  for (int threads = 1; threads <= 4; threads++) {
    WorkPool pool("test", threads, 1);
    Chain chain;
    chain.pool = &pool;
    ASSERT_OK(pool.Start());
    pool.Submit(Priority::kLow, {Chain::Step, &chain});
    pool.Stop();
    assert_int_equal(chain.left.load(), 0);
  }
}

TEST(a_stopped_pool_starts_again) {
  std::atomic<int> ran{0};
  WorkPool pool("test", 2, 1);
  for (int round = 1; round <= 3; round++) {
    ASSERT_OK(pool.Start());
    pool.Submit(Priority::kHigh, {AddOne, &ran});
    pool.Stop();
    assert_int_equal(ran.load(), round);
  }
}

TEST(high_priority_goes_first_and_each_in_order) {
  Mutex mu;
  std::vector<int> order;
  Gate gate;
  WorkPool pool("test", 1, 1);
  ASSERT_OK(pool.Start());
  pool.Submit(Priority::kHigh, {PassGate, &gate});
  gate.AwaitWaiting(1);
  std::vector<Numbered> jobs(2 * WorkPool::kQueuedMax + 500);   // more than a queue holds without growing
  std::vector<int> expected;
  for (size_t i = 0; i < jobs.size(); i++) jobs[i] = {static_cast<int>(i), &mu, &order};
  for (size_t i = 0; i < jobs.size(); i++) {
    pool.Submit(i % 2 == 0 ? Priority::kLow : Priority::kHigh, {Note, &jobs[i]});
  }
  for (size_t i = 1; i < jobs.size(); i += 2) expected.push_back(static_cast<int>(i));
  for (size_t i = 0; i < jobs.size(); i += 2) expected.push_back(static_cast<int>(i));
  gate.Open();
  pool.Stop();
  assert_true(order == expected);
}

TEST(a_thread_stays_free_of_low_priority) {
  std::atomic<int> ran{0};
  Gate low, done;
  WorkPool pool("test", 3, 2);
  ASSERT_OK(pool.Start());
  for (int i = 0; i < 10; i++) pool.Submit(Priority::kLow, {PassGate, &low});
  low.AwaitWaiting(2);
  for (int i = 0; i < 100; i++) pool.Submit(Priority::kHigh, {AddOne, &ran});
  pool.Submit(Priority::kHigh, {PassGate, &done});
  done.AwaitWaiting(1);   // the one thread that is left came through all hundred
  assert_int_equal(ran.load(), 100);
  assert_int_equal(low.waiting(), 2);
  low.Open();
  done.Open();
  pool.Stop();
}

TEST(nothing_runs_inline_and_threads_know_their_pool) {
  struct Probe {
    WorkPool* mine;
    WorkPool* other;
    pthread_t submitter;
    bool right = false;
    char name[16] = {};
    int unblocked = 0;
  };
  WorkPool pool("a-name-that-is-too-long", 1, 1), other("other", 1, 1);
  ASSERT_OK(pool.Start());
  ASSERT_OK(other.Start());
  Probe probe{&pool, &other, pthread_self()};
  pool.Submit(Priority::kHigh,
              {[](void* arg) {
                 auto* const p = static_cast<Probe*>(arg);
                 p->right = p->mine->OnOwnThread() && !p->other->OnOwnThread() &&
                            !pthread_equal(p->submitter, pthread_self());
                 pthread_getname_np(pthread_self(), p->name, sizeof p->name);
                 sigset_t blocked;
                 pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
                 for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD, SIGPIPE}) {
                   p->unblocked += sigismember(&blocked, signal) == 1 ? 0 : 1;
                 }
               },
               &probe});
  pool.Stop();
  assert_true(probe.right);
  ASSERT_STR(probe.name, "a-name-that-is-");
  assert_int_equal(probe.unblocked, 0);
  assert_false(pool.OnOwnThread());
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  assert_int_equal(sigismember(&mine, SIGTERM), 0);   // the caller's own mask is as it was
}

TEST(threads_that_cannot_start_are_an_error_and_leave_none) {
  pthread_attr_t before, huge;
  assert_int_equal(pthread_getattr_default_np(&before), 0);
  assert_int_equal(pthread_attr_init(&huge), 0);
  assert_int_equal(pthread_attr_setstacksize(&huge, size_t{1} << 50), 0);   // more than there are addresses
  assert_int_equal(pthread_setattr_default_np(&huge), 0);
  WorkPool pool("test", 4, 1);
  const Status s = pool.Start();
  assert_int_equal(pthread_setattr_default_np(&before), 0);
  assert_true(s.Is(Code::E_LIMIT));
  ASSERT_STR(s.message(), "test: cannot start 4 threads");
  std::atomic<int> ran{0};
  pool.Submit(Priority::kHigh, {AddOne, &ran});
  ASSERT_OK(pool.Start());
  pool.Stop();
  assert_int_equal(ran.load(), 1);
  pthread_attr_destroy(&before);
  pthread_attr_destroy(&huge);
}

TEST(a_thread_that_is_given_up_is_replaced_and_not_joined) {
  static Gate stuck, done;   // the thread may still be at one when this test is over
  static std::atomic<bool> left{false};
  WorkPool pool("test", 2, 1);
  ASSERT_OK(pool.Start());
  const auto job = [](void* gate) {
    static_cast<Gate*>(gate)->Pass();
    left = true;
  };
  pool.Submit(Priority::kLow, {job, &stuck});
  stuck.AwaitWaiting(1);
  pool.GiveUp(&pool);    // runs nothing with that argument
  pool.GiveUp(&stuck);   // which held the one place for jobs of low priority
  pool.Submit(Priority::kLow, {PassGate, &done});
  pool.Submit(Priority::kHigh, {PassGate, &done});
  done.AwaitWaiting(2);
  done.Open();
  pool.Stop();
  assert_int_equal(stuck.waiting(), 1);
  stuck.Open();   // it returns after all, and finds nothing to do
  while (!left) usleep(100);
  std::atomic<int> ran{0};
  ASSERT_OK(pool.Start());
  pool.Submit(Priority::kHigh, {AddOne, &ran});
  pool.Stop();
  assert_int_equal(ran.load(), 1);
}

TEST(a_place_that_could_not_be_filled_is_filled_later_and_stop_runs_what_is_left) {
  static Gate stuck;
  static std::atomic<int> left{0};
  const auto job = [](void* gate) {
    static_cast<Gate*>(gate)->Pass();
    left++;
  };
  pthread_attr_t before, huge;
  assert_int_equal(pthread_getattr_default_np(&before), 0);
  assert_int_equal(pthread_attr_init(&huge), 0);
  assert_int_equal(pthread_attr_setstacksize(&huge, size_t{1} << 50), 0);
  std::atomic<int> ran{0};
  {
    WorkPool refilled("test", 1, 1), empty("test", 1, 1);
    for (WorkPool* pool : {&refilled, &empty}) {
      ASSERT_OK(pool->Start());
      pool->Submit(Priority::kHigh, {job, &stuck});
    }
    stuck.AwaitWaiting(2);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    for (WorkPool* pool : {&refilled, &empty}) {
      pool->GiveUp(&stuck);
      pool->Submit(Priority::kLow, {AddOne, &ran});
      pool->Refill();
    }
    assert_int_equal(pthread_setattr_default_np(&before), 0);
    assert_int_equal(ran.load(), 0);   // there is nobody
    refilled.Refill();
    while (ran.load() < 1) usleep(100);
  }
  assert_int_equal(ran.load(), 2);
  stuck.Open();
  while (left < 2) usleep(100);
  pthread_attr_destroy(&before);
  pthread_attr_destroy(&huge);
}

RUN()
