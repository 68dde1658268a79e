// The `shale` command: options that all commands share, then one command, then an exit code.

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>

#include "cli_text.h"
#include "cli_tool.h"
#include "shale/shale.h"

namespace shale::tool {
namespace {

constexpr char kFooter[] =
    "A first session:\n"
    "  export SHALE_DB=/tmp/first.shale\n"
    "  shale put city/oslo 59.91,10.75\n"
    "  shale get city/oslo\n"
    "  shale scan --prefix city/\n"
    "  shale dump | gzip > first.jsonl.gz\n"
    "\n"
    "put, incr and load make the store if it is not there; the others never do.\n"
    "A word that begins with a dash is data after `--`:  shale get -- -key\n"
    "`shale COMMAND --help` shows the options of a command and examples.\n"
    "\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  the answer is no: no such key, key exists, ... (nothing is printed)\n"
    "  2  the command line or the input is wrong\n"
    "  3  the store or the system reported an error\n"
    "  4  another process has the store open\n"
    "Errors are one line on standard error:  shale: <status>: <message>";

// CLI11's help without its bookkeeping (REQUIRED, Excludes, Env): the usage line and the footers say that
// better.
class PlainFormatter : public CLI::Formatter {
 public:
  PlainFormatter() {
    label("SUBCOMMAND", "COMMAND");
    label("Subcommands", "Commands");
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return type.empty() ? "" : " " + type;
  }
  std::string make_option_usage(const CLI::Option* option) const override {
    const std::string name = make_option_name(option, true) + (option->get_allow_extra_args() ? "..." : "");
    return option->get_required() ? name : "[" + name + "]";
  }
};

void AddGlobals(CLI::App* app, Globals* globals) {
  AddWord(app, "-d,--db", &globals->dir, "Directory of the store (or set SHALE_DB)")
      ->envname("SHALE_DB")
      ->type_name("DIR");
  AddWords(app, "-o,--option", &globals->settings,
           "Set an option of the store, see `shale options`; repeatable")
      ->type_name("NAME=VALUE")
      ->expected(1);
  AddWord(app, "--durability", &globals->durability, "Short for --option durability=...")
      ->type_name("os|disk|interval:MS");
  AddWord(app, "--key-file", &globals->key_file,
          "File with the key of an encrypted store: 32 bytes, or 64 hexadecimal digits")
      ->type_name("FILE");
  AddWord(app, "--memory", &globals->memory, "Short for --option memory.budget=...")->type_name("SIZE");
}

void AddCommands(CLI::App* app, Tool* tool) {
  AddGet(app, tool);
  AddPut(app, tool);
  AddDel(app, tool);
  AddScan(app, tool);
  AddLoad(app, tool);
  AddDump(app, tool);
  AddStats(app, tool);
  AddTop(app, tool);
  AddOptions(app, tool);
  AddVerify(app, tool);
  AddBackup(app, tool);
  AddSpace(app, tool);
}

// Messages are for people and logs: whatever a path or a word held, they stay one line of harmless text.
int Complain(int exit_code, const std::string& message) {
  std::string line;
  AppendEscaped(message, &line);
  std::fprintf(stderr, "shale: %s\n", line.c_str());
  return exit_code;
}

int Parse(CLI::App* app, int argc, char** argv, Tool* tool) {
  try {
    app->parse(MarkWords(argc, argv));
    return kExitOk;
  } catch (const CLI::CallForHelp&) {
    tool->out.Write(app->help());
  } catch (const CLI::CallForVersion&) {
    tool->out.WriteLine(std::string("shale ") + shale_version_string());
  } catch (const CLI::ParseError& error) {
    throw Failure{kExitUsage, std::string(error.what()) + " (see shale --help)"};
  }
  tool->action = [] { return kExitOk; };
  return kExitOk;
}

int Run(int argc, char** argv) {
  Tool tool;
  CLI::App app("An ordered, crash-safe key-value store in a directory.", "shale");
  app.formatter(std::make_shared<PlainFormatter>());
  app.set_version_flag("--version", std::string(), "Print the version");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kFooter);
  AddGlobals(&app, &tool.globals);
  AddCommands(&app, &tool);
  Parse(&app, argc, argv, &tool);
  const int exit_code = tool.action();
  tool.out.Flush();
  return exit_code;
}

int Guarded(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const Failure& failure) {
    return Complain(failure.exit_code, failure.message);
  } catch (const ReaderGone&) {
    return kExitOk;
  } catch (const std::bad_alloc&) {
    return Complain(kExitError, "E_NO_MEMORY: memory allocation failed");
  } catch (const std::exception& error) {
    return Complain(kExitError, error.what());
  }
}

}   // namespace
}   // namespace shale::tool

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return shale::tool::Guarded(argc, argv);
}
