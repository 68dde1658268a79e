#include "hit_instructions.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "../process_stats.h"
#include "map_loads.h"

extern char** environ;

namespace bench {

namespace {

constexpr int64_t kHits = 64 * kMapBatchOps;
constexpr int64_t kHitKeys = 1000;

// Its output goes nowhere: what went wrong is told by its status.
bool RunQuietly(const char* const* arguments, std::string* why) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, arguments[0], &actions, nullptr, const_cast<char**>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    *why = std::string(arguments[0]) + ": " + std::strerror(error);
    return false;
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno == EINTR) continue;
    *why = std::string("waitpid: ") + std::strerror(errno);
    return false;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  *why = std::string(arguments[0]) + " ended with status " + std::to_string(status);
  return false;
}

// The line "totals: N" of what callgrind has written.
bool ReadTotals(const std::string& path, double* total) {
  FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return false;
  char line[4096];
  bool found = false;
  while (!found && std::fgets(line, sizeof line, file) != nullptr)
    found = std::sscanf(line, "totals: %lf", total) == 1;
  std::fclose(file);
  return found && *total > 0;
}

}   // namespace

int RunOnlyHits() {
  std::string why;
  ShaleMap map;
  bool good = map.Open(kMapValueBytes, &why) && MapPuts<ShaleMap>(&map, 0, kHitKeys).Fill(&why);
  MapGets<ShaleMap> gets(&map, 0, kHitKeys);
  for (int64_t i = 0; good && i < kHits / kMapBatchOps; ++i) good = gets.RunBatch(&why);
  if (!good) std::fprintf(stderr, "cache_bench: %s\n", why.c_str());
  return good ? 0 : 1;
}

bool CountHitInstructions(double* instructions, std::string* why) {
  const std::string directory = MakeScratchDirectory(why);
  if (directory.empty()) return false;
  std::error_code error;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe", error).string();
  const std::string out = directory + "/callgrind";
  const std::string out_argument = "--callgrind-out-file=" + out;
  const char* const arguments[] = {"valgrind",
                                   "--tool=callgrind",
                                   "--toggle-collect=shale_get_into",
                                   out_argument.c_str(),
                                   self.c_str(),
                                   kHitsWord,
                                   nullptr};
  bool good = RunQuietly(arguments, why);
  double total = 0;
  if (good && !ReadTotals(out, &total)) {
    *why = "callgrind has counted nothing";
    good = false;
  }
  *instructions = total / static_cast<double>(kHits);
  std::filesystem::remove_all(directory, error);
  return good;
}

}   // namespace bench
