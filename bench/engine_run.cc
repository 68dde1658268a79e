#include "engine_run.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "process_stats.h"
#include "workload.h"

namespace bench {
namespace {

static_assert(sizeof(EngineRun) <= PIPE_BUF, "a run is written to the pipe in one piece");

volatile std::sig_atomic_t g_interrupted = 0;

void OnInterrupt(int) {
  g_interrupted = 1;
}

void SetFailure(const std::string& why, EngineRun* run) {
  std::snprintf(run->failure, sizeof run->failure, "%s", why.c_str());
}

bool RecordPhase(const PhaseResult& result, EngineRun::Phase* phase, std::string* why) {
  if (!result.failure.empty()) {
    *why = result.failure;
    return false;
  }
  const double ops = static_cast<double>(result.ops);
  phase->kops_per_s = ops / result.wall_s * 1e-3;
  phase->cpu_us_per_op = result.cpu_s / ops * 1e6;
  return true;
}

bool RunPhases(Engine* engine, const BenchOptions& options, EngineRun* run, std::string* why) {
  const Values values(static_cast<size_t>(options.value_bytes), options.noise_bits);
  KeyCounts counts(static_cast<size_t>(options.threads[0]));
  return RecordPhase(RunPhase(MakeWrites(engine, &values, &counts), options.seconds,
                              options.keys / options.threads[0]),
                     &run->phases[0], why) &&
         RecordPhase(RunPhase(MakeHotReads(engine, &values, &counts), options.seconds), &run->phases[1],
                     why) &&
         RecordPhase(RunPhase(MakeUniformReads(engine, &values, &counts), options.seconds), &run->phases[2],
                     why);
}

bool Measure(const std::string& name, const std::string& directory, const BenchOptions& options,
             EngineRun* run, std::string* why) {
  RaiseFileLimit();
  const std::unique_ptr<Engine> engine = OpenEngine(name, directory, options.settings, why);
  if (engine == nullptr || !RunPhases(engine.get(), options, run, why)) return false;
  const int64_t close_start_ns = NowNs();
  if (!engine->Close(why)) return false;
  run->close_s = static_cast<double>(NowNs() - close_start_ns) * 1e-9;
  run->peak_rss_mib = static_cast<double>(ProcessStatusKib("VmHWM")) / 1024;
  return true;
}

[[noreturn]] void RunChild(const std::string& name, const std::string& directory, const BenchOptions& options,
                           int out_fd) {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  EngineRun run = {};
  std::string why;
  if (!Measure(name, directory, options, &run, &why)) SetFailure(why, &run);
  const bool sent = write(out_fd, &run, sizeof run) == static_cast<ssize_t>(sizeof run);
  _exit(sent ? 0 : 1);
}

// Reads the child's run, or says why there is none.
EngineRun Await(pid_t child, int in_fd) {
  EngineRun run = {};
  ssize_t size = -1;
  do {
    size = read(in_fd, &run, sizeof run);
    if (size < 0 && g_interrupted != 0) kill(child, SIGKILL);
  } while (size < 0 && errno == EINTR);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (size == static_cast<ssize_t>(sizeof run)) return run;
  run = {};
  if (g_interrupted != 0) {
    SetFailure("interrupted", &run);
  } else if (WIFSIGNALED(status)) {
    SetFailure(std::string("ended by signal ") + strsignal(WTERMSIG(status)), &run);
  } else {
    SetFailure("ended without a result", &run);
  }
  return run;
}

}   // namespace

EngineRun RunEngineInChild(const std::string& engine, const BenchOptions& options) {
  EngineRun run = {};
  std::string why;
  const std::string directory = MakeScratchDirectory(&why);
  if (directory.empty()) {
    SetFailure(why, &run);
    return run;
  }
  WarmMemory(options.warm_mib);
  int ends[2];
  // Without this the child would print what the parent has buffered a second time.
  std::fflush(nullptr);
  const pid_t child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
  if (child == 0) {
    close(ends[0]);
    RunChild(engine, directory, options, ends[1]);
  }
  if (child < 0) {
    SetFailure(std::string("cannot start a process: ") + std::strerror(errno), &run);
  } else {
    close(ends[1]);
    run = Await(child, ends[0]);
    close(ends[0]);
  }
  RemoveScratchDirectory(directory);
  return run;
}

void InstallInterruptHandlers() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;   // without SA_RESTART: the wait for the child must end
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool Interrupted() {
  return g_interrupted != 0;
}

}   // namespace bench
