/* Lengths and counts that no memory has, and such whose sum wraps around, in every parameter that is one: a
 * status, never a look at what is not there. What lies behind each pointer here is a few bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shale/shale.h"

#define K "key", 3

static const size_t kLengths[] = {SIZE_MAX,     SIZE_MAX - 1,        SIZE_MAX - 3,
                                  SIZE_MAX - 8, (SIZE_MAX >> 1) + 1, (SIZE_MAX >> 1) + 2};
#define LENGTHS (sizeof kLengths / sizeof kLengths[0])
/* Counts whose product with the size of an element wraps to little or nothing, too. */
static const size_t kCounts[] = {SIZE_MAX,
                                 SIZE_MAX - 1,
                                 (SIZE_MAX >> 1) + 1,
                                 (SIZE_MAX >> 3) + 1,
                                 (SIZE_MAX >> 3) + 2,
                                 (SIZE_MAX >> 4) + 1,
                                 (SIZE_MAX >> 4) + 2,
                                 (SIZE_MAX >> 5) + 1};
#define COUNTS (sizeof kCounts / sizeof kCounts[0])

static shale_db* db;
static char buffer[64];

static int open_store(void** state) {
  (void)state;
  if (shale_open(NULL, NULL, &db, NULL) != SHALE_OK) return -1;
  return shale_put(db, K, "value", 5, SHALE_TTL_NEVER, NULL, 0, NULL) == SHALE_OK ? 0 : -1;
}

static int close_store(void** state) {
  (void)state;
  shale_free(db);
  return shale_live_handles() == 0 ? 0 : -1;
}

static void refused_at(shale_status status, const char* call, size_t length) {
  if (status == SHALE_E_INVALID || status == SHALE_E_TOO_LARGE || status == SHALE_E_NO_MEMORY) return;
  fail_msg("%s, length or count %zu: %s", call, length, shale_status_name(status));
}
#define REFUSED(call) refused_at(call, #call, n)

static void a_value_of_any_length_is_refused(void** state) {
  (void)state;
  for (size_t i = 0; i < LENGTHS; i++) {
    const size_t n = kLengths[i];
    void* old = NULL;
    size_t old_len = 0;
    REFUSED(shale_put(db, K, "v", n, 0, NULL, 0, NULL));
    REFUSED(shale_get_and_set(db, K, "v", n, 0, &old, &old_len, NULL, 0, NULL));
    REFUSED(shale_compare_and_set(db, K, "value", 5, "v", n, 0, NULL, 0, NULL));
    REFUSED(shale_compare_version_and_set(db, K, 1, "v", n, 0, NULL, 0, NULL));
    assert_true(shale_compare_and_set(db, K, "v", n, "v", 1, 0, NULL, 0, NULL) != SHALE_OK);
    assert_true(shale_compare_and_delete(db, K, "v", n, 0, NULL) != SHALE_OK);
    const shale_slice keys[2] = {{"key", 3}, {"other", 5}};
    const shale_slice values[2] = {{"v", 9 - n}, {"v", n}}; /* the sum is 9 */
    REFUSED(shale_multi_put(db, keys, values, 2, 0, 0, NULL));
    shale_lease* lease = NULL;
    shale_pin* pin = NULL;
    const void* value = NULL;
    size_t value_len = 0;
    assert_int_equal(
        shale_get_or_lease(db, "to load", 7, 0, 0, NULL, 0, &pin, &value, &value_len, NULL, &lease, 0, NULL),
        SHALE_LEASED);
    REFUSED(shale_lease_fulfil(lease, "v", n, 0, NULL, 0, NULL));
    const shale_slice loaded = {"v", n};
    shale_status status = SHALE_OK;
    REFUSED(shale_multi_lease_fulfil(&lease, &loaded, 1, 0, &status, 0, NULL));
    shale_lease_free(lease);
  }
  assert_int_equal(shale_exists(db, "other", 5, 0, NULL), SHALE_NOT_FOUND);
}

