// Allocations by calls on a store in memory: none by a get or a put once it is warm, whatever the policy and
// whether they evict, and a fixed few by the calls that return an object. Counted on the calling thread: by
// malloc of this program, which stands before libc's, or by the sanitizer, whose malloc it is then.
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace {
thread_local int64_t allocations = 0;
}   // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, size_t),
                                                         void (*)(const volatile void*));
namespace {
const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { allocations++; }, [](const volatile void*) {});
}   // namespace

#else

// libc's own, under the names that it keeps for whoever stands before it. Operator new comes through malloc.
extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* memory, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);

void* malloc(size_t bytes) noexcept {
  allocations++;
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) noexcept {
  allocations++;
  return __libc_calloc(count, bytes);
}
void* realloc(void* memory, size_t bytes) noexcept {
  allocations++;
  return __libc_realloc(memory, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  allocations++;
  return __libc_memalign(alignment, bytes);
}
}

#endif

namespace shale_test {
namespace {

constexpr int kKeysHeld = 1000;     // about a third of what the budget holds
constexpr int kKeysMany = 50'000;   // many times that
constexpr char kBudget[] = "8MiB";
const char* const kPolicies[] = {"s3fifo", "wtinylfu", "car", "sieve", "lru", "lfu", "gdsf", "fifo"};

// Keys and values without an allocation of their own.
struct Text {
  char bytes[16];
  explicit Text(int number) {
    std::memset(bytes, 'k', sizeof bytes);
    std::memcpy(bytes, &number, sizeof number);
  }
};

class Warm {
 public:
  Warm(const std::string& policy, int keys) : keys_(keys), value_(1000, 'v') {
    Options options;
    options.Set("memory.budget", kBudget);
    options.Set("cache.policy", policy.c_str());
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(nullptr, options.get(), &db_, &err), &err, "open");
    // Three times over all keys, in the lengths that come later: what the store notes about them has its
    // size.
    for (int i = 0; i < 3 * keys_; i++) {
      Put(i);
      (void)Get(i);
    }
  }
  ~Warm() {
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_close(db_, &err), &err, "close");
    shale_free(db_);
  }
  Warm(const Warm&) = delete;
  Warm& operator=(const Warm&) = delete;

  void Put(int i) {
    const Text key(i % keys_);
    assert_int_equal(SHALE_OK, shale_put(db_, key.bytes, sizeof key.bytes, value_.data(), LengthOf(i),
                                         SHALE_TTL_DEFAULT, nullptr, 0, nullptr));
  }
  shale_status Get(int i) {
    const Text key(i % keys_);
    size_t size = 0;
    return shale_get_into(db_, key.bytes, sizeof key.bytes, buf_, sizeof buf_, &size, nullptr, 0, nullptr);
  }
  shale_db* db() const { return db_; }
  int64_t Stat(const char* name) {
    int64_t value = 0;
    assert_int_equal(SHALE_OK, shale_stat(db_, name, &value, nullptr));
    return value;
  }

 private:
  static size_t LengthOf(int i) { return 100 + static_cast<size_t>(i * 37 % 900); }
  const int keys_;
  const std::string value_;
  char buf_[1000];
  shale_db* db_ = nullptr;
};

TEST(counting_counts) {
  const int64_t before = allocations;
  shale_options* options = nullptr;
  assert_int_equal(SHALE_OK, shale_options_new(&options));
  assert_true(allocations > before);
  shale_options_free(options);
}

TEST(get_and_put_of_what_is_held) {
  for (const char* policy : kPolicies) {
    Warm warm(policy, kKeysHeld);
    const int64_t before = allocations;
    int64_t hits = 0;
    for (int i = 0; i < 4 * kKeysHeld; i++) {
      warm.Put(i);
      hits += warm.Get(i * 7) == SHALE_OK ? 1 : 0;
    }
    assert_int_equal(0, allocations - before);
    assert_int_equal(4 * kKeysHeld, hits);
    assert_int_equal(0, warm.Stat("cache.evictions"));
  }
}

TEST(get_and_put_when_everything_evicts) {
  for (const char* policy : kPolicies) {
    Warm warm(policy, kKeysMany);
    const int64_t evictions = warm.Stat("cache.evictions");
    const int64_t before = allocations;
    int64_t hits = 0;
    for (int i = 0; i < kKeysMany; i++) {
      warm.Put(i);
      hits += warm.Get(i) == SHALE_OK ? 1 : 0;
      (void)warm.Get(i * 7);   // mostly a miss
    }
    assert_int_equal(0, allocations - before);
    assert_true(hits > 0);
    assert_true(warm.Stat("cache.evictions") > evictions + kKeysMany / 2);
  }
}

TEST(other_calls_on_one_key) {
  Warm warm("s3fifo", kKeysHeld);
  shale_db* db = warm.db();
  const Text counter(-1);
  int64_t sum = 0;
  const auto count = [&] { return shale_incr(db, counter.bytes, sizeof counter.bytes, 1, &sum, 0, nullptr); };
  assert_int_equal(SHALE_OK, count());
  const int64_t before = allocations;
  for (int i = 0; i < kKeysHeld; i++) {
    const Text key(i);
    char buf[1000];
    shale_pin* pin = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    int64_t ttl_ms = 0;
    assert_int_equal(SHALE_OK, shale_exists(db, key.bytes, sizeof key.bytes, 0, nullptr));
    assert_int_equal(SHALE_OK, shale_ttl(db, key.bytes, sizeof key.bytes, &ttl_ms, 0, nullptr));
    // A view of what fits into the buffer needs no pin.
    assert_int_equal(SHALE_OK, shale_get_view(db, key.bytes, sizeof key.bytes, buf, sizeof buf, &pin, &value,
                                              &size, nullptr, 0, nullptr));
    assert_null(pin);
    assert_int_equal(SHALE_OK, count());
    assert_int_equal(SHALE_OK, shale_delete(db, key.bytes, sizeof key.bytes, 0, nullptr));
  }
  assert_int_equal(0, allocations - before);
}

// What a call returns as an object is an allocation or two, whatever the store holds.
TEST(pins_and_many_keys_take_a_fixed_few) {
  Warm warm("s3fifo", kKeysHeld);
  shale_db* db = warm.db();
  for (int i = 0; i < 100; i++) {
    const Text key(i);
    shale_pin* pin = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    const int64_t before = allocations;
    assert_int_equal(SHALE_OK, shale_get_pinned(db, key.bytes, sizeof key.bytes, &pin, &value, &size, nullptr,
                                                0, nullptr));
    assert_int_equal(2, allocations - before);   // the handle, and what it holds
    shale_pin_free(pin);
    assert_int_equal(2, allocations - before);
  }
  constexpr int kCount = 16;
  std::vector<Text> texts;
  std::vector<shale_slice> keys;
  for (int i = 0; i < kCount; i++) texts.emplace_back(i);
  for (const Text& text : texts) keys.push_back({text.bytes, sizeof text.bytes});
  for (int i = 0; i < 100; i++) {
    shale_results* results = nullptr;
    const int64_t before = allocations;
    assert_int_equal(SHALE_OK, shale_multi_get(db, keys.data(), kCount, &results, 0, nullptr));
    // Keys, the handle, the answers; and their values, whose buffer doubles a few times: never one a key.
    assert_true(allocations - before >= 4);
    assert_true(allocations - before <= 8);
    shale_results_free(results);
  }
}

}   // namespace
}   // namespace shale_test

RUN()
