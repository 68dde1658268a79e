// Scans at the level of the engine, where a row can be taken back.
#include "engine/scan.h"

#include <memory>
#include <string>

#include "engine/engine_home.h"

namespace shale {
namespace {

struct Home : EngineHome {
  using EngineHome::EngineHome;
  std::unique_ptr<Scan> NewScan(const Engine::ScanRequest& request = {}) {
    std::unique_ptr<Scan> scan;
    ASSERT_OK(engine->NewScan(request, &scan));
    return scan;
  }
};

std::string NextKey(Scan* scan) {
  Bytes key, value;
  Status s = scan->Next(&key, &value);
  if (s.Is(Code::END)) return "END";
  ASSERT_OK(s);
  return std::string(key);
}

// A buffer that was full took its last row back, and the token then began at the beginning again: whoever
// resumed a packed scan saw every row twice. The token now begins at the row that was taken back.
TEST(a_token_after_a_row_was_taken_back_begins_at_that_row) {
  for (const bool reverse : {false, true}) {
    Home home(true);
    for (const char* key : {"a", "b", "c", "d"}) home.Put(key, "v");
    Engine::ScanRequest request;
    request.bounds.reverse = reverse;
    request.limit = 3;
    auto scan = home.NewScan(request);
    const std::string first = NextKey(scan.get());
    const std::string second = NextKey(scan.get());
    scan->StepBack();
    Bytes token;
    ASSERT_OK(scan->Token(&token));
    Engine::ScanRequest rest;
    ASSERT_OK(Scan::ParseToken(token, &rest));
    assert_int_equal(rest.limit, 2);
    auto resumed = home.NewScan(rest);
    ASSERT_STR(first, reverse ? "d" : "a");
    ASSERT_STR(NextKey(resumed.get()), second);
    ASSERT_STR(NextKey(resumed.get()), reverse ? "b" : "c");
    ASSERT_STR(NextKey(resumed.get()), "END");
  }
}

// A row was taken back, its time ended, and it was handed out all the same: expired is gone, also then.
TEST(a_row_that_expires_after_it_was_taken_back_is_left_out) {
  Home home(true);
  home.Put("a", "v", 1000);
  home.Put("b", "v");
  auto scan = home.NewScan();
  ASSERT_STR(NextKey(scan.get()), "a");
  scan->StepBack();
  home.clock.Advance(1000);
  ASSERT_STR(NextKey(scan.get()), "b");
}

// In memory values are read when their row is reached. A row that was taken back kept the value it had then,
// though its key had been written since.
TEST(in_memory_a_row_that_was_taken_back_is_read_again) {
  Home home(false);
  home.Put("a", "old");
  auto scan = home.NewScan();
  Bytes key, value;
  ASSERT_OK(scan->Next(&key, &value));
  scan->StepBack();
  home.Put("a", "new");
  ASSERT_OK(scan->Next(&key, &value));
  ASSERT_STR(value, "new");
}

TEST(a_scan_outlives_the_close_of_its_engine) {
  Home home(true);
  home.Put("a", "v");
  auto scan = home.NewScan();
  ASSERT_OK(home.engine->Close());
  Bytes key, value;
  assert_true(scan->Next(&key, &value).Is(Code::E_CLOSED));
  Bytes token;
  assert_true(scan->Token(&token).Is(Code::E_CLOSED));
}

}   // namespace
}   // namespace shale

RUN()
