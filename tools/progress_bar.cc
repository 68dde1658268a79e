#include "progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli_text.h"

namespace shale::tool {
namespace {

constexpr auto kBarEvery = std::chrono::milliseconds(50);
constexpr auto kLineEvery = std::chrono::seconds(2);
constexpr int kBarCellsMax = 40;

std::string Bar(int64_t done, int64_t total, int cells, bool utf8) {
  const auto filled =
      static_cast<int>(static_cast<double>(cells) * static_cast<double>(done) / static_cast<double>(total));
  std::string bar;
  for (int i = 0; i < cells; ++i) {
    if (utf8) {
      bar += i < filled ? "━" : "┄";
    } else {
      bar += i < filled ? '#' : '.';
    }
  }
  return bar;
}

}   // namespace

bool IsTerminal(int fd) {
  return ::isatty(fd) == 1;
}

int TerminalColumns(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool SpeaksUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view text(value);
    return text.find("UTF-8") != text.npos || text.find("utf8") != text.npos;
  }
  return false;
}

ProgressBar::ProgressBar(std::string label, int64_t total, bool silent)
    : label_(std::move(label)),
      total_(total),
      silent_(silent),
      terminal_(IsTerminal(STDERR_FILENO)),
      utf8_(SpeaksUtf8()),
      next_draw_(std::chrono::steady_clock::now() +
                 (terminal_ ? std::chrono::milliseconds(100) : kLineEvery)) {}

void ProgressBar::Show(int64_t done, int64_t rows) {
  if (silent_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + (terminal_ ? kBarEvery : kLineEvery);
  Draw(done, rows);
}

void ProgressBar::Draw(int64_t done, int64_t rows) {
  std::string tail = rows < 0 ? "" : " " + WithCommas(rows) + " keys";
  std::string middle;
  if (total_ > 0) {
    const int64_t shown = std::min(done, total_);
    const auto percent = static_cast<int>(100.0 * static_cast<double>(shown) / static_cast<double>(total_));
    tail = " " + std::to_string(percent) + " %" + tail;
    const int room = TerminalColumns(STDERR_FILENO) - static_cast<int>(label_.size() + tail.size()) - 4;
    if (terminal_ && room > 4) middle = " " + Bar(shown, total_, std::min(room, kBarCellsMax), utf8_);
  }
  std::fprintf(stderr, terminal_ ? "\r\033[K%s%s%s" : "%s%s%s\n", label_.c_str(), middle.c_str(),
               tail.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::Finish() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}   // namespace shale::tool
