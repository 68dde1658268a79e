// One thread's part in a history: random calls on hot keys, each written down as it begins and as it ends.
#pragma once

#include <string>

#include "base/clock.h"
#include "linear/history.h"
#include "model/store_kit.h"
#include "shale/shale.h"

namespace shale_test {

class HotWorker {
 public:
  // clock: null if nothing expires; else keys are given deadlines, and the worker moves it on now and then.
  HotWorker(shale_db* db, uint8_t thread, uint64_t seed, History* history, shale::FakeClock* clock)
      : db_(db), dice_(seed), thread_(thread), history_(history), clock_(clock) {}

  // Operations, until so many were done or the history has no more room.
  void Run(uint64_t ops);
  // One read of each key.
  void ReadAll();

 private:
  History::Row* Begin(OpKind kind);
  void Start(History::Row* row);
  void End(History::Row* row);
  int64_t NowMs() const { return clock_ == nullptr ? 0 : clock_->NowMs(); }
  int64_t DrawTtl(bool keep_too);
  [[noreturn]] void Wrong(const char* what, shale_status s) const;
  void Seen(Op* op, shale_status s, const void* bytes, size_t size);

  void One();
  void Put();
  void Delete();
  void Swap();
  void CompareAndSet();
  void CompareAndDelete();
  void PutIfAbsent();
  void Incr();
  void Expire();
  void AskTtl();
  void Get(int64_t key = -1);
  void GetMany();
  void Load();

  shale_db* const db_;
  Dice dice_;
  const uint8_t thread_;
  History* const history_;
  shale::FakeClock* const clock_;
  int64_t last_seen_[kHotKeys] = {};
  bool counter_ = false;
  std::string name_;
  std::string text_;
};

}   // namespace shale_test
