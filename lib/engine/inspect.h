// Looks at whole stores in directories, with the findings as text: for a store that is not open.
#pragma once

#include <string>

#include "base/status.h"
#include "store/check_report.h"

namespace shale {

// *problems: files that are damaged or missing, and those that are suspicious. *json: what was found, of
// every file.
Status InspectStore(const std::string& path, const WorkProgress& progress, int64_t* problems,
                    std::string* json);

struct SalvageCounts {
  int64_t recovered = 0;
  int64_t suspicious = 0;
  int64_t dropped = 0;
};
// See shale_salvage.
Status RescueStore(const std::string& path, const std::string& new_path, const WorkProgress& progress,
                   SalvageCounts* counts, std::string* json);

}   // namespace shale
