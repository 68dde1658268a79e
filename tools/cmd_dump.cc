// dump: the whole store as JSON lines, for `load`.

#include <string_view>

#include "cli_rows.h"
#include "cli_store.h"
#include "cli_tool.h"

namespace shale::tool {
namespace {

constexpr char kDumpFooter[] =
    "One JSON line a key, in key order: {\"key\":...,\"value\":...,\"ttl_ms\":...}. ttl_ms is the time left "
    "and there only\n"
    "if the key expires; bytes that are not UTF-8 come as key_hex and value_hex. `load` reads all of it "
    "back.\n"
    "\n"
    "Examples:\n"
    "  shale --db old dump | shale --db new load -\n"
    "  shale dump | gzip > backup.jsonl.gz\n"
    "  shale dump | jq -r 'select(.ttl_ms) | .key'         # keys that will expire";

int RunDump(Tool* tool) {
  Store store(tool->globals, IfAbsent::kRefuse);
  shale_iter* made = nullptr;
  ErrorSlot error;
  Try(shale_iter_new(store.get(), nullptr, 0, nullptr, 0, 0, &made, 0, error), error);
  Iter iter(made);
  std::string_view key;
  std::string_view value;
  while (NextRow(iter.get(), &key, &value)) {
    // Nobody else can write while this process has the store, so the only change since the cut is that a key
    // expired.
    int64_t ttl_ms = 0;
    if (Try(shale_ttl(store.get(), key.data(), key.size(), &ttl_ms, SHALE_NO_FILL, error), error) != SHALE_OK)
      continue;
    tool->out.WriteLine(RowToJson(key, value, ttl_ms, {}));
  }
  iter.reset();
  tool->out.Flush();
  store.Close();
  return kExitOk;
}

}   // namespace

void AddDump(CLI::App* app, Tool* tool) {
  AddCommand(app, tool, "dump", "Print the whole store as JSON lines", kDumpFooter,
             [tool] { return RunDump(tool); });
}

}   // namespace shale::tool
