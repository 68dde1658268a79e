// A store out of a backup: every byte is checked on its way, and the store appears under its name when it is
// complete and durable.
//  (1) nothing at the new path is touched (EXISTS)
//  (2) what is restored is again a backup, with its list of files, until it is opened as a store: so it can
//      be the base of the next stream
#pragma once

#include <string>

#include "store/check_report.h"
#include "store/disk_tier.h"

namespace shale {

// From the directory of a backup. E_NO_STORE, E_CORRUPT (names the file), E_LOCKED, CANCELLED.
Status RestoreFromDirectory(const std::string& from, const std::string& path, const WorkProgress& progress,
                            BackupCounts* counts);
// From a stream. `base`: directory of the backup that it builds on, as restored; empty for a stream that is
// whole by itself. E_INVALID: it needs a base, or another one.
Status RestoreFromStream(int fd, const std::string& base, const std::string& path,
                         const WorkProgress& progress, BackupCounts* counts);

}   // namespace shale
