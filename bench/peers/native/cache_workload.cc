// The workloads of caches: N keys that fit, asked for and put evenly. For stores that live in memory alone.
#include "peer_loads.h"
#include "peer_workloads.h"

namespace bench {
namespace {

class CacheLoad final : public KeyLoad {
 public:
  CacheLoad(PeerRun* run, int thread, int percent_puts)
      : KeyLoad(run, thread), keys_(run->settings().keys), percent_puts_(percent_puts) {}
  void Prepare() override {
    const PeerKey key = PeerKey::Digits(random_.Below(keys_));
    if (random_.Below(100) < percent_puts_) {
      ChoosePut(key);
    } else {
      ChooseGet(key);
    }
  }
  int sample() const override { return 8; }
  bool was_write() const override { return is_put_; }

 private:
  const int64_t keys_;
  const int percent_puts_;
};

// Every key once, shared out to the threads.
class CacheFill final : public KeyLoad {
 public:
  CacheFill(PeerRun* run, int thread)
      : KeyLoad(run, thread), next_(thread), step_(run->settings().threads), keys_(run->settings().keys) {}
  void Prepare() override {
    ChoosePut(PeerKey::Digits(next_ % keys_));
    next_ += step_;
  }

 private:
  int64_t next_;
  const int64_t step_;
  const int64_t keys_;
};

}   // namespace

bool RunCacheWorkload(PeerRun* run, const std::string& which) {
  const PeerSettings& settings = run->settings();
  const int percent_puts = which == "read" ? 0 : which == "write" ? 100 : 25;
  const auto live = [&] { return settings.keys; };
  PeerLoads loads;
  for (int t = 0; t < settings.threads; ++t) loads.push_back(std::make_unique<CacheFill>(run, t));
  run->Run("load", loads, {0, (settings.keys + settings.threads - 1) / settings.threads}, 16, live);
  loads.clear();
  for (int t = 0; t < settings.threads; ++t)
    loads.push_back(std::make_unique<CacheLoad>(run, t, percent_puts));
  run->Run("run", loads, {settings.seconds, 0}, 16, live);
  return true;
}

}   // namespace bench
