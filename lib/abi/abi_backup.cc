// Backups, and stores made of them.
#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/work.h"
#include "base/fork_guard.h"
#include "engine/inspect.h"

namespace shale {
namespace {

Status CheckFd(int32_t fd) {
  return fd >= 0 ? Status()
                 : Status::Invalid("fd is " + std::to_string(fd) + "; it must be an open descriptor");
}

std::string OrNothing(const char* text) {
  return text != nullptr ? text : "";
}

Status RunBackup(shale_db* db, const BackupRequest& request, shale_progress progress, void* context,
                 char** report) {
  const std::shared_ptr<Engine> engine = db->engine;   // the handle may go while progress runs
  BackupCounts counts;
  SHALE_RETURN_IF_NOT_OK(engine->Backup(request, ProgressOf(progress, context), &counts));
  return HandOver(BackupJson(counts), report);
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_backup(shale_db* db, const char* path, const char* base, shale_progress progress,
                          void* context, char** report, uint32_t flags, shale_error** err) {
  Clear(report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckPath("path", path));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_backup", flags, SHALE_COPY_FILES));
    BackupRequest request;
    request.path = path;
    request.base = OrNothing(base);
    request.copy = (flags & SHALE_COPY_FILES) != 0;
    return RunBackup(db, request, progress, context, report);
  });
}

shale_status shale_backup_stream(shale_db* db, int32_t fd, const char* base, shale_progress progress,
                                 void* context, char** report, uint32_t flags, shale_error** err) {
  Clear(report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckFd(fd));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_backup_stream", flags, kNoFlags));
    BackupRequest request;
    request.fd = fd;
    request.base = OrNothing(base);
    return RunBackup(db, request, progress, context, report);
  });
}

shale_status shale_restore(const char* from, const char* path, shale_progress progress, void* context,
                           char** report, uint32_t flags, shale_error** err) {
  Clear(report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckPath("from", from));
    SHALE_RETURN_IF_NOT_OK(CheckPath("path", path));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_restore", flags, kNoFlags));
    InstallForkGuard();
    std::string json;
    SHALE_RETURN_IF_NOT_OK(RestoreStore(from, -1, "", path, ProgressOf(progress, context), &json));
    return HandOver(json, report);
  });
}

shale_status shale_restore_stream(int32_t fd, const char* base, const char* path, shale_progress progress,
                                  void* context, char** report, uint32_t flags, shale_error** err) {
  Clear(report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckFd(fd));
    SHALE_RETURN_IF_NOT_OK(CheckPath("path", path));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_restore_stream", flags, kNoFlags));
    InstallForkGuard();
    std::string json;
    SHALE_RETURN_IF_NOT_OK(RestoreStore("", fd, OrNothing(base), path, ProgressOf(progress, context), &json));
    return HandOver(json, report);
  });
}
