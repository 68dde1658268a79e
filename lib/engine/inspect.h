// Looks at whole stores in directories, with the findings as text: for a store that is not open.
#pragma once

#include <string>

#include "base/status.h"
#include "engine/options.h"
#include "store/check_report.h"
#include "store/disk_tier.h"

namespace shale {

// `options`: of the store that is looked at; only its key counts.
// *problems: files that are damaged or missing, and those that are suspicious. *json: what was found, of
// every file.
Status InspectStore(const std::string& path, const Options& options, const WorkProgress& progress,
                    int64_t* problems, std::string* json);

struct SalvageCounts {
  int64_t recovered = 0;
  int64_t suspicious = 0;
  int64_t dropped = 0;
};
// See shale_salvage_with, and with `whole` shale_rewrite. `options` as above, `new_options` for the new
// store.
Status RescueStore(const std::string& path, const Options& options, const std::string& new_path,
                   const Options& new_options, bool whole, const WorkProgress& progress,
                   SalvageCounts* counts, std::string* json);

// See shale_restore; `from` empty: the stream `fd`.
Status RestoreStore(const std::string& from, int fd, const std::string& base, const std::string& path,
                    const WorkProgress& progress, std::string* json);
std::string BackupJson(const BackupCounts& counts);

}   // namespace shale
