// The chapters of the demonstration and what they hand on.
//
//  (1) A chapter leaves the store open and with the package fields unchanged.
//  (2) What a chapter claims, it proves through Screen::Prove; timings are information, never a proof.
#ifndef SHALE_TOOLS_DEMO_DEMO_H_
#define SHALE_TOOLS_DEMO_DEMO_H_

#include <chrono>
#include <string>

#include "demo/demo_packages.h"
#include "demo/demo_screen.h"
#include "demo/demo_store.h"

namespace shale::demo {

struct Demo {
  Screen screen;
  std::string dir;   // holds the stores "packages" and "crash"
  std::string source;
  Packages packages;
  Db db;

  std::string packages_path() const { return dir + "/packages"; }
  std::string crash_path() const { return dir + "/crash"; }

  // For the closing lines.
  std::string load_rate;
  int64_t kills = 0;
  int64_t acknowledged = 0;
  int64_t lost = 0;
  int64_t half_batches = 0;
};

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void ShowLoad(Demo* demo);
void ShowReads(Demo* demo);
void ShowScans(Demo* demo);
void ShowVerbs(Demo* demo);
void ShowFigures(Demo* demo);
void ShowCrashes(Demo* demo);

}   // namespace shale::demo

#endif   // SHALE_TOOLS_DEMO_DEMO_H_
