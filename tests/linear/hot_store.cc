#include "linear/hot_store.h"

#include <unistd.h>

#include <functional>

#include "base/yield_point.h"
#include "linear/history.h"
#include "model/store_kit.h"

namespace shale_test {

namespace {

constexpr size_t kBallastBytes = 27'000;
constexpr size_t kHotRoom = 16;   // values

std::atomic<uint64_t> yields_seen{0};

void Yield(shale::YieldPoint point) {
  thread_local Dice dice(std::hash<std::thread::id>()(std::this_thread::get_id()));
  const uint64_t roll = dice.Below(point == shale::YieldPoint::kEvict ? 64 : 16);
  if (roll > 1) return;
  yields_seen.fetch_add(1, std::memory_order_relaxed);
  if (roll == 0) {
    std::this_thread::yield();
  } else if (dice.OneIn(8)) {
    usleep(static_cast<useconds_t>(dice.Below(60)));
  }
}

}   // namespace

std::string HotName(uint64_t key) {
  return "hot key " + std::to_string(key);
}

HotStore::HotStore(const std::string& path, uint64_t seed) : seed_(seed) {
  Options options;
  options.Set("memory.budget", "8MiB");
  options.Set("cache.shards", "1");
  options.Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.empty() ? nullptr : path.c_str(), options.get(), &db_, &err), &err, "open");
  if (!path.empty()) FillWithBallast();
}

HotStore::~HotStore() {
  stop_ = true;
  if (mover_.joinable()) mover_.join();
  shale::g_yield_hook = nullptr;
  ballast_.clear();
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db_, &err), &err, "close");
  shale_free(db_);
}

void HotStore::LetOthersIn() {
  shale::g_yield_hook = &Yield;
}

void HotStore::KeepMoving() {
  mover_ = std::thread([this] {
    Dice dice(seed_);
    while (!stop_) {
      shale_error* err = nullptr;
      if (dice.OneIn(50)) {
        Want(SHALE_OK, shale_reclaim(db_, nullptr, nullptr, 0, &err), &err, "reclaim");
      } else if (dice.OneIn(20)) {
        Want(SHALE_OK, shale_flush(db_, &err), &err, "flush");
      } else {   // an iterator drains all shards
        shale_iter* iter = nullptr;
        Want(SHALE_OK, shale_iter_new(db_, nullptr, 0, nullptr, 0, 1, &iter, SHALE_KEYS_ONLY, &err), &err,
             "iterator");
        shale_iter_free(iter);
      }
      usleep(static_cast<useconds_t>(dice.Below(500)));
    }
  });
}

int64_t HotStore::Stat(const char* name) const {
  int64_t value = 0;
  Want(SHALE_OK, shale_stat(db_, name, &value, nullptr), nullptr, name);
  return value;
}

uint64_t HotStore::KeysHere() const {
  uint64_t here = 0;
  for (uint64_t key = 0; key < kHotKeys; key++) {
    const std::string name = HotName(key);
    char buf[2 * kHotValueBytes];
    size_t size = 0;
    here += shale_get_into(db_, name.data(), name.size(), buf, sizeof buf, &size, nullptr, SHALE_CACHE_ONLY,
                           nullptr) == SHALE_OK;
  }
  return here;
}

uint64_t HotStore::yields() {
  return yields_seen;
}

void HotStore::FillWithBallast() {
  // Large pieces, then pieces of the size of a hot value into what is left between them.
  FillWith(kBallastBytes);
  FillWith(kHotValueBytes);
  for (size_t i = 0; i < kHotRoom; i++) ballast_.pop_back();
}

void HotStore::FillWith(size_t bytes) {
  const std::string value(bytes, 'b');
  const int64_t failures = Stat("cache.install_failures");
  while (Stat("cache.install_failures") == failures) {
    const std::string key = "ballast " + std::to_string(ballast_.size());
    shale_pin* pin = nullptr;
    const void* data = nullptr;
    size_t size = 0;
    Want(SHALE_OK,
         shale_put(db_, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0,
                   nullptr),
         nullptr, "put");
    Want(SHALE_OK, shale_get_pinned(db_, key.data(), key.size(), &pin, &data, &size, nullptr, 0, nullptr),
         nullptr, "pin");
    ballast_.emplace_back(pin);
    if (ballast_.size() > 2000) Fatal("the memory tier does not fill");
  }
  ballast_.pop_back();   // a copy of its own, because there was no room
}

}   // namespace shale_test
