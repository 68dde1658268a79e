// Chapter 5: what the store counted meanwhile, by introspection: no name is known to this program.

#include "demo/demo.h"

namespace shale::demo {

void ShowFigures(Demo* demo) {
  demo->screen.Chapter(
      "Figures", "shale_stat_at names every figure, shale_stat reads it. Shown: those that are not zero.");
  const char* name = nullptr;
  const char* doc = nullptr;
  int64_t shown = 0;
  bool all_known = true;
  for (size_t i = 0; shale_stat_at(i, &name, nullptr, &doc) == SHALE_OK; ++i) {
    int64_t value = 0;
    shale_error* error = nullptr;
    all_known &= Must(shale_stat(demo->db.get(), name, &value, &error), error) == SHALE_OK;
    if (value == 0) continue;
    demo->screen.Row(name, Count(value) + "  " + doc);
    ++shown;
  }
  demo->screen.Prove(all_known && shown > 0, "every figure that is listed can be read by its name");
}

}   // namespace shale::demo
