#include "top_screen.h"

#include <algorithm>
#include <chrono>
#include <clocale>
#include <cstdlib>

#include "cli_tool.h"

// Last: its macros would change what comes behind.
#include <curses.h>

namespace shale::tool {

TopScreen::TopScreen() {
  std::setlocale(LC_CTYPE, "");
  const char* const term = std::getenv("TERM");
  // newterm says what initscr would end the process for.
  SCREEN* const screen = term != nullptr ? newterm(term, stdout, stdin) : nullptr;
  if (screen == nullptr) throw Failure{kExitError, "this terminal cannot be drawn on (TERM); use --plain"};
  set_term(screen);
  cbreak();
  noecho();
  keypad(stdscr, TRUE);
  curs_set(0);
}

TopScreen::~TopScreen() {
  endwin();
}

void TopScreen::Draw() {
  erase();
  attron(A_REVERSE);
  mvaddnstr(0, 0, title_.c_str(), COLS);
  attroff(A_REVERSE);
  for (size_t i = 0; i < lines_.size() && static_cast<int>(i) + 2 < LINES; i++) {
    if (lines_[i].heading) attron(A_BOLD);
    mvaddnstr(static_cast<int>(i) + 2, 0, lines_[i].text.c_str(), COLS);
    if (lines_[i].heading) attroff(A_BOLD);
  }
  refresh();
}

void TopScreen::Show(const std::string& title, const std::vector<TopLine>& lines) {
  title_ = title;
  lines_ = lines;
  Draw();
}

bool TopScreen::Wait(int ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return true;
    timeout(static_cast<int>(left.count()));
    const int key = getch();
    if (key == 'q' || key == 'Q') return false;
    if (key == KEY_RESIZE) Draw();
  }
}

}   // namespace shale::tool
