// What the commands of the `shale` tool share: exit codes, global options, how a command is declared and how
// it fails.
//
// Why exceptions here, when the library has none: a tool has one answer to every failure, "say it in one line
// and leave with a code", and the stack between must give its handles back. Failure is thrown anywhere and
// caught once, in main.
//
//  (1) A command returns kExitOk or kExitOutcome; everything else leaves as a Failure.
//  (2) Standard output carries data only. Messages and progress go to standard error.
//  (3) The tool sees the store through shale.h alone.
#ifndef SHALE_TOOLS_CLI_TOOL_H_
#define SHALE_TOOLS_CLI_TOOL_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli_output.h"

// The tool may be linked with the static library, so its names keep out of the library's own namespace.
namespace shale::tool {

inline constexpr int kExitOk = 0;
inline constexpr int kExitOutcome = 1;   // no such key, key exists, ...: nothing is printed
inline constexpr int kExitUsage = 2;     // the command line or the input is wrong
inline constexpr int kExitError = 3;     // the store or the system reported an error
inline constexpr int kExitLocked = 4;    // another process has the store open: trying again later may help

struct Failure {
  int exit_code;
  std::string message;
};

struct Globals {
  std::string dir;
  std::vector<std::string> settings;   // "name=value", in the order given
  std::string durability;
  std::string memory;
  std::string key_file;
};

struct Tool {
  Globals globals;
  Output out{1, "standard output"};
  std::function<int()> action;   // set by the command that was named
};

// Declares a command; `run` is called after the whole command line was read.
CLI::App* AddCommand(CLI::App* app, Tool* tool, const char* name, const char* summary, const char* footer,
                     std::function<int()> run);
// An argument or option taken byte for byte. CLI11's own conversion would read "[a,b]" and "{}" as lists; see
// MarkWords.
CLI::Option* AddWord(CLI::App* command, const char* name, std::string* out, const char* doc);
CLI::Option* AddWords(CLI::App* command, const char* name, std::vector<std::string>* out, const char* doc);
CLI::Option* AddHexFlag(CLI::App* command, bool* hex);

// Words of argv in the order CLI11 wants (last first), with those marked that it would mistake for lists.
std::vector<std::string> MarkWords(int argc, char** argv);

// Bytes of a word of the command line: as it is, or decoded when --hex was given. `what` names it in the
// message.
std::string BytesOfWord(const std::string& word, bool hex, const char* what);

// Each declares its commands; the files are named after the first.
void AddGet(CLI::App* app, Tool* tool);       // get exists ttl
void AddPut(CLI::App* app, Tool* tool);       // put incr expire
void AddDel(CLI::App* app, Tool* tool);       // del destroy
void AddScan(CLI::App* app, Tool* tool);      // scan
void AddLoad(CLI::App* app, Tool* tool);      // load
void AddDump(CLI::App* app, Tool* tool);      // dump
void AddStats(CLI::App* app, Tool* tool);     // stats
void AddTop(CLI::App* app, Tool* tool);       // top serve-metrics
void AddOptions(CLI::App* app, Tool* tool);   // options
void AddVerify(CLI::App* app, Tool* tool);    // verify salvage rewrite
void AddBackup(CLI::App* app, Tool* tool);    // backup restore
void AddSpace(CLI::App* app, Tool* tool);     // count drop compact reclaim

}   // namespace shale::tool

#endif   // SHALE_TOOLS_CLI_TOOL_H_
