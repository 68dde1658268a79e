// Progress on standard error: a bar where a person looks on, now and then a plain line where a log does.
//
//  (1) On a terminal the bar is drawn in place, at most 20 times a second, and never wider than the terminal.
//  (2) Elsewhere a line is written every two seconds: short work stays silent.
//  (3) Finish (or destruction) takes the bar away, so that what is printed next starts on a clean line.
#ifndef SHALE_TOOLS_PROGRESS_BAR_H_
#define SHALE_TOOLS_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace shale::tool {

bool IsTerminal(int fd);
// Width of the terminal behind fd, 80 if it is none or does not say.
int TerminalColumns(int fd);
// True if the locale of the environment is a UTF-8 one.
bool SpeaksUtf8();

class ProgressBar {
 public:
  // total 0: not known; then only the note is shown. Silent: nothing is ever drawn.
  ProgressBar(std::string label, int64_t total, bool silent = false);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { Finish(); }

  // Cheap enough for every row: looks at the clock, draws when it is time.
  void Update(int64_t done, int64_t rows) { Show(done, rows); }
  // Where nothing is counted but bytes.
  void UpdateBytes(int64_t done) { Show(done, -1); }
  void Finish();

 private:
  void Show(int64_t done, int64_t rows);
  void Draw(int64_t done, int64_t rows);

  const std::string label_;
  const int64_t total_;
  const bool silent_;
  const bool terminal_;
  const bool utf8_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_draw_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_PROGRESS_BAR_H_
