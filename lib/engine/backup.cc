// Backup of an open store on the caller's thread. Between two pieces the call is not inside: the caller's
// function may do what it likes, also close, which ends the backup.
#include "engine/engine.h"

namespace shale {

// Known to the engine for as long as it lives.
class Engine::BackupOnList {
 public:
  explicit BackupOnList(Engine* engine) : engine_(engine) {
    MutexLock lock(&engine_->scans_mu_);
    engine_->backups_.insert(&backup);
  }
  ~BackupOnList() {
    MutexLock lock(&engine_->scans_mu_);   // the engine may close at this moment, and waits here
    engine_->backups_.erase(&backup);
    backup.reset();
  }
  BackupOnList(const BackupOnList&) = delete;
  BackupOnList& operator=(const BackupOnList&) = delete;

  std::unique_ptr<DiskBackup> backup;   // null before the first step, and when the engine was closed

 private:
  Engine* const engine_;
};

Status Engine::Backup(const BackupRequest& request, const WorkProgress& report, BackupCounts* counts) {
  if (options_.read_only) return ReadOnlyStatus();
  BackupOnList listed(this);
  BackupState state;
  bool begun = false;
  while (!state.finished) {
    {
      InFlightGuard guard(&in_flight_);
      if (!guard.entered()) return ClosedStatus();
      if (disk_ == nullptr) return Status::Invalid("a store without a path has no files to back up");
      if (!begun) SHALE_RETURN_IF_NOT_OK(disk_->NewBackup(request, &listed.backup));
      begun = true;
      SHALE_RETURN_IF_NOT_OK(listed.backup->Step(&state));
    }
    *counts = state.counts;
    if (!state.finished && !report(state.done, state.total)) return Code::CANCELLED;
  }
  return Status::Ok();
}

}   // namespace shale
