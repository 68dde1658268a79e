#include "base/deadline.h"

#include <cstdint>
#include <string>

#include "base/status.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

TEST(a_key_is_gone_from_the_very_millisecond_of_its_deadline) {
  assert_false(Expired(1000, 999));
  assert_true(Expired(1000, 1000));
  assert_true(Expired(1000, 1001));
  assert_true(Expired(1, INT64_MAX));
}

TEST(no_deadline_never_expires) {
  for (const int64_t now : {INT64_MIN, int64_t{-1}, int64_t{0}, int64_t{1}, INT64_MAX}) {
    assert_false(Expired(kNoDeadline, now));
  }
}

TEST(a_time_to_live_counts_from_now) {
  assert_int_equal(DeadlineAfter(1000, 1), 1001);
  assert_false(Expired(DeadlineAfter(1000, 1), 1000));
  assert_true(Expired(DeadlineAfter(1000, 1), 1001));
}

TEST(a_deadline_beyond_the_end_of_time_is_never) {
  assert_true(DeadlineAfter(1000, INT64_MAX - 1000) == INT64_MAX);
  assert_int_equal(DeadlineAfter(1000, INT64_MAX - 999), kNoDeadline);
  assert_int_equal(DeadlineAfter(1000, INT64_MAX), kNoDeadline);
}

TEST(the_words_for_times_to_live_are_those_of_the_public_header) {
  assert_int_equal(kTtlDefault, SHALE_TTL_DEFAULT);
  assert_int_equal(kTtlNever, SHALE_TTL_NEVER);
  assert_int_equal(kTtlKeep, SHALE_TTL_KEEP);
}

}   // namespace
}   // namespace shale

RUN()
