// A server of others that is started on a free port of the loopback, and ended with the object.
//
//  1. It ends with this process, whatever ends that: the kernel kills it when its parent's main thread is
//  gone.
//  2. Made and freed by the main thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {

class ServerProcess {
 public:
  // The words of its command for a port.
  using Command = std::function<std::vector<std::string>(int port)>;

  // Tries other ports when the one that was free is taken meanwhile. Null if it does not answer.
  static std::unique_ptr<ServerProcess> Start(const Command& command, std::string* why);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  // User and system time so far, in the kernel's steps of 10 ms.
  double CpuSeconds() const;
  double PeakMib() const;

 private:
  ServerProcess(pid_t pid, int port) : pid_(pid), port_(port) {}

  const pid_t pid_;
  const int port_;
};

// The last word of the first line that a command prints; empty if there is no such command.
std::string VersionOfCommand(const std::string& command);

}   // namespace bench
