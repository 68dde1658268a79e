// The fixed trace: a store that is created, written in every way, flushed, collected, backed up, closed,
// opened again, written and closed. Drawn from a seed; one thread; written down in a History.
#pragma once

#include <functional>
#include <string>

#include "fault/disk_model.h"
#include "fault/history.h"
#include "model/store_kit.h"
#include "shale/shale.h"

namespace shale_test {

struct LifePlan {
  uint64_t seed = 1;
  bool durable = false;   // option durability=disk: every acknowledged write is
  int scale = 1;          // how much of everything
};

class Life {
 public:
  // Everything lies below `root`; recorder may be nullptr.
  Life(const LifePlan& plan, std::string root, History* history, DiskRecorder* recorder);
  // From creation to the second close. Errors are noted in the history and do not end it; a status that no
  // documentation names ends the test.
  void Run();
  // What the counters are in a store that this life does not begin with.
  void KnowCounters(const StoreState& held);
  // A recovered store is opened, written a little, and closed.
  void RunLater();

  static std::string StorePath(const std::string& root) { return root + "/store"; }
  static std::string BackupPath(const std::string& root) { return root + "/backup"; }
  uint64_t failures() const { return failures_; }
  const std::string& first_failure() const { return first_failure_; }
  uint64_t segments_collected() const { return segments_collected_; }

 private:
  void Session(const std::function<void()>& work);
  size_t Now() { return recorder_ == nullptr ? 0 : recorder_->count(); }
  Deed* Begin(const std::string& what);
  bool Ended(Deed* deed, shale_status status, shale_error** err);
  uint32_t Flags(Deed* deed, uint64_t one_in);
  KeyState ValueFor(const std::string& key, size_t size);
  void Put(int i);
  void Delete(int i);
  void Expire(int i);
  void Add(int i);
  void Batch(int group);
  void DropGroup(int group);
  void Mixed(int count);
  void Large(int count);
  void Barrier(const char* what, shale_status (*call)(shale_db*, shale_error**), bool durable);
  void Reclaim();
  void Backup();
  void ReadAll();

  const LifePlan plan_;
  const std::string root_;
  History* const history_;
  DiskRecorder* const recorder_;
  Dice dice_;
  shale_db* db_ = nullptr;
  uint64_t failures_ = 0;
  std::string first_failure_;
  uint64_t counts_[4] = {};
  uint64_t segments_collected_ = 0;
};

// Options that make much happen in little time; which ones, the seed decides.
void SetSmall(Options* options, const LifePlan& plan);
// Reads all there is, both ways; ends the test if they differ. *error: a read failed so, and *seen is not
// whole.
StoreState ReadStore(shale_db* db, shale_status* error);
// Ends the test unless the call may end so when files fail.
void WantDocumented(const char* what, shale_status status, shale_error* err);
// Opens the store at `path`, reads it, closes and verifies it. Empty, or what is wrong.
std::string CheckStore(const std::string& path, StoreState* seen);
// All keys of any life, each with the shard that it has in the store at `path`.
std::map<std::string, int> ShardsOfKeys(const std::string& path);

}   // namespace shale_test
