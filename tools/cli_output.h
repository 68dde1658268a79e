// Standard output, buffered by us instead of stdio: byte-exact, every error seen, and a reader that went away
// told apart from a disk that is full.
//
//  (1) SIGPIPE is ignored (main does that), so a closed pipe arrives here as EPIPE and leaves as ReaderGone.
//  (2) Nothing is written after the first error.
//  (3) The destructor drops what is buffered: only Flush, called by main at the end, may report.
#ifndef SHALE_TOOLS_CLI_OUTPUT_H_
#define SHALE_TOOLS_CLI_OUTPUT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace shale::tool {

// Thrown when the reader of a pipe has closed it. Not an error: it has what it wanted.
struct ReaderGone {};

class Output {
 public:
  Output(int fd, const char* name) : fd_(fd), name_(name) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Write(std::string_view bytes);
  void WriteLine(std::string_view line) {
    Write(line);
    Write("\n");
  }
  void Flush();
  bool is_terminal() const;

 private:
  static constexpr size_t kBufferBytes = 64 * 1024;

  void WriteAll(std::string_view bytes);

  const int fd_;
  const char* const name_;
  std::string buffer_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_CLI_OUTPUT_H_
