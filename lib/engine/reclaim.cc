// Disk space given back at once, on the caller's thread. Between two pieces the call is not inside: the
// caller's function may do what it likes, also close.
#include "engine/engine.h"

namespace shale {

Status Engine::Reclaim(const WorkProgress& report) {
  if (options_.read_only) return ReadOnlyStatus();
  ReclaimState state;
  while (!state.finished) {
    {
      InFlightGuard guard(&in_flight_);
      if (!guard.entered()) return ClosedStatus();
      if (disk_ == nullptr) return Status::Ok();
      SHALE_RETURN_IF_NOT_OK(disk_->ReclaimStep(&state));
    }
    if (!report(state.done, state.total)) return Code::CANCELLED;
  }
  return Status::Ok();
}

}   // namespace shale
