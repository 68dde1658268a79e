/* The figures and events of a store through the C interface: Prometheus' text, and removals as packed rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shale/shale.h"

static shale_db* open_with(const char* path, const char* name, const char* value) {
  shale_options* options = NULL;
  shale_db* db = NULL;
  shale_error* err = NULL;
  assert_int_equal(shale_options_new(&options), SHALE_OK);
  if (name != NULL) assert_int_equal(shale_options_set(options, name, value, NULL), SHALE_OK);
  shale_status status = shale_open(path, options, &db, &err);
  if (status != SHALE_OK) fprintf(stderr, "open: %s\n", shale_error_message(err));
  assert_int_equal(status, SHALE_OK);
  shale_options_free(options);
  return db;
}

static void put(shale_db* db, const char* key, const char* value, int64_t* version) {
  assert_int_equal(shale_put(db, key, strlen(key), value, strlen(value), SHALE_TTL_NEVER, version, 0, NULL),
                   SHALE_OK);
}

struct event {
  unsigned char reason;
  int64_t version;
  char key[64];
};

/* One row off the front. */
static const unsigned char* read_event(const unsigned char* at, struct event* event) {
  uint32_t key_len;
  event->reason = at[0];
  memcpy(&event->version, at + 1, 8);
  memcpy(&key_len, at + 9, 4);
  assert_true(key_len < sizeof event->key);
  memcpy(event->key, at + 13, key_len);
  event->key[key_len] = 0;
  return at + 13 + key_len;
}

/* With a path and without the same things are told. */
static void check_events(const char* path) {
  shale_db* db = open_with(path, "events.bytes", "1MiB");
  unsigned char buf[256];
  size_t used = 1, rows = 1;
  int64_t dropped = 1, first = 0, second = 0, third = 0;
  put(db, "a", "1", &first);
  assert_int_equal(shale_events_poll(db, buf, sizeof buf, &used, &rows, &dropped, NULL), SHALE_OK);
  assert_true(used == 0 && rows == 0 && dropped == 0);
  put(db, "a", "2", &second);
  assert_int_equal(shale_expire(db, "a", 1, 3600000, 0, NULL), SHALE_OK);
  assert_int_equal(shale_put(db, "a", 1, "3", 1, SHALE_TTL_NEVER, &third, 0, NULL), SHALE_OK);
  assert_int_equal(shale_delete(db, "a", 1, 0, NULL), SHALE_OK);
  assert_int_equal(shale_events_poll(db, NULL, 0, &used, &rows, &dropped, NULL), SHALE_TOO_SMALL);
  assert_true(used == 14 && rows == 0);
  assert_int_equal(shale_events_poll(db, buf, 15, &used, &rows, &dropped, NULL), SHALE_OK);
  struct event event;
  assert_true(used == 14 && rows == 1);
  read_event(buf, &event);
  assert_true(event.reason == SHALE_EVENT_OVERWRITTEN && event.version == first &&
              strcmp(event.key, "a") == 0);
  assert_int_equal(shale_events_poll(db, buf, sizeof buf, &used, &rows, &dropped, NULL), SHALE_OK);
  assert_true(used == 42 && rows == 3 && dropped == 0);
  const unsigned char* at = read_event(buf, &event);
  assert_true(event.reason == SHALE_EVENT_OVERWRITTEN && event.version == second);
  at = read_event(at, &event);
  assert_true(event.reason == SHALE_EVENT_OVERWRITTEN && event.version > second && event.version < third);
  read_event(at, &event);
  assert_true(event.reason == SHALE_EVENT_DELETED && event.version == third);
  /* A batch tells the same. */
  shale_batch* batch = NULL;
  assert_int_equal(shale_batch_new(&batch), SHALE_OK);
  put(db, "b", "1", NULL);
  put(db, "c", "1", NULL);
  assert_int_equal(shale_batch_put(batch, "b", 1, "2", 1, SHALE_TTL_NEVER, NULL), SHALE_OK);
  assert_int_equal(shale_batch_delete(batch, "c", 1, NULL), SHALE_OK);
  assert_int_equal(shale_write(db, batch, 0, NULL), SHALE_OK);
  shale_batch_free(batch);
  assert_int_equal(shale_events_poll(db, buf, sizeof buf, &used, &rows, &dropped, NULL), SHALE_OK);
  assert_int_equal(rows, 2);
  at = buf;
  for (size_t i = 0; i < rows; i++) {
    at = read_event(at, &event);
    assert_int_equal(event.reason, event.key[0] == 'b' ? SHALE_EVENT_OVERWRITTEN : SHALE_EVENT_DELETED);
  }
  assert_int_equal(shale_close(db, NULL), SHALE_OK);
  shale_free(db);
}

