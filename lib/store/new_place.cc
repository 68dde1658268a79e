#include "store/new_place.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace shale {

Status OpenNewPlace(std::string path, NewPlace* place) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  place->parent_path = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  place->name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (place->name.empty() || place->name == "." || place->name == "..")
    return Status::Invalid("\"" + path + "\" is no name for a new directory");
  place->unfinished = place->name + ".unfinished";
  Status s = OpenDirectory(place->parent_path, false, &place->parent);
  if (s.Is(Code::NOT_FOUND)) return Status::FromErrno(place->parent_path, ENOENT);
  SHALE_RETURN_IF_NOT_OK(s);
  return CheckPlaceIsFree(*place);
}

Status CheckPlaceIsFree(const NewPlace& place) {
  std::vector<std::string> names;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(place.parent, place.parent_path, &names));
  const bool taken = std::find(names.begin(), names.end(), place.name) != names.end();
  return taken ? Status(Code::EXISTS) : Status::Ok();
}

}   // namespace shale
