// The terminal while `shale top` has it. In a file of its own because the header behind it defines words as
// macros.
#ifndef SHALE_TOOLS_TOP_SCREEN_H_
#define SHALE_TOOLS_TOP_SCREEN_H_

#include <string>
#include <vector>

#include "top_view.h"

namespace shale::tool {

// The terminal is as it was when the object is gone, also after an exception.
class TopScreen {
 public:
  // A Failure if the terminal is not one that can be drawn on.
  TopScreen();
  ~TopScreen();
  TopScreen(const TopScreen&) = delete;
  TopScreen& operator=(const TopScreen&) = delete;

  void Show(const std::string& title, const std::vector<TopLine>& lines);
  // Waits that long; false if the user wants to leave. Draws again when the size changes.
  bool Wait(int ms);

 private:
  void Draw();

  std::string title_;
  std::vector<TopLine> lines_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_TOP_SCREEN_H_
