// Looks at index files for damage that LevelDB does not see, or sees too late:
//   CURRENT    it only asks for a newline at the end
//   MANIFEST   a damaged length or a header of zeros passes for the torn end of the last write, and an older
//              state of the index for the newest
//   table      the footer has no checksum; a damaged one makes it allocate and read any size
//  (1) nothing is changed on disk
//  (2) a manifest whose last record was cut short by a crash passes
//  (3) after a power cut any page of the last edit may be missing: the manifest counts up to that edit,
//      unless another one begins behind it. Each edit is durable before the next is begun, so nothing
//      durable is given up; and an edit that was durable and is damaged since is missed where it matters
//      (FORMAT.md, Recovery)
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "store/files.h"

namespace shale {

// Both files of an index that exists. E_CORRUPT names file and offset. *manifest_bytes: how much of the
// manifest counts. machine_died: rule 3.
Status CheckIndexFiles(const Fd& dir, bool machine_died, uint64_t* manifest_bytes);

inline constexpr size_t kTableFooterBytes = 48;
// Ends the footer.
inline constexpr uint64_t kTableMagic = 0xDB4775248B80FB57u;

// True if these bytes, which end like a footer and stand at `offset`, are not one.
bool IsDamagedTableFooter(Bytes bytes, uint64_t offset);

}   // namespace shale
