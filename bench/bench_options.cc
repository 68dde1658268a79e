#include "bench_options.h"

#include <getopt.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "workload.h"

namespace bench {
namespace {

constexpr char kHelp[] =
    "usage: shale_bench [store|memory|load|flood|idle] [options]\n"
    "\n"
    "  store    write, hot read and uniform read of Shale and LevelDB on disk, each in its own process "
    "(default)\n"
    "  memory   get and put of the in-memory mode at several numbers of threads\n"
    "  load     sorted rows into a fresh store: one by one, in groups, in atomic batches\n"
    "  flood    keys made to collide, beside others: --keys, --rounds\n"
    "  idle     memory of an open store that holds nothing\n"
    "\n"
    "  --seconds S          length of each timed phase (store 3, memory 1)\n"
    "  --threads N[,N...]   number of threads (store 64; memory 1,2,10,100)\n"
    "  --value-bytes N      size of a value (store 1024, memory 100)\n"
    "  --warm-mib N         memory touched before each engine, see README.md (6144; 0: none)\n"
    "  --keys N             keys that each engine writes, however long it takes: then all read from the "
    "same\n"
    "                       amount of data (store; 0: as many as it can in the time of a phase; load: "
    "1,000,000)\n"
    "  --rounds N           run everything N times; prints the median (and least-most)\n"
    "  --engines A[,B...]   shale, leveldb, leveldb64 (store only; all)\n"
    "  --budget-mib N       Shale's option memory.budget (store 512, memory 1024)\n"
    "  --option NAME=VALUE  any other option of Shale; may be repeated\n"
    "  --encrypt            Shale's values are encrypted\n"
    "  --noise-bits N       bits of chance in each byte of a value, 1 to 8: with fewer than 8 it can be "
    "compressed\n"
    "                       (store; 8)\n"
    "  --csv FILE           every single measurement, one line each\n"
    "\n"
    "Stores are made below ${TMPDIR:-/tmp} and removed.\n";

bool Complain(const char* option, const std::string& text, const char* expected) {
  std::fprintf(stderr, "shale_bench: %s: \"%s\" is not %s\n", option, text.c_str(), expected);
  return false;
}

bool ParseNumber(const char* option, const std::string& text, double least, double most, double* out) {
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || errno != 0 || !(number >= least && number <= most)) {
    char expected[64];
    std::snprintf(expected, sizeof expected, "a number from %g to %.0f", least, most);
    return Complain(option, text, expected);
  }
  *out = number;
  return true;
}

bool ParseInt(const char* option, const std::string& text, int least, int most, int* out) {
  double number = 0;
  if (!ParseNumber(option, text, least, most, &number)) return false;
  *out = static_cast<int>(number);
  return *out == number || Complain(option, text, "a whole number");
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', begin)) {
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

bool ParseThreads(const std::string& text, std::vector<int>* out) {
  out->clear();
  for (const std::string& part : SplitAtCommas(text)) {
    int count = 0;
    if (!ParseInt("--threads", part, 1, kThreadsMax, &count)) return false;
    out->push_back(count);
  }
  return true;
}

bool ParseEngines(const std::string& text, std::vector<std::string>* out) {
  out->clear();
  for (const std::string& name : SplitAtCommas(text)) {
    const std::vector<std::string>& known = EngineNames();
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Complain("--engines", name, "an engine");
    if (std::find(out->begin(), out->end(), name) != out->end())
      return Complain("--engines", name, "named once");
    out->push_back(name);
  }
  return true;
}

bool ParseShaleOption(const std::string& text, ShaleSettings* out) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return Complain("--option", text, "NAME=VALUE");
  out->emplace_back(text.substr(0, equals), text.substr(equals + 1));
  return true;
}

// The mode stands first, because it decides the defaults.
bool SetModeDefaults(const std::string& mode, BenchOptions* options) {
  options->mode = mode;
  options->engines = EngineNames();
  if (mode == "store" || mode == "load" || mode == "flood" || mode == "idle") {
    options->threads = {64};
    options->seconds = 3;
    options->value_bytes = 1024;
    return true;
  }
  if (mode == "memory") {
    options->threads = {1, 2, 10, 100};
    options->seconds = 1;
    options->value_bytes = 100;
    options->settings.shale_budget_bytes = int64_t{1024} << 20;
    return true;
  }
  return Complain("mode", mode, "store, memory, load, flood or idle");
}

bool ParseOne(int option, const std::string& text, BenchOptions* options) {
  int mib = 0;
  switch (option) {
    case 's':
      return ParseNumber("--seconds", text, 0.01, 86400, &options->seconds);
    case 't':
      return ParseThreads(text, &options->threads);
    case 'v':
      return ParseInt("--value-bytes", text, kValueBytesMin, kValueBytesMax, &options->value_bytes);
    case 'r':
      return ParseInt("--rounds", text, 1, 1000, &options->rounds);
    case 'k':
      return ParseInt("--keys", text, 0, 1'000'000'000, &options->keys);
    case 'w':
      return ParseInt("--warm-mib", text, 0, 1 << 20, &options->warm_mib);
    case 'e':
      return ParseEngines(text, &options->engines);
    case 'b':
      if (!ParseInt("--budget-mib", text, 1, 1 << 20, &mib)) return false;
      options->settings.shale_budget_bytes = int64_t{mib} << 20;
      return true;
    case 'o':
      return ParseShaleOption(text, &options->settings.shale_options);
    case 'x':
      options->settings.shale_encrypts = true;
      return true;
    case 'n':
      return ParseInt("--noise-bits", text, 1, 8, &options->noise_bits);
    case 'c':
      options->csv_path = text;
      return true;
    default:
      return false;
  }
}

}   // namespace

ParseResult ParseBenchOptions(int argc, char** argv, BenchOptions* options) {
  static const struct option kLong[] = {
      {"seconds", required_argument, nullptr, 's'},
      {"threads", required_argument, nullptr, 't'},
      {"value-bytes", required_argument, nullptr, 'v'},
      {"rounds", required_argument, nullptr, 'r'},
      {"keys", required_argument, nullptr, 'k'},
      {"warm-mib", required_argument, nullptr, 'w'},
      {"engines", required_argument, nullptr, 'e'},
      {"budget-mib", required_argument, nullptr, 'b'},
      {"option", required_argument, nullptr, 'o'},
      {"encrypt", no_argument, nullptr, 'x'},
      {"noise-bits", required_argument, nullptr, 'n'},
      {"csv", required_argument, nullptr, 'c'},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  const bool mode_given = argc > 1 && argv[1][0] != '-';
  if (!SetModeDefaults(mode_given ? argv[1] : "store", options)) return ParseResult::kError;
  optind = mode_given ? 2 : 1;
  for (int c = getopt_long(argc, argv, "h", kLong, nullptr); c != -1;
       c = getopt_long(argc, argv, "h", kLong, nullptr)) {
    if (c == 'h') {
      std::fputs(kHelp, stdout);
      return ParseResult::kHelp;
    }
    if (!ParseOne(c, optarg == nullptr ? "" : optarg, options)) return ParseResult::kError;
  }
  if (optind < argc) {
    std::fprintf(stderr, "shale_bench: unexpected argument \"%s\"\n", argv[optind]);
    return ParseResult::kError;
  }
  if (options->mode == "store" && options->threads.size() != 1) {
    std::fprintf(stderr, "shale_bench: the store benchmark takes one number of threads\n");
    return ParseResult::kError;
  }
  return ParseResult::kRun;
}

}   // namespace bench
