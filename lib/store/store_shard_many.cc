// Appends of many changes to one shard: the frame of an atomic batch, and groups that are not atomic.
#include <algorithm>

#include "base/check.h"
#include "store/store_shard.h"

namespace shale {

namespace {
uint64_t MemberBytes(const std::vector<DiskWrite*>& members) {
  uint64_t bytes = 0;
  for (const DiskWrite* write : members) bytes += RecordBytes(write->key.key.size(), write->stored().size());
  return bytes;
}

RecordKind MemberKind(DiskWrite::Kind kind) {
  switch (kind) {
    case DiskWrite::Kind::kPut:
      return RecordKind::kPut;
    case DiskWrite::Kind::kDelete:
      return RecordKind::kDelete;
    case DiskWrite::Kind::kDeleteRange:
      return RecordKind::kDeleteRange;
    case DiskWrite::Kind::kTouch:
      break;
  }
  SHALE_CHECK(false);
  return RecordKind::kSynced;
}
}   // namespace

Status StoreShard::ReserveMany(const std::vector<DiskWrite*>& members, size_t more_bytes) {
  if (read_only()) {
    return Status::Error(Code::E_READ_ONLY, "writes are refused after an earlier write error")
        .InShard(config_.number);
  }
  for (DiskWrite* write : members) SHALE_RETURN_IF_NOT_OK(Prepare(write));
  const bool frees = std::all_of(members.begin(), members.end(), [](const DiskWrite* write) {
    return write->kind == DiskWrite::Kind::kDelete || write->kind == DiskWrite::Kind::kDeleteRange;
  });
  Status s = log_->Reserve(MemberBytes(members) + more_bytes, frees);
  return s.ok() ? s : std::move(s).InShard(config_.number);
}

Status StoreShard::ReserveFrame(const std::vector<DiskWrite*>& members) {
  return ReserveMany(members, RecordBytes(0, FrameHeader::kBytes));
}

Status StoreShard::AppendFrame(const std::vector<DiskWrite*>& members, uint64_t batch_id,
                               uint64_t shard_set) {
  FrameHeader frame;
  frame.batch_id = batch_id;
  frame.shard_set = shard_set;
  frame.member_count = static_cast<uint32_t>(members.size());
  frame.member_bytes = MemberBytes(members);
  char raw[FrameHeader::kBytes];
  EncodeFrame(frame, raw);
  LogRecord record;
  record.kind = RecordKind::kBatch;
  record.sequence = last_sequence_;
  record.value = Bytes(raw, sizeof raw);
  return AppendMany({record}, kRecordInBatch, members);
}

Status StoreShard::AppendGroup(const std::vector<DiskWrite*>& members) {
  SHALE_RETURN_IF_NOT_OK(ReserveMany(members, 0));
  return AppendMany({}, 0, members);
}

// Behind the records that are there already.
Status StoreShard::AppendMany(std::vector<LogRecord> records, uint8_t flags,
                              const std::vector<DiskWrite*>& members) {
  const size_t before = records.size();
  records.reserve(before + members.size());
  for (DiskWrite* write : members) {
    LogRecord record;
    record.kind = MemberKind(write->kind);
    record.flags = flags | write->form;
    record.key = write->key.key;
    record.value = write->stored();
    record.deadline_ms = write->deadline_ms;
    record.sequence = last_sequence_ = log_->NextSequence();
    write->version = record.sequence;
    records.push_back(record);
  }
  std::vector<LogPosition> places;
  Status s = log_->AppendAll(records, &places);
  if (!s.ok()) return std::move(s).InShard(config_.number);
  for (size_t i = 0; i < members.size(); i++) {
    members[i]->place = places[before + i];
    CountSealed(*members[i]);
  }
  return s;
}

}   // namespace shale
