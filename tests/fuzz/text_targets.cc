// What people and programs type: options, and the rows that the shale command loads.
#include <string>

#include "tools/cli_rows.h"
#include "tools/cli_text.h"
#include "fuzz/targets.h"
#include "shale/shale.h"

namespace shale_test {

namespace {

shale_db* SmallStore() {
  static shale_db* const db = [] {
    shale_options* options = nullptr;
    INSIST(shale_options_new(&options) == SHALE_OK);
    INSIST(shale_options_set(options, "memory.budget", "4MiB", nullptr) == SHALE_OK);
    shale_db* made = nullptr;
    INSIST(shale_open(nullptr, options, &made, nullptr) == SHALE_OK);
    shale_options_free(options);
    return made;
  }();
  return db;
}

// The name of an option, most of the time.
std::string NameFrom(FuzzBytes* in) {
  const size_t index = in->Below(64);
  const char* name = nullptr;
  if (shale_option_at(index, &name, nullptr, nullptr, nullptr, nullptr, nullptr) == SHALE_OK) return name;
  return std::string(in->Piece(in->Below(40)));
}

}   // namespace

void FuzzOptions(shale::Bytes data) {
  FuzzBytes in(data);
  shale_options* options = nullptr;
  INSIST(shale_options_new(&options) == SHALE_OK);
  while (!in.empty()) {
    const std::string name = NameFrom(&in);
    const bool by_number = in.Below(4) == 0;
    const auto number = static_cast<int64_t>(in.Number(by_number ? 8 : 0));
    const std::string text(in.Piece(in.Below(32)));
    const char* before = nullptr;
    const std::string old = shale_options_get(options, name.c_str(), &before) == SHALE_OK ? before : "";
    shale_error* err = nullptr;
    const shale_status s = by_number ? shale_options_set_i64(options, name.c_str(), number, &err)
                                     : shale_options_set(options, name.c_str(), text.c_str(), &err);
    INSIST(s == SHALE_OK || s == SHALE_E_INVALID);
    INSIST((s == SHALE_OK) == (err == nullptr));
    shale_error_free(err);
    const char* after = nullptr;
    if (shale_options_get(options, name.c_str(), &after) != SHALE_OK) {
      INSIST(s != SHALE_OK);
      continue;
    }
    const std::string now = after;
    // A refused one has changed nothing; one that was taken is taken again in the form it is shown in.
    if (s != SHALE_OK) INSIST(now == old);
    INSIST(shale_options_set(options, name.c_str(), now.c_str(), nullptr) == SHALE_OK);
    INSIST(shale_options_get(options, name.c_str(), &after) == SHALE_OK && now == after);
    (void)shale_db_set_option(SmallStore(), name.c_str(), text.c_str(), nullptr);
  }
  shale_options_free(options);
}

void FuzzCommand(shale::Bytes data) {
  using namespace shale::tool;   // NOLINT
  std::string why;
  Row row;
  if (RowFromJson(data, &row, &why)) {
    Row again;
    const std::string line = RowToJson(row.key, row.value, row.ttl_ms.value_or(SHALE_TTL_NEVER), RowStyle());
    INSIST(RowFromJson(line, &again, &why));
    INSIST(again.key == row.key && again.value == row.value);
    INSIST(line.find('\n') == std::string::npos);
  }
  for (const bool hex : {false, true}) {
    if (!RowFromText(data, hex, &row, &why)) continue;
    std::string line;
    AppendEscaped(row.key, &line);
    line += '\t';
    AppendEscaped(row.value, &line);
    Row again;
    INSIST(RowFromText(line, false, &again, &why));
    INSIST(again.key == row.key && again.value == row.value);
    INSIST(line.find('\n') == std::string::npos);
  }
  std::string bytes;
  if (HexDecode(data, &bytes)) INSIST(bytes.size() * 2 == data.size());
  int64_t number = 0;
  (void)ParseInt64(data, &number);
  if (ParseTtl(data, &number)) INSIST(number > 0 || number == SHALE_TTL_NEVER);
}

}   // namespace shale_test
