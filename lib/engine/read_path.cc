// Reads: the memory tier first, then below, then back into the memory tier. See the order in engine.h.
#include <cstring>

#include "base/seeded_bug.h"
#include "base/thread_scratch.h"
#include "base/yield_point.h"
#include "engine/engine.h"

namespace shale {

namespace {

// A thread keeps its read buffer, unless one large value made it large.
constexpr size_t kKeptBufferBytes = size_t{256} << 10;

DiskRead* ThreadRead() {
  struct ReadBuffer;
  return ThreadScratch<DiskRead, ReadBuffer>();
}

void TrimThreadRead(DiskRead* read) {
  read->value = Bytes();
  if (read->storage.capacity() > kKeptBufferBytes) Buffer().swap(read->storage);
}

void Deliver(const ReadRequest& request, DiskRead* read, ReadResult* out) {
  out->value_len = read->value_len;
  out->version = read->version;
  out->deadline_ms = read->deadline_ms;
  const bool fits =
      read->value_len <= request.cap && request.mode != ReadMode::kPin && request.mode != ReadMode::kMeta;
  if (fits) {
    if (read->value_len > 0) std::memcpy(request.buf, read->value.data(), read->value_len);
    out->copied = true;
    return;
  }
  if (request.mode == ReadMode::kPin || request.mode == ReadMode::kCopyOrPin)
    out->pin = Pin::FromBuffer(Buffer(read->value));
}

}   // namespace

Status Engine::Read(const KeyRef& key, const ReadRequest& request, ReadResult* out) {
  if (in_flight_.closed()) return ClosedStatus();
  Lookup lookup;
  if (latency_ == nullptr) [[likely]]
    return ReadAny(key, request, out, &lookup);
  LatencyTimer timer(latency_.get(), LatencyOp::kGetMiss);
  Status s = ReadAny(key, request, out, &lookup);
  if (lookup == Lookup::kHit) timer.SetOp(LatencyOp::kGetHit);
  return s;
}

[[gnu::always_inline]] inline Status Engine::ReadAny(const KeyRef& key, const ReadRequest& request,
                                                     ReadResult* out, Lookup* lookup) {
  const uint64_t overtaken = overtaken_.load();
  *lookup = cache_->Read(key, request.mode, request.buf, request.cap, out, request.stale_ok);
  switch (*lookup) {
    case Lookup::kHit:
      return Status::Ok();
    case Lookup::kExpired:
      return Absent(key, request, overtaken, out);
    case Lookup::kMiss:
    case Lookup::kPlace:
      break;
  }
  // A closed store's memory is empty.
  if (!on_disk_) return in_flight_.closed() ? ClosedStatus() : Absent(key, request, overtaken, out);
  if (request.cache_only) return Code::WOULD_BLOCK;
  Status s = ReadBelow(key, request, out);
  return s.Is(Code::NOT_FOUND) ? Absent(key, request, overtaken, out) : s;
}

Status Engine::ReadUntimed(const KeyRef& key, const ReadRequest& request, ReadResult* out) {
  Lookup lookup;
  return ReadAny(key, request, out, &lookup);
}

Status Engine::ReadUnderStripe(const KeyRef& key, const ReadRequest& request, ReadResult* out) {
  if (on_disk_ && request.cache_only) return Code::WOULD_BLOCK;   // whoever holds the stripe may be writing
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  MutexLock lock(&StripeOf(key).mu);
  const Lookup lookup = cache_->Read(key, request.mode, request.buf, request.cap, out, request.stale_ok);
  if (lookup == Lookup::kHit) return Status::Ok();
  if (lookup == Lookup::kExpired || !on_disk_) return Code::NOT_FOUND;
  return ReadBelow(key, request, out);
}

Status Engine::Load(const KeyRef& key, const CacheRead& found, bool want_value, DiskRead* read) {
  const LatencyTimer timer(latency_.get(), LatencyOp::kLoad);
  if (found.where != 0) {
    read->place = found.where;
    read->version = found.version;
    read->deadline_ms = found.deadline_ms;
    read->value_len = static_cast<uint32_t>(found.value_len);
    // Gone or damaged there: the index knows whether it has moved, and says what is wrong if it has not.
    if (disk_->ReadPlace(key, found.where, read->value_len, read).ok()) return Status::Ok();
  }
  return disk_->Read(key, want_value, read);
}

Status Engine::LoadAlive(const KeyRef& key, const ReadRequest& request, DiskRead* read, ReadResult* out) {
  const int64_t grace_ms = request.stale_ok ? options_.grace_ms : 0;
  for (int64_t over_version = 0;;) {
    SHALE_RETURN_IF_NOT_OK(Load(key, *out, request.mode != ReadMode::kMeta, read));
    if (read->deadline_ms == kNoDeadline || !Expired(read->deadline_ms, clock_->NowMs() - grace_ms) ||
        SeededBug(Seed::kTtlIgnored))
      return Status::Ok();
    // It may have been replaced before its time was over: it was not if it is still what is there.
    if (read->version == over_version) return Code::NOT_FOUND;
    over_version = read->version;
    out->where = 0;   // anew, from the index
  }
}

Status Engine::ReadBelow(const KeyRef& key, const ReadRequest& request, ReadResult* out) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  DiskRead* read = ThreadRead();
  const bool want_value = request.mode != ReadMode::kMeta;
  Status s = LoadAlive(key, request, read, out);
  if (!s.ok()) {
    TrimThreadRead(read);
    return s;
  }
  Deliver(request, read, out);
  if (want_value && request.fill) {
    YieldAt(YieldPoint::kFill);
    cache_->FillIf(key, CacheItem{read->value, read->version, read->deadline_ms, read->place}, out->token);
  }
  TrimThreadRead(read);
  return Status::Ok();
}

Status Engine::MetaOf(Bytes key, bool cache_only, int64_t* deadline_ms) {
  ReadRequest request;
  request.mode = ReadMode::kMeta;
  request.cache_only = cache_only;
  ReadResult result;
  SHALE_RETURN_IF_NOT_OK(Read(key, request, &result));
  *deadline_ms = result.deadline_ms;
  return Status::Ok();
}

Status Engine::Exists(Bytes key, bool cache_only) {
  int64_t deadline_ms = 0;
  return MetaOf(key, cache_only, &deadline_ms);
}

Status Engine::Ttl(Bytes key, bool cache_only, int64_t* ttl_ms) {
  for (;;) {
    int64_t deadline_ms = 0;
    SHALE_RETURN_IF_NOT_OK(MetaOf(key, cache_only, &deadline_ms));
    *ttl_ms = deadline_ms == kNoDeadline ? kTtlNever : deadline_ms - clock_->NowMs();
    // The clock may have moved on since the key was found alive, and somebody have given it more time before.
    if (deadline_ms == kNoDeadline || *ttl_ms > 0) return Status::Ok();
  }
}

}   // namespace shale
