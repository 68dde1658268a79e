// Commands that change one key: put, incr, expire.

#include <memory>

#include "cli_input.h"
#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"

namespace shale::tool {
namespace {

struct PutArgs {
  std::string key;
  std::string value;
  std::string ttl;
  bool hex = false;
  bool keep_ttl = false;
  bool if_absent = false;
  bool if_present = false;
};

struct IncrArgs {
  std::string key;
  std::string delta = "1";
  bool hex = false;
};

struct ExpireArgs {
  std::string key;
  std::string ttl;
  bool hex = false;
};

constexpr char kPutFooter[] =
    "VALUE `-` reads standard input to its end and stores exactly those bytes, also with --hex.\n"
    "TTL: 250ms, 10s, 5m, 2h, 7d, a plain number of milliseconds, or never.\n"
    "Exit code 1: --if-absent and the key exists, or --if-present and it does not.\n"
    "\n"
    "Examples:\n"
    "  shale put city/oslo 59.91,10.75\n"
    "  shale put session/42 alive --ttl 30m\n"
    "  shale put picture/7 - < picture.png\n"
    "  shale put --hex 00ff10 cafe\n"
    "  shale put lock/backup \"$$\" --if-absent --ttl 1h || echo 'another backup is running'";

constexpr char kIncrFooter[] =
    "The counter is kept as decimal text; a missing key counts as 0. Its deadline stays as it is.\n"
    "A value that is no number, or a sum beyond 64 bits, is an error (3) and changes nothing.\n"
    "\n"
    "Examples:\n"
    "  shale incr visits\n"
    "  shale incr stock/bolts -12";

constexpr char kExpireFooter[] =
    "TTL: 250ms, 10s, 5m, 2h, 7d, a plain number of milliseconds, or never. Exit code 1 if there is no such "
    "key.\n"
    "\n"
    "Examples:\n"
    "  shale expire session/42 30m\n"
    "  shale expire session/42 never";

int64_t TtlOrFail(const std::string& text) {
  int64_t ttl_ms = 0;
  if (!ParseTtl(text, &ttl_ms)) {
    throw Failure{kExitUsage, "TTL is none of 250ms 10s 5m 2h 7d never: " + text};
  }
  return ttl_ms;
}

int RunPut(Tool* tool, const PutArgs& args) {
  const std::string key = BytesOfWord(args.key, args.hex, "KEY");
  const std::string value = args.value == "-" ? Input("-").ReadAll(SHALE_VALUE_BYTES_MAX)
                                              : BytesOfWord(args.value, args.hex, "VALUE");
  int64_t ttl_ms = args.keep_ttl ? SHALE_TTL_KEEP : SHALE_TTL_DEFAULT;
  if (!args.ttl.empty()) ttl_ms = TtlOrFail(args.ttl);
  uint32_t flags = 0;
  if (args.if_absent) flags |= SHALE_IF_ABSENT;
  if (args.if_present) flags |= SHALE_IF_PRESENT;
  Store store(tool->globals, IfAbsent::kCreate);
  ErrorSlot error;
  const shale_status status = Try(shale_put(store.get(), key.data(), key.size(), value.data(), value.size(),
                                            ttl_ms, nullptr, flags, error),
                                  error);
  store.Close();
  return status == SHALE_OK ? kExitOk : kExitOutcome;
}

int RunIncr(Tool* tool, const IncrArgs& args) {
  const std::string key = BytesOfWord(args.key, args.hex, "KEY");
  int64_t delta = 0;
  if (!ParseInt64(args.delta, &delta))
    throw Failure{kExitUsage, "DELTA is not a 64-bit number: " + args.delta};
  Store store(tool->globals, IfAbsent::kCreate);
  int64_t sum = 0;
  ErrorSlot error;
  Try(shale_incr(store.get(), key.data(), key.size(), delta, &sum, 0, error), error);
  store.Close();
  tool->out.WriteLine(std::to_string(sum));
  return kExitOk;
}

int RunExpire(Tool* tool, const ExpireArgs& args) {
  const std::string key = BytesOfWord(args.key, args.hex, "KEY");
  const int64_t ttl_ms = TtlOrFail(args.ttl);
  Store store(tool->globals, IfAbsent::kRefuse);
  ErrorSlot error;
  const shale_status status = Try(shale_expire(store.get(), key.data(), key.size(), ttl_ms, 0, error), error);
  store.Close();
  return status == SHALE_OK ? kExitOk : kExitOutcome;
}

void AddPutItself(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<PutArgs>();
  CLI::App* put = AddCommand(app, tool, "put", "Set a key to a value", kPutFooter,
                             [tool, args] { return RunPut(tool, *args); });
  AddWord(put, "KEY", &args->key, "The key")->required();
  AddWord(put, "VALUE", &args->value, "The value, or - for standard input")->required();
  CLI::Option* ttl = AddWord(put, "--ttl", &args->ttl, "The key expires after this time")->type_name("TTL");
  put->add_flag("--keep-ttl", args->keep_ttl, "Keep the deadline that the key has now")->excludes(ttl);
  CLI::Option* absent = put->add_flag("--if-absent", args->if_absent, "Only if there is no such key");
  put->add_flag("--if-present", args->if_present, "Only if there is such a key")->excludes(absent);
  AddHexFlag(put, &args->hex);
}

}   // namespace

void AddPut(CLI::App* app, Tool* tool) {
  AddPutItself(app, tool);

  const auto incr_args = std::make_shared<IncrArgs>();
  CLI::App* incr = AddCommand(app, tool, "incr", "Add to a counter and print the sum", kIncrFooter,
                              [tool, incr_args] { return RunIncr(tool, *incr_args); });
  AddWord(incr, "KEY", &incr_args->key, "The key of the counter")->required();
  AddWord(incr, "DELTA", &incr_args->delta, "What to add, may be negative; 1 if not given");
  AddHexFlag(incr, &incr_args->hex);

  const auto expire_args = std::make_shared<ExpireArgs>();
  CLI::App* expire = AddCommand(app, tool, "expire", "Give a key a new time to live", kExpireFooter,
                                [tool, expire_args] { return RunExpire(tool, *expire_args); });
  AddWord(expire, "KEY", &expire_args->key, "The key")->required();
  AddWord(expire, "TTL", &expire_args->ttl, "The time that it has left from now on")->required();
  AddHexFlag(expire, &expire_args->hex);
}

}   // namespace shale::tool
