// What `shale top` shows: lines made of two samples, the figures of the newer one and the rates between them.
// Pure text, so that a terminal and a pipe get the same.
#ifndef SHALE_TOOLS_TOP_VIEW_H_
#define SHALE_TOOLS_TOP_VIEW_H_

#include <string>
#include <vector>

#include "metrics_text.h"

namespace shale::tool {

struct TopLine {
  std::string text;
  bool heading = false;
};

std::vector<TopLine> TopLines(const MetricsSample& before, const MetricsSample& now);

}   // namespace shale::tool

#endif   // SHALE_TOOLS_TOP_VIEW_H_
