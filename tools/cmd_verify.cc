// verify and salvage: a look at a whole store that nobody has open, and a new store of what is left of it.

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
    "Examples:\n"
    "  shale verify data\n"
    "  shale verify data --json | jq '.files[] | select(.state != \"good\")'";

constexpr char kSalvageFooter[] =
    "DIR is not changed; NEW must not be there yet and appears when it is complete. Exit code 1: the new "
    "store is\n"
    "there, and something was lost or is not proven to be the newest (see `shale verify DIR`).\n"
    "\n"
    "Examples:\n"
    "  shale salvage data data.rescued\n"
    "  shale salvage data data.rescued --json | jq .dropped";

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
  Watch watch("verifying", args.quiet);
  int64_t problems = 0;
  char* made = nullptr;
  ErrorSlot error;
  Try(shale_verify(dir.c_str(), &Watch::Tell, &watch, &problems, &made, 0, error), error);
  const Text report(made, shale_mem_free);
  watch.Finish();
  if (args.json) {
    tool->out.WriteLine(report.get());
  } else {
    PrintProblems(tool, report.get());
    tool->out.WriteLine(problems == 0 ? "good"
                                      : WithCommas(problems) + (problems == 1 ? " file is" : " files are") +
                                            " not as they should be");
  }
  return problems == 0 ? kExitOk : kExitOutcome;
}

int RunSalvage(Tool* tool, const InspectArgs& args) {
  Watch watch("salvaging", args.quiet);
  int64_t recovered = 0;
  int64_t suspicious = 0;
  int64_t dropped = 0;
  char* made = nullptr;
  ErrorSlot error;
  const shale_status status = Try(shale_salvage(args.dir.c_str(), args.new_dir.c_str(), &Watch::Tell, &watch,
                                                &recovered, &suspicious, &dropped, &made, 0, error),
                                  error);
  const Text report(made, shale_mem_free);
  watch.Finish();
  if (status == SHALE_EXISTS) throw Failure{kExitUsage, "EXISTS: something is at " + args.new_dir};
  if (status != SHALE_OK) throw Failure{kExitError, shale_status_name(status)};
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
  for (const auto& [command, args] : {std::pair(verify, verify_args), std::pair(salvage, salvage_args)}) {
    command->add_flag("--json", args->json, "Print the whole report as one JSON object");
    command->add_flag("-q,--quiet", args->quiet, "No progress");
  }
}

}   // namespace shale::tool
