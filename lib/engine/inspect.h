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

// The report as one JSON object without its braces, so that it can be part of another.
std::string CheckReportJson(const CheckReport& report);
void AppendJsonText(const std::string& text, std::string* out);

}   // namespace shale
