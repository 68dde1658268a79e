// Stores that nobody has open: verify and salvage.
#include "engine/inspect.h"

#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/out_buffer.h"
#include "base/fork_guard.h"

using namespace shale;

namespace {

Status CheckPath(const char* what, const char* path) {
  SHALE_RETURN_IF_NOT_OK(CheckText(what, path));
  return *path != '\0' ? Status() : Status::Invalid(std::string(what) + " is empty");
}

WorkProgress ProgressOf(shale_progress progress, void* context) {
  return [progress, context](uint64_t done, uint64_t total) {
    return progress == nullptr ||
           progress(context, static_cast<int64_t>(done), static_cast<int64_t>(total)) == 0;
  };
}

// The report as text of the caller's, if he wants it.
Status HandOver(const std::string& json, char** report) {
  if (report == nullptr) return Status();
  void* copy = nullptr;
  size_t copy_len = 0;
  SHALE_RETURN_IF_NOT_OK(CopyOut(Bytes(json.c_str(), json.size() + 1), &copy, &copy_len));
  *report = static_cast<char*>(copy);
  return Status();
}

}   // namespace

shale_status shale_verify(const char* path, shale_progress progress, void* context, int64_t* problems,
                          char** report, uint32_t flags, shale_error** err) {
  Clear(problems, report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckPath("path", path));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(problems));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_verify", flags, kNoFlags));
    InstallForkGuard();
    int64_t found = 0;
    std::string json;
    SHALE_RETURN_IF_NOT_OK(InspectStore(path, ProgressOf(progress, context), &found, &json));
    SHALE_RETURN_IF_NOT_OK(HandOver(json, report));
    *problems = found;
    return Status();
  });
}

shale_status shale_salvage(const char* path, const char* new_path, shale_progress progress, void* context,
                           int64_t* recovered, int64_t* suspicious, int64_t* dropped, char** report,
                           uint32_t flags, shale_error** err) {
  Clear(recovered, suspicious, dropped, report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckPath("path", path));
    SHALE_RETURN_IF_NOT_OK(CheckPath("new_path", new_path));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(recovered, suspicious, dropped));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_salvage", flags, kNoFlags));
    InstallForkGuard();
    SalvageCounts counts;
    std::string json;
    SHALE_RETURN_IF_NOT_OK(RescueStore(path, new_path, ProgressOf(progress, context), &counts, &json));
    SHALE_RETURN_IF_NOT_OK(HandOver(json, report));
    *recovered = counts.recovered;
    *suspicious = counts.suspicious;
    *dropped = counts.dropped;
    return Status();
  });
}
