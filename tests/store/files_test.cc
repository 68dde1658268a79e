#include "store/files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail
#include "store/scratch_dir.h"
#include "test.h"

namespace shale {
namespace {

mode_t ModeOf(const std::string& path) {
  struct stat st;
  assert_int_equal(lstat(path.c_str(), &st), 0);
  return st.st_mode & 07777;
}

Fd Create(const ScratchDir& dir, const std::string& name, Bytes content = "") {
  Fd fd;
  ASSERT_OK(CreateFile(dir.fd(), name, &fd));
  ASSERT_OK(WriteAt(fd, name, 0, content));
  return fd;
}

// Runs in a child, so that limits and signals stay there; true if it exits with 0.
bool InChild(const std::function<bool()>& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body() ? 0 : 1);
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// ---- what may lie in a file's place

void AssertRefused(const ScratchDir& dir, const std::string& name, const char* why) {
  for (auto* const open_it : {&OpenFileForRead, &OpenFileForWrite}) {
    Fd fd;
    const Status s = open_it(dir.fd(), name, &fd);
    AssertCode(s, Code::E_INCOMPATIBLE);
    assert_false(fd.valid());
    assert_non_null(std::strstr(s.message(), name.c_str()));
    assert_non_null(std::strstr(s.message(), why));
  }
}

TEST(a_symbolic_link_in_a_files_place_is_refused) {
  ScratchDir dir;
  dir.Write("real", "x");
  assert_int_equal(symlink("real", (dir / "link").c_str()), 0);
  assert_int_equal(symlink("nowhere", (dir / "dangling").c_str()), 0);
  AssertRefused(dir, "link", "symbolic link");
  AssertRefused(dir, "dangling", "symbolic link");
  Fd fd;
  assert_int_equal(CreateFile(dir.fd(), "dangling", &fd).error_number(), EEXIST);
  assert_false(dir.Has("nowhere"));
}

TEST(a_fifo_is_refused_without_waiting_for_its_other_end) {
  ScratchDir dir;
  assert_int_equal(mkfifo((dir / "fifo").c_str(), 0600), 0);
  AssertRefused(dir, "fifo", "not a regular file");
}

TEST(a_file_with_two_links_is_read_and_not_written) {
  ScratchDir dir;
  dir.Write("one", "x");
  assert_int_equal(link((dir / "one").c_str(), (dir / "two").c_str()), 0);
  Fd fd;
  ASSERT_OK(OpenFileForRead(dir.fd(), "one", &fd));   // backups share what never changes
  fd.Reset();
  const Status s = OpenFileForWrite(dir.fd(), "one", &fd);
  AssertCode(s, Code::E_INCOMPATIBLE);
  assert_non_null(std::strstr(s.message(), "2 hard links"));
  assert_int_equal(unlink((dir / "two").c_str()), 0);
  ASSERT_OK(OpenFileForWrite(dir.fd(), "one", &fd));
}

TEST(a_directory_or_socket_in_a_files_place_is_refused) {
  ScratchDir dir;
  assert_int_equal(mkdir((dir / "sub").c_str(), 0700), 0);
  AssertRefused(dir, "sub", "not a regular file");
  const Fd sock(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (dir / "sock").c_str(), sizeof address.sun_path - 1);
  assert_int_equal(bind(sock.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  AssertRefused(dir, "sock", "not a regular file");
}

TEST(a_linked_or_plain_file_in_a_directorys_place_is_refused) {
  ScratchDir dir;
  dir.Write("file", "x");
  assert_int_equal(mkdir((dir / "real").c_str(), 0700), 0);
  dir.Write("real/inner", "x");
  assert_int_equal(symlink("real", (dir / "link").c_str()), 0);
  for (const char* name : {"file", "link"}) {
    for (const bool create : {false, true}) {
      Fd fd;
      AssertCode(OpenSubdirectory(dir.fd(), name, create, &fd), Code::E_INCOMPATIBLE);
    }
  }
  Fd fd;
  AssertCode(OpenFileForRead(dir.fd(), "link/inner", &fd), Code::E_INCOMPATIBLE);
  ASSERT_OK(OpenFileForRead(dir.fd(), "real/inner", &fd));
}

TEST(names_that_lead_out_of_the_directory_are_refused) {
  ScratchDir dir;
  assert_int_equal(mkdir((dir / "sub").c_str(), 0700), 0);
  dir.Write("target", "x");
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../x"), std::string("/etc/passwd"),
        std::string("sub//x"), std::string("sub/../target"), std::string("sub/"),
        std::string("target\0", 7)}) {
    Fd fd;
    AssertCode(OpenFileForRead(dir.fd(), name, &fd), Code::E_CORRUPT);
    AssertCode(CreateFile(dir.fd(), name, &fd), Code::E_CORRUPT);
    AssertCode(RemoveFile(dir.fd(), name), Code::E_CORRUPT);
    AssertCode(RenameFile(dir.fd(), name, "z"), Code::E_CORRUPT);
    AssertCode(RenameFile(dir.fd(), "target", name), Code::E_CORRUPT);
  }
  assert_string_equal(dir.Read("target").c_str(), "x");
}

TEST(what_is_absent_is_not_found) {
  ScratchDir dir;
  Fd fd;
  Buffer content;
  AssertCode(OpenFileForRead(dir.fd(), "a", &fd), Code::NOT_FOUND);
  AssertCode(OpenFileForWrite(dir.fd(), "a", &fd), Code::NOT_FOUND);
  AssertCode(OpenFileForRead(dir.fd(), "no/a", &fd), Code::NOT_FOUND);
  AssertCode(OpenSubdirectory(dir.fd(), "a", false, &fd), Code::NOT_FOUND);
  AssertCode(OpenDirectory(dir / "a", false, &fd), Code::NOT_FOUND);
  AssertCode(RemoveFile(dir.fd(), "a"), Code::NOT_FOUND);
  AssertCode(RemoveSubdirectory(dir.fd(), "a"), Code::NOT_FOUND);
  AssertCode(ReadSmallFile(dir.fd(), "a", 10, &content), Code::NOT_FOUND);
  assert_false(dir.Has("a"));
}

// ---- rights

TEST(modes_are_the_owners_alone_under_every_umask) {
  for (const mode_t mask : {0000u, 0022u, 0077u, 0277u, 0777u}) {
    ScratchDir dir;
    const mode_t old = umask(mask);
    Fd file, directory, top;
    const Status s1 = CreateFile(dir.fd(), "file", &file);
    const Status s2 = OpenSubdirectory(dir.fd(), "sub", true, &directory);
    const Status s3 = OpenDirectory(dir / "top", true, &top);
    const Status s4 = ReplaceFile(dir.fd(), "whole", "x");
    umask(old);
    ASSERT_OK(s1);
    ASSERT_OK(s2);
    ASSERT_OK(s3);
    ASSERT_OK(s4);
    assert_int_equal(ModeOf(dir / "file"), 0600);
    assert_int_equal(ModeOf(dir / "sub"), 0700);
    assert_int_equal(ModeOf(dir / "top"), 0700);
    assert_int_equal(ModeOf(dir / "whole"), 0600);
  }
}

TEST(descriptors_are_close_on_exec_and_blocking) {
  ScratchDir dir;
  Fd made = Create(dir, "file"), read, written, sub;
  ASSERT_OK(OpenFileForRead(dir.fd(), "file", &read));
  ASSERT_OK(OpenFileForWrite(dir.fd(), "file", &written));
  ASSERT_OK(OpenSubdirectory(dir.fd(), "sub", true, &sub));
  for (const Fd* fd : std::initializer_list<const Fd*>{&made, &read, &written, &sub, &dir.fd()}) {
    assert_true((fcntl(fd->get(), F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(fcntl(fd->get(), F_GETFL) & O_NONBLOCK, 0);
  }
}

// ---- directories

TEST(a_created_directory_is_synced_into_its_parent) {
  ScratchDir dir;
  Fd fd;
  {
    CountingHook hook;
    ASSERT_OK(OpenDirectory(dir / "new///", true, &fd));
    assert_true(hook.last_op == FileOp::kSyncDirectory);
    assert_string_equal(hook.last_name.c_str(), dir.path().c_str());
  }
  CountingHook hook;
  ASSERT_OK(OpenDirectory(dir / "new", true, &fd));
  assert_true(hook.last_op == FileOp::kOpen);
}

TEST(opening_a_directory_follows_the_users_own_links_only_at_the_top) {
  ScratchDir dir;
  Fd fd;
  assert_int_equal(mkdir((dir / "real").c_str(), 0700), 0);
  assert_int_equal(symlink("real", (dir / "link").c_str()), 0);
  dir.Write("file", "x");
  ASSERT_OK(OpenDirectory(dir / "link", true, &fd));
  AssertCode(OpenDirectory(dir / "file", true, &fd), Code::E_INCOMPATIBLE);
  AssertCode(OpenDirectory("", true, &fd), Code::E_INVALID);
  const Status s = OpenDirectory(dir / "no/deep", true, &fd);
  AssertCode(s, Code::E_IO);
  assert_int_equal(s.error_number(), ENOENT);
}

TEST(a_listing_is_whole_every_time) {
  ScratchDir dir;
  std::vector<std::string> wanted, names;
  for (int i = 0; i < 1000; i++) {
    wanted.push_back("f" + std::to_string(i));
    Create(dir, wanted.back());
  }
  std::sort(wanted.begin(), wanted.end());
  for (int round = 0; round < 2; round++) {
    ASSERT_OK(ListDirectory(dir.fd(), "store", &names));
    std::sort(names.begin(), names.end());
    assert_true(names == wanted);
  }
}

TEST(removing_takes_files_and_empty_directories) {
  ScratchDir dir;
  Fd fd;
  Create(dir, "file");
  ASSERT_OK(OpenSubdirectory(dir.fd(), "sub", true, &fd));
  dir.Write("sub/inner", "x");
  assert_int_equal(RemoveSubdirectory(dir.fd(), "sub").error_number(), ENOTEMPTY);
  ASSERT_OK(RemoveFile(dir.fd(), "sub/inner"));
  ASSERT_OK(RemoveSubdirectory(dir.fd(), "sub"));
  ASSERT_OK(RemoveFile(dir.fd(), "file"));
  assert_true(std::filesystem::is_empty(dir.path()));
}

// ---- content

TEST(what_was_written_is_read_and_a_short_read_means_the_end) {
  ScratchDir dir;
  const Fd fd = Create(dir, "file", "0123456789");
  char buf[16];
  size_t got;
  ASSERT_OK(ReadAt(fd, "file", 4, buf, 3, &got));
  assert_int_equal(got, 3);
  assert_memory_equal(buf, "456", 3);
  ASSERT_OK(ReadAt(fd, "file", 8, buf, sizeof buf, &got));
  assert_int_equal(got, 2);
  for (const uint64_t offset :
       {uint64_t{10}, uint64_t{1} << 40, (uint64_t{1} << 63) - 1, uint64_t{1} << 63, ~uint64_t{0}}) {
    ASSERT_OK(ReadAt(fd, "file", offset, buf, sizeof buf, &got));
    assert_int_equal(got, 0);
  }
}

TEST(writes_land_at_their_offset_and_grow_the_file) {
  ScratchDir dir;
  const Fd fd = Create(dir, "file", "abc");
  ASSERT_OK(WriteAt(fd, "file", 1, "X"));
  ASSERT_OK(WriteAt(fd, "file", 5, "Y"));
  assert_true(dir.Read("file") == Buffer("aXc\0\0Y", 6));
  uint64_t size;
  ASSERT_OK(TruncateFile(fd, "file", 2));
  ASSERT_OK(FileSize(fd, "file", &size));
  assert_int_equal(size, 2);
  assert_true(dir.Read("file") == "aX");
}

TEST(allocation_makes_real_blocks_and_keeps_content) {
  for (const bool supported : {true, false}) {
    ScratchDir dir;
    const Fd fd = Create(dir, "file", "content");
    {
      CountingHook hook(supported ? -1 : 0, EOPNOTSUPP);
      ASSERT_OK(AllocateRange(fd, "file", 0, 1 << 20));
      ASSERT_OK(AllocateRange(fd, "file", 0, 1000));
      ASSERT_OK(AllocateRange(fd, "file", 0, 0));
    }
    ASSERT_OK(SyncData(fd, "file"));
    struct stat st;
    assert_int_equal(fstat(fd.get(), &st), 0);
    assert_int_equal(st.st_size, 1 << 20);
    assert_true(st.st_blocks * 512 >= 1 << 20);
    const Buffer all = dir.Read("file");
    assert_true(all.substr(0, 7) == "content");
    assert_true(all.find_first_not_of('\0', 7) == Buffer::npos);
  }
}

TEST(creating_over_a_file_fails_and_changes_nothing) {
  ScratchDir dir;
  dir.Write("file", "old");
  Fd fd;
  const Status s = CreateFile(dir.fd(), "file", &fd);
  AssertCode(s, Code::E_IO);
  assert_int_equal(s.error_number(), EEXIST);
  assert_true(dir.Read("file") == "old");
}

TEST(growth_above_the_processs_file_size_limit_is_an_error_not_a_signal) {
  ScratchDir dir;
  assert_true(InChild([&] {
    const rlimit limit = {4096, 4096};
    Fd fd;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || !CreateFile(dir.fd(), "file", &fd).ok()) return false;
    const Buffer block(4096, 'x');
    return WriteAt(fd, "file", 0, block).ok() && WriteAt(fd, "file", 1, block).Is(Code::E_LIMIT) &&
           WriteAt(fd, "file", 4096, "y").Is(Code::E_LIMIT) &&
           TruncateFile(fd, "file", 4097).Is(Code::E_LIMIT) &&
           AllocateRange(fd, "file", 4000, 97).Is(Code::E_LIMIT) && AllocateRange(fd, "file", 4000, 96).ok();
  }));
}

TEST(small_files_are_bounded) {
  ScratchDir dir;
  dir.Write("file", "12345");
  Buffer content;
  ASSERT_OK(ReadSmallFile(dir.fd(), "file", 5, &content));
  assert_true(content == "12345");
  AssertCode(ReadSmallFile(dir.fd(), "file", 4, &content), Code::E_CORRUPT);
  assert_true(content.empty());
}

// ---- faults

TEST(a_replaced_file_is_old_or_new_whichever_operation_fails) {
  int operations;
  {
    ScratchDir dir;
    CountingHook hook;
    ASSERT_OK(ReplaceFile(dir.fd(), "file", "new"));
    operations = hook.count;
  }
  assert_true(operations >= 7);
  for (int fail_at = 0; fail_at < operations; fail_at++) {
    ScratchDir dir;
    dir.Write("file", "old");
    dir.Write("file.tmp", "left by a crash");
    {
      CountingHook hook(fail_at);
      assert_true(ReplaceFile(dir.fd(), "file", "new").IsError());
      // The temporary file goes in any case that is left to us; nothing else is tried after the failure.
      assert_true(hook.count <= fail_at + 2);
    }
    const Buffer content = dir.Read("file");
    assert_true(content == "old" || (fail_at == operations - 1 && content == "new"));
    ASSERT_OK(ReplaceFile(dir.fd(), "file", "newer"));
    assert_true(dir.Read("file") == "newer");
    assert_false(dir.Has("file.tmp"));
  }
}

TEST(every_operation_can_be_made_to_fail_and_says_so) {
  ScratchDir dir;
  Fd fd = Create(dir, "file", "x"), other;
  char buf[4];
  size_t got;
  std::vector<std::string> names;
  struct Case {
    FileOp op;
    std::function<Status()> call;
  };
  const Case cases[] = {
      {FileOp::kOpen, [&] { return OpenFileForRead(dir.fd(), "file", &other); }},
      {FileOp::kOpen, [&] { return OpenFileForWrite(dir.fd(), "file", &other); }},
      {FileOp::kOpen, [&] { return OpenSubdirectory(dir.fd(), "file", false, &other); }},
      {FileOp::kOpen, [&] { return OpenDirectory("file", false, &other); }},
      {FileOp::kCreate, [&] { return CreateFile(dir.fd(), "file", &other); }},
      {FileOp::kCreate, [&] { return OpenSubdirectory(dir.fd(), "file", true, &other); }},
      {FileOp::kRead, [&] { return ReadAt(fd, "file", 0, buf, 1, &got); }},
      {FileOp::kWrite, [&] { return WriteAt(fd, "file", 0, "y"); }},
      {FileOp::kSync, [&] { return SyncData(fd, "file"); }},
      {FileOp::kSyncDirectory, [&] { return SyncDirectory(dir.fd(), "file"); }},
      {FileOp::kAllocate, [&] { return AllocateRange(fd, "file", 0, 10); }},
      {FileOp::kTruncate, [&] { return TruncateFile(fd, "file", 0); }},
      {FileOp::kRename, [&] { return RenameFile(dir.fd(), "x", "file"); }},
      {FileOp::kRemove, [&] { return RemoveFile(dir.fd(), "file"); }},
      {FileOp::kRemove, [&] { return RemoveSubdirectory(dir.fd(), "file"); }},
      {FileOp::kList, [&] { return ListDirectory(dir.fd(), "file", &names); }},
      {FileOp::kClose, [&] { return CloseFile(&fd, "file"); }},
  };
  for (const Case& c : cases) {
    for (const auto& [error_number, code] : {std::pair{EIO, Code::E_IO},
                                             {ENOSPC, Code::E_NO_SPACE},
                                             {EDQUOT, Code::E_NO_SPACE},
                                             {EMFILE, Code::E_LIMIT}}) {
      if (!fd.valid()) ASSERT_OK(OpenFileForWrite(dir.fd(), "file", &fd));
      CountingHook hook(0, error_number);
      const Status s = c.call();
      AssertCode(s, code);
      assert_int_equal(s.error_number(), error_number);
      assert_non_null(std::strstr(s.message(), "file"));
      assert_int_equal(hook.count, 1);   // above all: a failed sync is not tried again
      assert_true(hook.last_op == c.op);
    }
  }
  assert_true(dir.Read("file") == "x");
}

TEST(a_failed_close_still_closes) {
  ScratchDir dir;
  Fd fd = Create(dir, "file");
  const int number = fd.get();
  {
    CountingHook hook(0);
    AssertCode(CloseFile(&fd, "file"), Code::E_IO);
  }
  assert_false(fd.valid());
  assert_int_equal(fcntl(number, F_GETFD), -1);
  ASSERT_OK(CloseFile(&fd, "file"));
}

TEST(a_message_is_one_line_whatever_a_name_contains) {
  ScratchDir dir;
  assert_int_equal(mkdir((dir / "a\nb\x7f").c_str(), 0700), 0);
  Fd fd;
  const Status s = OpenFileForRead(dir.fd(), "a\nb\x7f", &fd);
  AssertCode(s, Code::E_INCOMPATIBLE);
  assert_string_equal(s.message(), "a?b? is not a regular file");
}

}   // namespace
}   // namespace shale

RUN()
