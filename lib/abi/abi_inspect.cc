// Stores that nobody has open: verify, salvage and rewrite.
#include "engine/inspect.h"

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/work.h"
#include "base/fork_guard.h"

using namespace shale;

namespace {

// NULL: the defaults.
Status OptionsOf(const shale_options* handle, Options* options) {
  if (handle == nullptr) return Status();
  SHALE_RETURN_IF_NOT_OK(CheckHandle(handle));
  *options = handle->options;
  return Status();
}

struct Rescue {
  const char* path;
  const shale_options* options;
  const char* new_path;
  const shale_options* new_options;
  bool whole;
};

Status Run(const Rescue& rescue, shale_progress progress, void* context, SalvageCounts* counts,
           std::string* json) {
  SHALE_RETURN_IF_NOT_OK(CheckPath("path", rescue.path));
  SHALE_RETURN_IF_NOT_OK(CheckPath("new_path", rescue.new_path));
  Options options, new_options;
  SHALE_RETURN_IF_NOT_OK(OptionsOf(rescue.options, &options));
  SHALE_RETURN_IF_NOT_OK(OptionsOf(rescue.new_options, &new_options));
  InstallForkGuard();
  return RescueStore(rescue.path, options, rescue.new_path, new_options, rescue.whole,
                     ProgressOf(progress, context), counts, json);
}

}   // namespace

shale_status shale_verify(const char* path, shale_progress progress, void* context, int64_t* problems,
                          char** report, uint32_t flags, shale_error** err) {
  return shale_verify_with(path, nullptr, progress, context, problems, report, flags, err);
}

shale_status shale_verify_with(const char* path, const shale_options* options, shale_progress progress,
                               void* context, int64_t* problems, char** report, uint32_t flags,
                               shale_error** err) {
  Clear(problems, report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckPath("path", path));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(problems));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_verify", flags, kNoFlags));
    Options own;
    SHALE_RETURN_IF_NOT_OK(OptionsOf(options, &own));
    InstallForkGuard();
    int64_t found = 0;
    std::string json;
    SHALE_RETURN_IF_NOT_OK(InspectStore(path, own, ProgressOf(progress, context), &found, &json));
    SHALE_RETURN_IF_NOT_OK(HandOver(json, report));
    *problems = found;
    return Status();
  });
}

shale_status shale_salvage(const char* path, const char* new_path, shale_progress progress, void* context,
                           int64_t* recovered, int64_t* suspicious, int64_t* dropped, char** report,
                           uint32_t flags, shale_error** err) {
  return shale_salvage_with(path, nullptr, new_path, nullptr, progress, context, recovered, suspicious,
                            dropped, report, flags, err);
}

shale_status shale_salvage_with(const char* path, const shale_options* options, const char* new_path,
                                const shale_options* new_options, shale_progress progress, void* context,
                                int64_t* recovered, int64_t* suspicious, int64_t* dropped, char** report,
                                uint32_t flags, shale_error** err) {
  Clear(recovered, suspicious, dropped, report);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(recovered, suspicious, dropped));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_salvage", flags, kNoFlags));
    SalvageCounts counts;
    std::string json;
    SHALE_RETURN_IF_NOT_OK(
        Run({path, options, new_path, new_options, false}, progress, context, &counts, &json));
    SHALE_RETURN_IF_NOT_OK(HandOver(json, report));
    *recovered = counts.recovered;
    *suspicious = counts.suspicious;
    *dropped = counts.dropped;
    return Status();
  });
}

shale_status shale_rewrite(const char* path, const shale_options* options, const char* new_path,
                           const shale_options* new_options, shale_progress progress, void* context,
                           int64_t* keys, uint32_t flags, shale_error** err) {
  Clear(keys);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(keys));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_rewrite", flags, kNoFlags));
    SalvageCounts counts;
    std::string json;
    SHALE_RETURN_IF_NOT_OK(
        Run({path, options, new_path, new_options, true}, progress, context, &counts, &json));
    *keys = counts.recovered;
    return Status();
  });
}
