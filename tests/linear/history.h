// What threads write down of what they do to hot keys, where it outlives them: the memory is shared with the
// process that checks, so that a killed one leaves its history up to the last instruction.
//  (1) a row is written by one thread, and says itself how far it has come
//  (2) all starts and ends are drawn from one counter, which also goes on over a kill
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "linear/linearize.h"
#include "model/store_kit.h"

namespace shale_test {

inline constexpr uint64_t kHotThreads = 8;
inline constexpr uint64_t kHotKeys = 64;            // even ones are registers, odd ones counters
inline constexpr uint64_t kHotRowsAPiece = 2'048;   // of each thread

class History {
 public:
  enum class Stage : uint32_t { kNone, kBegun, kEnded };
  struct Row {
    Op op;
    std::atomic<Stage> stage;
  };

  // Shared with processes forked from now on.
  static History* Map() {
    void* memory = mmap(nullptr, sizeof(History), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) Fatal("no memory for a history");
    return new (memory) History;
  }
  static void Unmap(History* history) { munmap(history, sizeof(History)); }

  // The next row of this thread, null when there is none.
  Row* Next(uint8_t thread) {
    return used_[thread] < kHotRowsAPiece ? &rows_[thread][used_[thread]++] : nullptr;
  }
  bool HasRoom(uint8_t thread, uint64_t rows) const { return used_[thread] + rows <= kHotRowsAPiece; }
  uint64_t Now() { return now_.fetch_add(1); }
  uint64_t Seen() const { return now_; }   // how many there were
  int64_t NextValue() { return next_value_.fetch_add(1); }

  // Moves all rows to a history for each key. Nobody writes any more.
  std::vector<std::vector<Op>> Take() {
    std::vector<std::vector<Op>> out(kHotKeys);
    for (uint64_t thread = 0; thread < kHotThreads; thread++) {
      for (Row& row : rows_[thread]) {
        const Stage stage = row.stage.exchange(Stage::kNone);
        if (stage == Stage::kBegun) row.op.end = 0;
        if (stage != Stage::kNone) out[row.op.key].push_back(row.op);
      }
      used_[thread] = 0;
    }
    return out;
  }

  std::atomic<bool> ready{false};   // the other process has opened its store
  std::atomic<bool> failed{false};

 private:
  History() = default;

  std::atomic<uint64_t> now_{1};
  std::atomic<int64_t> next_value_{1};
  uint64_t used_[kHotThreads] = {};
  Row rows_[kHotThreads][kHotRowsAPiece] = {};
};

}   // namespace shale_test
