// How a backup of this store begins: see backup_run.h.
#include "base/random.h"
#include "store/backup_directory.h"
#include "store/backup_run.h"
#include "store/backup_stream.h"
#include "store/store.h"

namespace shale {

namespace {

Status ReadBase(const std::string& path, const std::array<unsigned char, 16>& store, BackupManifest* base) {
  Fd dir;
  Status s = OpenDirectory(path, false, &dir);
  if (s.ok()) s = ReadBackupManifest(dir, base);
  if (s.Is(Code::NOT_FOUND)) return Status::Error(Code::E_NO_STORE, path + ": no backup here");
  if (s.ok() && base->store != store)
    return Status::Error(Code::E_INCOMPATIBLE, path + ": a backup of another store");
  return s;
}

}   // namespace

Status Store::NewBackup(const BackupRequest& request, std::unique_ptr<DiskBackup>* out) {
  if (config_.read_only) return ReadOnlyStatus();
  BackupManifest made;
  made.store = superblock_.uuid;
  made.made_ms = config_.clock->NowMs();
  SHALE_RETURN_IF_NOT_OK(SystemRandom(made.id.data(), made.id.size()));
  std::unique_ptr<BackupManifest> base;
  if (!request.base.empty()) {
    base = std::make_unique<BackupManifest>();
    SHALE_RETURN_IF_NOT_OK(ReadBase(request.base, superblock_.uuid, base.get()));
    made.parent = base->id;
  }
  std::unique_ptr<BackupSink> sink;
  if (request.path.empty()) {
    auto stream = std::make_unique<StreamSink>(request.fd);
    SHALE_RETURN_IF_NOT_OK(stream->WriteStart(made));
    sink = std::move(stream);
  } else {
    std::unique_ptr<BackupDirectory> directory;
    SHALE_RETURN_IF_NOT_OK(BackupDirectory::Create(request.path, request.base, !request.copy, &directory));
    sink = std::move(directory);
  }
  BackupRun::Config c;
  for (size_t s = 0; s < kDiskShards; s++) {
    c.shards[s] = shards_[s].get();
    c.stripes[s] = StripeOfShard(s);
  }
  c.pins = &pins_;
  c.sync_logs = [this] { return SyncAll(); };
  c.read_superblock = [this](Superblock* superblock) { *superblock = SuperblockNow(); };
  *out = std::make_unique<BackupRun>(c, std::move(sink), std::move(base), made);
  return Status::Ok();
}

}   // namespace shale
