#include "fuzz/targets.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace shale_test {

const FuzzTarget kFuzzTargets[] = {
    {"superblock", FuzzSuperblock}, {"records", FuzzRecords}, {"rows", FuzzRows},
    {"packed", FuzzPacked},         {"token", FuzzToken},     {"value", FuzzValue},
    {"manifest", FuzzManifest},     {"table", FuzzTable},     {"backup", FuzzBackup},
    {"stream", FuzzStream},         {"options", FuzzOptions}, {"command", FuzzCommand},
    {"calls", FuzzCalls},
};
const int kFuzzTargetCount = static_cast<int>(std::size(kFuzzTargets));

void Insist(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  std::fprintf(stderr, "FAILED %s:%d: %s\n", file, line, what);
  std::fflush(nullptr);
  std::abort();
}

}   // namespace shale_test
