// Disk space under overwrites: live data of one size is written again and again, in random order, with values
// of 16 B to 64 KiB. BYTES=n (live bytes) and ROUNDS=n set the size, SEGMENT=text the size of a log segment:
// BYTES=1073741824 ROUNDS=10 SEGMENT=16MiB is the long run.
//  (1) the files never take more than space.max_amplification times what is live, and 64 segments
//  (2) a reclaim brings that to 1.3 times
//  (3) every key has its last value, before and after closing
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr uint64_t kValueBytesMin = 16, kValueBytesMax = 64 << 10;
constexpr double kAmplificationMax = 2.0;
constexpr double kReclaimedMax = 1.3;
constexpr int kWriters = 4;

uint64_t BlocksBelow(const std::string& path) {
  uint64_t bytes = 0;
  std::error_code ignored;
  std::filesystem::recursive_directory_iterator walk(path, ignored), end;
  for (; walk != end; walk.increment(ignored)) {
    struct stat info = {};
    if (stat(walk->path().c_str(), &info) == 0 && S_ISREG(info.st_mode))
      bytes += static_cast<uint64_t>(info.st_blocks) * 512;
  }
  return bytes;
}

int64_t Stat(shale_db* db, const char* name) {
  int64_t value = 0;
  Want(SHALE_OK, shale_stat(db, name, &value, nullptr), nullptr, name);
  return value;
}

class Overwriter {
 public:
  Overwriter(uint64_t live_bytes, const std::string& segment, bool collect)
      : dir_("space"), segment_(segment), collect_(collect) {
    Dice dice(TestSeed());
    while (live_ < live_bytes) {
      // As many of each power of two, so that all sizes take part.
      const uint64_t scale = kValueBytesMin << dice.Below(13);
      sizes_.push_back(std::min(kValueBytesMax, scale + dice.Below(scale)));
      live_ += sizes_.back() + Key(sizes_.size() - 1).size();
    }
    rounds_ = std::make_unique<std::atomic<uint32_t>[]>(sizes_.size());
    Open();
  }
  ~Overwriter() { Close(); }

