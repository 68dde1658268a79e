// backup and restore: a copy of a store that is in use by nobody else than this command, and a store made of
// it.

#include <unistd.h>

#include <memory>

#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"
#include "progress_watch.h"

namespace shale::tool {
namespace {

struct BackupArgs {
  std::string store;   // of backup
  std::string from;    // of restore
  std::string to;
  std::string base;
  bool copy = false;
  bool json = false;
  bool quiet = false;
};

constexpr char kBackupFooter[] =
    "DEST is a directory that is made, or - for one stream on standard output. A directory is itself a "
    "store; "
    "files\n"
    "that never change are hard links where that can be, with --copy none is. --incremental names the "
    "directory "
    "of an\n"
    "earlier backup: what is the same there is not copied or sent again.\n"
    "A program that has the store open makes its backups itself, with shale_backup.\n"
    "\n"
    "Examples:\n"
    "  shale backup data /backup/monday\n"
    "  shale backup data /backup/tuesday --incremental /backup/monday\n"
    "  shale backup data - | zstd > monday.zst";

constexpr char kRestoreFooter[] =
    "SRC is the directory of a backup, or - for a stream on standard input. DIR must not be there yet and "
    "appears when\n"
    "it is complete; every byte is compared with the checksums of the backup. --incremental names the "
    "directory "
    "of the\n"
    "backup that a stream builds on.\n"
    "\n"
    "Examples:\n"
    "  shale restore /backup/monday data\n"
    "  zstd -dc monday.zst | shale restore - data\n"
    "  zstd -dc tuesday.zst | shale restore - data2 --incremental data";

using Text = std::unique_ptr<char, decltype(&shale_mem_free)>;

int64_t NumberOf(std::string_view report, std::string_view field) {
  const std::string mark = "\"" + std::string(field) + "\":";
  const size_t at = report.find(mark);
  return at == std::string_view::npos ? 0 : std::stoll(std::string(report.substr(at + mark.size(), 20)));
}

void CheckDone(shale_status status, const std::string& to) {
  if (status == SHALE_EXISTS) throw Failure{kExitUsage, "EXISTS: something is at " + to};
  if (status != SHALE_OK) throw Failure{kExitError, shale_status_name(status)};
}

// Where data goes to standard output, what is said goes to standard error.
void Say(Tool* tool, const BackupArgs& args, const char* verb, const char* report) {
  std::string line = report;
  if (!args.json) {
    line = std::string(verb) + " " + WithCommas(NumberOf(report, "files")) + " files, " +
           WithCommas(NumberOf(report, "bytes")) + " bytes (" +
           WithCommas(NumberOf(report, "written_bytes")) + " written, " +
           WithCommas(NumberOf(report, "linked_bytes")) + " linked, " +
           WithCommas(NumberOf(report, "same_bytes")) + " as before)";
  }
  if (args.to != "-") return tool->out.WriteLine(line);
  if (!args.quiet) std::fprintf(stderr, "%s\n", line.c_str());
}

int RunBackup(Tool* tool, const BackupArgs& args) {
  Globals globals = tool->globals;
  if (!args.store.empty()) globals.dir = args.store;
  const bool stream = args.to == "-";
  if (stream && args.copy) throw Failure{kExitUsage, "--copy is for a directory"};
  if (stream && isatty(1))
    throw Failure{kExitUsage, "a stream is not for a terminal: send it to a file or a pipe"};
  Store store(globals, IfAbsent::kRefuse);
  ProgressWatch watch("backing up", args.quiet);
  char* made = nullptr;
  ErrorSlot error;
  const shale_status status =
      stream ? shale_backup_stream(store.get(), 1, args.base.c_str(), &ProgressWatch::Tell, &watch, &made, 0,
                                   error)
             : shale_backup(store.get(), args.to.c_str(), args.base.c_str(), &ProgressWatch::Tell, &watch,
                            &made, args.copy ? SHALE_COPY_FILES : 0, error);
  const Text report(made, shale_mem_free);
  watch.Finish();
  CheckDone(Try(status, error), args.to);
  store.Close();
  Say(tool, args, "backed up", report.get());
  return kExitOk;
}

int RunRestore(Tool* tool, const BackupArgs& args) {
  const bool stream = args.from == "-";
  if (!stream && !args.base.empty())
    throw Failure{kExitUsage, "--incremental is for a stream: a directory is whole"};
  ProgressWatch watch("restoring", args.quiet);
  char* made = nullptr;
  ErrorSlot error;
  const shale_status status = stream ? shale_restore_stream(0, args.base.c_str(), args.to.c_str(),
                                                            &ProgressWatch::Tell, &watch, &made, 0, error)
                                     : shale_restore(args.from.c_str(), args.to.c_str(), &ProgressWatch::Tell,
                                                     &watch, &made, 0, error);
  const Text report(made, shale_mem_free);
  watch.Finish();
  CheckDone(Try(status, error), args.to);
  Say(tool, args, "restored", report.get());
  return kExitOk;
}

}   // namespace

void AddBackup(CLI::App* app, Tool* tool) {
  const auto backup_args = std::make_shared<BackupArgs>();
  CLI::App* backup = AddCommand(app, tool, "backup", "Make a consistent copy of a store", kBackupFooter,
                                [tool, backup_args] { return RunBackup(tool, *backup_args); });
  AddWord(backup, "DB", &backup_args->store, "Directory of the store")->required();
  AddWord(backup, "DEST", &backup_args->to, "Directory that is made, or -")->required();
  backup->add_flag("--copy", backup_args->copy, "Share no files with the store");

  const auto restore_args = std::make_shared<BackupArgs>();
  CLI::App* restore = AddCommand(app, tool, "restore", "Make a store of a backup", kRestoreFooter,
                                 [tool, restore_args] { return RunRestore(tool, *restore_args); });
  AddWord(restore, "SRC", &restore_args->from, "Directory of the backup, or -")->required();
  AddWord(restore, "DIR", &restore_args->to, "Directory that is made")->required();
  for (const auto& [command, args] : {std::pair(backup, backup_args), std::pair(restore, restore_args)}) {
    AddWord(command, "--incremental", &args->base, "Directory of an earlier backup")->type_name("BASE");
    command->add_flag("--json", args->json, "Print counts as one JSON object");
    command->add_flag("-q,--quiet", args->quiet, "No progress");
  }
}

}   // namespace shale::tool
