#include "cli_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli_tool.h"

namespace shale::tool {

void Output::Write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) Flush();
  // A large value goes straight through: copying it into the buffer first would gain nothing.
  if (bytes.size() > kBufferBytes) return WriteAll(bytes);
  buffer_.append(bytes);
}

void Output::Flush() {
  std::string pending;
  pending.swap(buffer_);
  WriteAll(pending);
  pending.clear();
  buffer_.swap(pending);
}

void Output::WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EPIPE) {
      throw ReaderGone{};
    } else if (errno != EINTR) {
      throw Failure{kExitError, std::string(name_) + ": " + std::strerror(errno)};
    }
  }
}

bool Output::is_terminal() const {
  return ::isatty(fd_) == 1;
}

}   // namespace shale::tool
