#include "peer_loads.h"

#include <algorithm>

namespace bench {
namespace {

constexpr int64_t kRowsALoad = 1000;

// Rows begin .. end in groups; an operation is a group, so the line of this phase counts groups' time, and
// rows are told by the caller.
class GroupLoad final : public PeerLoad {
 public:
  GroupLoad(PeerRun* run, int thread, int64_t begin, int64_t end)
      : session_(run->session(thread)), values_(&run->values()), next_(begin), end_(end) {}

  void Prepare() override {
    rows_.resize(static_cast<size_t>(std::min(kRowsALoad, end_ - next_)));
    for (Row& row : rows_) {
      const PeerKey key = PeerKey::User(next_++);
      row.key.assign(key.view());
      row.value.resize(values_->size());
      values_->Fill(key.view(), row.value.data());
    }
  }
  void Act() override { ok_ = rows_.empty() || session_->PutMany(rows_); }
  bool Judge() override { return ok_; }
  std::string why() const override { return "loading: " + session_->why(); }

 private:
  PeerSession* const session_;
  const PeerValues* const values_;
  int64_t next_;
  const int64_t end_;
  std::vector<Row> rows_;
  bool ok_ = false;
};

}   // namespace

bool LoadUserKeys(PeerRun* run, int64_t count) {
  // More threads than these only take memory for their groups.
  const int threads = std::min(run->settings().threads, 4);
  const int64_t share = (count + threads - 1) / threads;
  PeerLoads loads;
  for (int t = 0; t < threads; ++t) {
    loads.push_back(
        std::make_unique<GroupLoad>(run, t, std::min(count, t * share), std::min(count, (t + 1) * share)));
  }
  return run->RunGroups(loads, (share + kRowsALoad - 1) / kRowsALoad, count, 23);
}

int64_t SumOf(const std::vector<OwnCount>& counts) {
  int64_t sum = 0;
  for (const OwnCount& count : counts) sum += count.value;
  return sum;
}

}   // namespace bench
