// How long it takes to open a store: one that was closed, and one whose process was killed.
//
//  1. The store is made by a child process, so that neither its memory nor its threads are in the figures.
//  2. What is timed ends when the first get has given its value.
//  3. `recover`: the child puts N keys one by one and is killed with all of them acknowledged. live_mib is
//  the log that the
//     open had to apply, as the store tells, or else the size of the files that hold it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "peer_loads.h"
#include "peer_workloads.h"
#include "process_stats.h"

namespace bench {
namespace {

bool PutUserKeys(PeerRun* run, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const PeerKey key = PeerKey::User(i);
    std::string value(run->values().size(), '\0');
    run->values().Fill(key.view(), value.data());
    if (!run->session(0)->Put(key.view(), value)) return false;
  }
  return true;
}

// In the child: 0 if the store is as it should be when the parent goes on.
int MakeStore(const PeerSettings& settings, const PeerKind& kind, bool after_kill, int out_fd) {
  if (freopen("/dev/null", "w", stdout) == nullptr) return 2;   // its lines are none of the run's
  PeerRun run(settings, kind);
  std::string why;
  if (!run.Open(&why)) return 3;
  if (after_kill) {
    const char done = PutUserKeys(&run, settings.keys) ? 'y' : 'n';
    if (write(out_fd, &done, 1) != 1) return 4;
    for (;;) pause();   // until the parent kills it
  }
  const bool loaded = LoadUserKeys(&run, settings.keys);
  return run.Close(&why) && loaded ? 0 : 5;
}

bool AwaitStore(pid_t child, bool after_kill, int in_fd, std::string* why) {
  char done = after_kill ? 'n' : 'y';
  if (after_kill) {
    if (read(in_fd, &done, 1) != 1) done = 'n';
    kill(child, SIGKILL);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (done == 'y' && (after_kill || (WIFEXITED(status) && WEXITSTATUS(status) == 0))) return true;
  *why = "the store to be opened could not be made (status " + std::to_string(status) + ")";
  return false;
}

int64_t LogFileBytes(const PeerSettings& settings, const std::string& suffix) {
  if (suffix.empty()) return -1;
  int64_t bytes = 0;
  std::error_code error;
  for (auto i = std::filesystem::recursive_directory_iterator(settings.directory, error);
       !error && i != std::filesystem::recursive_directory_iterator(); i.increment(error)) {
    const std::string name = i->path().filename().string();
    if (name.find(suffix) != std::string::npos) bytes += static_cast<int64_t>(i->file_size(error));
  }
  return bytes;
}

}   // namespace

WorkloadResult RunOpenWorkload(const PeerSettings& settings, const PeerKind& kind, bool after_kill,
                               std::string* why) {
  int ends[2];
  if (pipe(ends) != 0) {
    *why = std::string("pipe: ") + std::strerror(errno);
    return WorkloadResult::kFailed;
  }
  const pid_t child = fork();
  if (child == 0) _exit(MakeStore(settings, kind, after_kill, ends[1]));
  close(ends[1]);
  const bool made = child > 0 && AwaitStore(child, after_kill, ends[0], why);
  close(ends[0]);
  if (!made) return WorkloadResult::kFailed;
  int64_t log_bytes = after_kill ? LogFileBytes(settings, kind.log_file_suffix) : -1;

  PeerRun run(settings, kind);
  const PeerKey key = PeerKey::User(settings.keys / 2);
  std::string buffer(run.values().size(), '\0');
  std::string_view value;
  const double cpu_before_s = CpuSeconds();
  const int64_t start_ns = NowNs();
  if (!run.Open(why)) return WorkloadResult::kFailed;
  const Answer answer = run.session(0)->Get(key.view(), &buffer, &value);
  const double seconds = static_cast<double>(NowNs() - start_ns) * 1e-9;
  const double cpu_s = CpuSeconds() - cpu_before_s;
  int64_t errors = answer == Answer::kFound && run.values().Equals(key.view(), value) ? 0 : 1;
  // All that was acknowledged must be there, each thousandth of it is looked at.
  for (int64_t i = 0; i < settings.keys; i += 1000) {
    const PeerKey other = PeerKey::User(i);
    const bool found = run.session(0)->Get(other.view(), &buffer, &value) == Answer::kFound;
    errors += found && run.values().Equals(other.view(), value) ? 0 : 1;
  }
  if (after_kill && run.store()->ReplayedBytes() >= 0) log_bytes = run.store()->ReplayedBytes();
  const int64_t live = settings.keys * (23 + settings.value_bytes);
  run.OneOperation(after_kill ? "recover" : "open", seconds, cpu_s, after_kill ? log_bytes : live, errors);
  return run.Close(why) ? WorkloadResult::kDone : WorkloadResult::kFailed;
}

}   // namespace bench
