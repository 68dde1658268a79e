// options: every option that a store takes, by introspection. Needs no store.

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli_tool.h"
#include "shale/shale.h"

namespace shale::tool {
namespace {

struct OptionsArgs {
  std::string name;
  bool json = false;
};

struct OptionInfo {
  const char* name;
  const char* type;
  const char* default_value;
  const char* range;
  int32_t hot;
  const char* doc;
};

constexpr char kOptionsFooter[] =
    "Set one with --option NAME=VALUE before or after any command. Sizes take B, KiB, MiB, GiB, KB, MB, GB.\n"
    "\n"
    "Examples:\n"
    "  shale options\n"
    "  shale options memory.budget\n"
    "  shale options --json | jq -r .name\n"
    "  shale --db big.shale --option memory.budget=2GiB --option durability=disk load data.jsonl";

bool OptionAt(size_t index, OptionInfo* info) {
  return shale_option_at(index, &info->name, &info->type, &info->default_value, &info->range, &info->hot,
                         &info->doc) == SHALE_OK;
}

std::string AsJson(const OptionInfo& info) {
  nlohmann::ordered_json json;
  json["name"] = info.name;
  json["type"] = info.type;
  json["default"] = info.default_value;
  json["range"] = info.range;
  json["hot"] = info.hot != 0;
  json["doc"] = info.doc;
  return json.dump();
}

std::string AsText(const OptionInfo& info) {
  std::string text = info.name;
  text.append(" = ").append(*info.default_value == '\0' ? "(none)" : info.default_value).append("\n    ");
  text.append(info.type);
  if (*info.range != '\0') text.append(", ").append(info.range);
  if (info.hot != 0) text.append(", can be changed while open");
  return text.append("\n    ").append(info.doc);
}

int RunOptions(Tool* tool, const OptionsArgs& args) {
  OptionInfo info = {};
  bool found = args.name.empty();
  for (size_t i = 0; OptionAt(i, &info); ++i) {
    if (!args.name.empty() && args.name != info.name) continue;
    found = true;
    tool->out.WriteLine(args.json ? AsJson(info) : AsText(info));
  }
  if (!found) throw Failure{kExitUsage, "no option has this name (see shale options): " + args.name};
  return kExitOk;
}

}   // namespace

void AddOptions(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<OptionsArgs>();
  CLI::App* options = AddCommand(app, tool, "options", "List the options of a store", kOptionsFooter,
                                 [tool, args] { return RunOptions(tool, *args); });
  AddWord(options, "NAME", &args->name, "This option alone");
  options->add_flag("--json", args->json, "Print JSON lines");
}

}   // namespace shale::tool
