#include "cli_rows.h"

#include <nlohmann/json.hpp>

#include "cli_text.h"
#include "shale/shale.h"

namespace shale::tool {
namespace {

using Json = nlohmann::ordered_json;

void AddBytes(const char* name, std::string_view bytes, bool always_hex, Json* json) {
  if (always_hex || !IsUtf8(bytes)) {
    (*json)[std::string(name) + "_hex"] = HexEncode(bytes);
  } else {
    (*json)[name] = std::string(bytes);
  }
}

bool TakeBytes(const std::string& name, Json* json, std::string* bytes, std::string* why) {
  const auto text = json->find(name);
  const auto hex = json->find(name + "_hex");
  if ((text == json->end()) == (hex == json->end())) {
    *why = "needs either \"" + name + "\" or \"" + name + "_hex\"";
    return false;
  }
  const Json& field = text != json->end() ? *text : *hex;
  if (!field.is_string()) {
    *why = "\"" + name + "\" is not a string";
    return false;
  }
  if (text != json->end()) {
    *bytes = field.get<std::string>();
  } else if (!HexDecode(field.get_ref<const std::string&>(), bytes)) {
    *why = "\"" + name + "_hex\" is not hexadecimal";
    return false;
  }
  json->erase(text != json->end() ? name : name + "_hex");
  return true;
}

bool TakeTtl(Json* json, std::optional<int64_t>* ttl_ms, std::string* why) {
  const auto field = json->find("ttl_ms");
  ttl_ms->reset();
  if (field == json->end()) return true;
  const bool fits = field->is_number_unsigned() ? field->get<uint64_t>() <= uint64_t{INT64_MAX}
                                                : field->is_number_integer();
  const int64_t ms = fits ? field->get<int64_t>() : 0;
  if (ms <= 0 && ms != SHALE_TTL_NEVER) {
    *why = "\"ttl_ms\" is neither a number of milliseconds above 0 nor -1";
    return false;
  }
  *ttl_ms = ms;
  json->erase("ttl_ms");
  return true;
}

}   // namespace

std::string RowToJson(std::string_view key, std::string_view value, int64_t ttl_ms, RowStyle style) {
  Json json;
  AddBytes("key", key, style.always_hex, &json);
  if (style.with_value) AddBytes("value", value, style.always_hex, &json);
  if (ttl_ms != SHALE_TTL_NEVER) json["ttl_ms"] = ttl_ms;
  return json.dump();
}

bool RowFromJson(std::string_view line, Row* row, std::string* why) {
  Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    *why = "not a JSON object";
    return false;
  }
  if (!TakeBytes("key", &json, &row->key, why) || !TakeBytes("value", &json, &row->value, why)) return false;
  if (!TakeTtl(&json, &row->ttl_ms, why)) return false;
  if (!json.empty()) {
    *why = "unknown field " + Json(json.begin().key()).dump(-1, ' ', true);
    return false;
  }
  return true;
}

bool RowFromText(std::string_view line, bool hex, Row* row, std::string* why) {
  row->ttl_ms.reset();
  const size_t tab = line.find('\t');
  if (tab == std::string_view::npos || line.find('\t', tab + 1) != std::string_view::npos) {
    *why = "needs one tab, between key and value";
    return false;
  }
  const auto decode = hex ? HexDecode : Unescape;
  if (!decode(line.substr(0, tab), &row->key) || !decode(line.substr(tab + 1), &row->value)) {
    *why = hex ? "not hexadecimal" : "a backslash is followed by none of \\ t n r xHH";
    return false;
  }
  return true;
}

}   // namespace shale::tool
