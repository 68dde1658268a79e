// The part of verify that looks at the records of a shard's log.
#include <algorithm>

#include "store/verify_shard.h"

namespace shale {

Status ShardVerifier::CheckLog() {
  if (chain_.segments.empty()) Add(name_, Severity::kDamaged, 0, "no log segment");
  for (size_t i = 0; i < chain_.segments.size(); i++) SHALE_RETURN_IF_NOT_OK(CheckSegment(i));
  for (const SegmentFile& segment : segments_) {
    const std::string file = SegmentName(segment.number);
    const bool orphan = std::find(chain_.orphans.begin(), chain_.orphans.end(), file) != chain_.orphans.end();
    if (!orphan) continue;
    if (segment.valid) {
      config_.report->files[Path(file)].unused = true;
    } else {
      SHALE_RETURN_IF_NOT_OK(CheckLoose(segment.number));
    }
    SHALE_RETURN_IF_NOT_OK(Done(Path(file)));
  }
  if (!has_applied_) return Status::Ok();
  const auto holds_mark = [&](const LogChain::Segment& s) {
    return s.number == SegmentOf(applied_.position);
  };
  if (std::none_of(chain_.segments.begin(), chain_.segments.end(), holds_mark)) {
    Add(Path(SegmentName(SegmentOf(applied_.position))), Severity::kDamaged, OffsetOf(applied_.position),
        "missing or unreadable, and the index ends in it");
  }
  return Status::Ok();
}

Status ShardVerifier::CheckSegment(size_t index) {
  const LogChain::Segment& segment = chain_.segments[index];
  const std::string file = SegmentName(segment.number);
  const std::string path = Path(file);
  SegmentRange range;
  range.number = segment.number;
  range.salt = LogSalt(config_.uuid.data(), config_.shard);
  range.stop = segment.end;
  if (has_applied_ && SegmentOf(applied_.position) == segment.number)
    range.least = OffsetOf(applied_.position);
  uint32_t members_left = 0;
  SegmentScan scan;
  const auto visit = [&](LogPosition at, const LogRecord& record) {
    const bool member = (record.flags & kRecordInBatch) != 0;
    if (scan.gaps.empty() && member != (members_left > 0))
      Add(path, Severity::kDamaged, OffsetOf(at), "a record is out of place in its batch");
    if (members_left > 0) members_left--;
    FrameHeader frame;
    if (record.kind == RecordKind::kBatch) {
      if (!DecodeFrame(record.value, &frame)) Add(path, Severity::kDamaged, OffsetOf(at), "malformed batch");
      members_left = frame.member_count;
    }
    KeyRange deleted;
    if (record.kind == RecordKind::kDeleteRange && !DecodeRange(record.value, &deleted))
      Add(path, Severity::kDamaged, OffsetOf(at), "malformed range");
    if (!record.key.empty() && !IsOurs(record.key))
      Add(path, Severity::kDamaged, OffsetOf(at), "a record that belongs to another shard");
    if (record.kind == RecordKind::kPut) {
      CheckValue(path, OffsetOf(at), record.key,
                 {record.value, static_cast<uint8_t>(record.flags & kRecordForm)});
      places_.push_back(
          Place{at, Checksum64(record.key), record.sequence, static_cast<uint32_t>(record.value.size())});
    }
    return Status::Ok();
  };
  SHALE_RETURN_IF_NOT_OK(WalkSegment(dir_, path, file, range, visit, &scan));
  config_.report->files[path].records = scan.records;
  config_.report->records += scan.records;
  for (const SegmentGap& gap : scan.gaps) {
    if (MayBeTorn(index, scan, MakePosition(segment.number, gap.from))) continue;
    Add(path, Severity::kDamaged, gap.from, "no valid record up to offset " + std::to_string(gap.upto));
  }
  for (const uint32_t at : scan.padding)
    Add(path, Severity::kSuspicious, at, "the padding behind a record is not zero");
  return Done(path);
}

// What a crash cut off is no damage, and what a power cut left out behind the reach of the index neither,
// even if records or segments follow. Whether it may be so, recovery judges.
bool ShardVerifier::MayBeTorn(size_t index, const SegmentScan& scan, LogPosition gap) const {
  if (config_.how == SessionEnd::kClean || (has_applied_ && gap < applied_.position)) return false;
  if (config_.how == SessionEnd::kMachineDied) return has_applied_;
  return index + 1 == chain_.segments.size() && OffsetOf(gap) >= scan.end;
}

// A file without a header: begun and never synced before a crash, or damaged.
Status ShardVerifier::CheckLoose(uint32_t number) {
  const std::string file = SegmentName(number);
  SegmentRange range;
  range.number = number;
  range.salt = LogSalt(config_.uuid.data(), config_.shard);
  SegmentScan scan;
  SHALE_RETURN_IF_NOT_OK(WalkSegment(
      dir_, Path(file), file, range, [](LogPosition, const LogRecord&) { return Status::Ok(); }, &scan));
  FileCheck& check = config_.report->files[Path(file)];
  check.records = scan.records;
  config_.report->records += scan.records;
  check.unused = scan.records == 0 && check.damaged == 0;
  const bool may_be_dead =
      config_.how == SessionEnd::kMachineDied && has_applied_ && number > SegmentOf(applied_.position);
  if (scan.records != 0 && check.damaged == 0 && !may_be_dead)
    Add(Path(file), Severity::kDamaged, 0, "the header is damaged, and valid records follow");
  return Status::Ok();
}

}   // namespace shale
