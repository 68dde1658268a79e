// The workload that the promises of speed were made for: every thread puts keys of its own, each once; then
// gets random ones of its first thousand; then random ones of all.
#include <algorithm>

#include "peer_loads.h"
#include "peer_workloads.h"

namespace bench {
namespace {

constexpr int64_t kFirstKeys = 1000;

class SeedWrites final : public KeyLoad {
 public:
  SeedWrites(PeerRun* run, int thread, OwnCount* count)
      : KeyLoad(run, thread), thread_(thread), count_(count) {}
  void Prepare() override { ChoosePut(PeerKey::Seeds(thread_, count_->value)); }
  // A key whose put failed is written again, so that all keys below the count are there.
  bool Judge() override {
    count_->value += ok_ ? 1 : 0;
    return ok_;
  }

 private:
  const int thread_;
  OwnCount* const count_;
};

class SeedHotReads final : public KeyLoad {
 public:
  SeedHotReads(PeerRun* run, int thread, int64_t keys)
      : KeyLoad(run, thread), thread_(thread), keys_(std::min(kFirstKeys, keys)) {}
  void Prepare() override { ChooseGet(PeerKey::Seeds(thread_, random_.Below(keys_))); }
  int sample() const override { return 8; }

 private:
  const int thread_;
  const int64_t keys_;
};

class SeedColdReads final : public KeyLoad {
 public:
  // ends[t]: how many keys the threads up to and with t have written.
  SeedColdReads(PeerRun* run, int thread, const std::vector<int64_t>* ends)
      : KeyLoad(run, thread), ends_(ends) {}
  void Prepare() override {
    const int64_t place = random_.Below(ends_->back());
    const auto owner = std::upper_bound(ends_->begin(), ends_->end(), place);
    const int64_t before = owner == ends_->begin() ? 0 : *(owner - 1);
    ChooseGet(PeerKey::Seeds(static_cast<int>(owner - ends_->begin()), place - before));
  }
  int sample() const override { return 8; }

 private:
  const std::vector<int64_t>* const ends_;
};

// "key_63_20000"
constexpr int64_t kSeedKeyBytes = 12;

}   // namespace

bool RunSeedsWorkload(PeerRun* run) {
  const int threads = run->settings().threads;
  const PeerLimits limits = {run->settings().seconds, 0};
  std::vector<OwnCount> counts(static_cast<size_t>(threads));
  int64_t live = 0;
  PeerLoads loads;
  for (int t = 0; t < threads; ++t) {
    loads.push_back(std::make_unique<SeedWrites>(run, t, &counts[static_cast<size_t>(t)]));
  }
  run->Run("write", loads, limits, kSeedKeyBytes, [&] { return live = SumOf(counts); });

  std::vector<int64_t> ends;
  int64_t sum = 0;
  for (const OwnCount& count : counts) ends.push_back(sum += count.value);
  if (std::any_of(counts.begin(), counts.end(), [](const OwnCount& c) { return c.value == 0; })) return false;
  const auto same = [&] { return live; };
  loads.clear();
  for (int t = 0; t < threads; ++t) {
    loads.push_back(std::make_unique<SeedHotReads>(run, t, counts[static_cast<size_t>(t)].value));
  }
  run->Run("hot", loads, limits, kSeedKeyBytes, same);
  loads.clear();
  for (int t = 0; t < threads; ++t) loads.push_back(std::make_unique<SeedColdReads>(run, t, &ends));
  run->Run("cold", loads, limits, kSeedKeyBytes, same);
  return true;
}

// Puts of keys that were never there, each acknowledged when it is on the disk.
bool RunSyncWorkload(PeerRun* run) {
  std::vector<OwnCount> counts(static_cast<size_t>(run->settings().threads));
  PeerLoads loads;
  for (int t = 0; t < run->settings().threads; ++t) {
    loads.push_back(std::make_unique<SeedWrites>(run, t, &counts[static_cast<size_t>(t)]));
  }
  run->Run("write", loads, {run->settings().seconds, 0}, kSeedKeyBytes, [&] { return SumOf(counts); });
  return true;
}

}   // namespace bench
