// Whether a store's directory is its user's alone. Whoever can write to it can put other files in the place
// of the store's, and whoever can write to its parent can put another directory in its place. Asked of the
// opened directory and of its "..", never by path, so that what was looked at is what is used.
//  (1) the directory belongs to this process's user, and neither group nor world may write to it
//  (2) its parent belongs to this user or to root, and world may write to it only if it is sticky, as /tmp
//  is. A
//      group that may is left out: many systems give each user a group of its own
#pragma once

#include <string>

#include "base/status.h"
#include "store/files.h"

namespace shale {

// E_INCOMPATIBLE if not; the message says what was seen.
Status CheckDirectoryIsOurs(const Fd& dir, const std::string& path);

}   // namespace shale
