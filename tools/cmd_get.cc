// Commands that look at one key: get, exists, ttl.

#include <memory>
#include <string_view>

#include "cli_rows.h"
#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"

namespace shale::tool {
namespace {

struct KeyArgs {
  std::string key;
  bool hex = false;
  bool json = false;
};

constexpr char kGetFooter[] =
    "The value is written as it is. A line feed follows only on a terminal.\n"
    "With --json: {\"key\":...,\"value\":...,\"ttl_ms\":...}; bytes that are not UTF-8 come as key_hex, "
    "value_hex.\n"
    "\n"
    "Examples:\n"
    "  shale get city/oslo\n"
    "  shale get picture/7 > picture.png\n"
    "  shale get --json session/42 | jq .ttl_ms\n"
    "  shale get --hex 00ff10\n"
    "  shale get flag || echo 'no flag is set'";

constexpr char kExistsFooter[] =
    "Prints nothing: exit code 0 if the key exists, 1 if not.\n"
    "\n"
    "Examples:\n"
    "  if shale exists job/done; then echo done; fi";

constexpr char kTtlFooter[] =
    "Prints the milliseconds that the key has left, or `never`. Exit code 1 if there is no such key.\n"
    "\n"
    "Examples:\n"
    "  shale ttl session/42";

int64_t TtlOf(shale_db* db, const std::string& key) {
  int64_t ttl_ms = 0;
  ErrorSlot error;
  const shale_status status = Try(shale_ttl(db, key.data(), key.size(), &ttl_ms, 0, error), error);
  return status == SHALE_OK ? ttl_ms : 0;
}

int RunGet(Tool* tool, const KeyArgs& args) {
  const std::string key = BytesOfWord(args.key, args.hex, "KEY");
  Store store(tool->globals, IfAbsent::kRefuse);
  shale_pin* pinned = nullptr;
  const void* data = nullptr;
  size_t size = 0;
  ErrorSlot error;
  if (Try(shale_get_pinned(store.get(), key.data(), key.size(), &pinned, &data, &size, nullptr, 0, error),
          error) != SHALE_OK) {
    return kExitOutcome;
  }
  const Pin pin(pinned);
  const std::string_view value(static_cast<const char*>(data), size);
  if (args.json) {
    const int64_t ttl_ms = TtlOf(store.get(), key);
    if (ttl_ms == 0) return kExitOutcome;   // it expired between the two calls
    tool->out.WriteLine(RowToJson(key, value, ttl_ms, {.always_hex = args.hex}));
  } else if (args.hex) {
    tool->out.WriteLine(HexEncode(value));
  } else {
    tool->out.Write(value);
    if (tool->out.is_terminal()) tool->out.Write("\n");
  }
  tool->out.Flush();
  store.Close();
  return kExitOk;
}

int RunExists(Tool* tool, const KeyArgs& args) {
  const std::string key = BytesOfWord(args.key, args.hex, "KEY");
  Store store(tool->globals, IfAbsent::kRefuse);
  ErrorSlot error;
  const shale_status status = Try(shale_exists(store.get(), key.data(), key.size(), 0, error), error);
  store.Close();
  return status == SHALE_OK ? kExitOk : kExitOutcome;
}

int RunTtl(Tool* tool, const KeyArgs& args) {
  const std::string key = BytesOfWord(args.key, args.hex, "KEY");
  Store store(tool->globals, IfAbsent::kRefuse);
  const int64_t ttl_ms = TtlOf(store.get(), key);
  store.Close();
  if (ttl_ms == 0) return kExitOutcome;
  tool->out.WriteLine(ttl_ms == SHALE_TTL_NEVER ? "never" : std::to_string(ttl_ms));
  return kExitOk;
}

CLI::App* AddKeyCommand(CLI::App* app, Tool* tool, const char* name, const char* summary, const char* footer,
                        int (*run)(Tool*, const KeyArgs&), const std::shared_ptr<KeyArgs>& args) {
  CLI::App* command =
      AddCommand(app, tool, name, summary, footer, [tool, run, args] { return run(tool, *args); });
  AddWord(command, "KEY", &args->key, "The key")->required();
  AddHexFlag(command, &args->hex);
  return command;
}

}   // namespace

void AddGet(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<KeyArgs>();
  AddKeyCommand(app, tool, "get", "Print the value of a key", kGetFooter, RunGet, args)
      ->add_flag("--json", args->json, "Print a JSON line with key, value and time left");
  AddKeyCommand(app, tool, "exists", "Tell by the exit code whether a key exists", kExistsFooter, RunExists,
                args);
  AddKeyCommand(app, tool, "ttl", "Print the time that a key has left", kTtlFooter, RunTtl, args);
}

}   // namespace shale::tool
