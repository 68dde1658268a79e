#include "engine/snapshot.h"

#include "engine/memory_cut.h"

namespace shale {

Snapshot::~Snapshot() {
  EndByClose();   // before it is taken off the list: the engine may close at this moment, and waits there
  engine_->Unregister(this);
}

Status Engine::NewSnapshot(std::shared_ptr<Snapshot>* out) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  std::shared_ptr<Snapshot> snapshot(new Snapshot(shared_from_this()));
  SHALE_RETURN_IF_NOT_OK(snapshot->Hold());
  Register(snapshot.get());
  *out = std::move(snapshot);
  return Status::Ok();
}

Status Snapshot::Hold() {
  if (engine_->disk_ != nullptr) SHALE_RETURN_IF_NOT_OK(engine_->disk_->DrainAll());   // most of it
  const Engine::StripesLock lock(engine_.get(), Engine::kAllStripes);
  return engine_->disk_ != nullptr ? engine_->disk_->NewSnapshot(&cut_) : HoldMemory();
}

Status Snapshot::HoldMemory() {
  std::vector<Buffer> keys;
  engine_->cache_->CollectKeys(Bytes(), Bytes(), engine_->NowMs(), &keys);
  std::vector<MemoryCut::Row> rows;
  rows.reserve(keys.size());
  for (Buffer& key : keys) {
    ReadRequest request;
    request.mode = ReadMode::kPin;
    ReadResult read;
    Status s = engine_->Read(key, request, &read);
    if (s.Is(Code::NOT_FOUND)) continue;   // expired or evicted since the keys were collected
    SHALE_RETURN_IF_NOT_OK(s);
    rows.push_back({std::move(key), Buffer(read.pin.bytes()), read.version, read.deadline_ms});
  }
  cut_ = std::make_unique<MemoryCut>(std::move(rows));
  return Status::Ok();
}

Status Snapshot::Read(Bytes key, DiskRead* out) {
  InFlightGuard guard(&engine_->in_flight_);
  if (!guard.entered()) return engine_->ClosedStatus();
  SHALE_RETURN_IF_NOT_OK(cut_->Read(engine_->Ref(key), out));
  const bool over = out->deadline_ms != kNoDeadline && Expired(out->deadline_ms, engine_->NowMs());
  return over ? Status(Code::NOT_FOUND) : Status::Ok();
}

Status Snapshot::NewScan(const Engine::ScanRequest& request, std::unique_ptr<Scan>* out) {
  InFlightGuard guard(&engine_->in_flight_);
  if (!guard.entered()) return engine_->ClosedStatus();
  return engine_->NewScanAt(shared_from_this(), request, out);
}

void Snapshot::EndByClose() {
  MutexLock lock(&mu_);
  cut_.reset();
}

}   // namespace shale
