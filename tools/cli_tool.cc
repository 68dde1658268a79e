#include "cli_tool.h"

#include <utility>

#include "cli_text.h"

namespace shale::tool {
namespace {

constexpr char kMark = '\x01';

std::string WithoutMark(const std::string& word) {
  return !word.empty() && word.front() == kMark ? word.substr(1) : word;
}

}   // namespace

std::vector<std::string> MarkWords(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) {
    std::string word = argv[i];
    if (!word.empty() && (word.front() == '[' || word.front() == '{' || word.front() == kMark)) {
      word.insert(word.begin(), kMark);
    }
    words.push_back(std::move(word));
  }
  return words;
}

CLI::App* AddCommand(CLI::App* app, Tool* tool, const char* name, const char* summary, const char* footer,
                     std::function<int()> run) {
  CLI::App* command = app->add_subcommand(name, summary);
  command->footer(footer);
  command->final_callback([tool, run = std::move(run)] { tool->action = run; });
  return command;
}

CLI::Option* AddWord(CLI::App* command, const char* name, std::string* out, const char* doc) {
  const CLI::callback_t take = [out](const CLI::results_t& words) {
    *out = WithoutMark(words.back());
    return true;
  };
  return command->add_option(name, take, doc)->type_name("");
}

CLI::Option* AddWords(CLI::App* command, const char* name, std::vector<std::string>* out, const char* doc) {
  const CLI::callback_t take = [out](const CLI::results_t& words) {
    out->clear();
    for (const std::string& word : words) out->push_back(WithoutMark(word));
    return true;
  };
  return command->add_option(name, take, doc)
      ->type_name("")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* AddHexFlag(CLI::App* command, bool* hex) {
  return command->add_flag("--hex", *hex,
                           "Keys and values on the command line and in the output are hexadecimal");
}

std::string BytesOfWord(const std::string& word, bool hex, const char* what) {
  if (!hex) return word;
  std::string bytes;
  if (!HexDecode(word, &bytes)) {
    throw Failure{kExitUsage, std::string(what) + " is not hexadecimal (pairs of 0-9, a-f)"};
  }
  return bytes;
}

}   // namespace shale::tool
