// Memory that runs out in the middle of a change.
#include <new>

#include "base/yield_point.h"
#include "engine_home.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

void NoMemoryWhenPublished(YieldPoint point) {
  if (point != YieldPoint::kPublished) return;
  g_yield_hook = nullptr;
  throw std::bad_alloc();
}

std::string ValueOf(EngineHome* home, const std::string& key) {
  char buf[100];
  ReadRequest request;
  request.mode = ReadMode::kCopyOrPin;
  request.buf = buf;
  request.cap = sizeof buf;
  ReadResult result;
  ASSERT_OK(home->engine->Read(key, request, &result));
  return std::string(buf, result.value_len);
}

// A change was in the log and seen below, and there was no memory for the memory tier: its shard took no
// more writes from then on, as if the change could be seen by nobody. The guard of what is not published
// was held too long.
TEST(memory_that_runs_out_behind_the_publishing_refuses_nothing) {
  EngineHome home(true);
  home.Put("k", "old");
  g_yield_hook = &NoMemoryWhenPublished;
  bool thrown = false;
  try {
    home.Put("k", "new");
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  assert_true(thrown);
  ASSERT_STR(ValueOf(&home, "k").c_str(), "new");
  home.Put("k", "newer");
  ASSERT_STR(ValueOf(&home, "k").c_str(), "newer");
}

}   // namespace
}   // namespace shale

RUN()
