// Commands that deal with ranges of keys and the space they take: count, drop, compact and reclaim.

#include <memory>

#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"
#include "progress_watch.h"

namespace shale::tool {
namespace {

struct RangeArgs {
  std::string prefix;
  std::string from;
  std::string to;
  bool hex = false;
  bool json = false;
  bool quiet = false;
  bool estimate = false;
  bool yes = false;
};

constexpr char kCountFooter[] =
    "Prints how many keys there are, and the bytes of keys and values; expired keys do not count. With "
    "--estimate some\n"
    "rows are looked at and the rest is concluded from sizes: exact up to some 60,000 keys, a few percent "
    "off "
    "above.\n"
    "\n"
    "Examples:\n"
    "  shale count\n"
    "  shale count --prefix user/\n"
    "  shale count --from 2026-01 --to 2026-02 --estimate --json";

constexpr char kDropFooter[] =
    "Deletes all keys of a range as one change: after a crash all of them are gone or none. There is no way "
    "back. The\n"
    "space comes back by and by, or with `shale reclaim`. Without --yes nothing is done, and the number of "
    "keys "
    "is told;\n"
    "with --json it is told too, as `count --estimate` does.\n"
    "\n"
    "Examples:\n"
    "  shale drop --prefix session/ --yes\n"
    "  shale drop --from 2025 --to 2026 --yes";

constexpr char kCompactFooter[] =
    "Rewrites the index, all of it or where it holds the range. Scans over what was deleted in masses are "
    "fast "
    "again after\n"
    "it. A store does the same by itself, in its own time. For the space of values see `shale reclaim`.\n"
    "\n"
    "Examples:\n"
    "  shale compact\n"
    "  shale compact --prefix log/2025";

constexpr char kReclaimFooter[] =
    "Removes expired keys, moves what is alive out of log segments that are mostly garbage, and removes "
    "these. "
    "A store\n"
    "does the same by itself, a little at a time. Prints how many bytes the logs have before and after.\n"
    "\n"
    "Examples:\n"
    "  shale reclaim\n"
    "  shale reclaim -q --json";

// What was given on the command line, as the library takes it.
struct Range {
  explicit Range(const RangeArgs& args)
      : from(BytesOfWord(args.prefix.empty() ? args.from : args.prefix, args.hex,
                         args.prefix.empty() ? "--from" : "--prefix")),
        to(BytesOfWord(args.to, args.hex, "--to")),
        flags(args.prefix.empty() ? 0 : SHALE_PREFIX) {}
  std::string from;
  std::string to;
  uint32_t flags;
};

std::string CountJson(int64_t keys, int64_t bytes, bool estimate) {
  return "{\"keys\":" + std::to_string(keys) + ",\"bytes\":" + std::to_string(bytes) +
         ",\"estimate\":" + (estimate ? "true}" : "false}");
}

int RunCount(Tool* tool, const RangeArgs& args) {
  const Range range(args);
  Store store(tool->globals, IfAbsent::kRefuse);
  int64_t keys = 0;
  int64_t bytes = 0;
  ErrorSlot error;
  if (args.estimate) {
    Try(shale_estimate(store.get(), range.from.data(), range.from.size(), range.to.data(), range.to.size(),
                       &keys, &bytes, range.flags, error),
        error);
  } else {
    ProgressWatch watch("counting", args.quiet);
    Try(shale_count(store.get(), range.from.data(), range.from.size(), range.to.data(), range.to.size(),
                    &ProgressWatch::Tell, &watch, &keys, &bytes, range.flags, error),
        error);
  }
  store.Close();
  if (args.json) {
    tool->out.WriteLine(CountJson(keys, bytes, args.estimate));
  } else {
    tool->out.WriteLine((args.estimate ? "about " : "") + WithCommas(keys) + " keys, " + WithCommas(bytes) +
                        " bytes");
  }
  return kExitOk;
}

int RunDrop(Tool* tool, const RangeArgs& args) {
  if (args.prefix.empty() && args.from.empty() && args.to.empty())
    throw Failure{kExitUsage, "drop takes --prefix, --from or --to: for all there is, see destroy"};
  const Range range(args);
  Store store(tool->globals, IfAbsent::kRefuse);
  ErrorSlot error;
  int64_t keys = 0;
  int64_t bytes = 0;
  if (!args.yes || args.json) {
    Try(shale_estimate(store.get(), range.from.data(), range.from.size(), range.to.data(), range.to.size(),
                       &keys, &bytes, range.flags, error),
        error);
  }
  if (!args.yes)
    throw Failure{kExitUsage, "drop would delete about " + WithCommas(keys) + " keys: give --yes to do it"};
  Try(shale_delete_range(store.get(), range.from.data(), range.from.size(), range.to.data(), range.to.size(),
                         range.flags, error),
      error);
  store.Close();
  if (args.json) tool->out.WriteLine(CountJson(keys, bytes, true));
  return kExitOk;
}

int64_t Figure(shale_db* db, const char* name) {
  int64_t value = 0;
  ErrorSlot error;
  Try(shale_stat(db, name, &value, error), error);
  return value;
}

int RunCompact(Tool* tool, const RangeArgs& args) {
  const Range range(args);
  Store store(tool->globals, IfAbsent::kRefuse);
  const int64_t before = Figure(store.get(), "index.table_bytes_written");
  {
    ProgressWatch watch("compacting", args.quiet);
    ErrorSlot error;
    Try(shale_compact(store.get(), range.from.data(), range.from.size(), range.to.data(), range.to.size(),
                      &ProgressWatch::Tell, &watch, range.flags, error),
        error);
  }
  const int64_t written = Figure(store.get(), "index.table_bytes_written") - before;
  store.Close();
  if (args.json) tool->out.WriteLine("{\"written_bytes\":" + std::to_string(written) + "}");
  return kExitOk;
}

int RunReclaim(Tool* tool, const RangeArgs& args) {
  Store store(tool->globals, IfAbsent::kRefuse);
  const int64_t before = Figure(store.get(), "log.bytes");
  {
    ProgressWatch watch("reclaiming", args.quiet);
    ErrorSlot error;
    Try(shale_reclaim(store.get(), &ProgressWatch::Tell, &watch, 0, error), error);
  }
  const int64_t after = Figure(store.get(), "log.bytes");
  store.Close();
  if (args.json) {
    tool->out.WriteLine("{\"bytes_before\":" + std::to_string(before) +
                        ",\"bytes_after\":" + std::to_string(after) + "}");
  } else {
    tool->out.WriteLine(WithCommas(before) + " bytes of log before, " + WithCommas(after) + " after");
  }
  return kExitOk;
}

void AddRange(CLI::App* command, RangeArgs* args) {
  CLI::Option* prefix =
      AddWord(command, "--prefix", &args->prefix, "Keys that start with this")->type_name("P");
  AddWord(command, "--from", &args->from, "Keys from this one on")->type_name("A")->excludes(prefix);
  AddWord(command, "--to", &args->to, "Keys before this one")->type_name("B")->excludes(prefix);
  AddHexFlag(command, &args->hex);
}

}   // namespace

void AddSpace(CLI::App* app, Tool* tool) {
  const auto count_args = std::make_shared<RangeArgs>();
  CLI::App* count = AddCommand(app, tool, "count", "Count keys and bytes", kCountFooter,
                               [tool, count_args] { return RunCount(tool, *count_args); });
  AddRange(count, count_args.get());
  count->add_flag("--estimate", count_args->estimate, "About, in milliseconds");

  const auto drop_args = std::make_shared<RangeArgs>();
  CLI::App* drop = AddCommand(app, tool, "drop", "Delete all keys of a range", kDropFooter,
                              [tool, drop_args] { return RunDrop(tool, *drop_args); });
  AddRange(drop, drop_args.get());
  drop->add_flag("--yes", drop_args->yes, "Yes, delete them");

  const auto compact_args = std::make_shared<RangeArgs>();
  CLI::App* compact = AddCommand(app, tool, "compact", "Rewrite the index", kCompactFooter,
                                 [tool, compact_args] { return RunCompact(tool, *compact_args); });
  AddRange(compact, compact_args.get());

  const auto reclaim_args = std::make_shared<RangeArgs>();
  CLI::App* reclaim =
      AddCommand(app, tool, "reclaim", "Give back disk space that holds nothing alive", kReclaimFooter,
                 [tool, reclaim_args] { return RunReclaim(tool, *reclaim_args); });

  for (const auto& [command, args] : {std::pair(count, count_args), std::pair(drop, drop_args),
                                      std::pair(compact, compact_args), std::pair(reclaim, reclaim_args)})
    command->add_flag("--json", args->json, "Print one JSON object");
  for (const auto& [command, args] :
       {std::pair(count, count_args), std::pair(compact, compact_args), std::pair(reclaim, reclaim_args)})
    command->add_flag("-q,--quiet", args->quiet, "No progress");
}

}   // namespace shale::tool
