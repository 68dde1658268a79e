// Keys that live for a second: puts of new ones, and gets of those that this thread put in the last two.
//
//  1. A key that was put less than 0.9 s ago must be there, one that was put more than 1.1 s ago must not; in
//  between, and
//     around a get that took long, either is right.
#include "peer_loads.h"
#include "peer_workloads.h"
#include "process_stats.h"

namespace bench {
namespace {

constexpr int64_t kLifeMs = 1000;
constexpr int64_t kMsNanos = 1'000'000;

class DeadlineLoad final : public KeyLoad {
 public:
  DeadlineLoad(PeerRun* run, int thread) : KeyLoad(run, thread), thread_(thread) {}

  void Prepare() override {
    before_ns_ = NowNs();
    while (first_ < put_ns_.size() && put_ns_[first_] < before_ns_ - 2 * kLifeMs * kMsNanos) ++first_;
    const size_t recent = put_ns_.size() - first_;
    if (recent == 0 || random_.Below(2) == 0) {
      number_ = put_ns_.size();
      ChoosePut(PeerKey::Seeds(thread_, static_cast<int64_t>(number_)));
    } else {
      number_ = first_ + static_cast<size_t>(random_.Below(static_cast<int64_t>(recent)));
      ChooseGet(PeerKey::Seeds(thread_, static_cast<int64_t>(number_)));
    }
  }

  void Act() override {
    if (is_put_) {
      ok_ = session_->PutFor(key_.view(), value_, kLifeMs);
    } else {
      KeyLoad::Act();
    }
  }

  bool Judge() override {
    const int64_t after_ns = NowNs();
    if (is_put_) {
      put_ns_.push_back(before_ns_);
      // The deadline lies between these two, and a life behind.
      put_end_ns_.push_back(after_ns);
      return ok_;
    }
    const bool may_be_gone = after_ns > put_ns_[number_] + (kLifeMs - 100) * kMsNanos;
    const bool may_be_there = before_ns_ < put_end_ns_[number_] + (kLifeMs + 100) * kMsNanos;
    if (answer_ == Answer::kMissing) return may_be_gone;
    return answer_ == Answer::kFound && may_be_there && judge_.IsRight(key_.view(), seen_);
  }

  bool was_write() const override { return is_put_; }
  int64_t alive() const { return static_cast<int64_t>(put_ns_.size() - first_) / 2; }

 private:
  const int thread_;
  std::vector<int64_t> put_ns_;   // when each key's put began
  std::vector<int64_t> put_end_ns_;
  size_t first_ = 0;   // of the keys that are still asked for
  size_t number_ = 0;
  int64_t before_ns_ = 0;
};

}   // namespace

bool RunDeadlineWorkload(PeerRun* run) {
  PeerLoads loads;
  for (int t = 0; t < run->settings().threads; ++t) loads.push_back(std::make_unique<DeadlineLoad>(run, t));
  run->Run("run", loads, {run->settings().seconds, 0}, 12, [&] {
    int64_t alive = 0;
    for (const auto& load : loads) alive += static_cast<const DeadlineLoad*>(load.get())->alive();
    return alive;
  });
  return true;
}

}   // namespace bench
