#include "demo/demo_screen.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "cli_text.h"
#include "progress_bar.h"

namespace shale::demo {
namespace {

constexpr size_t kMargin = 3;
constexpr size_t kLabelWidth = 15;
constexpr size_t kWidthMax = 100;

constexpr char kBold[] = "\033[1m";
constexpr char kDim[] = "\033[2m";
constexpr char kGreen[] = "\033[32m";
constexpr char kRed[] = "\033[1;31m";
constexpr char kCyan[] = "\033[36m";
constexpr char kPlain[] = "\033[0m";

bool WantsColour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return tool::IsTerminal(STDOUT_FILENO) && (no_colour == nullptr || *no_colour == '\0');
}

std::string Padded(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

// The first line with text in bytes from the store, made harmless and cut to `width` columns.
std::string Excerpt(std::string_view bytes, size_t width, bool utf8) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \n"), bytes.size()));
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  std::string text;
  tool::AppendEscaped(line, &text);
  if (text.size() <= width && line.size() == bytes.size()) return text;
  const std::string_view ellipsis = utf8 ? " …" : " ...";
  size_t keep = std::min(text.size(), width - std::min<size_t>(width, 4));
  // Not in the middle of a character: its bytes after the first are 10xxxxxx.
  while (keep > 0 && keep < text.size() && (static_cast<unsigned char>(text[keep]) & 0xC0) == 0x80) --keep;
  return text.substr(0, keep).append(ellipsis);
}

std::string Printed(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

}   // namespace

Screen::Screen()
    : colour_(WantsColour()),
      utf8_(tool::SpeaksUtf8()),
      width_(std::clamp<size_t>(static_cast<size_t>(tool::TerminalColumns(STDOUT_FILENO)), 40, kWidthMax)) {}

std::string Screen::Paint(const char* colour, const std::string& text) const {
  return colour_ ? colour + text + kPlain : text;
}

void Screen::Wrapped(const std::string& first, size_t first_width, const std::string& text) const {
  std::string out = first;
  size_t column = first_width;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    const bool is_first = column == first_width;
    if (!is_first && column + 1 + word.size() > width_) {
      out += "\n" + std::string(first_width, ' ');
      column = first_width;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    at = end + 1;
  }
  std::printf("%s\n", out.c_str());
  std::fflush(stdout);
}

void Screen::Title(const std::string& text, const std::string& below) {
  std::printf("\n%s\n", Paint(kBold, text).c_str());
  if (!below.empty()) Wrapped("", 0, below);
}

void Screen::Chapter(const std::string& title, const std::string& what) {
  ++chapters_;
  std::printf("\n%s\n", Paint(kBold, std::to_string(chapters_) + "  " + title).c_str());
  Wrapped(std::string(kMargin, ' '), kMargin, what);
}

void Screen::Line(const std::string& label, const std::string& text) {
  Wrapped(std::string(kMargin, ' ') + Paint(kCyan, Padded(label, kLabelWidth)), kMargin + kLabelWidth, text);
}

void Screen::Row(std::string_view key, std::string_view value) {
  const size_t key_width = width_ / 3;
  const std::string name = Padded(Excerpt(key, key_width, utf8_), key_width);
  const std::string text = Excerpt(value, width_ - key_width - kMargin - 1, utf8_);
  std::printf("%s%s %s\n", std::string(kMargin, ' ').c_str(), name.c_str(), Paint(kDim, text).c_str());
}

void Screen::Bar(const std::string& label, int64_t count, int64_t most) {
  const size_t room = width_ - kMargin - kLabelWidth - 10;
  const auto cells = static_cast<size_t>(std::lround(static_cast<double>(room) * static_cast<double>(count) /
                                                     static_cast<double>(std::max<int64_t>(most, 1))));
  std::string bar;
  for (size_t i = 0; i < std::max<size_t>(cells, 1); ++i) bar += utf8_ ? "▇" : "#";
  std::printf("%s%s%6s %s\n", std::string(kMargin, ' ').c_str(), Padded(label, kLabelWidth).c_str(),
              Count(count).c_str(), Paint(kCyan, bar).c_str());
}

void Screen::Prove(bool holds, const std::string& text) {
  ++proofs_;
  if (!holds) ++failed_;
  const std::string mark = holds ? (utf8_ ? "✓" : "ok") : "FAILED";
  const size_t mark_width = holds && utf8_ ? 1 : mark.size();
  Wrapped(std::string(kMargin, ' ') + Paint(holds ? kGreen : kRed, mark) + " ", kMargin + mark_width + 1,
          text);
}

void Screen::Closing(const std::string& text) {
  Wrapped(std::string(kMargin, ' '), kMargin, text);
}

std::string Count(int64_t value) {
  return tool::WithCommas(value);
}

std::string Bytes(double bytes) {
  if (bytes < 1e3) return Printed("%.0f B", bytes);
  if (bytes < 1e6) return Printed("%.1f KB", bytes / 1e3);
  if (bytes < 1e9) return Printed("%.1f MB", bytes / 1e6);
  return Printed("%.2f GB", bytes / 1e9);
}

std::string Seconds(double seconds) {
  if (seconds < 1e-6) return Printed("%.0f ns", seconds * 1e9);
  if (seconds < 1e-3) return Printed("%.1f us", seconds * 1e6);
  if (seconds < 1) return Printed("%.0f ms", seconds * 1e3);
  return Printed("%.1f s", seconds);
}

std::string PerSecond(int64_t n, double seconds, const char* of_what) {
  const double rate = static_cast<double>(n) / std::max(seconds, 1e-9);
  const int64_t rounded = rate < 1e4 ? std::llround(rate) : std::llround(rate / 1000) * 1000;
  return Count(rounded) + " " + of_what + "/s";
}

}   // namespace shale::demo
