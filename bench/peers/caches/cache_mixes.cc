// The workloads of caches, for programs whose stores live in memory alone: keys that are loaded first and
// fit, each as likely as any other; and cache-zipf, four times more keys than the budget holds, some far
// likelier than others, where what is missing is put.
//
//  1. A key that is not there is no error, for a cache may drop what it likes; what part of the reads found
//  its key is told in
//     a line of its own, hit_percent.
//  2. A store that never drops anything takes no part in cache-zipf: it would hit always, with memory that it
//  was not to have.
#include <algorithm>
#include <cstdio>

#include "key_draw.h"
#include "peer_loads.h"
#include "peer_workloads.h"
#include "unbounded.h"

namespace bench {
namespace {

constexpr int64_t kDigitKeyBytes = 16;
constexpr int64_t kZipfTimesBudget = 4;

class SteppedFill final : public KeyLoad {
 public:
  SteppedFill(PeerRun* run, int thread, int64_t stride)
      : KeyLoad(run, thread), next_(thread * stride), step_(run->settings().threads * stride) {}
  void Prepare() override {
    ChoosePut(PeerKey::Digits(next_));
    next_ += step_;
  }
  int sample() const override { return 8; }
  bool was_write() const override { return true; }

 private:
  int64_t next_;
  const int64_t step_;
};

class CacheClient final : public KeyLoad {
 public:
  // ranks: null for keys that are equally likely.
  CacheClient(PeerRun* run, int thread, int stream, int64_t keys, int percent_puts, const ZipfRanks* ranks)
      : KeyLoad(run, thread), keys_(keys), percent_puts_(percent_puts), ranks_(ranks) {
    // Else the measured phase would ask for the very keys that the warming asked for, and hit always.
    random_ = FastRandom(random_.Next() + static_cast<uint64_t>(stream));
  }

  void Prepare() override {
    const PeerKey key = PeerKey::Digits(ranks_ == nullptr ? random_.Below(keys_) : Popular());
    if (percent_puts_ > 0 && random_.Below(100) < percent_puts_) {
      ChoosePut(key);
    } else {
      ChooseGet(key);
    }
  }

  void Act() override {
    KeyLoad::Act();
    if (is_put_) return;
    ++gets_;
    if (answer_ != Answer::kMissing) return;
    ++misses_;
    if (ranks_ == nullptr) return;
    ChoosePut(key_);
    KeyLoad::Act();
  }

  bool Judge() override { return (!is_put_ && answer_ == Answer::kMissing) || KeyLoad::Judge(); }
  int sample() const override { return 8; }
  bool was_write() const override { return is_put_; }
  int64_t gets() const { return gets_; }
  int64_t misses() const { return misses_; }

 private:
  int64_t Popular() {
    const auto rank = static_cast<uint64_t>(ranks_->Draw(&random_));
    return static_cast<int64_t>(Scatter(rank) % static_cast<uint64_t>(keys_));
  }

  const int64_t keys_;
  const int percent_puts_;
  const ZipfRanks* const ranks_;
  int64_t gets_ = 0;
  int64_t misses_ = 0;
};

// What is printed when the store is closed, behind the line that the close completes.
struct HitLine {
  int64_t gets = 0;
  int64_t misses = 0;
  double seconds = 0;

  void Print(const PeerSettings& s) const {
    if (gets == 0) return;
    const double percent = 100.0 * static_cast<double>(gets - misses) / static_cast<double>(gets);
    std::printf("%s,%s,hit_percent,%d,%d,%lld,%.6f,%lld,%.3f,,,,,,,,,,0\n", s.engine.c_str(),
                s.workload.c_str(), s.threads, s.value_bytes, static_cast<long long>(s.keys), seconds,
                static_cast<long long>(gets), percent);
  }
};

void FillKeys(PeerRun* run, int64_t count, int64_t stride) {
  const int threads = run->settings().threads;
  PeerLoads loads;
  for (int t = 0; t < threads; ++t) loads.push_back(std::make_unique<SteppedFill>(run, t, stride));
  run->Run("load", loads, {0, (count + threads - 1) / threads}, kDigitKeyBytes, [&] { return count; });
}

HitLine RunClients(PeerRun* run, const char* name, const PeerLimits& limits, int64_t keys, int percent_puts,
                   const ZipfRanks* ranks) {
  PeerLoads loads;
  std::vector<const CacheClient*> clients;
  for (int t = 0; t < run->settings().threads; ++t) {
    auto client =
        std::make_unique<CacheClient>(run, t, limits.seconds > 0 ? 1 : 2, keys, percent_puts, ranks);
    clients.push_back(client.get());
    loads.push_back(std::move(client));
  }
  run->Run(name, loads, limits, kDigitKeyBytes, [&] { return keys; });
  HitLine hits;
  hits.seconds = run->settings().seconds;
  for (const CacheClient* client : clients) {
    hits.gets += client->gets();
    hits.misses += client->misses();
  }
  return hits;
}

HitLine RunFitting(PeerRun* run, int percent_puts) {
  const PeerSettings& settings = run->settings();
  FillKeys(run, settings.keys, 1);
  return RunClients(run, "run", {settings.seconds, 0}, settings.keys, percent_puts, nullptr);
}

// Fills the cache with keys that are spread evenly, lets the likely ones come in, and measures then.
HitLine RunZipf(PeerRun* run) {
  const PeerSettings& settings = run->settings();
  const int64_t fit = settings.budget_bytes() / (kDigitKeyBytes + settings.value_bytes);
  const int64_t keys = fit * kZipfTimesBudget;
  const ZipfRanks ranks(keys);
  FillKeys(run, fit, kZipfTimesBudget);
  RunClients(run, "warm", {0, fit / settings.threads + 1}, keys, 0, &ranks);
  return RunClients(run, "run", {settings.seconds, 0}, keys, 0, &ranks);
}

std::string WhyNotCached(const PeerSettings& settings) {
  const std::string& w = settings.workload;
  if (w == "cache-zipf") return IsUnbounded(settings.engine) ? "it has no bound on its memory" : "";
  if (w == "seeds") return "";
  if (w != "cache-read" && w != "cache-write" && w != "cache-mixed") return w + " is not for a cache";
  const int64_t bytes = settings.keys * (kDigitKeyBytes + settings.value_bytes);
  return bytes > settings.budget_bytes() / 2 ? "the keys and values are more than half of the budget" : "";
}

}   // namespace

// In place of the function of the same name for stores on disk.
WorkloadResult RunPeerWorkload(const PeerSettings& settings, const PeerKind& kind, std::string* why) {
  const std::string not_done = WhyNotCached(settings);
  if (!not_done.empty()) {
    *why = "not done: " + kind.name + ": " + not_done;
    return WorkloadResult::kNotDone;
  }
  PeerRun run(settings, kind);
  if (!run.Open(why)) return WorkloadResult::kFailed;
  HitLine hits;
  bool is_done = true;
  if (settings.workload == "seeds") {
    is_done = RunSeedsWorkload(&run);
  } else if (settings.workload == "cache-zipf") {
    hits = RunZipf(&run);
  } else {
    hits = RunFitting(&run, settings.workload == "cache-read"    ? 0
                            : settings.workload == "cache-write" ? 100
                                                                 : 25);
  }
  const bool is_closed = run.Close(why);
  hits.Print(settings);
  if (!is_done) *why = "a thread wrote no key";
  return is_done && is_closed ? WorkloadResult::kDone : WorkloadResult::kFailed;
}

}   // namespace bench
