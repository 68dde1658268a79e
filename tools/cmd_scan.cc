// scan: rows in key order, both ways, page by page.
//
// A page's token is the store's own, in hexadecimal, after one letter that remembers whether values are read
// (the reader of the next page must know how to print it). The store's limit is not used: its token would
// carry what is left of it, and the next page may want another size.

#include <cstdio>
#include <memory>
#include <string_view>

#include "cli_rows.h"
#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"

namespace shale::tool {
namespace {

struct ScanArgs {
  std::string prefix;
  std::string from;
  std::string to;
  std::string token;
  std::string limit;
  bool reverse = false;
  bool keys_only = false;
  bool print_token = false;
  bool hex = false;
  bool json = false;
};

constexpr char kScanFooter[] =
    "Prints one row a line: key, tab, value. Tab, line feed, backslash and bytes that are not text come as\n"
    "\\t \\n \\\\ \\xHH, so that every row is one line and `load` reads it back; --hex and --json print "
    "other forms.\n"
    "Keys are compared byte by byte. --from is included, --to is not.\n"
    "With --print-token, if rows are left, the last line on standard error is `token <TOKEN>`; --token goes "
    "on there,\n"
    "with the same bounds and direction, also in a later process.\n"
    "\n"
    "Examples:\n"
    "  shale scan --prefix user/\n"
    "  shale scan --from 2026-01 --to 2026-02 --json\n"
    "  shale scan --prefix log/ --reverse --limit 10       # the last ten\n"
    "  shale scan --keys-only | wc -l\n"
    "  shale scan --limit 100 --print-token > page 2> next; shale scan --limit 100 --token \"$(cut -c7- "
    "next)\"";

Iter Resume(shale_db* db, const std::string& token) {
  std::string bytes;
  const char kind = token.front();
  if ((kind != 'k' && kind != 'v') || !HexDecode(std::string_view(token).substr(1), &bytes)) {
    throw Failure{kExitUsage, "--token is not one that --print-token printed"};
  }
  shale_iter* made = nullptr;
  ErrorSlot error;
  Try(shale_iter_resume(db, bytes.data(), bytes.size(), &made, error), error);
  return Iter(made);
}

Iter Begin(shale_db* db, const ScanArgs& args) {
  const std::string prefix = BytesOfWord(args.prefix, args.hex, "--prefix");
  const std::string from = BytesOfWord(args.from, args.hex, "--from");
  const std::string to = BytesOfWord(args.to, args.hex, "--to");
  uint32_t flags = 0;
  if (args.reverse) flags |= SHALE_REVERSE;
  if (args.keys_only) flags |= SHALE_KEYS_ONLY;
  shale_iter* made = nullptr;
  ErrorSlot error;
  if (!prefix.empty()) {
    Try(shale_iter_prefix(db, prefix.data(), prefix.size(), 0, &made, flags, error), error);
  } else {
    Try(shale_iter_new(db, from.data(), from.size(), to.data(), to.size(), 0, &made, flags, error), error);
  }
  return Iter(made);
}

std::string RowAsText(std::string_view key, std::string_view value, const ScanArgs& args, bool keys_only) {
  std::string line;
  if (args.hex) {
    line = HexEncode(key);
    if (!keys_only) line.append("\t").append(HexEncode(value));
  } else {
    AppendEscaped(key, &line);
    if (keys_only) return line;
    line.push_back('\t');
    AppendEscaped(value, &line);
  }
  return line;
}

// Time left, or 0 if the key expired since the row was read.
int64_t TtlOfRow(shale_db* db, std::string_view key) {
  int64_t ttl_ms = 0;
  ErrorSlot error;
  Try(shale_ttl(db, key.data(), key.size(), &ttl_ms, SHALE_NO_FILL, error), error);
  return ttl_ms;
}

std::string TokenOf(shale_iter* iter, bool keys_only) {
  const void* token = nullptr;
  size_t size = 0;
  ErrorSlot error;
  Try(shale_iter_token(iter, &token, &size, error), error);
  return (keys_only ? "k" : "v") + HexEncode(std::string_view(static_cast<const char*>(token), size));
}

int RunScan(Tool* tool, const ScanArgs& args) {
  int64_t limit = INT64_MAX;
  if (!args.limit.empty() && (!ParseInt64(args.limit, &limit) || limit < 1)) {
    throw Failure{kExitUsage, "--limit is not a number above 0: " + args.limit};
  }
  Store store(tool->globals, IfAbsent::kRefuse);
  const Iter iter = args.token.empty() ? Begin(store.get(), args) : Resume(store.get(), args.token);
  const bool keys_only = args.token.empty() ? args.keys_only : args.token.front() == 'k';
  std::string_view key;
  std::string_view value;
  std::string token;
  int64_t rows = 0;
  while (rows < limit && NextRow(iter.get(), &key, &value)) {
    if (args.json) {
      const int64_t ttl_ms = TtlOfRow(store.get(), key);
      if (ttl_ms == 0) continue;
      tool->out.WriteLine(RowToJson(key, value, ttl_ms, {.with_value = !keys_only, .always_hex = args.hex}));
    } else {
      tool->out.WriteLine(RowAsText(key, value, args, keys_only));
    }
    ++rows;
  }
  if (args.print_token && rows == limit) token = TokenOf(iter.get(), keys_only);
  const bool more = !token.empty() && NextRow(iter.get(), &key, &value);
  tool->out.Flush();
  store.Close();
  if (more) std::fprintf(stderr, "token %s\n", token.c_str());
  return kExitOk;
}

}   // namespace

void AddScan(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<ScanArgs>();
  CLI::App* scan = AddCommand(app, tool, "scan", "Print rows in key order", kScanFooter,
                              [tool, args] { return RunScan(tool, *args); });
  CLI::Option* prefix = AddWord(scan, "--prefix", &args->prefix, "Keys that start with this")->type_name("P");
  CLI::Option* from =
      AddWord(scan, "--from", &args->from, "Keys from this one on")->type_name("A")->excludes(prefix);
  CLI::Option* to =
      AddWord(scan, "--to", &args->to, "Keys before this one")->type_name("B")->excludes(prefix);
  CLI::Option* reverse = scan->add_flag("--reverse", args->reverse, "From the highest key down");
  CLI::Option* keys_only = scan->add_flag("--keys-only", args->keys_only, "Do not read and print values");
  AddWord(scan, "--limit", &args->limit, "At most N rows")->type_name("N");
  AddWord(scan, "--token", &args->token, "Go on where the page of this token ended")
      ->type_name("TOKEN")
      ->excludes(prefix)
      ->excludes(from)
      ->excludes(to)
      ->excludes(reverse)
      ->excludes(keys_only)
      ->check([](const std::string& token) { return token.empty() ? "a token is not empty" : ""; });
  scan->add_flag("--print-token", args->print_token, "Print where the next page begins, on standard error");
  AddHexFlag(scan, &args->hex);
  scan->add_flag("--json", args->json, "Print JSON lines with key, value and time left");
}

}   // namespace shale::tool
