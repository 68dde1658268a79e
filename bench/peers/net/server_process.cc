#include "server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace bench {
namespace {

constexpr int kPortsTried = 5;
constexpr int kPatienceMs = 10'000;
constexpr int kLookEveryMs = 10;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  const bool ok = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) close(fd);
  return ok ? ntohs(address.sin_port) : -1;
}

bool Answers(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(port);
  const bool ok = fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return ok;
}

pid_t Spawn(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);   // it ended before the line above
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) dup2(null, fd);
  execvp(argv[0], argv.data());
  _exit(127);
}

void End(pid_t pid) {
  kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

// False when the process ended or says nothing for long.
bool AwaitAnswer(pid_t pid, int port) {
  for (int waited_ms = 0; waited_ms < kPatienceMs; waited_ms += kLookEveryMs) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == pid) return false;
    if (Answers(port)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookEveryMs));
  }
  End(pid);
  return false;
}

}   // namespace

std::unique_ptr<ServerProcess> ServerProcess::Start(const Command& command, std::string* why) {
  std::string name;
  for (int attempt = 0; attempt < kPortsTried; ++attempt) {
    const int port = FreePort();
    if (port < 0) {
      *why = std::string("no free port on the loopback: ") + std::strerror(errno);
      return nullptr;
    }
    const std::vector<std::string> words = command(port);
    name = words[0];
    const pid_t pid = Spawn(words);
    if (pid > 0 && AwaitAnswer(pid, port))
      return std::unique_ptr<ServerProcess>(new ServerProcess(pid, port));
  }
  *why = name + " does not start, or does not answer on the loopback";
  return nullptr;
}

ServerProcess::~ServerProcess() {
  End(pid_);
}

double ServerProcess::CpuSeconds() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t behind_name = text.rfind(')');
  if (behind_name == std::string::npos) return 0;
  std::istringstream fields(text.substr(behind_name + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;   // from state to cmajflt
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ServerProcess::PeakMib() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

std::string VersionOfCommand(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "re");
  if (pipe == nullptr) return "";
  char line[256] = "";
  const bool any = std::fgets(line, sizeof line, pipe) != nullptr;
  while (any && std::fgetc(pipe) != EOF) {
  }
  pclose(pipe);
  std::istringstream words(line);
  std::string last;
  while (words >> last) {
    const size_t equals = last.find("v=");   // "Redis server v=7.0.15 sha=..."
    if (equals == 0) return last.substr(2);
  }
  return last;
}

}   // namespace bench
