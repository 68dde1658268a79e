// Scans: seek at a random key and read so many rows.
#include <algorithm>

#include "peer_loads.h"
#include "peer_workloads.h"

namespace bench {
namespace {

class ScanLoad final : public PeerLoad {
 public:
  ScanLoad(PeerRun* run, int thread, int64_t rows, const std::string* greatest)
      : session_(run->session(thread)),
        judge_(&run->values()),
        random_(run->settings().seed * 1'000'003 + static_cast<uint64_t>(thread)),
        keys_(run->settings().keys),
        limit_(rows),
        greatest_(greatest) {}

  void Prepare() override { from_ = PeerKey::User(random_.Below(keys_)); }

  void Act() override {
    last_.clear();
    is_right_ = true;
    rows_ = session_->Scan(from_.view(), limit_, [this](std::string_view key, std::string_view value) {
      is_right_ =
          is_right_ && key > last_ && (!last_.empty() || key == from_.view()) && judge_.IsRight(key, value);
      last_.assign(key);
      return is_right_;
    });
  }

  bool Judge() override { return is_right_ && (rows_ == limit_ || (rows_ > 0 && last_ == *greatest_)); }
  std::string why() const override {
    return "scan from " + std::string(from_.view()) + ": " + std::to_string(rows_) +
           " rows: " + session_->why();
  }

 private:
  PeerSession* const session_;
  ValueJudge judge_;
  FastRandom random_;
  const int64_t keys_;
  const int64_t limit_;
  const std::string* const greatest_;
  PeerKey from_;
  std::string last_;
  int64_t rows_ = 0;
  bool is_right_ = true;
};

}   // namespace

bool RunScanWorkload(PeerRun* run, int64_t rows) {
  const PeerSettings& settings = run->settings();
  if (!LoadUserKeys(run, settings.keys)) return false;
  std::string greatest;
  for (int64_t i = 0; i < settings.keys; ++i)
    greatest = std::max(greatest, std::string(PeerKey::User(i).view()));
  PeerLoads loads;
  for (int t = 0; t < settings.threads; ++t)
    loads.push_back(std::make_unique<ScanLoad>(run, t, rows, &greatest));
  run->Run("run", loads, {settings.seconds, 0}, 23, [&] { return settings.keys; });
  return true;
}

}   // namespace bench
