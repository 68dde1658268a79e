// Loads that several workloads have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fast_random.h"
#include "peer_run.h"

namespace bench {

// Each a count that one thread writes and others read when it is at rest; a line to itself.
struct alignas(64) OwnCount {
  int64_t value = 0;
};

// Puts or gets one key. What the key is, the workload says.
class KeyLoad : public PeerLoad {
 public:
  KeyLoad(PeerRun* run, int thread)
      : session_(run->session(thread)),
        values_(&run->values()),
        judge_(&run->values()),
        random_(run->settings().seed * 1'000'003 + static_cast<uint64_t>(thread)),
        value_(run->values().size(), '\0'),
        buffer_(run->values().size(), '\0') {}

  void Act() override {
    if (is_put_) {
      ok_ = session_->Put(key_.view(), value_);
    } else {
      answer_ = session_->Get(key_.view(), &buffer_, &seen_);
    }
  }

  bool Judge() override {
    if (is_put_) return ok_;
    return answer_ == Answer::kFound && judge_.IsRight(key_.view(), seen_);
  }

  std::string why() const override {
    const std::string what = std::string(is_put_ ? "put of " : "get of ") + std::string(key_.view()) + ": ";
    if (is_put_ || answer_ == Answer::kFailed) return what + session_->why();
    return what + (answer_ == Answer::kMissing ? "missing" : "not what was written, or not expected");
  }

 protected:
  void ChoosePut(const PeerKey& key) {
    key_ = key;
    is_put_ = true;
    values_->Fill(key_.view(), value_.data());
  }
  void ChooseGet(const PeerKey& key) {
    key_ = key;
    is_put_ = false;
  }

  PeerSession* const session_;
  const PeerValues* const values_;
  ValueJudge judge_;
  FastRandom random_;
  PeerKey key_;
  bool is_put_ = true;
  bool ok_ = false;
  Answer answer_ = Answer::kFailed;
  std::string_view seen_;
  std::string value_;
  std::string buffer_;
};

// Puts `count` user keys from all threads, in the way that the store recommends, as a phase "load". False
// after an error.
bool LoadUserKeys(PeerRun* run, int64_t count);

int64_t SumOf(const std::vector<OwnCount>& counts);

}   // namespace bench
