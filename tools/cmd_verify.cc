// verify, salvage and rewrite: a look at a whole store that nobody has open, a new store of what is left of
// it, and a new store with another key.

#include <memory>

#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"
#include "progress_watch.h"

namespace shale::tool {
namespace {

struct InspectArgs {
  std::string dir;
  std::string new_dir;
  std::string new_key_file;
  bool decrypt = false;
  bool json = false;
  bool quiet = false;
};

constexpr char kVerifyFooter[] =
    "Reads every byte of the store and changes nothing. Prints one line for each file that is damaged, "
    "missing or\n"
    "suspicious, and a summary; with --json one object with every file. Exit code 1: something was found. "
    "DIR may be\n"
    "left out if --db or SHALE_DB names the store.\n"
    "\n"
    "Without --key-file of an encrypted store only the checksums are checked, and not whether its values can "
    "be\n"
    "decrypted.\n"
    "\n"
    "Examples:\n"
    "  shale verify data\n"
    "  shale verify data --json | jq '.files[] | select(.state != \"good\")'";

constexpr char kSalvageFooter[] =
    "DIR is not changed; NEW must not be there yet and appears when it is complete. Exit code 1: the new "
    "store is\n"
    "there, and something was lost or is not proven to be the newest (see `shale verify DIR`). An encrypted "
    "store\n"
    "needs its --key-file, and NEW has the same key, unless --new-key-file or --decrypt says otherwise. "
    "--option is\n"
    "for NEW.\n"
    "\n"
    "Examples:\n"
    "  shale salvage data data.rescued\n"
    "  shale salvage data data.rescued --json | jq .dropped";

constexpr char kRewriteFooter[] =
    "Writes every entry of DIR to a new store with another key, or with other options for compression. DIR "
    "must "
    "have\n"
    "been closed and be undamaged, and is not changed: remove it (`shale destroy`) when NEW is in use. NEW "
    "must "
    "not be\n"
    "there yet and appears when it is complete. It has the key of DIR, unless --new-key-file or --decrypt "
    "says "
    "otherwise.\n"
    "--option is for NEW.\n"
    "\n"
    "Examples:\n"
    "  head -c 32 /dev/urandom > new.key\n"
    "  shale rewrite data data.new --key-file old.key --new-key-file new.key\n"
    "  shale rewrite data data.new --option compression.threshold=512";

using Text = std::unique_ptr<char, decltype(&shale_mem_free)>;

// One line a file, out of the report: {"name":...,"state":...,...,"problems":[{...}]}. The report is the
// library's own and has one form, so a search is enough.
std::string TextOf(std::string_view report, size_t* at, std::string_view field) {
  const std::string mark = "\"" + std::string(field) + "\":\"";
  const size_t begin = report.find(mark, *at);
  if (begin == std::string_view::npos) return "";
  size_t end = begin + mark.size();
  while (end < report.size() && report[end] != '"') end += report[end] == '\\' ? 2 : 1;
  *at = end;
  return std::string(report.substr(begin + mark.size(), end - begin - mark.size()));
}

void PrintProblems(Tool* tool, std::string_view report) {
  for (size_t at = 0; (at = report.find("{\"name\":", at)) != std::string_view::npos;) {
    const std::string name = TextOf(report, &at, "name");
    const std::string state = TextOf(report, &at, "state");
    if (state != "damaged" && state != "suspicious") continue;
    const std::string what = TextOf(report, &at, "what");
    tool->out.WriteLine(state + "  " + name + ": " + what);
  }
}

int RunVerify(Tool* tool, const InspectArgs& args) {
  const std::string& dir = args.dir.empty() ? DirOf(tool->globals) : args.dir;
  ProgressWatch watch("verifying", args.quiet);
  int64_t problems = 0;
  char* made = nullptr;
  ErrorSlot error;
  const Options options = KeyOptions(tool->globals.key_file);
  Try(shale_verify_with(dir.c_str(), options.get(), &ProgressWatch::Tell, &watch, &problems, &made, 0, error),
      error);
  const Text report(made, shale_mem_free);
  watch.Finish();
  if (args.json) {
    tool->out.WriteLine(report.get());
  } else {
    PrintProblems(tool, report.get());
    const bool unchecked =
        std::string_view(report.get()).find("\"values_checked\":false") != std::string_view::npos;
    tool->out.WriteLine(problems == 0 ? (unchecked ? "good, as far as can be told without the key" : "good")
                                      : WithCommas(problems) + (problems == 1 ? " file is" : " files are") +
                                            " not as they should be");
  }
  return problems == 0 ? kExitOk : kExitOutcome;
}

// For the store that is made: the command line's, with the key that it is to have.
Options NewStoreOptions(const Tool& tool, const InspectArgs& args) {
  if (args.decrypt && !args.new_key_file.empty())
    throw Failure{kExitUsage, "--decrypt and --new-key-file do not go together"};
  Globals globals = tool.globals;
  if (args.decrypt) globals.key_file.clear();
  if (!args.new_key_file.empty()) globals.key_file = args.new_key_file;
  return MakeOptions(globals, IfAbsent::kCreate);
}

void CheckMade(shale_status status, const InspectArgs& args) {
  if (status == SHALE_EXISTS) throw Failure{kExitUsage, "EXISTS: something is at " + args.new_dir};
  if (status != SHALE_OK) throw Failure{kExitError, shale_status_name(status)};
}

int RunRewrite(Tool* tool, const InspectArgs& args) {
  ProgressWatch watch("rewriting", args.quiet);
  int64_t keys = 0;
  ErrorSlot error;
  const Options options = KeyOptions(tool->globals.key_file);
  const Options new_options = NewStoreOptions(*tool, args);
  const shale_status status =
      Try(shale_rewrite(args.dir.c_str(), options.get(), args.new_dir.c_str(), new_options.get(),
                        &ProgressWatch::Tell, &watch, &keys, 0, error),
          error);
  watch.Finish();
  CheckMade(status, args);
  tool->out.WriteLine(args.json ? "{\"keys\":" + std::to_string(keys) + "}"
                                : WithCommas(keys) + " keys written");
  return kExitOk;
}

int RunSalvage(Tool* tool, const InspectArgs& args) {
  ProgressWatch watch("salvaging", args.quiet);
  int64_t recovered = 0;
  int64_t suspicious = 0;
  int64_t dropped = 0;
  char* made = nullptr;
  ErrorSlot error;
  const Options options = KeyOptions(tool->globals.key_file);
  const Options new_options = NewStoreOptions(*tool, args);
  const shale_status status = Try(
      shale_salvage_with(args.dir.c_str(), options.get(), args.new_dir.c_str(), new_options.get(),
                         &ProgressWatch::Tell, &watch, &recovered, &suspicious, &dropped, &made, 0, error),
      error);
  const Text report(made, shale_mem_free);
  watch.Finish();
  CheckMade(status, args);
  if (args.json) {
    tool->out.WriteLine(report.get());
  } else {
    tool->out.WriteLine(WithCommas(recovered) + " keys recovered, " + WithCommas(suspicious) +
                        " of them suspicious, " + WithCommas(dropped) + " dropped");
  }
  return dropped == 0 && suspicious == 0 ? kExitOk : kExitOutcome;
}

}   // namespace

void AddVerify(CLI::App* app, Tool* tool) {
  const auto verify_args = std::make_shared<InspectArgs>();
  CLI::App* verify = AddCommand(app, tool, "verify", "Check every byte of a store", kVerifyFooter,
                                [tool, verify_args] { return RunVerify(tool, *verify_args); });
  AddWord(verify, "DIR", &verify_args->dir, "Directory of the store");

  const auto salvage_args = std::make_shared<InspectArgs>();
  CLI::App* salvage =
      AddCommand(app, tool, "salvage", "Make a new store of what is left of a damaged one", kSalvageFooter,
                 [tool, salvage_args] { return RunSalvage(tool, *salvage_args); });
  AddWord(salvage, "DIR", &salvage_args->dir, "Directory of the damaged store")->required();
  AddWord(salvage, "NEW", &salvage_args->new_dir, "Directory that is made")->required();

  const auto rewrite_args = std::make_shared<InspectArgs>();
  CLI::App* rewrite =
      AddCommand(app, tool, "rewrite", "Make a new store of a whole one, with another key", kRewriteFooter,
                 [tool, rewrite_args] { return RunRewrite(tool, *rewrite_args); });
  AddWord(rewrite, "DIR", &rewrite_args->dir, "Directory of the store")->required();
  AddWord(rewrite, "NEW", &rewrite_args->new_dir, "Directory that is made")->required();
  for (const auto& [command, args] : {std::pair(salvage, salvage_args), std::pair(rewrite, rewrite_args)}) {
    AddWord(command, "--new-key-file", &args->new_key_file, "File with the key of the new store")
        ->type_name("FILE");
    command->add_flag("--decrypt", args->decrypt, "The new store has no key");
  }
  for (const auto& [command, args] :
       {std::pair(verify, verify_args), std::pair(salvage, salvage_args), std::pair(rewrite, rewrite_args)}) {
    command->add_flag("--json", args->json, "Print the whole report as one JSON object");
    command->add_flag("-q,--quiet", args->quiet, "No progress");
  }
}

}   // namespace shale::tool
