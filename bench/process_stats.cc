#include "process_stats.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace bench {

int64_t ProcessStatusKib(const char* field) {
  FILE* file = std::fopen("/proc/self/status", "re");
  if (file == nullptr) return -1;
  const size_t field_size = std::strlen(field);
  char line[256];
  int64_t kib = -1;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::strncmp(line, field, field_size) == 0 && line[field_size] == ':') {
      kib = std::strtoll(line + field_size + 1, nullptr, 10);
      break;
    }
  }
  std::fclose(file);
  return kib;
}

double CpuSeconds() {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const struct timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int64_t NowNs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// The cores that this process may use: taskset and containers count.
int CoreCount() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

void RaiseFileLimit() {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) std::fprintf(stderr, "cannot raise the limit of open files\n");
}

static std::string ScratchRoot() {
  const char* root = std::getenv("TMPDIR");
  return root == nullptr || *root == '\0' ? "/tmp" : root;
}

void WarmMemory(int64_t mib) {
  const size_t bytes = static_cast<size_t>(mib) << 20;
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return;   // without it the figures are noisier, not wrong
  for (size_t i = 0; i < bytes; i += 4096) static_cast<volatile char*>(p)[i] = 1;
  munmap(p, bytes);
}

std::string MakeScratchDirectory(std::string* why) {
  std::string path = ScratchRoot() + "/shale_bench_XXXXXX";
  if (mkdtemp(path.data()) != nullptr) return path;
  *why = "cannot make " + path + ": " + std::strerror(errno);
  return "";
}

void RemoveScratchDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) std::fprintf(stderr, "cannot remove %s: %s\n", path.c_str(), error.message().c_str());
  const int fd = open(ScratchRoot().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  if (syncfs(fd) != 0) std::fprintf(stderr, "cannot sync %s\n", ScratchRoot().c_str());
  close(fd);
}

}   // namespace bench
