// Whole small files, out of the single operations of files.h; and the file system as a whole.
#include <sys/statvfs.h>

#include "store/files.h"

namespace shale {

Status ReadSmallFile(const Fd& dir, const std::string& name, size_t size_max, Buffer* out) {
  out->clear();
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, name, &fd));
  Buffer content(size_max + 1, '\0');   // one more, to see what is too large; sizes in /proc say nothing
  size_t got;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, name, 0, content.data(), content.size(), &got));
  if (got > size_max) return Status::Corrupt(name + ": above " + std::to_string(size_max) + " bytes");
  content.resize(got);
  *out = std::move(content);
  return Status::Ok();
}

Status ReplaceFile(const Fd& dir, const std::string& name, Bytes content) {
  const std::string temporary = name + ".tmp";
  const Status removed = RemoveFile(dir, temporary);   // left by a crash
  if (removed.IsError()) return removed;
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(CreateFile(dir, temporary, &fd));
  Status s = WriteAt(fd, temporary, 0, content);
  if (s.ok()) s = SyncData(fd, temporary);
  if (s.ok()) s = CloseFile(&fd, temporary);
  if (s.ok()) s = RenameFile(dir, temporary, name);
  if (s.ok()) return SyncDirectory(dir, name);
  // The old content stands; what is left here the next call removes.
  static_cast<void>(RemoveFile(dir, temporary));
  return s;
}

bool FileSystemSpace(const Fd& fd, uint64_t* left, uint64_t* total) {
  struct statvfs space {};
  if (fstatvfs(fd.get(), &space) != 0) return false;
  *left = uint64_t{space.f_bavail} * space.f_frsize;
  *total = uint64_t{space.f_blocks} * space.f_frsize;
  return *total != 0;
}

}   // namespace shale
