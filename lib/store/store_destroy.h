// Taking a store apart: only files that are known as its own are ever removed.
#pragma once

#include <string>

#include "base/status.h"
#include "store/files.h"

namespace shale {

bool IsIndexFileName(const std::string& name);
// Removes what this library puts into a shard directory, then the directory; *all_gone = false if something
// else is in it.
Status RemoveShardFiles(const Fd& root, const std::string& name, bool* all_gone);

}   // namespace shale
