#include "base/fork_guard.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "base/status.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

bool InChild(const std::function<bool()>& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body() ? 0 : 1);
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool IsOpen(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

TEST(each_process_of_a_line_has_its_own_generation) {
  InstallForkGuard();
  InstallForkGuard();   // registers nothing twice
  const uint32_t mine = ForkGeneration();
  assert_true(InChild([&] {
    const uint32_t childs = ForkGeneration();
    return childs == mine + 1 && InChild([&] { return ForkGeneration() == childs + 1; });
  }));
  assert_int_equal(ForkGeneration(), mine);
}

TEST(a_child_has_registered_descriptors_closed_and_others_open) {
  InstallForkGuard();
  const int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int forgotten = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
  assert_true(CloseInForkedChild(closed));
  assert_true(CloseInForkedChild(forgotten));
  ForgetForkClosedFd(forgotten);
  assert_true(InChild([&] { return !IsOpen(closed) && IsOpen(forgotten) && IsOpen(other); }));
  assert_true(IsOpen(closed));
  // The grandchild keeps what the child opened under the number.
  assert_true(InChild([&] {
    const int reused = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return reused == closed && InChild([&] { return IsOpen(reused); });
  }));
  ForgetForkClosedFd(closed);
  for (const int fd : {closed, forgotten, other}) close(fd);
}

TEST(the_list_is_bounded_and_forgetting_makes_room) {
  constexpr int kFirst = 1'000'000'000;   // numbers that no descriptor has
  for (int i = 0; i < kForkClosedFdsMax; i++) assert_true(CloseInForkedChild(kFirst + i));
  assert_false(CloseInForkedChild(kFirst - 1));
  ForgetForkClosedFd(kFirst + 17);
  assert_true(CloseInForkedChild(kFirst - 1));
  assert_false(CloseInForkedChild(kFirst - 2));
  for (int i = -1; i < kForkClosedFdsMax; i++) ForgetForkClosedFd(kFirst + i);
  assert_true(CloseInForkedChild(kFirst));
  ForgetForkClosedFd(kFirst);
}

}   // namespace
}   // namespace shale

RUN()