  void Open() {
    Options options;
    options.Set("log.segment_bytes", segment_.c_str());
    options.Set("gc.background", collect_ ? "true" : "false");
    Want(SHALE_OK, shale_open(dir_.path().c_str(), options.get(), &db_, nullptr), nullptr, "open");
  }
  void Close() {
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_close(db_, &err), &err, "close");
    shale_free(db_);
  }

  // Bytes a second.
  double Write(uint64_t seed, int rounds) {
    std::atomic<uint64_t> written{0};
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int t = 0; t < kWriters; t++) {
      threads.emplace_back([&, t] {
        Dice dice(seed + static_cast<uint64_t>(t));
        for (uint64_t done = 0; done < live_ * static_cast<uint64_t>(rounds) / kWriters;) {
          const uint64_t i = dice.Below(sizes_.size() / kWriters) * kWriters + static_cast<uint64_t>(t);
          PutNext(i);
          done += sizes_[i];
          written.fetch_add(sizes_[i], std::memory_order_relaxed);   // a figure
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return static_cast<double>(written.load()) / seconds.count();
  }
  void WriteAllOnce() {
    for (uint64_t i = 0; i < sizes_.size(); i++) PutNext(i);
  }

  void VerifyAll() {
    for (uint64_t i = 0; i < sizes_.size(); i++) {
      const std::string key = Key(i);
      void* value = nullptr;
      size_t size = 0;
      shale_error* err = nullptr;
      Want(SHALE_OK, shale_get(db_, key.data(), key.size(), &value, &size, nullptr, SHALE_NO_FILL, &err),
           &err, key.c_str());
      if (std::string_view(static_cast<const char*>(value), size) != Value(i, rounds_[i]))
        Fatal("%s has another value than the last that was written", key.c_str());
      shale_mem_free(value);
    }
  }

  uint64_t live() const { return live_; }
  uint64_t keys() const { return sizes_.size(); }
  uint64_t used() const { return BlocksBelow(dir_.path()); }
  shale_db* db() const { return db_; }

 private:
  static std::string Key(uint64_t i) { return "key/" + std::to_string(i); }
  std::string Value(uint64_t i, uint32_t round) const {
    std::string value(sizes_[i], static_cast<char>('a' + round % 26));
    const std::string head = std::to_string(i) + "/" + std::to_string(round);
    return value.replace(0, std::min(head.size(), value.size()), head, 0, value.size());
  }
  // One thread a key.
  void PutNext(uint64_t i) {
    const std::string key = Key(i), value = Value(i, rounds_[i] + 1);
    shale_error* err = nullptr;
    Want(
        SHALE_OK,
        shale_put(db_, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, &err),
        &err, "put");
    rounds_[i]++;
  }

  TempDir dir_;
  const std::string segment_;
  const bool collect_;
  std::vector<uint64_t> sizes_;
  std::unique_ptr<std::atomic<uint32_t>[]> rounds_;
  uint64_t live_ = 0;
  shale_db* db_ = nullptr;
};

std::string SegmentText() {
  const char* text = std::getenv("SEGMENT");
  return text != nullptr ? text : OptionMinimum("log.segment_bytes");
}

uint64_t SegmentBytes(const std::string& text) {
  return std::stoull(text) << 20;   // "16MiB"
}

TEST(overwrites_stay_within_the_space_bound) {
  const uint64_t bytes = EnvNumber("BYTES", kSanitized ? 16 << 20 : 48 << 20);
  const int rounds = static_cast<int>(EnvNumber("ROUNDS", kSanitized ? 4 : 6));
  const std::string segment = SegmentText();
  Overwriter store(bytes, segment, true);
  store.WriteAllOnce();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> most{0};
  std::thread watcher([&] {
    while (!stop.load()) {
      most = std::max(most.load(), store.used());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const double speed = store.Write(1, rounds);
  stop = true;
  watcher.join();
  const double live = static_cast<double>(store.live());
  const double bound = kAmplificationMax * live + 64 * static_cast<double>(SegmentBytes(segment));
  std::printf("  %.0f MiB live, overwritten %d times at %.0f MB/s: %.0f MiB used at most, bound %.0f MiB\n",
              live / (1 << 20), rounds, speed / 1e6, static_cast<double>(most.load()) / (1 << 20),
              bound / (1 << 20));
  std::printf("  %lld segments collected, %lld MiB moved, writers waited %lld ms\n",
              static_cast<long long>(Stat(store.db(), "gc.segments")),
              static_cast<long long>(Stat(store.db(), "gc.moved_bytes") >> 20),
              static_cast<long long>(Stat(store.db(), "space.wait_micros") / 1000));
  assert_true(static_cast<double>(most.load()) <= bound);
  assert_true(Stat(store.db(), "gc.segments") > 0);
  store.VerifyAll();
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_reclaim(store.db(), nullptr, nullptr, 0, &err), &err, "reclaim");
  const double used = static_cast<double>(store.used());
  std::printf("  %.2f times the live bytes after reclaim\n", used / live);
  assert_true(used <= kReclaimedMax * live);
  store.VerifyAll();
  store.Close();
  store.Open();
  store.VerifyAll();
}

// What an iterator can read is not removed, so waiting for it would be waiting for the iterator's owner.
TEST(writers_do_not_wait_for_an_iterator) {
  const std::string segment = OptionMinimum("log.segment_bytes");
  Overwriter store(4 << 20, segment, true);
  store.WriteAllOnce();
  shale_iter* iter = nullptr;
  Want(SHALE_OK, shale_iter_new(store.db(), nullptr, 0, nullptr, 0, 0, &iter, 0, nullptr), nullptr, "iter");
  store.Write(1, 40);   // well above the bound
  assert_true(store.used() > 8 * store.live() + 64 * SegmentBytes(segment) / 2);
  const void* bytes = nullptr;
  size_t size = 0;
  shale_status status = SHALE_OK;
  for (uint64_t rows = 0; status == SHALE_OK; rows++) {
    status = shale_iter_next(iter, &bytes, &size, &bytes, &size, nullptr);
    if (status == SHALE_END) assert_int_equal(rows, store.keys());
  }
  Want(SHALE_END, status, nullptr, "iter_next");
  shale_iter_free(iter);
  Want(SHALE_OK, shale_reclaim(store.db(), nullptr, nullptr, 0, nullptr), nullptr, "reclaim");
  assert_true(static_cast<double>(store.used()) < 2 * static_cast<double>(store.live()));
  store.VerifyAll();
}

// No verdict on speed here: it is printed, for whoever runs it on a quiet machine.
TEST(the_speed_of_overwrites_with_and_without_collection) {
  const uint64_t bytes = EnvNumber("BYTES", kSanitized ? 16 << 20 : 32 << 20);
  const int rounds = static_cast<int>(EnvNumber("ROUNDS", 6)) / 2;
  double speed[2] = {};
  for (const bool collect : {false, true}) {
    Overwriter store(bytes, SegmentText(), collect);
    store.WriteAllOnce();
    speed[collect] = store.Write(1, rounds);
    assert_true(collect || Stat(store.db(), "gc.segments") == 0);
  }
  std::printf("  %.0f MB/s without, %.0f MB/s with collection: %.2f\n", speed[0] / 1e6, speed[1] / 1e6,
              speed[1] / speed[0]);
}

TEST(progress_is_told_and_can_end_a_reclaim) {
  shale_db* db = nullptr;
  TempDir dir("progress");
  Want(SHALE_OK, shale_open(dir.path().c_str(), nullptr, &db, nullptr), nullptr, "open");
  struct Told {
    int calls = 0;
    int end_at = 0;
    int64_t done = 0, total = 0;
    shale_db* close = nullptr;
  } told;
  const shale_progress progress = [](void* context, int64_t done, int64_t total) -> int32_t {
    auto* t = static_cast<Told*>(context);
    if (done < t->done || done > total || (t->calls > 0 && total != t->total)) Fatal("progress goes astray");
    t->done = done;
    t->total = total;
    if (t->close != nullptr) Want(SHALE_OK, shale_close(t->close, nullptr), nullptr, "close inside");
    return ++t->calls == t->end_at ? 1 : 0;
  };
  Want(SHALE_OK, shale_reclaim(db, progress, &told, 0, nullptr), nullptr, "reclaim");
  assert_true(told.calls > 0 && told.done == told.total);
  told = Told();
  told.end_at = 2;
  Want(SHALE_CANCELLED, shale_reclaim(db, progress, &told, 0, nullptr), nullptr, "cancelled reclaim");
  assert_int_equal(told.calls, 2);
  told = Told();
  told.close = db;
  Want(SHALE_E_CLOSED, shale_reclaim(db, progress, &told, 0, nullptr), nullptr, "reclaim closed inside");
  assert_int_equal(told.calls, 1);
  shale_free(db);
  Want(SHALE_OK, shale_open(nullptr, nullptr, &db, nullptr), nullptr, "open in memory");
  Want(SHALE_OK, shale_reclaim(db, nullptr, nullptr, 0, nullptr), nullptr, "reclaim in memory");
  shale_free(db);
}

}   // namespace
}   // namespace shale_test

RUN()
