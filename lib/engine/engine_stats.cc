// What an engine tells about itself.
#include "engine/engine.h"
#include "engine/warm_restart.h"

namespace shale {

bool Engine::GetStoreStats(StoreStats* stats) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered() || disk_ == nullptr) return false;
  *stats = disk_->Stats();
  return true;
}

void Engine::GetLatencies(LatencyStats::Summaries* out) const {
  if (latency_ != nullptr) {
    latency_->Read(out);
  } else {
    *out = LatencyStats::Summaries();
  }
}

Engine::WarmStats Engine::GetWarmStats() const {
  return warm_ != nullptr ? warm_->Stats() : WarmStats();
}

Status Engine::TakeEvents(char* buf, size_t cap, size_t* used, size_t* rows, int64_t* dropped) {
  if (in_flight_.closed()) return ClosedStatus();
  if (!cache_->keeps_events()) return Status::Invalid("removals are not noted: set the option events.bytes");
  Status s = cache_->TakeEvents(buf, cap, used, rows);
  *dropped = static_cast<int64_t>(cache_->Stats().dropped_events);
  return s;
}

}   // namespace shale
