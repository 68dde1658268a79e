#include "cli_text.h"

#include <charconv>
#include <limits>

#include "shale/shale.h"

namespace shale::tool {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendHexByte(char c, std::string* out) {
  const auto byte = static_cast<unsigned char>(c);
  out->push_back(kHexDigits[byte >> 4]);
  out->push_back(kHexDigits[byte & 15]);
}

}   // namespace

std::string HexEncode(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (char c : bytes) AppendHexByte(c, &hex);
  return hex;
}

bool HexDecode(std::string_view hex, std::string* bytes) {
  bytes->clear();
  if (hex.size() % 2 != 0) return false;
  bytes->reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexValue(hex[i]);
    const int low = HexValue(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

size_t Utf8Length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto at = [bytes](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  const uint32_t lead = at(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return 0;
  uint32_t code = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (at(i) & 0x3F);
  }
  // Overlong forms, surrogates and numbers past the last plane are not characters.
  if (length == 3 && (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF))) return 0;
  if (length == 4 && (code < 0x10000 || code > 0x10FFFF)) return 0;
  return length;
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

void AppendEscaped(std::string_view bytes, std::string* out) {
  while (!bytes.empty()) {
    const char c = bytes.front();
    const size_t length = Utf8Length(bytes);
    // C1 controls (U+0080..U+009F) steer terminals as well as the ASCII ones do.
    const bool is_c1 = length == 2 && c == '\xC2' && static_cast<unsigned char>(bytes[1]) < 0xA0;
    if (c == '\\') {
      out->append("\\\\");
    } else if (c == '\t') {
      out->append("\\t");
    } else if (c == '\n') {
      out->append("\\n");
    } else if (c == '\r') {
      out->append("\\r");
    } else if (length == 0 || is_c1 || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out->append("\\x");
      AppendHexByte(c, out);
    } else {
      out->append(bytes.substr(0, length));
      bytes.remove_prefix(length - 1);
    }
    bytes.remove_prefix(1);
  }
}

bool Unescape(std::string_view text, std::string* bytes) {
  bytes->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes->push_back(text[i]);
      continue;
    }
    if (++i == text.size()) return false;
    switch (text[i]) {
      case '\\':
        bytes->push_back('\\');
        break;
      case 't':
        bytes->push_back('\t');
        break;
      case 'n':
        bytes->push_back('\n');
        break;
      case 'r':
        bytes->push_back('\r');
        break;
      case 'x': {
        std::string byte;
        if (!HexDecode(text.substr(i + 1, 2), &byte) || byte.size() != 1) return false;
        bytes->append(byte);
        i += 2;
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

bool ParseInt64(std::string_view text, int64_t* value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && stop == end && !text.empty();
}

bool ParseTtl(std::string_view text, int64_t* ttl_ms) {
  if (text == "never") {
    *ttl_ms = SHALE_TTL_NEVER;
    return true;
  }
  struct Unit {
    const char* name;
    int64_t ms;
  };
  static constexpr Unit kUnits[] = {{"ms", 1},        {"s", 1000},       {"m", 60'000},
                                    {"h", 3'600'000}, {"d", 86'400'000}, {"", 1}};
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  int64_t count = 0;
  if (!ParseInt64(text.substr(0, digits), &count) || count <= 0) return false;
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) != unit.name) continue;
    if (count > std::numeric_limits<int64_t>::max() / unit.ms) return false;
    *ttl_ms = count * unit.ms;
    return true;
  }
  return false;
}

std::string WithCommas(int64_t value) {
  std::string text = std::to_string(value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t i = text.size(); i > first + 3;) text.insert(i -= 3, ",");
  return text;
}

}   // namespace shale::tool
