// Where a store or a backup is made that must be there as a whole or not at all: beside its own name, under
// the name with ".unfinished" behind it, until all of it is durable. So nobody takes a part of it for the
// whole.
#pragma once

#include <string>

#include "base/status.h"
#include "store/files.h"

namespace shale {

struct NewPlace {
  std::string parent_path;
  std::string name;
  std::string unfinished;   // in the parent, as name is
  Fd parent;
};

// E_INVALID if the path names no directory of its own; E_IO (ENOENT) if there is nothing to put it into;
// EXISTS if something is there.
Status OpenNewPlace(std::string path, NewPlace* place);
// EXISTS if something has come to be there.
Status CheckPlaceIsFree(const NewPlace& place);

}   // namespace shale