static void a_key_of_any_length_is_refused(void** state) {
  (void)state;
  for (size_t i = 0; i < LENGTHS; i++) {
    const size_t n = kLengths[i];
    const shale_slice keys[2] = {{"key", 9 - n}, {"key", n}};
    const shale_slice values[2] = {{"v", 1}, {"v", 1}};
    shale_results* results = NULL;
    REFUSED(shale_multi_get(db, keys + 1, 1, &results, 0, NULL));
    REFUSED(shale_multi_get(db, keys, 2, &results, 0, NULL));
    REFUSED(shale_multi_get_or_lease(db, keys, 2, 0, 0, &results, 0, NULL));
    REFUSED(shale_multi_put(db, keys, values, 2, 0, 0, NULL));
    REFUSED(shale_multi_delete(db, keys, 2, 0, NULL));
    shale_snapshot* snapshot = NULL;
    assert_int_equal(shale_snapshot_new(db, &snapshot, 0, NULL), SHALE_OK);
    void* value = NULL;
    size_t value_len = 0;
    REFUSED(shale_snapshot_get(snapshot, "key", n, &value, &value_len, NULL, 0, NULL));
    REFUSED(shale_snapshot_get_into(snapshot, "key", n, buffer, sizeof buffer, &value_len, NULL, 0, NULL));
    REFUSED(shale_snapshot_get_into(snapshot, K, buffer, n, &value_len, NULL, 0, NULL));
    REFUSED(shale_snapshot_multi_get(snapshot, keys, 2, &results, 0, NULL));
    shale_iter* iter = NULL;
    REFUSED(shale_snapshot_iter(snapshot, "a", 1, "key", n, 0, &iter, 0, NULL));
    REFUSED(shale_snapshot_prefix(snapshot, "key", n, 0, &iter, 0, NULL));
    REFUSED(shale_snapshot_resume(snapshot, "token", n, &iter, NULL));
    shale_snapshot_free(snapshot);
  }
}

static void a_bound_or_a_buffer_of_any_length_is_refused(void** state) {
  (void)state;
  for (size_t i = 0; i < LENGTHS; i++) {
    const size_t n = kLengths[i];
    shale_iter* iter = NULL;
    shale_pin* pin = NULL;
    const void* value = NULL;
    size_t used = 0, rows = 0, value_len = 0;
    int64_t keys = 0, bytes = 0;
    REFUSED(shale_iter_new(db, "a", n, "b", 1, 0, &iter, 0, NULL));
    REFUSED(shale_iter_new(db, "a", 1, "b", n, 0, &iter, 0, NULL));
    REFUSED(shale_iter_prefix(db, "a", n, 0, &iter, 0, NULL));
    REFUSED(shale_iter_resume(db, "token", n, &iter, NULL));
    REFUSED(shale_delete_range(db, "a", 1, "b", n, 0, NULL));
    REFUSED(shale_delete_range(db, "a", n, NULL, 0, SHALE_PREFIX, NULL));
    REFUSED(shale_count(db, "a", 1, "b", n, NULL, NULL, &keys, &bytes, 0, NULL));
    REFUSED(shale_estimate(db, "a", n, "b", 1, &keys, &bytes, 0, NULL));
    REFUSED(shale_estimate(db, "a", 1, "b", n, &keys, &bytes, 0, NULL));
    REFUSED(shale_compact(db, "a", n, "b", 1, NULL, NULL, 0, NULL));
    REFUSED(shale_compact(db, "a", 1, "b", n, NULL, NULL, 0, NULL));
    REFUSED(shale_get_into(db, "none", 4, buffer, n, &value_len, NULL, 0, NULL));
    REFUSED(shale_get_view(db, "none", 4, buffer, n, &pin, &value, &value_len, NULL, 0, NULL));
    REFUSED(shale_get_into(db, K, buffer, n, &value_len, NULL, 0, NULL));
    REFUSED(shale_get_view(db, K, buffer, n, &pin, &value, &value_len, NULL, 0, NULL));
    assert_int_equal(shale_iter_new(db, NULL, 0, NULL, 0, 0, &iter, 0, NULL), SHALE_OK);
    REFUSED(shale_iter_next_packed(iter, buffer, n, &used, &rows, NULL));
    shale_iter_free(iter);
  }
}

static void a_count_of_any_size_is_refused(void** state) {
  (void)state;
  const shale_slice one = {"key", 3};
  for (size_t i = 0; i < COUNTS; i++) {
    const size_t n = kCounts[i];
    shale_results* results = NULL;
    void* out = NULL;
    size_t out_len = 0;
    shale_lease* lease = NULL;
    shale_status status = SHALE_OK;
    REFUSED(shale_multi_get(db, &one, n, &results, 0, NULL));
    REFUSED(shale_multi_get_or_lease(db, &one, n, 0, 0, &results, 0, NULL));
    REFUSED(shale_multi_put(db, &one, &one, n, 0, 0, NULL));
    REFUSED(shale_multi_delete(db, &one, n, 0, NULL));
    REFUSED(shale_multi_lease_fulfil(&lease, &one, n, 0, &status, 0, NULL));
    REFUSED(shale_multi_get_packed(db, "\3\0\0\0key", 7, n, &out, &out_len, 0, NULL));
    REFUSED(shale_multi_put_packed(db, "\3\0\0\0key\1\0\0\0v", 12, n, 0, 0, NULL));
    REFUSED(shale_multi_delete_packed(db, "\3\0\0\0key", 7, n, 0, NULL));
    REFUSED(shale_write_packed(db, "\2\3\0\0\0key", 8, n, 0, NULL));
    assert_int_equal(shale_results_at(NULL, n, NULL, NULL, NULL), SHALE_E_INVALID);
  }
}

