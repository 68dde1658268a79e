// Counters: decimal text in a value, changed under the key's stripe, so no increment is ever lost.
#include <charconv>

#include "engine/engine.h"

namespace shale {

namespace {

bool ParseCounter(Bytes text, int64_t* out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && stop == end && !text.empty();
}

}   // namespace

Status Engine::Incr(Bytes key_bytes, __int128 delta, bool sync, int64_t* result) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kPut);
  DiskWrite write;
  write.key = Ref(key_bytes);
  WaitForRoom(write.key);
  DurablePoint point;
  char text[24];
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    Current current;
    SHALE_RETURN_IF_NOT_OK(FindCurrent(write.key, true, &current));
    int64_t present = 0;
    if (current.exists && !ParseCounter(current.value, &present)) {
      return Status::Error(Code::E_NOT_A_NUMBER, "the value of this key is not a decimal number of 64 bits");
    }
    const __int128 sum = present + delta;
    if (sum > INT64_MAX || sum < INT64_MIN) {
      return Status::Error(Code::E_OVERFLOW, "the counter would leave the range of 64 bits");
    }
    *result = static_cast<int64_t>(sum);
    const auto end = std::to_chars(text, text + sizeof text, *result).ptr;
    write.value = Bytes(text, static_cast<size_t>(end - text));
    write.deadline_ms = current.exists ? current.deadline_ms : DeadlineFor(kTtlDefault, 0);
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, true, &point));
  }
  return Finish(point, sync);
}

}   // namespace shale
