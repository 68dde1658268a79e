// Opening and closing a Shale store from C++, with its error as one line. Used by every benchmark that has no
// comparison engine beside it, and by the Shale engine.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shale/shale.h"

namespace bench {

using ShaleSettings = std::vector<std::pair<std::string, std::string>>;

class ShaleHandle {
 public:
  ShaleHandle() = default;
  ShaleHandle(const ShaleHandle&) = delete;
  ShaleHandle& operator=(const ShaleHandle&) = delete;
  ~ShaleHandle() { shale_free(db_); }

  // path null: in memory only; key empty: none. False with one line in *why on an error.
  bool Open(const char* path, const ShaleSettings& settings, std::string* why, std::string_view key = {});
  bool Close(std::string* why);

  shale_db* db() const { return db_; }

 private:
  shale_db* db_ = nullptr;
};

}   // namespace bench
