// What a file of an index is, told by its name. LevelDB chooses the names; whatever it would not choose is
// kOther and is neither shown to it nor opened for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shale {

enum class IndexFileKind { kLog, kTable, kManifest, kCurrent, kTemporary, kOther };

struct IndexFileName {
  IndexFileKind kind = IndexFileKind::kOther;
  uint64_t number = 0;   // kLog, kTable, kManifest, kTemporary
};

IndexFileName ParseIndexFileName(std::string_view name);

// As LevelDB spells it: "000017.ldb".
std::string IndexTableName(uint64_t number);

inline constexpr char kIndexCurrentName[] = "CURRENT";

}   // namespace shale
