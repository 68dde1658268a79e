#include "store/backup_directory.h"

#include <vector>

#include "store/file_copy.h"
#include "store/store_destroy.h"
#include "store/store_shard.h"
#include "store/superblock.h"

namespace shale {

namespace {

// Only files that such a directory can have; what is not ours stays, and with it the directory.
void RemoveUnfinished(const Fd& parent, const Fd& root, const std::string& name) {
  std::vector<std::string> names;
  if (!ListDirectory(root, name, &names).ok()) return;
  bool all_gone = true;
  for (const std::string& entry : names) {
    if (StoreShard::IsDirectoryName(entry)) {
      if (RemoveShardFiles(root, entry, &all_gone).IsError()) return;
    } else if (IsSuperblockName(entry) || entry == kBackupName) {
      if (RemoveFile(root, entry).IsError()) return;
    } else if (entry != "LOCK") {
      all_gone = false;
    }
  }
  if (!all_gone) return;
  // If these fail, an empty directory stays under a name that nobody takes for a backup.
  (void)RemoveFile(root, "LOCK");
  (void)RemoveSubdirectory(parent, name);
}

}   // namespace

Status BackupDirectory::Create(const std::string& path, const std::string& base, bool may_share,
                               std::unique_ptr<BackupDirectory>* out) {
  std::unique_ptr<BackupDirectory> made(new BackupDirectory);
  made->may_share_ = may_share;
  NewPlace& place = made->place_;
  SHALE_RETURN_IF_NOT_OK(OpenNewPlace(path, &place));
  if (!base.empty()) {
    const Status s = OpenDirectory(base, false, &made->base_);
    if (s.Is(Code::NOT_FOUND)) return Status::Error(Code::E_NO_STORE, base + ": no backup here");
    SHALE_RETURN_IF_NOT_OK(s);
  }
  for (int tries = 0; tries < 2; tries++) {
    Fd root;
    SHALE_RETURN_IF_NOT_OK(OpenSubdirectory(place.parent, place.unfinished, true, &root));
    SHALE_RETURN_IF_NOT_OK(DirLock::Acquire(root, true, &made->lock_));
    std::vector<std::string> names;
    SHALE_RETURN_IF_NOT_OK(ListDirectory(root, place.unfinished, &names));
    if (names.size() == 1) {   // LOCK
      made->root_ = std::move(root);
      *out = std::move(made);
      return Status::Ok();
    }
    RemoveUnfinished(place.parent, root, place.unfinished);
    made->lock_.reset();
  }
  return Status::Error(Code::EXISTS,
                       place.parent_path + "/" + place.unfinished + " has files that are not of a backup");
}

BackupDirectory::~BackupDirectory() {
  if (finished_ || !root_.valid()) return;
  file_.Reset();
  try {
    RemoveUnfinished(place_.parent, root_, place_.unfinished);
  } catch (const std::bad_alloc&) {
    // What stays is removed by the next backup of this name.
  }
}

Status BackupDirectory::OpenShard(const std::string& shard, Fd* out) {
  shards_.insert(shard);
  return OpenSubdirectory(root_, shard, true, out);
}

Status BackupDirectory::Begin(const std::string& name, uint64_t size) {
  if (const size_t slash = name.find('/'); slash != std::string::npos) {
    Fd shard;
    SHALE_RETURN_IF_NOT_OK(OpenShard(name.substr(0, slash), &shard));
  }
  file_name_ = name;
  file_size_ = size;
  file_at_ = 0;
  return CreateFile(root_, name, &file_);
}

Status BackupDirectory::Append(Bytes piece) {
  SHALE_RETURN_IF_NOT_OK(WriteAt(file_, file_name_, file_at_, piece));
  file_at_ += piece.size();
  return Status::Ok();
}

Status BackupDirectory::Share(const Fd& from, bool* taken) {
  *taken = false;
  return may_share_ ? ShareBytes(from, file_, file_name_, file_size_, taken) : Status::Ok();
}

Status BackupDirectory::AppendFrom(const Fd& from, uint64_t offset, Bytes piece) {
  // Some file systems share blocks for such a copy too.
  if (may_share_ && may_copy_ && offset == file_at_) {
    const uint64_t copied = CopyBytes(from, file_, offset, piece.size());
    may_copy_ = copied == piece.size();   // not worth a call for each piece
    file_at_ += copied;
    piece.remove_prefix(copied);
  }
  return piece.empty() ? Status::Ok() : Append(piece);
}

Status BackupDirectory::End() {
  SHALE_RETURN_IF_NOT_OK(SyncData(file_, file_name_));
  return CloseFile(&file_, file_name_);
}

Status BackupDirectory::Link(const Fd& dir, const std::string& shard, const std::string& file, bool* taken) {
  *taken = false;
  if (!may_share_) return Status::Ok();
  Fd to;
  SHALE_RETURN_IF_NOT_OK(OpenShard(shard, &to));
  return LinkFile(dir, file, to, taken);
}

Status BackupDirectory::Same(const std::string& name, const BackupManifest::File& file, bool* taken) {
  static_cast<void>(file);
  *taken = false;
  const size_t slash = name.find('/');
  if (!base_.valid() || slash == std::string::npos) return Status::Ok();
  Fd from, to;
  Status s = OpenSubdirectory(base_, name.substr(0, slash), false, &from);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();   // the base is not what its list says: not relied on
  SHALE_RETURN_IF_NOT_OK(s);
  SHALE_RETURN_IF_NOT_OK(OpenShard(name.substr(0, slash), &to));
  s = LinkFile(from, name.substr(slash + 1), to, taken);
  return s.Is(Code::NOT_FOUND) ? Status::Ok() : s;
}

// Everything below is durable before the directory has its name.
Status BackupDirectory::Finish(const BackupManifest& manifest) {
  SHALE_RETURN_IF_NOT_OK(Begin(kBackupName, 0));
  SHALE_RETURN_IF_NOT_OK(Append(EncodeBackupManifest(manifest)));
  SHALE_RETURN_IF_NOT_OK(End());
  for (const std::string& shard : shards_) {
    Fd dir;
    SHALE_RETURN_IF_NOT_OK(OpenSubdirectory(root_, shard, false, &dir));
    SHALE_RETURN_IF_NOT_OK(SyncDirectory(dir, shard));
  }
  SHALE_RETURN_IF_NOT_OK(SyncDirectory(root_, place_.unfinished));
  SHALE_RETURN_IF_NOT_OK(CheckPlaceIsFree(place_));
  SHALE_RETURN_IF_NOT_OK(RenameFile(place_.parent, place_.unfinished, place_.name));
  finished_ = true;
  return SyncDirectory(place_.parent, place_.parent_path);
}

}   // namespace shale
