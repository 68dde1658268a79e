#include "store/recovery.h"

#include <algorithm>
#include <map>

#include "base/seeded_bug.h"
#include "store/log_scanner.h"

namespace shale {

namespace {

std::string Place(const ShardLog& log, LogPosition at) {
  return log.FileName(SegmentOf(at)) + ": offset " + std::to_string(OffsetOf(at));
}

// A frame whose members are being read.
struct OpenFrame {
  ShardScan::Frame frame;
  uint32_t members_left = 0;
};

Status TakeRecord(const ShardLog& log, const LogRecord& record, LogPosition at, LogPosition next,
                  OpenFrame* open, ShardScan* scan) {
  scan->sequence_high = std::max(scan->sequence_high, record.sequence);
  const bool member = (record.flags & kRecordInBatch) != 0;
  if (member != (open->members_left > 0)) {
    return Status::Corrupt(Place(log, at) + ": a record is out of place in its batch");
  }
  if (member) {
    if (--open->members_left == 0) {
      open->frame.end = next;
      scan->frames.push_back(open->frame);
    }
    return Status::Ok();
  }
  if (record.kind != RecordKind::kBatch) return Status::Ok();
  FrameHeader header;
  if (!DecodeFrame(record.value, &header)) return Status::Corrupt(Place(log, at) + ": malformed batch frame");
  if (header.member_count == 0) return Status::Corrupt(Place(log, at) + ": empty batch frame");
  open->frame = ShardScan::Frame{header.batch_id, header.shard_set, at, 0};
  open->members_left = header.member_count;
  scan->batch_id_high = std::max(scan->batch_id_high, header.batch_id);
  return Status::Ok();
}

// May the log end here, given what lies behind and how the session ended?
Status JudgeTail(const ShardLog& log, SessionEnd how, const LogTail& tail, bool incomplete_frame,
                 const ShardScan& scan) {
  const bool clean = tail.empty && !incomplete_frame && !scan.stopped_inside;
  if (clean) return Status::Ok();
  const std::string what = Place(log, scan.stop) + ": not a valid record";
  if (how == SessionEnd::kClean) return Status::Corrupt(what + " in a log that was closed cleanly");
  if (how == SessionEnd::kProcessDied && (tail.record_behind || scan.stopped_inside)) {
    return Status::Corrupt(what + ", but valid records follow");
  }
  if (tail.synced_evidence > scan.stop) return Status::Corrupt(what + ", but it was durable once");
  return Status::Ok();
}

}   // namespace

SessionEnd HowEnded(const Superblock& superblock) {
  if (superblock.state != StoreState::kOpen) return SessionEnd::kClean;
  const auto boot = CurrentBootId();
  const bool known = boot != std::array<char, 36>{};
  return known && boot == superblock.boot_id ? SessionEnd::kProcessDied : SessionEnd::kMachineDied;
}

Status ScanShard(const StoreShard& shard, SessionEnd how, ShardScan* scan) {
  const AppliedMark& applied = shard.applied_at_open();
  scan->from = applied.position;
  scan->applied_batch_id = scan->batch_id_high = applied.batch_id;
  scan->sequence_high = applied.sequence;
  for (const uint32_t number : shard.log().chain().headerless) {
    if (number > SegmentOf(applied.position)) continue;
    return Status::Corrupt(shard.log().FileName(number) + ": no segment header at offset 0");
  }
  LogScanner scanner(&shard.log(), &shard.dir(), applied.position);
  OpenFrame open;
  while (true) {
    LogRecord record;
    LogPosition at = 0, next = 0;
    LogScanner::Step step;
    SHALE_RETURN_IF_NOT_OK(scanner.Next(UINT64_MAX, &record, &at, &next, &step));
    scan->stop = at;
    if (step != LogScanner::Step::kRecord) {
      scan->stopped_inside = step == LogScanner::Step::kBroken;
      break;
    }
    SHALE_RETURN_IF_NOT_OK(TakeRecord(shard.log(), record, at, next, &open, scan));
  }
  const bool incomplete_frame = open.members_left > 0;
  scan->end = incomplete_frame ? open.frame.start : scan->stop;
  LogTail tail;
  SHALE_RETURN_IF_NOT_OK(InspectTail(shard.log(), shard.dir(), scan->stop, &tail));
  SHALE_RETURN_IF_NOT_OK(JudgeTail(shard.log(), how, tail, incomplete_frame, *scan));
  scan->cut = incomplete_frame || !tail.empty || scan->stopped_inside;
  return Status::Ok();
}

Status ResolveBatches(SessionEnd how, std::vector<ShardScan>* scans) {
  // Which shards still have a frame of which batch.
  std::map<uint64_t, uint64_t> present;
  for (size_t s = 0; s < scans->size(); s++) {
    for (const ShardScan::Frame& frame : (*scans)[s].frames) present[frame.batch_id] |= uint64_t{1} << s;
  }
  auto complete = [&](const ShardScan::Frame& frame) {
    if (SeededBug(Seed::kHalfBatch)) return true;
    for (size_t s = 0; s < scans->size(); s++) {
      const uint64_t bit = uint64_t{1} << s;
      if ((frame.shard_set & bit) == 0 || (present[frame.batch_id] & bit) != 0) continue;
      if ((*scans)[s].applied_batch_id < frame.batch_id) return false;
    }
    return true;
  };
  bool changed = true;
  while (changed) {
    changed = false;
    for (size_t s = 0; s < scans->size(); s++) {
      ShardScan& scan = (*scans)[s];
      const auto first =
          std::find_if(scan.frames.begin(), scan.frames.end(), [&](const auto& f) { return !complete(f); });
      if (first == scan.frames.end()) continue;
      // A dying process holds the stripes of its batch: nothing can have followed the frame.
      const bool last = first->end == scan.stop || first->end == scan.end;
      if (how == SessionEnd::kClean || (how == SessionEnd::kProcessDied && !last)) {
        return Status::Corrupt("batch " + std::to_string(first->batch_id) + " is in shard " +
                               std::to_string(s) + " but not in all of its shards");
      }
      scan.end = first->start;
      scan.cut = true;
      for (auto f = first; f != scan.frames.end(); ++f) present[f->batch_id] &= ~(uint64_t{1} << s);
      scan.frames.erase(first, scan.frames.end());
      changed = true;
    }
  }
  return Status::Ok();
}

std::vector<std::vector<BatchLinks::Frame>> LinksOf(const std::vector<ShardScan>& scans) {
  std::map<uint64_t, std::vector<BatchLinks::Frame>> links;
  for (size_t s = 0; s < scans.size(); s++) {
    for (const ShardScan::Frame& frame : scans[s].frames)
      links[frame.batch_id].emplace_back(static_cast<int>(s), frame.end);
  }
  std::vector<std::vector<BatchLinks::Frame>> out;
  for (auto& [id, frames] : links) {
    if (frames.size() > 1) out.push_back(std::move(frames));
  }
  return out;
}

}   // namespace shale
