#include "store/salvage.h"

#include <algorithm>

#include "store/dir_lock.h"
#include "store/new_place.h"
#include "store/salvage_shard.h"
#include "store/verify.h"

namespace shale {

namespace {

Status CopyShard(SalvageSource* source, int shard, const SalvageBatches& batches, int64_t now_ms, Store* to,
                 const std::function<Status()>& progress, SalvageReport* report) {
  SalvagedShard from(source, shard, &batches, report);
  SHALE_RETURN_IF_NOT_OK(from.Load());
  return from.ForEach(now_ms, [&](Bytes key, Bytes value, int64_t deadline_ms) -> Status {
    DiskWrite write;
    write.key = KeyRef{key, HashKey(to->secret(), key)};
    write.value = value;
    write.deadline_ms = deadline_ms;
    to->WaitForRoom(DiskShardOf(write.key.hash));
    DurablePoint point;
    SHALE_RETURN_IF_NOT_OK(to->Append(&write, &point));
    to->Publish(write);
    return report->recovered % 1024 == 1023 ? progress() : Status();
  });
}

// All that is to be copied, into a store that is then closed.
Status CopyAll(SalvageSource* source, const SalvageBatches& batches, const Store::Config& config,
               const std::function<Status()>& progress, SalvageReport* report) {
  std::unique_ptr<Store> to;
  SHALE_RETURN_IF_NOT_OK(Store::Open(config, &to));
  int64_t now_ms = std::max(config.clock->NowMs(), source->clock_high_ms());
  for (int s = 0; s < kDiskShards; s++) {
    const SalvageShard& shard = source->shard(s);
    if (shard.has_applied) now_ms = std::max(now_ms, shard.applied.clock_ms);
  }
  Status s;
  for (int shard = 0; shard < kDiskShards && s.ok(); shard++) {
    s = CopyShard(source, shard, batches, now_ms, to.get(), progress, report);
    for (const SalvageSegment& segment : source->shard(shard).segments)
      report->check.done += report->check.files[source->PathOf(segment.directory, segment.name)].bytes;
    if (s.ok()) s = progress();
  }
  const Status closed = to->Close();
  return s.ok() ? closed : s;
}

// May the new store stand in the place of this one?
Status CheckWhole(const std::string& path, const SalvageReport& report) {
  const uint64_t damaged = report.check.CountFiles(Severity::kDamaged);
  if (damaged + report.dropped + report.suspicious + report.batches_dropped + report.batches_in_part +
          report.unreadable_bytes ==
      0) {
    return Status::Ok();
  }
  return Status::Corrupt(path + ": " + std::to_string(damaged) + " files are damaged, " +
                         std::to_string(report.dropped) + " keys have no value left and " +
                         std::to_string(report.suspicious) + " may not be the newest");
}

Status Salvage(const Fd& dir, const std::string& path, const SalvageSourceOptions& options,
               Store::Config* config, const WorkProgress& tell, SalvageReport* report) {
  SalvageSource source(&dir, &report->check);
  SHALE_RETURN_IF_NOT_OK(source.Load(path, options.key.get()));
  if (options.whole && report->check.superblock && !report->check.closed_cleanly)
    return Status::Error(Code::E_INCOMPATIBLE, path + ": the store was not closed; open it for writing once");
  // Every log is read twice.
  const uint64_t total = 2 * report->check.total;
  const auto progress = [&]() -> Status {
    return tell(std::min(report->check.done, total), total) ? Status() : Status(Code::CANCELLED);
  };
  SalvageBatches batches;
  SHALE_RETURN_IF_NOT_OK(
      LookOverLogs(&source, progress, &report->check, &report->unreadable_bytes, &batches));
  report->batches_dropped = batches.broken.size();
  report->batches_in_part = batches.in_part;
  if (options.whole) SHALE_RETURN_IF_NOT_OK(CheckWhole(path, *report));   // as far as is known by now
  SHALE_RETURN_IF_NOT_OK(CopyAll(&source, batches, *config, progress, report));
  return options.whole ? CheckWhole(path, *report) : Status::Ok();
}

}   // namespace

Status SalvageStore(const std::string& path, const SalvageSourceOptions& source, const std::string& new_path,
                    Store::Config config, const WorkProgress& progress, SalvageReport* report) {
  *report = SalvageReport();
  Fd dir;
  Status s = OpenDirectory(path, false, &dir);
  if (s.Is(Code::NOT_FOUND)) return Status::Error(Code::E_NO_STORE, path + ": no store here");
  SHALE_RETURN_IF_NOT_OK(s);
  NewPlace place;
  SHALE_RETURN_IF_NOT_OK(OpenNewPlace(new_path, &place));
  std::unique_ptr<DirLock> lock;
  s = DirLock::AcquireShared(dir, &lock);
  if (!s.ok() && !s.Is(Code::NOT_FOUND)) return s;
  config.path = place.parent_path + "/" + place.unfinished;
  config.create = true;
  config.error_if_exists = true;
  // What an earlier salvage left, if nobody is at it.
  s = Store::Destroy(config.path);
  if (!s.ok() && !s.Is(Code::NOT_FOUND)) return s;
  s = Salvage(dir, path, source, &config, progress, report);
  if (s.ok()) s = RenameFile(place.parent, place.unfinished, place.name);
  if (s.ok()) return SyncDirectory(place.parent, place.parent_path);
  static_cast<void>(Store::Destroy(config.path));   // the failure is what counts
  return s;
}

}   // namespace shale
