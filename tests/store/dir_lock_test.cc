#include "store/dir_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail
#include "store/scratch_dir.h"
#include "test.h"

namespace shale {
namespace {

Status TryLock(const std::string& path, std::unique_ptr<DirLock>* out, bool create = true) {
  Fd dir;
  SHALE_RETURN_IF_NOT_OK(OpenDirectory(path, false, &dir));
  return DirLock::Acquire(dir, create, out);
}

Code TryLockOnce(const std::string& path) {
  std::unique_ptr<DirLock> lock;
  return TryLock(path, &lock).code();
}

pid_t Spawn(const std::function<bool()>& body) {
  const pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(body() ? 0 : 1);
  return pid;
}

bool Succeeds(pid_t pid) {
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A pipe over which one process tells another that it has come so far.
class Signal {
 public:
  Signal() { assert_int_equal(pipe2(ends_, O_CLOEXEC), 0); }
  ~Signal() {
    close(ends_[0]);
    close(ends_[1]);
  }
  void Give() const { static_cast<void>(!write(ends_[1], "x", 1)); }
  void Wait() const {
    char byte;
    static_cast<void>(!read(ends_[0], &byte, 1));
  }

 private:
  int ends_[2];
};

TEST(a_second_handle_of_this_process_is_refused_by_any_path) {
  ScratchDir dir, links;
  assert_int_equal(symlink(dir.path().c_str(), (links / "alias").c_str()), 0);
  std::unique_ptr<DirLock> lock;
  AssertCode(TryLock(dir.path(), &lock), Code::OK);
  AssertCode(TryLockOnce(dir.path()), Code::E_LOCKED);
  AssertCode(TryLockOnce(dir.path() + "/."), Code::E_LOCKED);
  AssertCode(TryLockOnce(links / "alias"), Code::E_LOCKED);
  lock.reset();
  AssertCode(TryLockOnce(links / "alias"), Code::OK);
  AssertCode(TryLockOnce(dir.path()), Code::OK);
}

TEST(other_directories_are_not_concerned) {
  ScratchDir one, two;
  std::unique_ptr<DirLock> lock_one, lock_two;
  AssertCode(TryLock(one.path(), &lock_one), Code::OK);
  AssertCode(TryLock(two.path(), &lock_two), Code::OK);
}

TEST(without_create_nothing_is_written) {
  ScratchDir dir;
  std::unique_ptr<DirLock> lock;
  for (int i = 0; i < 2; i++) AssertCode(TryLock(dir.path(), &lock, false), Code::NOT_FOUND);
  assert_true(std::filesystem::is_empty(dir.path()));
  AssertCode(TryLock(dir.path(), &lock, true), Code::OK);
  lock.reset();
  AssertCode(TryLock(dir.path(), &lock, false), Code::OK);
}

TEST(a_link_in_the_place_of_lock_is_refused_and_its_target_left_alone) {
  ScratchDir dir;
  assert_int_equal(symlink("elsewhere", (dir / "LOCK").c_str()), 0);
  AssertCode(TryLockOnce(dir.path()), Code::E_INCOMPATIBLE);
  assert_false(dir.Has("elsewhere"));
}

TEST(another_process_is_refused_until_the_holder_ends) {
  ScratchDir dir;
  Signal held;
  const pid_t holder = Spawn([&] {
    std::unique_ptr<DirLock> lock;
    if (!TryLock(dir.path(), &lock).ok()) return false;
    held.Give();
    for (;;) pause();
  });
  held.Wait();
  AssertCode(TryLockOnce(dir.path()), Code::E_LOCKED);
  AssertCode(TryLockOnce(dir.path()), Code::E_LOCKED);
  kill(holder, SIGKILL);
  assert_false(Succeeds(holder));
  AssertCode(TryLockOnce(dir.path()), Code::OK);
}

TEST(an_orphan_of_a_killed_holder_holds_nothing) {
  ScratchDir dir;
  Signal ready, done;
  const pid_t holder = Spawn([&] {
    std::unique_ptr<DirLock> lock;
    if (!TryLock(dir.path(), &lock).ok()) return false;
    Spawn([&] {
      ready.Give();
      done.Wait();
      return true;
    });
    for (;;) pause();
  });
  ready.Wait();
  AssertCode(TryLockOnce(dir.path()), Code::E_LOCKED);
  kill(holder, SIGKILL);
  assert_false(Succeeds(holder));
  AssertCode(TryLockOnce(dir.path()), Code::OK);   // while the orphan lives
  done.Give();
}

TEST(a_forked_child_is_refused_while_the_parent_holds_and_may_lock_after) {
  ScratchDir dir;
  Signal released;
  std::unique_ptr<DirLock> lock;
  AssertCode(TryLock(dir.path(), &lock), Code::OK);
  assert_true(Succeeds(Spawn([&] { return TryLockOnce(dir.path()) == Code::E_LOCKED; })));
  const pid_t child = Spawn([&] {
    released.Wait();
    return TryLockOnce(dir.path()) == Code::OK;
  });
  lock.reset();
  released.Give();
  assert_true(Succeeds(child));
}

TEST(an_inherited_lock_destroyed_in_the_child_takes_nothing_from_anyone) {
  ScratchDir dir, other;
  std::unique_ptr<DirLock> lock;
  AssertCode(TryLock(dir.path(), &lock), Code::OK);
  assert_true(Succeeds(Spawn([&] {
    // These get the numbers that the fork handler made free.
    std::vector<int> numbers;
    for (int i = 0; i < 8; i++) numbers.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    lock.reset();
    for (const int number : numbers) {
      if (fcntl(number, F_GETFD) < 0) return false;
    }
    return TryLockOnce(dir.path()) == Code::E_LOCKED && TryLockOnce(other.path()) == Code::OK;
  })));
  // The parent's lock is still there, for others and for itself.
  assert_true(Succeeds(Spawn([&] { return TryLockOnce(dir.path()) == Code::E_LOCKED; })));
  AssertCode(TryLockOnce(dir.path()), Code::E_LOCKED);
}

TEST(there_is_one_holder_at_a_time_also_when_holders_remove_lock) {
  ScratchDir dir;
  const uint64_t seed = TestSeed();
  struct Shared {
    std::atomic<int> holders{0};
    std::atomic<int> turns{0};
  };
  void* const memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(memory != MAP_FAILED);
  auto* const shared = new (memory) Shared;
  std::vector<pid_t> processes;
  for (uint64_t p = 0; p < 4; p++) {
    processes.push_back(Spawn([&, p] {
      Random random(seed + p);
      for (int n = 0; n < 2000; n++) {
        std::unique_ptr<DirLock> lock;
        const Status s = TryLock(dir.path(), &lock);
        if (s.Is(Code::E_LOCKED)) continue;
        if (!s.ok() || shared->holders.fetch_add(1) != 0) return false;
        shared->turns++;
        if (random.Below(4) == 0) sched_yield();
        shared->holders--;
        // Removing LOCK is a holder's last act: from here on a new LOCK may be made and held.
        if (random.Below(2) == 0 && unlink((dir / "LOCK").c_str()) != 0) return false;
      }
      return true;
    }));
  }
  for (const pid_t pid : processes) assert_true(Succeeds(pid));
  assert_true(shared->turns > 0);
  munmap(memory, sizeof(Shared));
}

}   // namespace
}   // namespace shale

RUN()
