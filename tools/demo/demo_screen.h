// How the demonstration speaks: chapters, labelled lines, proofs and small bars.
//
//  (1) Colour only on a terminal and only if NO_COLOR is not set; everything reads as well without.
//  (2) No line is wider than the terminal (or 80 columns, 100 at most): long text is wrapped, long data is
//  cut. (3) Every proof is counted, and a failed one is seen in the exit code of the program.
#ifndef SHALE_TOOLS_DEMO_DEMO_SCREEN_H_
#define SHALE_TOOLS_DEMO_DEMO_SCREEN_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace shale::demo {

class Screen {
 public:
  Screen();

  void Title(const std::string& text, const std::string& below);
  void Chapter(const std::string& title, const std::string& what);
  // "   label      text": text is wrapped below itself.
  void Line(const std::string& label, const std::string& text);
  // One row of the store; the value's first line, cut to the width.
  void Row(std::string_view key, std::string_view value);
  void Bar(const std::string& label, int64_t count, int64_t most);
  void Prove(bool holds, const std::string& text);
  void Closing(const std::string& text);

  int proofs() const { return proofs_; }
  int failed() const { return failed_; }

 private:
  std::string Paint(const char* colour, const std::string& text) const;
  void Wrapped(const std::string& first, size_t first_width, const std::string& text) const;

  const bool colour_;
  const bool utf8_;
  const size_t width_;
  int chapters_ = 0;
  int proofs_ = 0;
  int failed_ = 0;
};

std::string Count(int64_t value);                                        // 1,234,567
std::string Bytes(double bytes);                                         // 12.3 KB
std::string Seconds(double seconds);                                     // 1.2 s, 12 ms, 850 ns
std::string PerSecond(int64_t n, double seconds, const char* of_what);   // 123,000 keys/s

}   // namespace shale::demo

#endif   // SHALE_TOOLS_DEMO_DEMO_SCREEN_H_
