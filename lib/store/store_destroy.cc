#include "store/store_destroy.h"

#include <vector>

#include "store/backup_manifest.h"
#include "store/index_name.h"
#include "store/segment.h"
#include "store/store.h"

namespace shale {

bool IsIndexFileName(const std::string& name) {
  const IndexFileKind kind = ParseIndexFileName(name).kind;
  return kind != IndexFileKind::kOther && kind != IndexFileKind::kLog;   // an index has no log on disk
}

Status RemoveShardFiles(const Fd& root, const std::string& name, bool* all_gone) {
  Fd dir;
  Status s = OpenSubdirectory(root, name, false, &dir);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  std::vector<std::string> files;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir, name, &files));
  bool foreign = false;
  for (const std::string& file : files) {
    uint32_t segment;
    if (ParseSegmentName(file, &segment) || IsIndexFileName(file) || file.ends_with(".tmp")) {
      SHALE_RETURN_IF_NOT_OK(RemoveFile(dir, file));
    } else {
      foreign = true;
    }
  }
  if (foreign) *all_gone = false;
  return foreign ? Status::Ok() : RemoveSubdirectory(root, name);
}

Status Store::Destroy(const std::string& path) {
  Fd dir;
  Status s = OpenDirectory(path, false, &dir);
  if (!s.ok()) return s;
  Superblock superblock;
  int damaged = 0;
  s = ReadSuperblock(dir, &superblock, &damaged);
  if (s.Is(Code::NOT_FOUND)) return s;   // a damaged or newer store can be removed, something else cannot
  std::unique_ptr<DirLock> lock;
  SHALE_RETURN_IF_NOT_OK(DirLock::Acquire(dir, true, &lock));
  bool all_gone = true;
  for (int shard = 0; shard < kDiskShards; shard++) {
    SHALE_RETURN_IF_NOT_OK(RemoveShardFiles(dir, StoreShard::DirectoryName(shard), &all_gone));
  }
  for (const char* name : {"WARM.tmp", kHintName, kBackupName}) {
    s = RemoveFile(dir, name);
    if (s.IsError()) return s;
  }
  // Superblocks last: what a crash leaves is still known as a store, and can be destroyed again.
  for (const std::string suffix : {".tmp", ""}) {
    for (const char* name : kSuperblockNames) {
      s = RemoveFile(dir, name + suffix);
      if (s.IsError()) return s;
    }
  }
  SHALE_RETURN_IF_NOT_OK(RemoveFile(dir, "LOCK"));
  std::vector<std::string> left;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir, path, &left));
  if (left.empty() && all_gone) return RemoveEmptyDirectory(path);
  return Status::Ok();
}

}   // namespace shale
