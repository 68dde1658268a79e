// Single-key changes. What they share: wait for room, take the stripe, look if the call asks about the
// present value, apply, let the stripe go, make it durable if that was asked for.
#include <algorithm>

#include "base/check.h"
#include "base/random.h"
#include "base/yield_point.h"
#include "engine/engine.h"

namespace shale {

namespace {
// A part of a time to live, so that keys written together do not all end together; the rest is at least 1.
int64_t Jitter(int64_t ttl_ms, int percent) {
  thread_local Random random(reinterpret_cast<uintptr_t>(&random) ^
                             static_cast<uint64_t>(Clock::Real()->NowMs()));
  const int64_t most = static_cast<int64_t>(static_cast<__int128>(ttl_ms) * percent / 100);
  return std::min(static_cast<int64_t>(random.Below(static_cast<uint64_t>(most) + 1)), ttl_ms - 1);
}
}   // namespace

int64_t Engine::DeadlineFor(int64_t ttl_ms, int64_t kept_deadline_ms) const {
  if (ttl_ms == kTtlKeep) return kept_deadline_ms;
  if (ttl_ms == kTtlNever) return kNoDeadline;
  if (ttl_ms == kTtlDefault) {
    if (options_.default_ttl_ms == 0) return kNoDeadline;
    ttl_ms = options_.default_ttl_ms;
  }
  if (options_.ttl_jitter_percent > 0) ttl_ms -= Jitter(ttl_ms, options_.ttl_jitter_percent);
  return DeadlineAfter(clock_->NowMs(), ttl_ms);
}

// Without a disk tier a value that the memory tier cannot hold is refused before anything is changed.
Status Engine::CheckInstallable(Bytes key, Bytes value) const {
  if (disk_ != nullptr || key.size() + value.size() <= cache_->item_bytes_max()) return Status::Ok();
  return Status::Error(Code::E_TOO_LARGE, "key and value are " + std::to_string(key.size() + value.size()) +
                                              " bytes, this memory budget holds items up to " +
                                              std::to_string(cache_->item_bytes_max()));
}

Status Engine::PinnedStatus() {
  return Status::Error(Code::E_NO_SPACE, "no room in the memory budget: the rest is pinned");
}

void Engine::WaitForRoom(const KeyRef& key) {
  if (disk_ != nullptr) disk_->WaitForRoom(DiskShardOf(key.hash));
}

bool Engine::Judgement::Holds(Engine* engine, Stripe* stripe, int64_t deadline_ms) {
  engine_ = engine;
  stripe_ = stripe;
  deadline_ms_ = deadline_ms;
  stripe->judged_ms.store(deadline_ms);
  return !Expired(deadline_ms, engine->clock_->NowMs());
}

void Engine::Judgement::End() {
  if (stripe_ == nullptr) return;
  if (Expired(deadline_ms_, engine_->clock_->NowMs())) engine_->overtaken_.fetch_add(1);
  stripe_->judged_ms.store(0);
  stripe_ = nullptr;
}

Status Engine::FindCurrent(const KeyRef& key, bool want_value, Current* out) {
  SHALE_RETURN_IF_NOT_OK(LookForCurrent(key, want_value, out));
  if (out->exists && out->deadline_ms != kNoDeadline)
    out->exists = out->judgement.Holds(this, &StripeOf(key), out->deadline_ms);
  return Status::Ok();
}

Status Engine::LookForCurrent(const KeyRef& key, bool want_value, Current* out) {
  CacheRead found;
  const Lookup lookup = cache_->Read(key, want_value ? ReadMode::kCopyOrPin : ReadMode::kMeta, out->near,
                                     Current::kNearBytes, &found);
  if (lookup == Lookup::kExpired) return Status::Ok();
  if (lookup == Lookup::kHit) {
    out->exists = true;
    out->version = found.version;
    out->deadline_ms = found.deadline_ms;
    out->pin = std::move(found.pin);
    if (want_value) out->value = found.copied ? Bytes(out->near, found.value_len) : out->pin.bytes();
    return Status::Ok();
  }
  if (disk_ == nullptr) return Status::Ok();
  Status s = Load(key, found, want_value, &out->disk);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  if (out->disk.deadline_ms != kNoDeadline && Expired(out->disk.deadline_ms, clock_->NowMs()))
    return Status::Ok();
  out->exists = true;
  out->version = out->disk.version;
  out->deadline_ms = out->disk.deadline_ms;
  out->value = out->disk.value;
  return Status::Ok();
}

Status Engine::Apply(Stripe& stripe, DiskWrite* write, bool install, DurablePoint* point) {
  leases_->NoteWrite(write->key);
  if (disk_ != nullptr) {
    SHALE_RETURN_IF_NOT_OK(disk_->Append(write, point));
  } else {
    write->version = ++stripe.last_version;
  }
  YieldAt(YieldPoint::kAppended);
  UnpublishedGuard guard(disk_.get(), write, 1);
  return MakeVisible(*write, install, &guard);
}

// Right after the append. What is thrown before the change is published leaves it in the log alone: the
// caller holds a guard, and hands it in with the last change that it stands for. What is thrown later loses
// nothing.
Status Engine::MakeVisible(const DiskWrite& write, bool install, UnpublishedGuard* guard_of_last) {
  const bool is_put = write.kind == DiskWrite::Kind::kPut;
  const ChangeGuard changing(&StripeOf(write.key).mark, ChangeMark::Of::kOne);
  if (is_put) key_runs_.Note(write.key.key);
  CacheWrite change(cache_.get(), write.key, is_put && install ? write.value.size() : 0,
                    is_put ? Removal::kOverwritten : Removal::kDeleted);
  if (disk_ != nullptr) disk_->Publish(write);
  if (guard_of_last != nullptr) guard_of_last->Release();
  YieldAt(YieldPoint::kPublished);
  if (!is_put) key_runs_.Forget(write.key.key);
  if (!is_put || (!install && disk_ != nullptr)) return Status::Ok();
  CacheItem item{write.value, write.version, write.deadline_ms};
  if (disk_ != nullptr) item.where = disk_->PlaceOf(write);
  if (change.Install(item) || disk_ != nullptr) return Status::Ok();
  return PinnedStatus();
}

Status Engine::ApplyTouch(Stripe& stripe, const KeyRef& key, int64_t deadline_ms, DurablePoint* point) {
  // The item is taken out and, if it was here, put back with its new deadline.
  CacheRead found;
  const bool here = cache_->Read(key, ReadMode::kPin, nullptr, 0, &found) == Lookup::kHit;
  DiskWrite write;
  write.kind = DiskWrite::Kind::kTouch;
  write.key = key;
  write.deadline_ms = deadline_ms;
  if (disk_ != nullptr) {
    SHALE_RETURN_IF_NOT_OK(disk_->Append(&write, point));
  } else {
    if (!here) return Code::NOT_FOUND;
    write.version = ++stripe.last_version;
  }
  UnpublishedGuard guard(disk_.get(), &write, 1);
  const ChangeGuard changing(&stripe.mark, ChangeMark::Of::kOne);
  CacheWrite change(cache_.get(), key, here ? found.value_len : 0);
  if (disk_ != nullptr) disk_->Publish(write);
  guard.Release();
  if (!here) return Status::Ok();
  const bool installed = change.Install(CacheItem{found.pin.bytes(), write.version, deadline_ms});
  if (installed || disk_ != nullptr) return Status::Ok();
  return PinnedStatus();
}

Status Engine::Finish(const DurablePoint& point, bool sync) {
  if (disk_ == nullptr || (!sync && options_.durability != Durability::kDisk)) return Status::Ok();
  const LatencyTimer timer(latency_.get(), LatencyOp::kSync);
  return disk_->MakeDurable(point);
}

// Nothing below, and nothing to be looked at: the shortest of all changes.
Status Engine::PutInMemory(const KeyRef& key, Bytes value, const WriteOptions& options, int64_t* version) {
  Stripe& stripe = StripeOf(key);
  MutexLock lock(&stripe.mu);
  leases_->NoteWrite(key);
  const CacheItem item{value, ++stripe.last_version, DeadlineFor(options.ttl_ms, 0)};
  if (version != nullptr) *version = item.version;
  YieldAt(YieldPoint::kAppended);
  key_runs_.Note(key.key);
  if (cache_->Overwrite(key, item)) return Status::Ok();
  CacheWrite change(cache_.get(), key, value.size());
  YieldAt(YieldPoint::kPublished);
  return change.Install(item) ? Status::Ok() : PinnedStatus();
}

Status Engine::Put(Bytes key_bytes, Bytes value, const WriteOptions& options, int64_t* version) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kPut);
  SHALE_RETURN_IF_NOT_OK(CheckInstallable(key_bytes, value));
  const KeyRef key = Ref(key_bytes);
  cache_->Prefetch(key.hash);   // used behind the stripe, or behind the call on the log
  if (disk_ == nullptr && !options.if_absent && !options.if_present && options.ttl_ms != kTtlKeep)
    return PutInMemory(key, value, options, version);
  DiskWrite write;
  write.key = key;
  write.value = value;
  WaitForRoom(write.key);
  if (disk_ != nullptr) SHALE_RETURN_IF_NOT_OK(disk_->Prepare(&write));
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    cache_->PrefetchItem(write.key.hash);
    Current current;   // to the end of the change, as in all of these
    int64_t kept_deadline_ms = 0;
    bool keep = options.ttl_ms == kTtlKeep;
    if (options.if_absent || options.if_present || keep) {
      SHALE_RETURN_IF_NOT_OK(FindCurrent(write.key, false, &current));
      if (options.if_absent && current.exists) return Code::EXISTS;
      if (options.if_present && !current.exists) return Code::NOT_FOUND;
      keep = keep && current.exists;
      kept_deadline_ms = current.deadline_ms;
    }
    const int64_t ttl_ms = options.ttl_ms == kTtlKeep && !keep ? kTtlDefault : options.ttl_ms;
    write.deadline_ms = DeadlineFor(ttl_ms, kept_deadline_ms);
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, options.install, &point));
  }
  if (version != nullptr) *version = write.version;
  return Finish(point, options.sync);
}

