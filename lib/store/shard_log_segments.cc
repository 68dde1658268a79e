// The part of ShardLog that knows its segments as wholes: sealed, and removed when they hold nothing live.
#include "store/shard_log.h"

namespace shale {

void ShardLog::NoteSealed(uint32_t segment, uint32_t end) {
  if (config_.space != nullptr) config_.space->sealed.fetch_add(end, std::memory_order_relaxed);
  MutexLock lock(&segments_mu_);
  sealed_[segment] = end;
}

void ShardLog::SetAllocated(uint64_t end) {
  // Wraps around where it shrinks, and back: only the sum counts.
  if (config_.space != nullptr)
    config_.space->active.fetch_add(end - allocated_end_, std::memory_order_relaxed);
  allocated_end_ = end;
}

std::map<uint32_t, uint32_t> ShardLog::Sealed() const {
  MutexLock lock(&segments_mu_);
  return sealed_;
}

Status ShardLog::SizeOf(uint32_t segment, uint64_t* size) const {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(*config_.dir, SegmentName(segment), &fd));
  return FileSize(fd, FileName(segment), size);
}

Status ShardLog::Seal() {
  if (poisoned()) return PoisonStatus();
  may_resume_ = false;
  return Rotate(0);
}

void ShardLog::TrimActive() {
  if (active_ == nullptr || allocated_end_ <= OffsetOf(end())) return;
  // If it fails, some blocks of zeros stay.
  if (TruncateFile(active_->fd, FileName(active_->number), OffsetOf(end())).ok())
    SetAllocated(OffsetOf(end()));
}

void ShardLog::NoteProven() {
  const LogPosition durable = synced();
  for (; !marks_.empty() && marks_.front().end <= durable; marks_.pop_front())
    proven_ = marks_.front().position;
}

Status ShardLog::ProveDurable(LogPosition at, bool* proven) {
  NoteProven();
  *proven = proven_ >= at;
  if (marked_ >= at) return Status::Ok();
  return Reserve(0, true);   // writes the mark
}

// A segment that a recovery cut is longer than its log. Only its successor says where it ends: before that
// goes, the rest has to.
void ShardLog::CutPredecessor(uint32_t segment) {
  uint32_t number = 0, end = 0;
  {
    MutexLock lock(&segments_mu_);
    const auto found = sealed_.find(segment);
    if (found == sealed_.end() || found == sealed_.begin()) return;
    number = std::prev(found)->first;
    end = std::prev(found)->second;
  }
  uint64_t size = 0;
  if (!SizeOf(number, &size).ok() || size <= end) return;
  Fd fd;
  if (!OpenFileForWrite(*config_.dir, SegmentName(number), &fd).ok()) return;
  // If it fails, that segment will be found unreadable behind its end, and stays.
  (void)TruncateFile(fd, FileName(number), end);
}

Status ShardLog::Remove(uint32_t segment) {
  CutPredecessor(segment);
  Status s = RemoveFile(*config_.dir, SegmentName(segment));
  config_.files->Forget(SegmentName(segment));
  if (s.IsError()) return s;
  MutexLock lock(&segments_mu_);
  const auto found = sealed_.find(segment);
  if (found == sealed_.end()) return Status::Ok();
  if (config_.space != nullptr) config_.space->sealed.fetch_sub(found->second, std::memory_order_relaxed);
  sealed_.erase(found);
  return Status::Ok();
}

}   // namespace shale
