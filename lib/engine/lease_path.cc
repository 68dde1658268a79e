// Loads, one caller a key. The order that makes "exactly one" true: take the ticket, pass the stripe, look
// for the key again. Whoever misses after a load was installed finds it at this second look; whoever comes
// before finds the ticket.
#include <cstring>

#include "engine/engine.h"
#include "engine/lease.h"

namespace shale {

namespace {

// Gives the load up unless it came to its end: whatever is thrown or returned in between, those who wait go
// on.
class TicketGuard {
 public:
  TicketGuard(LeaseTable* table, const LeaseTable::Ticket& ticket) : table_(table), ticket_(ticket) {}
  ~TicketGuard() {
    if (table_ != nullptr) table_->GiveUp(ticket_);
  }
  TicketGuard(const TicketGuard&) = delete;
  TicketGuard& operator=(const TicketGuard&) = delete;
  void Release() { table_ = nullptr; }

 private:
  LeaseTable* table_;
  const LeaseTable::Ticket& ticket_;
};

void Deliver(const LoadedValue& loaded, const ReadRequest& request, ReadResult* out) {
  out->value_len = loaded.value.size();
  out->version = loaded.version;
  out->deadline_ms = loaded.deadline_ms;
  out->copied = loaded.value.size() <= request.cap && request.mode != ReadMode::kPin;
  if (!out->copied) {
    out->pin = Pin::FromBuffer(Buffer(loaded.value));
  } else if (!loaded.value.empty()) {
    std::memcpy(request.buf, loaded.value.data(), loaded.value.size());
  }
}

}   // namespace

// OK, STALE (only if the request takes that), NOT_FOUND or an error.
Status Engine::ReadForLease(Bytes key, const LeaseRequest& request, ReadResult* out) {
  ReadRequest read = request.read;
  read.stale_ok = request.stale_ok;
  SHALE_RETURN_IF_NOT_OK(Read(key, read, out));
  const bool stale = request.stale_ok && Expired(out->deadline_ms, clock_->NowMs());
  return stale ? Code::STALE : Code::OK;
}

Status Engine::TakeLease(const KeyRef& key, const LeaseRequest& request, const LeaseTable::Ticket& ticket,
                         ReadResult* out, std::unique_ptr<Lease>* lease) {
  TicketGuard guard(leases_.get(), ticket);
  { MutexLock pass(&StripeOf(key).mu); }   // (4) in lease_table.h
  Status s = ReadForLease(key.key, request, out);
  if (s.IsError()) return s;
  if (s.ok()) {
    leases_->Cancel(ticket);
    guard.Release();
    return s;
  }
  *lease = std::make_unique<Lease>(leases_, weak_from_this(), key, ticket);
  guard.Release();
  return Code::LEASED;
}

Status Engine::GetOrLease(Bytes key_bytes, const LeaseRequest& request, ReadResult* out,
                          std::unique_ptr<Lease>* lease) {
  if (in_flight_.closed()) return ClosedStatus();
  const KeyRef key = Ref(key_bytes);
  const ReadRequest& read = request.read;
  if (cache_->Read(key, read.mode, read.buf, read.cap, out) == Lookup::kHit) return Status::Ok();
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  const int64_t hold_ms = request.hold_ms != 0 ? request.hold_ms : options_.lease_hold_ms;
  const int64_t wait_until_ms = LeaseTable::SteadyAfter(request.wait_ms);
  // Whoever takes a stale value does not wait before there is none.
  int64_t until_ms = request.stale_ok ? INT64_MIN : wait_until_ms;
  for (;;) {
    LeaseTable::Ticket ticket;
    std::shared_ptr<const LoadedValue> loaded;
    switch (leases_->Acquire(key, until_ms, hold_ms, &ticket, &loaded)) {
      case LeaseTable::Answer::kGranted:
        return TakeLease(key, request, ticket, out, lease);
      case LeaseTable::Answer::kLoaded:
        if (Expired(loaded->deadline_ms, clock_->NowMs())) break;
        Deliver(*loaded, read, out);
        return Status::Ok();
      case LeaseTable::Answer::kMissing:
        return Code::NOT_FOUND;
      case LeaseTable::Answer::kClosed:
        return ClosedStatus();
      case LeaseTable::Answer::kLookAgain: {
        Status s = ReadForLease(key_bytes, request, out);
        if (s.ok() || s.IsError()) return s;
        break;
      }
      case LeaseTable::Answer::kTimeout: {
        // The holder may only be looking below for a value that is there.
        Status s = ReadForLease(key_bytes, request, out);
        if (!s.Is(Code::NOT_FOUND)) return s;
        if (until_ms == wait_until_ms) return Code::WOULD_BLOCK;
        until_ms = wait_until_ms;
        break;
      }
    }
  }
}

Status Engine::FulfilLease(Lease* lease, Bytes value, const WriteOptions& options, int64_t* version) {
  InFlightGuard in_flight(&in_flight_);
  if (!in_flight.entered()) return ClosedStatus();
  DiskWrite write;
  write.key = lease->key();
  write.value = value;
  SHALE_RETURN_IF_NOT_OK(CheckInstallable(write.key.key, value));
  WaitForRoom(write.key);
  if (disk_ != nullptr) SHALE_RETURN_IF_NOT_OK(disk_->Prepare(&write));
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    bool awaited = false;
    lease->used_ = true;
    if (!leases_->StartFulfil(lease->ticket_, &awaited)) return Code::MISMATCH;
    TicketGuard guard(leases_.get(), lease->ticket_);
    auto loaded = awaited ? std::make_shared<LoadedValue>() : nullptr;
    if (awaited) loaded->value.assign(value);
    write.deadline_ms = DeadlineFor(options.ttl_ms, kNoDeadline);
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, options.install, &point));
    if (awaited) loaded->version = write.version;
    if (awaited) loaded->deadline_ms = write.deadline_ms;
    leases_->EndFulfil(lease->ticket_, std::move(loaded));
    guard.Release();
  }
  if (version != nullptr) *version = write.version;
  return Finish(point, options.sync);
}

Status Engine::FailLease(Lease* lease, int64_t missing_ttl_ms) {
  InFlightGuard in_flight(&in_flight_);
  if (!in_flight.entered()) return ClosedStatus();
  const int64_t until_ms = missing_ttl_ms > 0 ? DeadlineAfter(clock_->NowMs(), missing_ttl_ms) : kNoDeadline;
  MutexLock lock(&StripeOf(lease->key()).mu);
  lease->used_ = true;
  return leases_->Fail(lease->ticket_, until_ms) ? Code::OK : Code::MISMATCH;
}

}   // namespace shale
