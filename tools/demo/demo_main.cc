// shale-demo: what Shale does, shown on the machine's own package list and proved on the way. Sees only
// shale.h.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <system_error>

#include "demo/demo.h"
#include "demo/demo_crash_child.h"

namespace shale::demo {
namespace {

constexpr char kUsage[] =
    "usage: shale-demo [--keep DIR] [PACKAGE-LIST]\n"
    "\n"
    "Loads the fields of all installed Debian packages (PACKAGE-LIST, or /var/lib/dpkg/status) into a new "
    "store and\n"
    "shows reads, scans, counters, batches and recovery from a kill, proving each. About 10 seconds.\n"
    "  --keep DIR  make the stores in the new directory DIR and keep them\n"
    "Exit code: 0 all proofs hold, 1 one does not, 2 wrong arguments, 3 an error.\n";

struct Arguments {
  std::string keep;
  std::string source = "/var/lib/dpkg/status";
};

bool ReadArguments(int argc, char** argv, Arguments* arguments) {
  bool has_source = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--keep" && i + 1 < argc) {
      arguments->keep = argv[++i];
    } else if (!has_source && !word.empty() && word.front() != '-') {
      arguments->source = word;
      has_source = true;
    } else {
      return false;
    }
  }
  return true;
}

// A directory of our own, removed at the end unless the caller wants to keep it.
class Workplace {
 public:
  explicit Workplace(const std::string& keep) : keeps_(!keep.empty()) {
    if (keeps_) {
      std::error_code error;
      if (!std::filesystem::create_directory(keep, error)) {
        throw DemoFailure{keep + ": " + (error ? error.message() : "is there already")};
      }
      dir_ = keep;
      return;
    }
    const char* base = std::getenv("TMPDIR");
    dir_ = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/shale-demo-XXXXXX";
    if (::mkdtemp(dir_.data()) == nullptr) throw DemoFailure{dir_ + ": " + std::strerror(errno)};
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code ignored;
    if (!keeps_) std::filesystem::remove_all(dir_, ignored);
  }

  const std::string& dir() const { return dir_; }
  bool keeps() const { return keeps_; }

 private:
  const bool keeps_;
  std::string dir_;
};

void SumUp(Demo* demo, const Workplace& workplace) {
  Screen& screen = demo->screen;
  screen.Title("Summary", "");
  screen.Closing(Count(static_cast<int64_t>(demo->packages.fields.size())) + " keys stored at " +
                 demo->load_rate + "; " + Count(screen.failed()) + " proofs failed.");
  screen.Closing(Count(demo->kills) + " kills, " + Count(demo->acknowledged) + " acknowledged writes: " +
                 Count(demo->lost) + " lost or wrong, " + Count(demo->half_batches) + " half batches.");
  screen.Closing(
      Count(screen.proofs() - screen.failed()) + " of " + Count(screen.proofs()) + " proofs hold" +
      (workplace.keeps() ? "; look around: shale --db " + demo->packages_path() + " scan --limit 5" : "."));
}

int Run(const Arguments& arguments) {
  const Workplace workplace(arguments.keep);
  Demo demo;
  demo.dir = workplace.dir();
  demo.source = arguments.source;
  demo.screen.Title(
      std::string("Shale ") + shale_version_string(),
      "One ordered, crash-safe key-value store. Data: " + demo.source + ". Stores below " + demo.dir + ".");
  ShowLoad(&demo);
  ShowReads(&demo);
  ShowScans(&demo);
  ShowVerbs(&demo);
  ShowFigures(&demo);
  CloseStore(std::move(demo.db));
  ShowCrashes(&demo);
  SumUp(&demo, workplace);
  return demo.screen.failed() == 0 ? 0 : 1;
}

int Guarded(int argc, char** argv) {
  try {
    if (argc == 5 && std::strcmp(argv[1], kCrashChildArgument) == 0) {
      return RunCrashChild(argv[2], argv[3], std::atoi(argv[4]));
    }
    Arguments arguments;
    const bool wants_help =
        argc == 2 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0);
    if (wants_help || !ReadArguments(argc, argv, &arguments)) {
      std::fputs(kUsage, wants_help ? stdout : stderr);
      return wants_help ? 0 : 2;
    }
    return Run(arguments);
  } catch (const DemoFailure& failure) {
    std::fprintf(stderr, "shale-demo: %s\n", failure.message.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "shale-demo: %s\n", error.what());
  }
  return 3;
}

}   // namespace
}   // namespace shale::demo

int main(int argc, char** argv) {
  return shale::demo::Guarded(argc, argv);
}
