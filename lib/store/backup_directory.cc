#include "store/backup_directory.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "store/store_destroy.h"
#include "store/store_shard.h"
#include "store/superblock.h"

namespace shale {

namespace {

constexpr char kUnfinishedSuffix[] = ".unfinished";

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

Status SplitPath(std::string path, std::string* parent, std::string* name) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  *parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  *name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (!name->empty() && *name != "." && *name != "..") return Status::Ok();
  return Status::Invalid("\"" + path + "\" is no name for a new directory");
}

}   // namespace

Status BackupDirectory::Create(const std::string& path, const std::string& base, bool may_link,
                               std::unique_ptr<BackupDirectory>* out) {
  std::unique_ptr<BackupDirectory> made(new BackupDirectory);
  made->may_link_ = may_link;
  SHALE_RETURN_IF_NOT_OK(SplitPath(path, &made->parent_path_, &made->name_));
  Status s = OpenDirectory(made->parent_path_, false, &made->parent_);
  if (s.Is(Code::NOT_FOUND)) return Status::FromErrno(made->parent_path_, ENOENT);
  SHALE_RETURN_IF_NOT_OK(s);
  std::vector<std::string> names;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(made->parent_, made->parent_path_, &names));
  if (std::find(names.begin(), names.end(), made->name_) != names.end()) return Code::EXISTS;
  if (!base.empty()) {
    s = OpenDirectory(base, false, &made->base_);
    if (s.Is(Code::NOT_FOUND)) return Status::Error(Code::E_NO_STORE, base + ": no backup here");
    SHALE_RETURN_IF_NOT_OK(s);
  }
  made->unfinished_ = made->name_ + kUnfinishedSuffix;
  for (int tries = 0; tries < 2; tries++) {
    Fd root;
    SHALE_RETURN_IF_NOT_OK(OpenSubdirectory(made->parent_, made->unfinished_, true, &root));
    SHALE_RETURN_IF_NOT_OK(DirLock::Acquire(root, true, &made->lock_));
    names.clear();
    SHALE_RETURN_IF_NOT_OK(ListDirectory(root, made->unfinished_, &names));
    if (names.size() == 1) {   // LOCK
      made->root_ = std::move(root);
      *out = std::move(made);
      return Status::Ok();
    }
    RemoveUnfinished(made->parent_, root, made->unfinished_);
    made->lock_.reset();
  }
  return Status::Error(Code::EXISTS, path + kUnfinishedSuffix + " has files that are not of a backup");
}

BackupDirectory::~BackupDirectory() {
  if (finished_ || !root_.valid()) return;
  file_.Reset();
  RemoveUnfinished(parent_, root_, unfinished_);
}

Status BackupDirectory::OpenShard(const std::string& shard, Fd* out) {
  shards_.insert(shard);
  return OpenSubdirectory(root_, shard, true, out);
}

Status BackupDirectory::Begin(const std::string& name, uint64_t size) {
  static_cast<void>(size);
  if (const size_t slash = name.find('/'); slash != std::string::npos) {
    Fd shard;
    SHALE_RETURN_IF_NOT_OK(OpenShard(name.substr(0, slash), &shard));
  }
  file_name_ = name;
  file_at_ = 0;
  return CreateFile(root_, name, &file_);
}

Status BackupDirectory::Append(Bytes piece) {
  SHALE_RETURN_IF_NOT_OK(WriteAt(file_, file_name_, file_at_, piece));
  file_at_ += piece.size();
  return Status::Ok();
}

Status BackupDirectory::End() {
  SHALE_RETURN_IF_NOT_OK(SyncData(file_, file_name_));
  return CloseFile(&file_, file_name_);
}

Status BackupDirectory::Link(const Fd& dir, const std::string& shard, const std::string& file, bool* taken) {
  *taken = false;
  if (!may_link_) return Status::Ok();
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
  SHALE_RETURN_IF_NOT_OK(SyncDirectory(root_, unfinished_));
  std::vector<std::string> names;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(parent_, parent_path_, &names));
  if (std::find(names.begin(), names.end(), name_) != names.end()) return Code::EXISTS;
  SHALE_RETURN_IF_NOT_OK(RenameFile(parent_, unfinished_, name_));
  finished_ = true;
  return SyncDirectory(parent_, parent_path_);
}

}   // namespace shale
