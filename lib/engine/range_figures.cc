// What lies in a range of keys: counted, or estimated; and its index rewritten. As in reclaim.cc, the call is
// not inside between two pieces.
#include <algorithm>

#include "engine/engine.h"
#include "engine/scan.h"

namespace shale {

namespace {
constexpr uint64_t kRowsAtOnce = 4096;

bool IsEmpty(const CursorBounds& bounds) {
  return !bounds.to.empty() && bounds.from >= bounds.to;
}
}   // namespace

Status Engine::CountRange(const CursorBounds& bounds, const WorkProgress& report, RangeCount* out) {
  RangeCount expected;
  if (on_disk_) SHALE_RETURN_IF_NOT_OK(EstimateRange(bounds, &expected));
  ScanRequest request;
  request.bounds = bounds;
  request.bounds.keys_only = true;
  request.short_ok = false;   // lengths come from the cursor
  std::unique_ptr<Scan> scan;
  SHALE_RETURN_IF_NOT_OK(NewScan(request, &scan));
  for (Status s; !s.Is(Code::END);) {
    s = scan->Count(kRowsAtOnce, out);
    if (s.IsError()) return s;
    const bool done = s.Is(Code::END);
    // The estimate may have been too low: what was counted by then is at least how much there is.
    const uint64_t total = done ? out->bytes : std::max(expected.bytes, out->bytes);
    if (!report(out->bytes, total)) return Code::CANCELLED;
  }
  return Status::Ok();
}

Status Engine::EstimateRange(const CursorBounds& bounds, RangeCount* out) {
  *out = RangeCount();
  if (!on_disk_)
    return CountRange(
        bounds, [](uint64_t, uint64_t) { return true; }, out);
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  return IsEmpty(bounds) ? Status::Ok() : disk_->Estimate(bounds, out);
}

Status Engine::CompactRange(const CursorBounds& bounds, const WorkProgress& report) {
  if (options_.read_only) return ReadOnlyStatus();
  std::array<uint64_t, kDiskShards> bytes{};   // of each shard before
  uint64_t done = 0, total = 0;
  for (int shard = 0; shard < kDiskShards; shard++) {
    {
      InFlightGuard guard(&in_flight_);
      if (!guard.entered()) return ClosedStatus();
      if (disk_ == nullptr || IsEmpty(bounds)) return Status::Ok();
      for (int i = 0; shard == 0 && i < kDiskShards; i++)
        total += bytes[static_cast<size_t>(i)] = disk_->IndexBytes(i, bounds);
      SHALE_RETURN_IF_NOT_OK(disk_->CompactShard(shard, bounds));
    }
    done += bytes[static_cast<size_t>(shard)];
    if (!report(done, total)) return Code::CANCELLED;
  }
  return Status::Ok();
}

}   // namespace shale
