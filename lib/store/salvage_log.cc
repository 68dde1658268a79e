#include "store/salvage_log.h"

#include "store/index_row.h"

namespace shale {

namespace {

struct Batch {
  uint64_t shard_set = 0;
  uint64_t whole = 0;   // bit s: shard s has its frame
};

// The frames of one log.
class FrameReader {
 public:
  FrameReader(int shard, std::map<uint64_t, Batch>* batches)
      : bit_(uint64_t{1} << shard), batches_(batches) {}

  void Begin(const SegmentScan* scan) {
    scan_ = scan;
    left_ = 0;
    gaps_ = 0;
  }
  void Take(const LogRecord& record) {
    if (scan_->gaps.size() != gaps_) left_ = 0;   // what is missing may have been a member
    gaps_ = scan_->gaps.size();
    if (record.kind == RecordKind::kBatch) {
      FrameHeader frame;
      left_ = 0;
      if (!DecodeFrame(record.value, &frame) || frame.member_count == 0) return;
      id_ = frame.batch_id;
      left_ = frame.member_count;
      (*batches_)[id_].shard_set |= frame.shard_set | bit_;
      return;
    }
    const bool member = (record.flags & kRecordInBatch) != 0;
    if (!member || left_ == 0) {
      left_ = 0;
      return;
    }
    if (--left_ == 0) (*batches_)[id_].whole |= bit_;
  }

 private:
  const uint64_t bit_;
  std::map<uint64_t, Batch>* const batches_;
  const SegmentScan* scan_ = nullptr;
  size_t gaps_ = 0;
  uint64_t id_ = 0;
  uint32_t left_ = 0;
};

// Nothing is missing between the segments.
bool IsUnbroken(const SalvageShard& shard) {
  const SalvageSegment* before = nullptr;
  for (const SalvageSegment& segment : shard.segments) {
    if (segment.cut_off) continue;
    if (!segment.file.valid) return false;
    const uint32_t previous = SegmentOf(segment.file.header.previous_end);
    const bool follows = before != nullptr ? before->file.number == previous
                                           : segment.file.number == kFirstSegment && previous == 0;
    if (!follows) return false;
    before = &segment;
  }
  return before != nullptr;
}

Status LookOverLog(SalvageSource* source, int number, const std::function<Status()>& progress,
                   CheckReport* report, uint64_t* unreadable_bytes, std::map<uint64_t, Batch>* batches) {
  SalvageShard& shard = source->shard(number);
  shard.log_whole = IsUnbroken(shard);
  if (!shard.has_applied || shard.IsLost(AppliedRowKey()) || shard.IsLost(IdentityRowKey()))
    shard.index_counts = false;
  FrameReader frames(number, batches);
  Status cancelled;
  const SalvageSegment* newest = shard.segments.empty() ? nullptr : &shard.segments.back();
  for (const SalvageSegment& segment : shard.segments) {
    if (!segment.cut_off) newest = &segment;
  }
  SHALE_RETURN_IF_NOT_OK(source->WalkLog(
      number, [&](const SegmentScan* scan) { frames.Begin(scan); },
      [&](LogPosition, const LogRecord& record) {
        frames.Take(record);
        return Status::Ok();
      },
      [&](const SalvageSegment& segment, const SegmentScan& scan) {
        const std::string path = SalvageSource::PathOf(segment.directory, segment.name);
        FileCheck& check = report->files[path];
        check.records = scan.records;
        report->records += scan.records;
        for (const SegmentGap& gap : scan.gaps) {
          // A crash tears the end of a log: that is none of the damage.
          const LogPosition at = MakePosition(segment.file.number, gap.from);
          const bool torn = source->how() != SessionEnd::kClean && &segment == newest &&
                            gap.from >= scan.end && (!shard.has_applied || at >= shard.applied.position);
          if (torn) continue;
          shard.log_whole = false;
          *unreadable_bytes += gap.upto - gap.from;
          report->Add(path, Severity::kDamaged, gap.from,
                      "no valid record up to offset " + std::to_string(gap.upto));
        }
        report->done += check.bytes;
        if (cancelled.ok()) cancelled = progress();
      }));
  // The index reaches farther than this log: its end is missing.
  if (shard.has_applied && newest != nullptr && SegmentOf(shard.applied.position) > newest->file.number)
    shard.log_whole = false;
  return cancelled;
}

}   // namespace

Status LookOverLogs(SalvageSource* source, const std::function<Status()>& progress, CheckReport* report,
                    uint64_t* unreadable_bytes, SalvageBatches* batches) {
  std::map<uint64_t, Batch> seen;
  for (int s = 0; s < kDiskShards; s++)
    SHALE_RETURN_IF_NOT_OK(LookOverLog(source, s, progress, report, unreadable_bytes, &seen));
  for (const auto& [id, batch] : seen) {
    uint64_t applied = 0;   // bit s: the shard's index has its part
    uint64_t unknown = 0;   // bit s: the frame may have been there, and been collected or lost
    for (int s = 0; s < kDiskShards; s++) {
      const SalvageShard& shard = source->shard(s);
      const uint64_t bit = uint64_t{1} << s;
      if (shard.has_applied && shard.applied.batch_id >= id) applied |= bit;
      if (!shard.has_applied && !shard.log_whole) unknown |= bit;
    }
    const uint64_t lost = batch.shard_set & ~batch.whole & ~applied;
    if (lost == 0) continue;
    if ((lost & ~unknown) == 0 || (batch.shard_set & applied) != 0) batches->in_part++;
    if ((lost & ~unknown) != 0) batches->broken.insert(id);
  }
  return Status::Ok();
}

}   // namespace shale
