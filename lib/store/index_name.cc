#include "store/index_name.h"

#include <charconv>
#include <cstdio>

namespace shale {

namespace {

// Digits and nothing else.
bool ParseNumber(std::string_view text, uint64_t* number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() && *number > 0;
}

}   // namespace

IndexFileName ParseIndexFileName(std::string_view name) {
  constexpr std::string_view kManifest = "MANIFEST-";
  if (name == kIndexCurrentName) return {IndexFileKind::kCurrent, 0};
  IndexFileName parsed;
  if (name.starts_with(kManifest)) {
    if (ParseNumber(name.substr(kManifest.size()), &parsed.number)) parsed.kind = IndexFileKind::kManifest;
    return parsed;
  }
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos || !ParseNumber(name.substr(0, dot), &parsed.number)) return parsed;
  const std::string_view suffix = name.substr(dot + 1);
  if (suffix == "log") parsed.kind = IndexFileKind::kLog;
  if (suffix == "ldb") parsed.kind = IndexFileKind::kTable;
  if (suffix == "dbtmp") parsed.kind = IndexFileKind::kTemporary;
  return parsed;
}

std::string IndexTableName(uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%06llu.ldb", static_cast<unsigned long long>(number));
  return name;
}

}   // namespace shale