static void events_without_a_path(void** state) {
  (void)state;
  check_events(NULL);
}

static void events_with_a_path(void** state) {
  (void)state;
  char path[512];
  const char* tmp = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/shale-figures-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid());
  check_events(path);
  assert_int_equal(shale_destroy(path, 0, NULL), SHALE_OK);
}

static void polling_without_the_option_names_it(void** state) {
  (void)state;
  shale_db* db = open_with(NULL, NULL, NULL);
  size_t used = 1, rows = 1;
  int64_t dropped = 1;
  char buf[16];
  shale_error* err = NULL;
  assert_int_equal(shale_events_poll(db, buf, sizeof buf, &used, &rows, &dropped, &err), SHALE_E_INVALID);
  assert_non_null(strstr(shale_error_message(err), "events.bytes"));
  assert_true(used == 0 && rows == 0 && dropped == 0);
  shale_error_free(err);
  shale_free(db);
}

/* The value of a line of the text, -1 if it is not there. */
static double figure(const char* text, const char* series) {
  const size_t length = strlen(series);
  for (const char* at = text; (at = strstr(at, series)) != NULL; at += length) {
    if ((at == text || at[-1] == '\n') && at[length] == ' ') return atof(at + length);
  }
  return -1;
}

static void prometheus_text_says_what_stat_says(void** state) {
  (void)state;
  shale_db* db = open_with(NULL, "stats.histograms", "true");
  char buf[8];
  size_t len = 0;
  char* text = NULL;
  int64_t hits = 0;
  for (int i = 0; i < 20; i++) put(db, "key", "value", NULL);
  for (int i = 0; i < 5; i++)
    assert_int_equal(shale_get_into(db, "key", 3, buf, sizeof buf, &len, NULL, 0, NULL), SHALE_OK);
  assert_int_equal(shale_get_into(db, "none", 4, buf, sizeof buf, &len, NULL, 0, NULL), SHALE_NOT_FOUND);
  assert_int_equal(shale_stats_prometheus(db, &text, NULL), SHALE_OK);
  assert_int_equal(shale_stat(db, "cache.hits", &hits, NULL), SHALE_OK);
  assert_int_equal(hits, 5);
  assert_true(figure(text, "shale_cache_hits_total") == 5);
  assert_true(figure(text, "shale_cache_misses_total") == 1);
  assert_true(figure(text, "shale_cache_removals_total{reason=\"overwritten\"}") == 19);
  assert_true(figure(text, "shale_cache_items") == 1);
  assert_true(figure(text, "shale_operation_duration_seconds_count{operation=\"get_hit\"}") == 5);
  assert_true(figure(text, "shale_operation_duration_seconds_count{operation=\"put\"}") == 20);
  assert_true(figure(text, "shale_operation_duration_seconds_sum{operation=\"put\"}") > 0);
  assert_true(figure(text, "shale_no_such_figure") == -1);
  assert_int_equal(text[strlen(text) - 1], '\n');
  shale_mem_free(text);
  shale_free(db);
  assert_int_equal(shale_live_handles(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(events_without_a_path),
      cmocka_unit_test(events_with_a_path),
      cmocka_unit_test(polling_without_the_option_names_it),
      cmocka_unit_test(prometheus_text_says_what_stat_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