Status Engine::Delete(Bytes key_bytes, const WriteOptions& options) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kDelete);
  DiskWrite write;
  write.kind = DiskWrite::Kind::kDelete;
  write.key = Ref(key_bytes);
  WaitForRoom(write.key);
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    Current current;
    if (options.if_present) {
      SHALE_RETURN_IF_NOT_OK(FindCurrent(write.key, false, &current));
      if (!current.exists) {
        leases_->NoteWrite(write.key);   // who deletes wants nothing older to come, also if nothing was there
        return Code::NOT_FOUND;
      }
    }
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, false, &point));
  }
  return Finish(point, options.sync);
}

Status Engine::GetAndSet(Bytes key_bytes, Bytes value, const WriteOptions& options, Buffer* old,
                         int64_t* version) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kPut);
  SHALE_RETURN_IF_NOT_OK(CheckInstallable(key_bytes, value));
  DiskWrite write;
  write.key = Ref(key_bytes);
  write.value = value;
  WaitForRoom(write.key);
  if (disk_ != nullptr) SHALE_RETURN_IF_NOT_OK(disk_->Prepare(&write));
  DurablePoint point;
  bool existed = false;
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    Current current;
    SHALE_RETURN_IF_NOT_OK(FindCurrent(write.key, true, &current));
    existed = current.exists;
    if (existed) old->assign(current.value);
    const int64_t ttl_ms = options.ttl_ms == kTtlKeep && !existed ? kTtlDefault : options.ttl_ms;
    write.deadline_ms = DeadlineFor(ttl_ms, current.deadline_ms);
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, options.install, &point));
  }
  if (version != nullptr) *version = write.version;
  SHALE_RETURN_IF_NOT_OK(Finish(point, options.sync));
  return existed ? Status::Ok() : Status(Code::NOT_FOUND);
}

