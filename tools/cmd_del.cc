// Commands that remove: del (keys) and destroy (the whole store).

#include <memory>
#include <vector>

#include "cli_store.h"
#include "cli_tool.h"

namespace shale::tool {
namespace {

struct DelArgs {
  std::vector<std::string> keys;
  bool hex = false;
  bool force = false;
};

struct DestroyArgs {
  bool yes = false;
};

constexpr char kDelFooter[] =
    "Exit code 1 if a key was not there; the others are deleted all the same. With --force that is no "
    "matter.\n"
    "\n"
    "Examples:\n"
    "  shale del session/42 session/43\n"
    "  shale del --force maybe/there\n"
    "  shale del --hex 00ff10";

constexpr char kDestroyFooter[] =
    "Removes the files of the store, and the directory if nothing else is in it. There is no way back.\n"
    "Exit code 1 if there is no store, 4 if it is open.\n"
    "\n"
    "Examples:\n"
    "  shale --db /tmp/first.shale destroy --yes";

int RunDel(Tool* tool, const DelArgs& args) {
  std::vector<std::string> keys;
  for (const std::string& word : args.keys) keys.push_back(BytesOfWord(word, args.hex, "KEY"));
  Store store(tool->globals, IfAbsent::kRefuse);
  bool all_there = true;
  for (const std::string& key : keys) {
    ErrorSlot error;
    all_there &=
        Try(shale_delete(store.get(), key.data(), key.size(), SHALE_IF_PRESENT, error), error) == SHALE_OK;
  }
  store.Close();
  return all_there || args.force ? kExitOk : kExitOutcome;
}

int RunDestroy(Tool* tool, const DestroyArgs& args) {
  const std::string& dir = DirOf(tool->globals);
  if (!args.yes) throw Failure{kExitUsage, "destroy removes all data in " + dir + ": give --yes to do it"};
  ErrorSlot error;
  return Try(shale_destroy(dir.c_str(), 0, error), error) == SHALE_OK ? kExitOk : kExitOutcome;
}

}   // namespace

void AddDel(CLI::App* app, Tool* tool) {
  const auto del_args = std::make_shared<DelArgs>();
  CLI::App* del = AddCommand(app, tool, "del", "Delete keys", kDelFooter,
                             [tool, del_args] { return RunDel(tool, *del_args); });
  AddWords(del, "KEY", &del_args->keys, "The keys")->required()->expected(-1);
  del->add_flag("-f,--force", del_args->force, "A key that is not there is no matter");
  AddHexFlag(del, &del_args->hex);

  const auto destroy_args = std::make_shared<DestroyArgs>();
  CLI::App* destroy = AddCommand(app, tool, "destroy", "Remove the whole store", kDestroyFooter,
                                 [tool, destroy_args] { return RunDestroy(tool, *destroy_args); });
  destroy->add_flag("--yes", destroy_args->yes, "Yes, remove all of it");
}

}   // namespace shale::tool
