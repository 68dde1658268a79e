// Input from a file or from standard input ("-"), in lines or as a whole.
//
//  (1) Bytes are taken as they are; only the line feed that ends a line is dropped.
//  (2) Memory is bounded: a line or a whole longer than the caller's limit is a Failure, not an ever growing
//  buffer.
#ifndef SHALE_TOOLS_CLI_INPUT_H_
#define SHALE_TOOLS_CLI_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace shale::tool {

class Input {
 public:
  explicit Input(const std::string& path);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  // False at the end. A last line without a line feed counts.
  bool NextLine(std::string* line, size_t bytes_max);
  // All that is left.
  std::string ReadAll(size_t bytes_max);

  int64_t bytes_read() const { return bytes_read_; }
  // Size of a regular file, 0 when it cannot be known.
  int64_t bytes_total() const { return bytes_total_; }
  int64_t line_number() const { return line_number_; }

 private:
  bool Fill();

  std::string name_;
  int fd_ = -1;
  std::string buffer_;
  size_t position_ = 0;   // of the first byte in buffer_ not handed out yet
  int64_t bytes_read_ = 0;
  int64_t bytes_total_ = 0;
  int64_t line_number_ = 0;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_CLI_INPUT_H_