bool Engine::Matches(const Expectation& expected, const Current& current) {
  if (expected.kind == Expectation::Kind::kValue) return current.exists && current.value == expected.value;
  return (current.exists ? current.version : kVersionAbsent) == expected.version;
}

Status Engine::CompareAndSet(Bytes key_bytes, const Expectation& expected, Bytes value,
                             const WriteOptions& options, int64_t* version) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kPut);
  SHALE_RETURN_IF_NOT_OK(CheckInstallable(key_bytes, value));
  const bool by_value = expected.kind == Expectation::Kind::kValue;
  DiskWrite write;
  write.key = Ref(key_bytes);
  write.value = value;
  WaitForRoom(write.key);
  if (disk_ != nullptr) SHALE_RETURN_IF_NOT_OK(disk_->Prepare(&write));
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    Current current;
    SHALE_RETURN_IF_NOT_OK(FindCurrent(write.key, by_value, &current));
    if (by_value && !current.exists) return Code::NOT_FOUND;
    if (!Matches(expected, current)) {
      if (!by_value && version != nullptr) *version = current.exists ? current.version : kVersionAbsent;
      return Code::MISMATCH;
    }
    const int64_t ttl_ms = options.ttl_ms == kTtlKeep && !current.exists ? kTtlDefault : options.ttl_ms;
    write.deadline_ms = DeadlineFor(ttl_ms, current.deadline_ms);
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, options.install, &point));
  }
  if (version != nullptr) *version = write.version;
  return Finish(point, options.sync);
}

Status Engine::CompareAndDelete(Bytes key_bytes, const Expectation& expected, const WriteOptions& options) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kDelete);
  DiskWrite write;
  write.kind = DiskWrite::Kind::kDelete;
  write.key = Ref(key_bytes);
  WaitForRoom(write.key);
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(write.key);
    MutexLock lock(&stripe.mu);
    Current current;
    SHALE_RETURN_IF_NOT_OK(FindCurrent(write.key, expected.kind == Expectation::Kind::kValue, &current));
    if (!current.exists) return Code::NOT_FOUND;
    if (!Matches(expected, current)) return Code::MISMATCH;
    SHALE_RETURN_IF_NOT_OK(Apply(stripe, &write, false, &point));
  }
  return Finish(point, options.sync);
}

Status Engine::Expire(Bytes key_bytes, int64_t ttl_ms, bool sync) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  if (options_.read_only) return ReadOnlyStatus();
  const LatencyTimer timer(latency_.get(), LatencyOp::kPut);
  const KeyRef key = Ref(key_bytes);
  WaitForRoom(key);
  DurablePoint point;
  {
    Stripe& stripe = StripeOf(key);
    MutexLock lock(&stripe.mu);
    Current current;
    SHALE_RETURN_IF_NOT_OK(FindCurrent(key, false, &current));
    if (!current.exists) return Code::NOT_FOUND;
    SHALE_RETURN_IF_NOT_OK(ApplyTouch(stripe, key, DeadlineFor(ttl_ms, 0), &point));
  }
  return Finish(point, sync);
}

}   // namespace shale
