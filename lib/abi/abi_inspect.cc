// Stores that nobody has open: verify and salvage.
#include "engine/inspect.h"

#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/work.h"
#include "base/fork_guard.h"

using namespace shale;

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
