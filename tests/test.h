// cmocka from C++: its headers in the order it needs, tests that register themselves, and seeds that can be
// replayed.
//
//   #include "test.h"
//   TEST(a_fact_about_the_thing) { assert_int_equal(1 + 1, 2); }
//   RUN()
//
// Set SEED=n to repeat a random test, TEST_FILTER=pattern (with * and ?) to run some of the tests.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"

// After the standard headers: one of its macros is called fail. This version does not say extern "C" itself.
extern "C" {
#include <cmocka.h>
}

namespace shale_test {

inline std::vector<CMUnitTest>& Tests() {
  static std::vector<CMUnitTest> tests;
  return tests;
}

struct Registrar {
  Registrar(const char* name, CMUnitTestFunction function) {
    CMUnitTest test = {};
    test.name = name;
    test.test_func = function;
    Tests().push_back(test);
  }
};

// The seed of this test: SEED from the environment, or drawn and printed.
inline uint64_t TestSeed() {
  uint64_t seed = 0;
  if (const char* text = std::getenv("SEED")) {
    seed = std::strtoull(text, nullptr, 0);
  } else if (!shale::SystemRandom(&seed, sizeof seed).ok()) {
    fail_msg("no random bytes for a seed");
  }
  std::printf("             SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  return seed;
}

inline int RunTests(const char* group) {
  if (const char* filter = std::getenv("TEST_FILTER")) cmocka_set_test_filter(filter);
  return _cmocka_run_group_tests(group, Tests().data(), Tests().size(), nullptr, nullptr);
}

}   // namespace shale_test

using shale_test::TestSeed;

#define TEST(name)                                                     \
  static void name(void**);                                            \
  static const shale_test::Registrar registrar_of_##name(#name, name); \
  static void name(void**)

#define RUN()                              \
  int main() {                             \
    return shale_test::RunTests(__FILE__); \
  }

// Fails with the status's text.
#define ASSERT_OK(expr)                                                                 \
  do {                                                                                  \
    const ::shale::Status test_status_ = (expr);                                        \
    if (!test_status_.ok()) fail_msg("%s: %s", #expr, test_status_.ToString().c_str()); \
  } while (0)

#define ASSERT_STR(actual, expected)                                   \
  do {                                                                 \
    const std::string test_actual_(actual);                            \
    const std::string test_expected_(expected);                        \
    assert_string_equal(test_actual_.c_str(), test_expected_.c_str()); \
  } while (0)

// Asks a structure to check itself.
#define ASSERT_VALID(object)                                               \
  do {                                                                     \
    std::string test_why_;                                                 \
    if (!(object).Validate(&test_why_)) fail_msg("%s", test_why_.c_str()); \
  } while (0)
