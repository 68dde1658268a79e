#include "store/file_cache.h"

#include <fcntl.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "store/scratch_dir.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

bool IsOpen(int number) {
  return fcntl(number, F_GETFD) >= 0;
}

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) count++;
  return count;
}

std::string NameOf(uint64_t i) {
  return "f" + std::to_string(i);
}

// Acquires and drops; the descriptor's number.
int Touch(FileCache* cache, const std::string& name) {
  std::shared_ptr<const Fd> fd;
  ASSERT_OK(cache->Acquire(name, &fd));
  return fd->get();
}

TEST(a_second_acquire_gives_the_same_descriptor) {
  ScratchDir dir;
  dir.Write("f", "x");
  FileCache cache(dir.fd(), 4);
  std::shared_ptr<const Fd> one, two;
  ASSERT_OK(cache.Acquire("f", &one));
  ASSERT_OK(cache.Acquire("f", &two));
  assert_ptr_equal(one.get(), two.get());
  assert_int_equal(cache.open_count(), 1);
}

TEST(the_least_recently_used_file_is_closed) {
  ScratchDir dir;
  FileCache cache(dir.fd(), 3);
  int numbers[4];
  for (uint64_t i = 0; i < 4; i++) dir.Write(NameOf(i), "x");
  for (uint64_t i = 0; i < 3; i++) numbers[i] = Touch(&cache, NameOf(i));
  assert_int_equal(Touch(&cache, NameOf(0)), numbers[0]);   // 1 is now the oldest
  numbers[3] = Touch(&cache, NameOf(3));
  assert_int_equal(cache.open_count(), 3);
  assert_true(IsOpen(numbers[0]) && IsOpen(numbers[2]) && IsOpen(numbers[3]));
  assert_false(IsOpen(numbers[1]));
}

TEST(a_descriptor_in_use_outlives_its_place_in_the_cache) {
  ScratchDir dir;
  dir.Write("held", "content");
  dir.Write("other", "x");
  std::shared_ptr<const Fd> held;
  {
    FileCache cache(dir.fd(), 1);
    ASSERT_OK(cache.Acquire("held", &held));
    Touch(&cache, "other");
    cache.Forget("held");
  }
  char buf[7];
  size_t got;
  ASSERT_OK(ReadAt(*held, "held", 0, buf, sizeof buf, &got));
  assert_memory_equal(buf, "content", 7);
  const int number = held->get();
  held.reset();
  assert_false(IsOpen(number));
}

TEST(a_forgotten_file_is_closed_and_opened_anew) {
  ScratchDir dir;
  dir.Write("f", "old");
  FileCache cache(dir.fd(), 4);
  const int number = Touch(&cache, "f");
  ASSERT_OK(RemoveFile(dir.fd(), "f"));
  cache.Forget("f");
  cache.Forget("never seen");
  assert_false(IsOpen(number));
  assert_int_equal(cache.open_count(), 0);
  std::shared_ptr<const Fd> fd;
  assert_true(cache.Acquire("f", &fd).Is(Code::NOT_FOUND));
  dir.Write("f", "new");
  ASSERT_OK(cache.Acquire("f", &fd));
  char buf[3];
  size_t got;
  ASSERT_OK(ReadAt(*fd, "f", 0, buf, sizeof buf, &got));
  assert_memory_equal(buf, "new", 3);
}

// Forgets in the moment between the look into the cache and the open.
class ForgettingHook : public FileFaultHook {
 public:
  explicit ForgettingHook(FileCache* cache) : cache_(cache) { SetFileFaultHookForTest(this); }
  ~ForgettingHook() override { SetFileFaultHookForTest(nullptr); }
  int Before(FileOp op, const char* name) override {
    if (op == FileOp::kOpen) cache_->Forget(name);
    return 0;
  }

 private:
  FileCache* const cache_;
};

TEST(a_file_forgotten_while_it_is_opened_is_not_kept) {
  ScratchDir dir;
  dir.Write("f", "x");
  FileCache cache(dir.fd(), 4);
  std::shared_ptr<const Fd> fd;
  {
    ForgettingHook hook(&cache);
    ASSERT_OK(cache.Acquire("f", &fd));
  }
  assert_true(fd->valid());
  assert_int_equal(cache.open_count(), 0);
}

TEST(a_lower_bound_closes_at_once_and_a_bound_of_zero_keeps_nothing) {
  ScratchDir dir;
  FileCache cache(dir.fd(), 8);
  for (uint64_t i = 0; i < 8; i++) dir.Write(NameOf(i), "x");
  for (uint64_t i = 0; i < 8; i++) Touch(&cache, NameOf(i));
  assert_int_equal(cache.open_count(), 8);
  cache.SetOpenMax(2);
  assert_int_equal(cache.open_count(), 2);
  cache.SetOpenMax(0);
  Touch(&cache, NameOf(5));
  assert_int_equal(cache.open_count(), 0);
}

TEST(threads_that_open_forget_and_remove_see_the_right_file_and_leak_nothing) {
  constexpr uint64_t kFiles = 24;
  constexpr size_t kOpenMax = 8;
  ScratchDir dir;
  for (uint64_t i = 0; i < kFiles; i++) dir.Write(NameOf(i), NameOf(i));
  const uint64_t seed = TestSeed();
  const size_t before = OpenDescriptors();
  std::atomic<int> wrong{0};
  {
    FileCache cache(dir.fd(), kOpenMax);
    const auto work = [&](uint64_t thread) {
      Random random(seed + thread);
      for (int n = 0; n < 5000; n++) {
        const std::string name = NameOf(random.Below(kFiles));
        if (random.Below(8) == 0) {
          // Removal by rename over it: the name never lacks a file.
          const std::string spare = "spare" + std::to_string(thread);
          dir.Write(spare, name);
          if (!RenameFile(dir.fd(), spare, name).ok()) wrong++;
          cache.Forget(name);
          continue;
        }
        std::shared_ptr<const Fd> fd;
        char buf[8];
        size_t got = 0;
        if (!cache.Acquire(name, &fd).ok() || !ReadAt(*fd, name, 0, buf, sizeof buf, &got).ok()) wrong++;
        if (MakeBytes(buf, got) != name || cache.open_count() > kOpenMax) wrong++;
      }
    };
    std::vector<std::thread> threads;
    for (uint64_t t = 0; t < 4; t++) threads.emplace_back(work, t);
    for (std::thread& t : threads) t.join();
    assert_int_equal(wrong.load(), 0);
    assert_int_equal(OpenDescriptors(), before + cache.open_count());
    // Every kept descriptor is the file that has the name now.
    for (uint64_t i = 0; i < kFiles; i++) {
      std::shared_ptr<const Fd> fd;
      ASSERT_OK(cache.Acquire(NameOf(i), &fd));
      assert_false(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd->get()))
                       .string()
                       .ends_with("(deleted)"));
    }
  }
  assert_int_equal(OpenDescriptors(), before);
}

}   // namespace
}   // namespace shale

RUN()
