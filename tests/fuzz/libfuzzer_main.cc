// libFuzzer's way in. FUZZ_TARGET names the target.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz/targets.h"

namespace {
const shale_test::FuzzTarget* target = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* const name = std::getenv("FUZZ_TARGET");
  for (int i = 0; i < shale_test::kFuzzTargetCount; i++) {
    if (name != nullptr && std::strcmp(name, shale_test::kFuzzTargets[i].name) == 0)
      target = &shale_test::kFuzzTargets[i];
  }
  if (target != nullptr) return 0;
  std::fprintf(stderr, "FUZZ_TARGET is none of:");
  for (int i = 0; i < shale_test::kFuzzTargetCount; i++)
    std::fprintf(stderr, " %s", shale_test::kFuzzTargets[i].name);
  std::fprintf(stderr, "\n");
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  target->run(shale::MakeBytes(data, size));
  return 0;
}
