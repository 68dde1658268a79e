// A store whose memory tier has room for about sixteen of the hot keys, because pins hold the rest of it, and
// in which somebody drains, flushes and collects garbage all the time: fills, evictions, drains and changes
// race.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "shale/shale.h"

namespace shale_test {

inline constexpr size_t kHotValueBytes = 1000;   // of a register

std::string HotName(uint64_t key);

class HotStore {
 public:
  // path "": memory only, and then nothing is held.
  HotStore(const std::string& path, uint64_t seed);
  ~HotStore();   // closes
  HotStore(const HotStore&) = delete;
  HotStore& operator=(const HotStore&) = delete;

  // From now on threads are let in where a change, a fill, an eviction or a drain can be seen half done.
  void LetOthersIn();
  // From now on, until the end, a thread flushes and reclaims.
  void KeepMoving();

  shale_db* db() const { return db_; }
  int64_t Stat(const char* name) const;
  // Hot keys that the memory tier holds now.
  uint64_t KeysHere() const;
  static uint64_t yields();

 private:
  struct PinFree {
    void operator()(shale_pin* pin) const { shale_pin_free(pin); }
  };
  void FillWithBallast();
  void FillWith(size_t bytes);

  const uint64_t seed_;
  shale_db* db_ = nullptr;
  std::vector<std::unique_ptr<shale_pin, PinFree>> ballast_;
  std::atomic<bool> stop_{false};
  std::thread mover_;
};

}   // namespace shale_test
