// One store, one workload, one process: lines of CSV on stdout. What is measured and how:
// bench/peers/README.md.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>

#include <sys/wait.h>
#include <unistd.h>

#include "peer_workloads.h"
#include "process_stats.h"

namespace bench {
namespace {

constexpr int kExitNotDone = 3;

// In a process of its own, whose greatest size is then not this one's.
void WarmMemoryApart(int64_t mib) {
  if (mib <= 0) return;
  const pid_t child = fork();
  if (child == 0) {
    WarmMemory(mib);
    _exit(0);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

int ListKinds() {
  for (const PeerKind& kind : PeerKinds()) {
    std::printf("%s\t%s\t%s\n", kind.name.c_str(), kind.version.c_str(), kind.clazz.c_str());
  }
  return 0;
}

void AddOptions(CLI::App* app, PeerSettings* settings, bool* list) {
  const std::map<std::string, Durability> durabilities = {
      {"os", Durability::kOs}, {"sync", Durability::kSync}, {"none", Durability::kNone}};
  app->add_flag("--list", *list, "print the engines: name, version, class");
  app->add_option("--engine", settings->engine, "a name of the list");
  app->add_option("--workload", settings->workload, "seeds, ycsb-a, ...: see bench/peers/README.md");
  app->add_option("--threads", settings->threads)->check(CLI::Range(1, 4096));
  app->add_option("--seconds", settings->seconds, "of each phase")->check(CLI::Range(0.01, 86400.0));
  app->add_option("--value-bytes", settings->value_bytes)
      ->check(CLI::Range(kPeerValueBytesMin, kPeerValueBytesMax));
  app->add_option("--keys", settings->keys)->check(CLI::Range(int64_t{1000}, int64_t{1} << 40));
  app->add_option("--budget-mib", settings->budget_mib, "memory that the engine may use")
      ->check(CLI::Range(int64_t{16}, int64_t{1} << 30));
  app->add_option("--durability", settings->durability, "what an acknowledged write survives: os, sync, none")
      ->transform(CLI::CheckedTransformer(durabilities));
  app->add_option("--dir", settings->directory, "an empty directory for the store");
  app->add_option("--seed", settings->seed);
  app->add_option("--warm-mib", settings->warm_mib, "memory that is touched before anything is measured");
}

int RunEngine(PeerSettings settings) {
  for (const PeerKind& kind : PeerKinds()) {
    if (kind.name != settings.engine) continue;
    if (settings.workload == "sync" || settings.workload == "fillsync")
      settings.durability = Durability::kSync;
    std::error_code error;
    std::filesystem::create_directories(settings.directory, error);
    RaiseFileLimit();
    WarmMemoryApart(settings.warm_mib);
    std::string why;
    const WorkloadResult result = RunPeerWorkload(settings, kind, &why);
    if (result != WorkloadResult::kDone) std::fprintf(stderr, "%s\n", why.c_str());
    return result == WorkloadResult::kDone ? 0 : result == WorkloadResult::kNotDone ? kExitNotDone : 1;
  }
  std::fprintf(stderr, "no engine is called %s\n", settings.engine.c_str());
  return 2;
}

}   // namespace
}   // namespace bench

int main(int argc, char** argv) {
  CLI::App app("Measures one store under one workload. Lines of CSV on stdout.");
  bench::PeerSettings settings;
  bool list = false;
  bench::AddOptions(&app, &settings, &list);
  CLI11_PARSE(app, argc, argv);
  if (list) return bench::ListKinds();
  if (settings.directory.empty()) {
    std::fprintf(stderr, "--dir is missing\n");
    return 2;
  }
  return bench::RunEngine(settings);
}
