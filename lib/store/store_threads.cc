// The threads of a store: those that drain and flush, the one that collects, and the one that syncs at
// intervals.
#include <algorithm>
#include <system_error>
#include <thread>

#include "base/signals_blocked.h"
#include "base/yield_point.h"
#include "store/store.h"

namespace shale {

Status Store::StartThreads() {
  const int threads = std::max(2, config_.threads);
  index_pool_ = std::make_unique<WorkPool>("shale-index", threads, threads - 1);
  drain_pool_ = std::make_unique<WorkPool>("shale-drain", 2, 1);
  SHALE_RETURN_IF_NOT_OK(index_pool_->Start());
  return drain_pool_->Start();
}

Status Store::StartCollector() {
  Collector::Config c;
  for (size_t s = 0; s < kDiskShards; s++) {
    c.shards[s] = shards_[s].get();
    c.stripes[s] = StripeOfShard(s);
    c.syncers[s] = syncers_[s].get();
  }
  c.secret = &secret_;
  c.pins = &pins_;
  c.space = &space_;
  c.max_amplification = config_.max_amplification;
  c.bytes_per_second = config_.gc_bytes_per_second;
  c.segment_bytes = config_.segment_bytes;
  c.background = config_.gc_background;
  collector_ = std::make_unique<Collector>(c);
  return collector_->Start();
}

// Only when all shards are there: it walks over them.
Status Store::StartSyncLoop() {
  if (config_.sync_interval_ms <= 0 || config_.read_only) return Status::Ok();
  const SignalsBlocked blocked;
  try {
    sync_loop_ = std::thread([this] { SyncLoop(); });
  } catch (const std::system_error& e) {
    return Status::Error(Code::E_LIMIT, "cannot start the sync thread", e.code().value());
  }
  return Status::Ok();
}

void Store::StopThreads() {
  stopping_.store(true, std::memory_order_relaxed);
  YieldAt(YieldPoint::kStopping);
  if (collector_ != nullptr) collector_->Stop();   // first: it uses all the others
  if (sync_loop_.joinable()) {
    {
      MutexLock lock(&sync_loop_mu_);
      sync_loop_stop_ = true;
      sync_loop_wake_.NotifyAll();
    }
    sync_loop_.join();
  }
  if (drain_pool_ != nullptr) drain_pool_->Stop();
}

}   // namespace shale
