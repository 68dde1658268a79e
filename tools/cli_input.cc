#include "cli_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli_tool.h"

namespace shale::tool {
namespace {

constexpr size_t kReadBytes = 256 * 1024;

[[noreturn]] void FailWithErrno(const std::string& name) {
  throw Failure{kExitError, name + ": " + std::strerror(errno)};
}

}   // namespace

Input::Input(const std::string& path) : name_(path == "-" ? "standard input" : path) {
  fd_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) FailWithErrno(name_);
  struct stat info = {};
  if (::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode)) bytes_total_ = info.st_size;
}

Input::~Input() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

bool Input::Fill() {
  buffer_.erase(0, position_);
  position_ = 0;
  const size_t held = buffer_.size();
  buffer_.resize(held + kReadBytes);
  ssize_t n = 0;
  do {
    n = ::read(fd_, buffer_.data() + held, kReadBytes);
  } while (n < 0 && errno == EINTR);
  if (n < 0) FailWithErrno(name_);
  buffer_.resize(held + static_cast<size_t>(n));
  bytes_read_ += n;
  return n > 0;
}

bool Input::NextLine(std::string* line, size_t bytes_max) {
  size_t searched = 0;
  size_t end = std::string::npos;
  while ((end = buffer_.find('\n', position_ + searched)) == std::string::npos) {
    searched = buffer_.size() - position_;
    if (searched > bytes_max) {
      throw Failure{kExitUsage, name_ + ": line " + std::to_string(line_number_ + 1) + " is too long"};
    }
    if (Fill()) continue;
    if (buffer_.empty()) return false;
    end = buffer_.size();
    break;
  }
  line->assign(buffer_, position_, end - position_);
  position_ = std::min(end + 1, buffer_.size());
  ++line_number_;
  return true;
}

std::string Input::ReadAll(size_t bytes_max) {
  while (Fill()) {
    if (buffer_.size() > bytes_max) {
      throw Failure{kExitUsage, name_ + " is longer than " + std::to_string(bytes_max) + " bytes"};
    }
  }
  std::string all;
  all.swap(buffer_);
  return all;
}

}   // namespace shale::tool
