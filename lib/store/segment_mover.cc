#include "store/segment_mover.h"

namespace shale {

SegmentMover::SegmentMover(StoreShard* shard, Mutex* stripe, const HashSecret* secret, uint32_t segment,
                           uint32_t end)
    : shard_(shard),
      stripe_(stripe),
      secret_(secret),
      reader_(shard->log().FileName(segment), shard->log().salt(), segment, end) {}

Status SegmentMover::Step(size_t bytes, bool* done) {
  return Go(bytes, true, done);
}

Status SegmentMover::Look(size_t bytes, bool* done) {
  return Go(bytes, false, done);
}

Status SegmentMover::Go(size_t bytes, bool move, bool* done) {
  *done = false;
  if (!open_) SHALE_RETURN_IF_NOT_OK(reader_.Open(shard_->dir()));
  open_ = true;
  const uint32_t start = reader_.offset();
  while (reader_.offset() - start < bytes) {
    LogRecord record;
    LogPosition at = 0;
    Status s = reader_.Next(&record, &at);
    *done = s.Is(Code::END);
    if (*done) break;
    SHALE_RETURN_IF_NOT_OK(s);
    if (record.kind == RecordKind::kPut) SHALE_RETURN_IF_NOT_OK(MoveIfLive(record, at, move));
  }
  read_bytes_ += reader_.offset() - start;
  return Status::Ok();
}

Status SegmentMover::MoveIfLive(const LogRecord& record, LogPosition at, bool move) {
  const KeyRef key{record.key, HashKey(*secret_, record.key)};
  bool live = false;
  SHALE_RETURN_IF_NOT_OK(shard_->PointsTo(key, at, &live));
  if (!live) return Status::Ok();
  if (move) {
    SHALE_RETURN_IF_NOT_OK(shard_->MakeRoom());
    MutexLock lock(stripe_);
    SHALE_RETURN_IF_NOT_OK(
        shard_->Move(key, at, {record.value, static_cast<uint8_t>(record.flags & kRecordForm)}, &live));
  }
  live_records_ += live ? 1 : 0;
  live_bytes_ += live ? RecordBytes(record.key.size(), record.value.size()) : 0;
  return Status::Ok();
}

}   // namespace shale
