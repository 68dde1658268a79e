/* What the cases of misuse_cases.def work on: one open database with a few keys, one handle of each kind,
 * wrong arguments that are too long to write in a table, and the slots that outputs go to. For misuse_test.c
 * alone, after cmocka.h. */
#ifndef SHALE_TESTS_ABI_MISUSE_FIXTURE_H_
#define SHALE_TESTS_ABI_MISUSE_FIXTURE_H_

#include <shale/shale.h>

struct fixture {
  shale_db* db;
  shale_batch* batch;
  shale_iter* iter;
  shale_snapshot* snapshot;
  shale_results* results;
  shale_lease *leases[4], *no_leases[1];
  shale_status statuses[1];
  shale_options *options, *no_create;
  char path[512], no_path[520], long_path[6000];
  char token[512];
  size_t token_len;
  const char* stat;
  char big[70000];
  char buffer[4096];
  shale_slice slices[1], bad_slices[1];
  uint32_t flags;
  int with_error;
  /* Output slots, and which of them the expression took. */
  unsigned char used[18];
  shale_error* err;
  void* p;
  const void *cp, *cp2;
  const char* text;
  char* chars;
  shale_pin* pin;
  shale_iter* new_iter;
  shale_snapshot* new_snapshot;
  shale_results* new_results;
  shale_db* new_db;
  shale_lease* new_lease;
  size_t sz, sz2;
  int64_t i64, i64b, i64c;
  int32_t i32;
};

static shale_status put_text(shale_db* db, const char* key, const char* value) {
  return shale_put(db, key, strlen(key), value, strlen(value), SHALE_TTL_NEVER, NULL, 0, NULL);
}

/* Makes what the calls on a database need; everything can be used before and after shale_close. */
static void fill_fixture(struct fixture* f) {
  const void *token = NULL, *bytes = NULL;
  size_t size = 0;
  assert_int_equal(put_text(f->db, "key", "1"), SHALE_OK);
  assert_int_equal(put_text(f->db, "text", "not a number"), SHALE_OK);
  assert_int_equal(put_text(f->db, "greatest", "9223372036854775807"), SHALE_OK);
  assert_int_equal(shale_batch_new(&f->batch), SHALE_OK);
  assert_int_equal(shale_batch_put(f->batch, "b", 1, "v", 1, SHALE_TTL_NEVER, NULL), SHALE_OK);
  assert_int_equal(shale_iter_new(f->db, NULL, 0, NULL, 0, 0, &f->iter, 0, NULL), SHALE_OK);
  assert_int_equal(shale_iter_next(f->iter, &bytes, &size, &bytes, &size, NULL), SHALE_OK);
  assert_int_equal(shale_iter_token(f->iter, &token, &f->token_len, NULL), SHALE_OK);
  assert_true(f->token_len > 0 && f->token_len <= sizeof f->token);
  memcpy(f->token, token, f->token_len);
  assert_int_equal(shale_snapshot_new(f->db, &f->snapshot, 0, NULL), SHALE_OK);
  f->slices[0].data = "key";
  f->slices[0].size = 3;
  f->bad_slices[0].data = NULL;
  f->bad_slices[0].size = 3;
  assert_int_equal(shale_multi_get(f->db, f->slices, 1, &f->results, 0, NULL), SHALE_OK);
  for (size_t i = 0; i < sizeof f->leases / sizeof f->leases[0]; i++) {
    const char name[] = {'l', (char)('0' + i)};
    shale_pin* pin = NULL;
    assert_int_equal(shale_get_or_lease(f->db, name, sizeof name, 0, 0, NULL, 0, &pin, &bytes, &size, NULL,
                                        &f->leases[i], 0, NULL),
                     SHALE_LEASED);
  }
  assert_int_equal(shale_stat_at(0, &f->stat, NULL, NULL), SHALE_OK);
}

static struct fixture* new_fixture(int with_path) {
  static int made = 0;
  const char* tmp = getenv("TMPDIR");
  struct fixture* f = calloc(1, sizeof *f);
  assert_non_null(f);
  snprintf(f->path, sizeof f->path, "%s/shale-misuse-%d-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid(),
           made++);
  snprintf(f->no_path, sizeof f->no_path, "%s-none", f->path);
  memset(f->long_path, 'p', sizeof f->long_path - 1);
  f->long_path[0] = '/';
  memset(f->big, 'b', sizeof f->big);
  assert_int_equal(shale_options_new(&f->options), SHALE_OK);
  assert_int_equal(shale_options_new(&f->no_create), SHALE_OK);
  assert_int_equal(shale_options_set(f->no_create, "open.create", "false", NULL), SHALE_OK);
  shale_error* err = NULL;
  /* What some calls need. */
  shale_options* with_events = NULL;
  assert_int_equal(shale_options_new(&with_events), SHALE_OK);
  assert_int_equal(shale_options_set(with_events, "events.bytes", "1MiB", NULL), SHALE_OK);
  shale_status status = shale_open(with_path ? f->path : NULL, with_events, &f->db, &err);
  shale_options_free(with_events);
  if (status != SHALE_OK) fprintf(stderr, "open: %s\n", shale_error_message(err));
  assert_int_equal(status, SHALE_OK);
  fill_fixture(f);
  return f;
}

static void free_fixture(struct fixture* f) {
  assert_int_equal(shale_close(f->db, NULL), SHALE_OK);
  shale_free(f->db);
  shale_batch_free(f->batch);
  shale_iter_free(f->iter);
  shale_snapshot_free(f->snapshot);
  for (size_t i = 0; i < sizeof f->leases / sizeof f->leases[0]; i++) shale_lease_free(f->leases[i]);
  shale_results_free(f->results);
  shale_options_free(f->options);
  shale_options_free(f->no_create);
  assert_in_range(shale_destroy(f->path, 0, NULL), SHALE_OK, SHALE_NOT_FOUND);
  free(f);
}

#endif /* SHALE_TESTS_ABI_MISUSE_FIXTURE_H_ */
