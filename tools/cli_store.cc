#include "cli_store.h"

namespace shale::tool {
namespace {

struct OptionsFree {
  void operator()(shale_options* options) const { shale_options_free(options); }
};
using Options = std::unique_ptr<shale_options, OptionsFree>;

int ExitCodeOf(shale_status status) {
  if (status == SHALE_E_LOCKED) return kExitLocked;
  return status == SHALE_E_INVALID ? kExitUsage : kExitError;
}

void SetOption(shale_options* options, const std::string& name, const std::string& value) {
  ErrorSlot error;
  Try(shale_options_set(options, name.c_str(), value.c_str(), error), error);
}

Options MakeOptions(const Globals& globals, IfAbsent if_absent) {
  shale_options* made = nullptr;
  Try(shale_options_new(&made), ErrorSlot());
  Options options(made);
  if (if_absent == IfAbsent::kRefuse) SetOption(made, "open.create", "false");
  if (!globals.memory.empty()) SetOption(made, "memory.budget", globals.memory);
  if (!globals.durability.empty()) SetOption(made, "durability", globals.durability);
  for (const std::string& setting : globals.settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Failure{kExitUsage, "--option takes name=value, not: " + setting};
    SetOption(made, setting.substr(0, equals), setting.substr(equals + 1));
  }
  return options;
}

}   // namespace

shale_status Try(shale_status status, const ErrorSlot& slot) {
  if (status >= SHALE_OK) return status;
  const std::string_view detail = shale_error_message(slot.get());
  const std::string_view text = detail.empty() ? std::string_view(shale_status_text(status)) : detail;
  throw Failure{ExitCodeOf(status), std::string(shale_status_name(status)).append(": ").append(text)};
}

const std::string& DirOf(const Globals& globals) {
  if (globals.dir.empty()) throw Failure{kExitUsage, "no store named: give --db DIR or set SHALE_DB"};
  return globals.dir;
}

Store::Store(const Globals& globals, IfAbsent if_absent) {
  const std::string& dir = DirOf(globals);
  const Options options = MakeOptions(globals, if_absent);
  ErrorSlot error;
  Try(shale_open(dir.c_str(), options.get(), &db_, error), error);
}

void Store::Close() {
  ErrorSlot error;
  Try(shale_close(db_, error), error);
}

bool NextRow(shale_iter* iter, std::string_view* key, std::string_view* value) {
  const void* key_data = nullptr;
  const void* value_data = nullptr;
  size_t key_len = 0;
  size_t value_len = 0;
  ErrorSlot error;
  if (Try(shale_iter_next(iter, &key_data, &key_len, &value_data, &value_len, error), error) != SHALE_OK)
    return false;
  *key = std::string_view(static_cast<const char*>(key_data), key_len);
  *value = std::string_view(static_cast<const char*>(value_data), value_len);
  return true;
}

}   // namespace shale::tool