/* Inside of a packed form a length is 32 bits; with the place where it stands it must not wrap, nor pass the
 * end. */
static void a_packed_length_of_any_size_is_refused(void** state) {
  (void)state;
  static const uint32_t lengths[] = {UINT32_MAX,  UINT32_MAX - 3, UINT32_MAX - 7, UINT32_MAX - 11,
                                     0x80000000u, 0x7fffffffu,    65536,          2,
                                     1u << 30};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    const size_t n = lengths[i];
    char key[] = "....k", pair[] = "\1\0\0\0k....v",
         put[] = "\1\1\0\0\0k\377\377\377\377\377\377\377\377....v";
    memcpy(key, &lengths[i], 4); /* little-endian, as every machine that this runs on */
    memcpy(pair + 5, &lengths[i], 4);
    memcpy(put + 14, &lengths[i], 4);
    void* out = NULL;
    size_t out_len = 0;
    REFUSED(shale_multi_get_packed(db, key, 5, 1, &out, &out_len, 0, NULL));
    REFUSED(shale_multi_delete_packed(db, key, 5, 1, 0, NULL));
    REFUSED(shale_multi_put_packed(db, pair, 10, 1, 0, 0, NULL));
    REFUSED(shale_write_packed(db, put, 19, 1, 0, NULL));
  }
  assert_int_equal(shale_exists(db, "k", 1, 0, NULL), SHALE_NOT_FOUND);
}

static void a_batch_counts_its_bytes_without_wrapping(void** state) {
  (void)state;
  shale_batch* batch = NULL;
  assert_int_equal(shale_batch_new(&batch), SHALE_OK);
  assert_int_equal(shale_batch_put(batch, K, "value", 5, 0, NULL), SHALE_OK);
  const size_t before = shale_batch_bytes(batch);
  for (size_t more = 0; more < 12; more++) {
    const size_t n =
        SIZE_MAX - before - 3 + more; /* with the key and what is there: just below, at and above 2^64 */
    REFUSED(shale_batch_put(batch, K, "v", n, 0, NULL));
    REFUSED(shale_batch_put(batch, "k", n, "v", 1, 0, NULL));
    REFUSED(shale_batch_delete(batch, "k", n, NULL));
  }
  const size_t n = SHALE_BATCH_BYTES_MAX - before;
  REFUSED(shale_batch_put(batch, K, "v", n, 0, NULL)); /* together with its key it is too much */
  assert_int_equal(shale_batch_bytes(batch), before);
  assert_int_equal(shale_batch_count(batch), 1);
  shale_batch_free(batch);
}

static void events_in_a_buffer_of_any_size_are_refused(void** state) {
  (void)state;
  shale_options* options = NULL;
  shale_db* with_events = NULL;
  assert_int_equal(shale_options_new(&options), SHALE_OK);
  assert_int_equal(shale_options_set(options, "events.bytes", "64KiB", NULL), SHALE_OK);
  assert_int_equal(shale_open(NULL, options, &with_events, NULL), SHALE_OK);
  for (size_t i = 0; i < LENGTHS; i++) {
    const size_t n = kLengths[i];
    size_t used = 0, rows = 0;
    int64_t dropped = 0;
    REFUSED(shale_events_poll(with_events, buffer, n, &used, &rows, &dropped, NULL));
    REFUSED(shale_options_set_key(options, buffer, n, NULL));
  }
  shale_options_free(options);
  shale_free(with_events);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_of_any_length_is_refused),
      cmocka_unit_test(a_key_of_any_length_is_refused),
      cmocka_unit_test(a_bound_or_a_buffer_of_any_length_is_refused),
      cmocka_unit_test(a_count_of_any_size_is_refused),
      cmocka_unit_test(a_packed_length_of_any_size_is_refused),
      cmocka_unit_test(a_batch_counts_its_bytes_without_wrapping),
      cmocka_unit_test(events_in_a_buffer_of_any_size_are_refused),
  };
  return cmocka_run_group_tests(tests, open_store, close_store);
}
