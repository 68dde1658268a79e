// The small languages of the tool: hexadecimal, escaped text, numbers and times to live. Pure functions on
// bytes.
//
// Escaped text is what `scan` prints and `load` reads: one row a line, key and value separated by a tab, any
// bytes. Backslash, tab, line feed and carriage return are \\ \t \n \r; other control bytes and bytes that
// are not part of valid UTF-8 are \xHH. So a row never spoils a terminal, and reading it back gives the same
// bytes.
#ifndef SHALE_TOOLS_CLI_TEXT_H_
#define SHALE_TOOLS_CLI_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace shale::tool {

std::string HexEncode(std::string_view bytes);
// False if `hex` is not pairs of hexadecimal digits; `*bytes` is then unspecified.
bool HexDecode(std::string_view hex, std::string* bytes);

// Length of the valid UTF-8 character that `bytes` starts with (1..4), 0 if it starts with none.
size_t Utf8Length(std::string_view bytes);
bool IsUtf8(std::string_view bytes);

void AppendEscaped(std::string_view bytes, std::string* out);
bool Unescape(std::string_view text, std::string* bytes);

// Whole text, decimal, in range; no sign but '-'.
bool ParseInt64(std::string_view text, int64_t* value);
// "250", "250ms", "10s", "5m", "2h", "7d" -> milliseconds above 0; "never" -> SHALE_TTL_NEVER.
bool ParseTtl(std::string_view text, int64_t* ttl_ms);

// 1234567 -> "1,234,567", for people.
std::string WithCommas(int64_t value);

}   // namespace shale::tool

#endif   // SHALE_TOOLS_CLI_TEXT_H_
