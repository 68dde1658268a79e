// A hint that outlives a session: one file beside the superblock, written when the store is as good as
// closed, so that neither a full disk nor a slow one can harm what matters. It is not synced, and whoever
// reads it must be ready for anything.
#include <chrono>

#include "store/store.h"

namespace shale {

namespace {
constexpr size_t kPieceBytes = size_t{1} << 20;   // written between two looks at the clock
}   // namespace

Status Store::ReadHint(uint64_t offset, size_t bytes, Buffer* out) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir_, kHintName, &fd));
  out->resize(bytes);
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, kHintName, offset, out->data(), bytes, &got));
  out->resize(got);
  return Status::Ok();
}

void Store::KeepHint(Buffer hint, int64_t write_ms) {
  hint_ = std::move(hint);
  hint_write_ms_ = write_ms;
}

Status Store::WriteHint() {
  const std::string temporary = std::string(kHintName) + ".tmp";
  const Status removed = RemoveFile(dir_, temporary);   // left by a crash
  if (removed.IsError()) return removed;
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(CreateFile(dir_, temporary, &fd));
  const auto start = std::chrono::steady_clock::now();
  const auto in_time = [&] {
    return std::chrono::steady_clock::now() - start < std::chrono::milliseconds(hint_write_ms_);
  };
  Status s;
  for (size_t at = 0; at < hint_.size() && s.ok() && in_time(); at += kPieceBytes) {
    s = WriteAt(fd, temporary, at, Bytes(hint_).substr(at, kPieceBytes));
  }
  if (s.ok()) s = CloseFile(&fd, temporary);
  if (s.ok()) s = RenameFile(dir_, temporary, kHintName);
  if (!s.ok()) static_cast<void>(RemoveFile(dir_, temporary));
  return s;
}

}   // namespace shale
