// A backup of an open store, step by step, while writers, drains, compactions and collection go on:
//
//   shard after shard: sealed segments, then a state of the index   (all of it older than the cut)
//   the cut: the ends of all logs, under all stripes
//   what the logs have gained since, up to the cut; superblock
//
//  (1) the result is the store at the cut: its indexes reach less far, and replay of the logs makes up for it
//  (2) a sealed segment never changes and may be linked; of an active one the bytes before the cut are copied
//  (3) segments stay while the pin is held: it is taken before any index state, so what an index points to is
//      either still there, or was removed after the tables that no longer point to it were durable
//  (4) segments are listed before the index of their shard is: one that is gone by then is not missed by it
//  (5) tables stay while the index holds back removals: from before its manifest is read
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "store/backup_feed.h"
#include "store/segment_pins.h"
#include "store/store_shard.h"
#include "store/superblock.h"

namespace shale {

class BackupRun : public DiskBackup {
 public:
  struct Config {
    std::array<StoreShard*, kDiskShards> shards{};
    std::array<Mutex*, kDiskShards> stripes{};
    SegmentPins* pins = nullptr;
    std::function<Status()> sync_logs;                  // up to their ends
    std::function<void(Superblock*)> read_superblock;   // stripes held: as a clean end now would write it
  };
  // `base` null: none. The manifest has its ids.
  BackupRun(const Config& config, std::unique_ptr<BackupSink> sink, std::unique_ptr<BackupManifest> base,
            const BackupManifest& made);
  ~BackupRun() override;
  Status Step(BackupState* state) override;

 private:
  struct Item {
    std::string file;
    uint64_t size = 0;
    bool fixed = false;
    bool may_be_gone = false;
  };
  enum class Stage { kBegin, kSegments, kIndex, kCut, kTails, kSuperblock, kDone };

  Status NextStage();
  Status ListSegments(LogPosition upto);
  Status ListIndex();
  Status Cut();
  Status Finish();
  StoreShard& shard() const { return *config_.shards[static_cast<size_t>(shard_)]; }
  void ReleaseIndex();

  const Config config_;
  const std::unique_ptr<SegmentPin> pin_;
  const std::unique_ptr<BackupManifest> base_;
  BackupManifest made_;
  BackupCounts counts_;
  const std::unique_ptr<BackupSink> sink_;
  BackupFeed feed_;
  Stage stage_ = Stage::kBegin;
  int shard_ = 0;
  bool index_held_ = false;
  std::deque<Item> items_;   // of shard_
  std::array<std::set<uint32_t>, kDiskShards> taken_;
  std::array<LogPosition, kDiskShards> cut_{};
  Superblock superblock_;
  uint64_t total_ = 0;
};

}   // namespace shale
