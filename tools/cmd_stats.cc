// stats: the figures of the store, by introspection. The tool knows no name: what the library has is shown.

#include <cstring>
#include <memory>

#include "cli_store.h"
#include "cli_tool.h"

namespace shale::tool {
namespace {

struct StatsArgs {
  std::string name;
  bool json = false;
};

constexpr char kStatsFooter[] =
    "Without NAME: every figure with what it means. With NAME: the number alone. Counters count since the "
    "store was\n"
    "opened, which is when this command began; sizes and numbers of keys speak of the store as it is.\n"
    "\n"
    "Examples:\n"
    "  shale stats\n"
    "  shale stats --json | jq .\n"
    "  shale stats cache.hits";

int64_t StatOf(shale_db* db, const char* name) {
  int64_t value = 0;
  ErrorSlot error;
  if (Try(shale_stat(db, name, &value, error), error) != SHALE_OK) {
    throw Failure{kExitUsage, std::string("no figure has this name (see shale stats): ") + name};
  }
  return value;
}

void PrintAll(Tool* tool, shale_db* db) {
  size_t name_width = 0;
  const char* name = nullptr;
  const char* doc = nullptr;
  for (size_t i = 0; shale_stat_at(i, &name, nullptr, nullptr) == SHALE_OK; ++i) {
    name_width = std::max(name_width, std::strlen(name));
  }
  for (size_t i = 0; shale_stat_at(i, &name, nullptr, &doc) == SHALE_OK; ++i) {
    const std::string value = std::to_string(StatOf(db, name));
    std::string line = name;
    line.resize(name_width + 1, ' ');
    line.append(value.size() < 15 ? 15 - value.size() : 0, ' ').append(value).append("  ").append(doc);
    tool->out.WriteLine(line);
  }
}

int RunStats(Tool* tool, const StatsArgs& args) {
  Store store(tool->globals, IfAbsent::kRefuse);
  if (!args.name.empty()) {
    tool->out.WriteLine(std::to_string(StatOf(store.get(), args.name.c_str())));
  } else if (args.json) {
    char* text = nullptr;
    ErrorSlot error;
    Try(shale_stats_json(store.get(), &text, error), error);
    const std::unique_ptr<char, decltype(&shale_mem_free)> owner(text, shale_mem_free);
    tool->out.WriteLine(text);
  } else {
    PrintAll(tool, store.get());
  }
  tool->out.Flush();
  store.Close();
  return kExitOk;
}

}   // namespace

void AddStats(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<StatsArgs>();
  CLI::App* stats = AddCommand(app, tool, "stats", "Print figures about the store", kStatsFooter,
                               [tool, args] { return RunStats(tool, *args); });
  CLI::Option* name = AddWord(stats, "NAME", &args->name, "Print this figure alone");
  stats->add_flag("--json", args->json, "Print one JSON object with all figures")->excludes(name);
}

}   // namespace shale::tool
