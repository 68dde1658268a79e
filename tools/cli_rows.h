// Rows as JSON lines, the form of `get --json`, `scan --json`, `dump` and `load`:
//
//     {"key":"user/7","value":"Mary","ttl_ms":59000}
//
//  (1) Bytes that are valid UTF-8 are "key" and "value"; others are "key_hex" and "value_hex". Nothing is
//  lost either way. (2) "ttl_ms" is there only if the key expires. -1 (never) is understood when reading. (3)
//  Reading is strict: an unknown field, a wrong type or a field given twice in two forms is refused with the
//  reason.
#ifndef SHALE_TOOLS_CLI_ROWS_H_
#define SHALE_TOOLS_CLI_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shale::tool {

struct Row {
  std::string key;
  std::string value;
  std::optional<int64_t> ttl_ms;
};

struct RowStyle {
  bool with_value = true;
  bool always_hex = false;
};

// One line without its line feed. ttl_ms: SHALE_TTL_NEVER leaves the field out.
std::string RowToJson(std::string_view key, std::string_view value, int64_t ttl_ms, RowStyle style);
bool RowFromJson(std::string_view line, Row* row, std::string* why);

// One "key <tab> value" line, in escaped text or hexadecimal.
bool RowFromText(std::string_view line, bool hex, Row* row, std::string* why);

}   // namespace shale::tool

#endif   // SHALE_TOOLS_CLI_ROWS_H_
