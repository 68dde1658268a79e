#include "store/backup_run.h"

#include <algorithm>

#include "store/index_manifest.h"
#include "store/index_name.h"

namespace shale {

BackupRun::BackupRun(const Config& config, std::unique_ptr<BackupSink> sink,
                     std::unique_ptr<BackupManifest> base, const BackupManifest& made)
    : config_(config),
      pin_(std::make_unique<SegmentPin>(config.pins, PinUse::kBackup)),
      base_(std::move(base)),
      made_(made),
      sink_(std::move(sink)),
      feed_(sink_.get(), base_.get(), &made_, &counts_) {}

BackupRun::~BackupRun() {
  try {
    ReleaseIndex();
  } catch (const std::bad_alloc&) {
    // Files that the index gave up meanwhile stay until it is opened again.
  }
}

void BackupRun::ReleaseIndex() {
  if (index_held_) shard().index()->ReleaseRemovals();
  index_held_ = false;
}

// One piece of a file, or one thing between files.
Status BackupRun::Step(BackupState* state) {
  Status s;
  if (feed_.busy()) {
    s = feed_.Step();
  } else if (!items_.empty()) {
    const Item item = std::move(items_.front());
    items_.pop_front();
    s = feed_.Start(shard().dir(), StoreShard::DirectoryName(shard_), item.file, item.size, item.fixed);
    if (s.Is(Code::NOT_FOUND) && item.may_be_gone) s = Status::Ok();
    if (s.Is(Code::NOT_FOUND)) {
      s = Status::Corrupt(StoreShard::DirectoryName(shard_) + "/" + item.file + ": missing").InShard(shard_);
    }
  } else {
    s = NextStage();
  }
  state->done = feed_.done();
  total_ = std::max(total_, state->done);
  state->total = total_;
  state->finished = stage_ == Stage::kDone;
  state->counts = counts_;
  return s;
}

Status BackupRun::NextStage() {
  switch (stage_) {
    case Stage::kBegin: {
      // A sealed segment that is durable, with all before it: then no recovery of this store ever writes to
      // it again, and it can be shared.
      SHALE_RETURN_IF_NOT_OK(config_.sync_logs());
      for (StoreShard* s : config_.shards) {
        const LogStats log = s->log().Stats();
        total_ += log.segment_bytes + s->index()->ApproximateBytes();
      }
      stage_ = Stage::kSegments;
      return ListSegments(0);
    }
    case Stage::kSegments:
      stage_ = Stage::kIndex;
      return ListIndex();
    case Stage::kIndex:
      ReleaseIndex();
      stage_ = shard_ + 1 < kDiskShards ? Stage::kSegments : Stage::kCut;
      if (stage_ == Stage::kCut) return Status::Ok();
      shard_++;
      return ListSegments(0);
    case Stage::kCut:
      SHALE_RETURN_IF_NOT_OK(Cut());
      SHALE_RETURN_IF_NOT_OK(config_.sync_logs());
      stage_ = Stage::kTails;
      shard_ = 0;
      return ListSegments(cut_[0]);
    case Stage::kTails:
      if (++shard_ < kDiskShards) return ListSegments(cut_[static_cast<size_t>(shard_)]);
      stage_ = Stage::kSuperblock;
      return Status::Ok();
    case Stage::kSuperblock:
      stage_ = Stage::kDone;
      return Finish();
    case Stage::kDone:
      return Status::Ok();
  }
  return Status::Ok();
}

// Sealed segments that were not taken before; with a cut, those before it, and what the cut leaves of its
// own.
Status BackupRun::ListSegments(LogPosition upto) {
  std::set<uint32_t>& taken = taken_[static_cast<size_t>(shard_)];
  const uint32_t last = upto == 0 ? UINT32_MAX : SegmentOf(upto);
  for (const auto& [number, end] : shard().log().Sealed()) {
    if (number >= last || taken.contains(number)) continue;
    const std::string name = SegmentName(number);
    Fd fd;
    Status s = OpenFileForRead(shard().dir(), name, &fd);
    if (s.Is(Code::NOT_FOUND) && upto == 0) continue;   // rule 3
    SHALE_RETURN_IF_NOT_OK(s);
    uint64_t size = 0;
    SHALE_RETURN_IF_NOT_OK(FileSize(fd, name, &size));
    taken.insert(number);
    // One that a recovery cut is longer than its log, and may still be cut.
    items_.push_back(Item{name, std::min<uint64_t>(end, size), size <= end, upto == 0});
  }
  if (upto != 0) items_.push_back(Item{SegmentName(last), OffsetOf(upto), false, false});
  return Status::Ok();
}

Status BackupRun::ListIndex() {
  const std::string name = StoreShard::DirectoryName(shard_);
  shard().index()->HoldRemovals();
  index_held_ = true;
  IndexManifest manifest;
  SHALE_RETURN_IF_NOT_OK(ReadIndexManifest(shard().dir(), &manifest));
  if (manifest.name.empty() || manifest.whole_bytes == 0)
    return Status::Corrupt(name + ": the index has no readable manifest").InShard(shard_);
  for (const auto& [number, table] : manifest.tables)
    items_.push_back(Item{IndexTableName(number), table.size, true, false});
  items_.push_back(Item{manifest.name, manifest.whole_bytes, false, false});
  return feed_.Put(name + "/" + kIndexCurrentName, manifest.name + "\n");
}

Status BackupRun::Cut() NO_THREAD_SAFETY_ANALYSIS {
  Status s;
  for (Mutex* stripe : config_.stripes) stripe->Lock();
  for (size_t i = 0; i < kDiskShards; i++) {
    cut_[i] = config_.shards[i]->log().end();
    if (config_.shards[i]->read_only() && s.ok()) {
      s = Status::Error(Code::E_READ_ONLY, "a shard had a write error: reopen the store before its backup")
              .InShard(static_cast<int>(i));
    }
  }
  config_.read_superblock(&superblock_);
  for (size_t i = kDiskShards; i-- > 0;) config_.stripes[i]->Unlock();
  return s;
}

Status BackupRun::Finish() {
  superblock_.state = StoreState::kBackup;
  superblock_.generation++;
  const Buffer raw = EncodeSuperblock(superblock_);
  for (const char* name : kSuperblockNames) SHALE_RETURN_IF_NOT_OK(feed_.Put(name, raw));
  return sink_->Finish(made_);
}

}   // namespace shale
