/* Handles may be freed in any order, closing is safe at any time, and nothing is left over:
 * shale_live_handles() is 0 at the end of each test. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shale/shale.h"

#define VALUE_BYTES 20000 /* far above what a shard keeps inline */

enum { DB, ITER, PIN, RESULTS, BATCH, KINDS };

struct handles {
  char path[512]; /* empty: memory only */
  shale_db* db;
  shale_iter* iter;
  shale_pin* pin;
  shale_results* results;
  shale_batch* batch;
  const void* pinned;
  size_t pinned_len;
};

static char value_bytes[VALUE_BYTES];

static shale_db* open_db(const char* path) {
  shale_db* db = NULL;
  shale_error* err = NULL;
  shale_status status = shale_open(path, NULL, &db, &err);
  if (status != SHALE_OK) fprintf(stderr, "open: %s\n", shale_error_message(err));
  assert_int_equal(status, SHALE_OK);
  assert_null(err);
  return db;
}

static void make_path(char* path, size_t size) {
  static int made = 0;
  const char* tmp = getenv("TMPDIR");
  snprintf(path, size, "%s/shale-lifetime-%d-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid(), made++);
}

static void make_handles(struct handles* h, const char* path) {
  memset(h, 0, sizeof *h);
  if (path != NULL) snprintf(h->path, sizeof h->path, "%s", path);
  h->db = open_db(path);
  assert_int_equal(shale_put(h->db, "a", 1, value_bytes, VALUE_BYTES, -1, NULL, 0, NULL), SHALE_OK);
  assert_int_equal(shale_put(h->db, "b", 1, "2", 1, -1, NULL, 0, NULL), SHALE_OK);
  assert_int_equal(shale_iter_new(h->db, NULL, 0, NULL, 0, 0, &h->iter, 0, NULL), SHALE_OK);
  const void* bytes = NULL;
  size_t size = 0;
  assert_int_equal(shale_iter_next(h->iter, &bytes, &size, &bytes, &size, NULL), SHALE_OK);
  assert_int_equal(shale_get_pinned(h->db, "a", 1, &h->pin, &h->pinned, &h->pinned_len, NULL, 0, NULL),
                   SHALE_OK);
  shale_slice keys[2] = {{"a", 1}, {"b", 1}};
  assert_int_equal(shale_multi_get(h->db, keys, 2, &h->results, 0, NULL), SHALE_OK);
  assert_int_equal(shale_batch_new(&h->batch), SHALE_OK);
  assert_int_equal(shale_batch_put(h->batch, "c", 1, "3", 1, -1, NULL), SHALE_OK);
}

/* The bytes that pins and results promise to keep. */
static void check_kept(const struct handles* h) {
  if (h->pin != NULL) {
    assert_int_equal(h->pinned_len, VALUE_BYTES);
    assert_memory_equal(h->pinned, value_bytes, VALUE_BYTES);
  }
  if (h->results == NULL) return;
  const void* value = NULL;
  size_t size = 0;
  assert_int_equal(shale_results_at(h->results, 0, &value, &size, NULL), SHALE_OK);
  assert_int_equal(size, VALUE_BYTES);
  assert_memory_equal(value, value_bytes, VALUE_BYTES);
}

static void free_one(struct handles* h, int kind) {
  switch (kind) {
    case DB:
      shale_free(h->db);
      h->db = NULL;
      break;
    case ITER:
      shale_iter_free(h->iter);
      h->iter = NULL;
      break;
    case PIN:
      shale_pin_free(h->pin);
      h->pin = NULL;
      break;
    case RESULTS:
      shale_results_free(h->results);
      h->results = NULL;
      break;
    default:
      shale_batch_free(h->batch);
      h->batch = NULL;
      break;
  }
}

/* Frees in the given order, checking after each step that what is left still works. */
static void free_in_order(struct handles* h, const int* order, int close_first) {
  if (close_first) {
    assert_int_equal(shale_close(h->db, NULL), SHALE_OK);
    assert_int_equal(shale_close(h->db, NULL), SHALE_OK);
  }
  int open = !close_first;
  for (int i = 0; i < KINDS; i++) {
    free_one(h, order[i]);
    if (order[i] == DB) open = 0;
    check_kept(h);
    if (h->iter != NULL) {
      const void *key = NULL, *value = NULL;
      size_t key_len = 0, value_len = 0;
      shale_status status = shale_iter_next(h->iter, &key, &key_len, &value, &value_len, NULL);
      if (open)
        assert_in_range(status, SHALE_OK, SHALE_END);
      else
        assert_int_equal(status, SHALE_E_CLOSED);
    }
    if (h->batch != NULL) assert_int_equal(shale_batch_put(h->batch, "d", 1, "4", 1, -1, NULL), SHALE_OK);
  }
  assert_int_equal(shale_live_handles(), 0);
}

/* All orders by Heap's algorithm; every `stride`-th of them is used. */
static int next_order(int* order, int* counters) {
  for (int i = 1; i < KINDS;) {
    if (counters[i] < i) {
      int other = i % 2 == 0 ? 0 : counters[i];
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
      counters[i]++;
      return 1;
    }
    counters[i++] = 0;
  }
  return 0;
}

static int free_in_all_orders(int with_path, int stride) {
  int order[KINDS] = {DB, ITER, PIN, RESULTS, BATCH}, counters[KINDS] = {0}, seen = 0;
  char path[512];
  make_path(path, sizeof path);
  do {
    if (seen++ % stride != 0) continue;
    for (int close_first = 0; close_first <= 1; close_first++) {
      struct handles h;
      make_handles(&h, with_path ? path : NULL);
      free_in_order(&h, order, close_first);
    }
  } while (next_order(order, counters));
  if (with_path) assert_int_equal(shale_destroy(path, 0, NULL), SHALE_OK);
  return seen;
}

static void handles_of_a_memory_only_store_are_freed_in_every_order(void** state) {
  (void)state;
  assert_int_equal(free_in_all_orders(0, 1), 120);
}

static void handles_of_a_store_are_freed_in_many_orders(void** state) {
  (void)state;
  assert_int_equal(free_in_all_orders(1, 7), 120);
}

static void an_error_is_set_on_errors_only(void** state) {
  (void)state;
  shale_db* db = open_db(NULL);
  shale_error* err = (shale_error*)(void*)value_bytes; /* rubbish that must be overwritten */
  assert_int_equal(shale_put(db, "k", 1, "v", 1, -1, NULL, 0, &err), SHALE_OK);
  assert_null(err);
  err = (shale_error*)(void*)value_bytes;
  assert_int_equal(shale_exists(db, "none", 4, 0, &err), SHALE_NOT_FOUND);
  assert_null(err);
  assert_int_equal(shale_exists(db, NULL, 4, 0, &err), SHALE_E_INVALID);
  assert_non_null(err);
  assert_int_equal(shale_error_code(err), SHALE_E_INVALID);
  assert_int_equal(shale_error_errno(err), 0);
  assert_int_equal(shale_error_shard(err), -1);
  /* It lives on its own. */
  shale_free(db);
  assert_true(strlen(shale_error_message(err)) > 0);
  assert_int_equal(shale_live_handles(), 1);
  shale_error_free(err);
  assert_int_equal(shale_live_handles(), 0);
}

static void live_handles_count_every_kind(void** state) {
  (void)state;
  struct handles h;
  shale_options* options = NULL;
  assert_int_equal(shale_live_handles(), 0);
  make_handles(&h, NULL);
  assert_int_equal(shale_live_handles(), 5);
  assert_int_equal(shale_options_new(&options), SHALE_OK);
  assert_int_equal(shale_live_handles(), 6);
  shale_options_free(options);
  const int order[KINDS] = {PIN, ITER, RESULTS, BATCH, DB};
  free_in_order(&h, order, 0);
}

/* ---- close while others are inside
 * ---------------------------------------------------------------------------------- */

struct user {
  pthread_t thread;
  shale_db* db;
  unsigned number;
  atomic_uint* started;
  long calls;
  shale_status unexpected;
};

/* Uses the database in many ways until it is closed. */
static void* use_until_closed(void* argument) {
  struct user* u = argument;
  char key[32];
  shale_iter* iter = NULL;
  atomic_fetch_add(u->started, 1);
  for (;; u->calls++) {
    snprintf(key, sizeof key, "%u/%ld", u->number, u->calls % 100);
    shale_status status = SHALE_OK;
    shale_pin* pin = NULL;
    const void *bytes = NULL, *more = NULL;
    size_t size = 0, more_size = 0;
    switch (((unsigned long)u->calls + u->number) % 6) {
      case 0:
        status =
            shale_put(u->db, key, strlen(key), value_bytes, (size_t)(u->calls % 3000), -1, NULL, 0, NULL);
        break;
      case 1:
        status = shale_get_pinned(u->db, key, strlen(key), &pin, &bytes, &size, NULL, 0, NULL);
        break;
      case 2:
        status = shale_delete(u->db, key, strlen(key), 0, NULL);
        break;
      case 3:
        if (iter == NULL)
          status = shale_iter_new(u->db, NULL, 0, NULL, 0, 0, &iter, 0, NULL);
        else
          status = shale_iter_next(iter, &bytes, &size, &more, &more_size, NULL);
        if (status == SHALE_END) {
          shale_iter_free(iter);
          iter = NULL;
        }
        break;
      case 4:
        status =
            u->calls % 50 == 0 ? shale_flush(u->db, NULL) : shale_exists(u->db, key, strlen(key), 0, NULL);
        break;
      default: {
        int64_t sum = 0;
        status = shale_incr(u->db, "sum", 3, 1, &sum, 0, NULL);
      }
    }
    shale_pin_free(pin);
    if (status < 0) {
      if (status != SHALE_E_CLOSED) u->unexpected = status;
      break;
    }
  }
  shale_iter_free(iter);
  return NULL;
}

static void* close_too(void* argument) {
  return shale_close(argument, NULL) == SHALE_OK ? NULL : argument;
}

static void close_under_users(const char* path, int rounds) {
  for (int round = 0; round < rounds; round++) {
    shale_db* db = open_db(path);
    atomic_uint started = 0;
    struct user users[8];
    for (unsigned i = 0; i < 8; i++) {
      users[i] = (struct user){.db = db, .number = i, .started = &started};
      assert_int_equal(pthread_create(&users[i].thread, NULL, use_until_closed, &users[i]), 0);
    }
    while (atomic_load(&started) < 8) usleep(100);
    usleep((useconds_t)(round * 700));
    /* Two closes at once: both return OK, and only when the store is closed. */
    pthread_t closer;
    void* failed = NULL;
    assert_int_equal(pthread_create(&closer, NULL, close_too, db), 0);
    assert_int_equal(shale_close(db, NULL), SHALE_OK);
    assert_int_equal(shale_exists(db, "k", 1, 0, NULL), SHALE_E_CLOSED);
    assert_int_equal(pthread_join(closer, &failed), 0);
    assert_null(failed);
    for (unsigned i = 0; i < 8; i++) {
      assert_int_equal(pthread_join(users[i].thread, NULL), 0);
      if (users[i].unexpected != 0)
        fprintf(stderr, "a user met %s\n", shale_status_name(users[i].unexpected));
      assert_int_equal(users[i].unexpected, 0);
    }
    shale_free(db);
    assert_int_equal(shale_live_handles(), 0);
  }
}

static void close_is_safe_under_eight_users(void** state) {
  (void)state;
  close_under_users(NULL, 15);
  char path[512];
  make_path(path, sizeof path);
  close_under_users(path, 15);
  assert_int_equal(shale_destroy(path, 0, NULL), SHALE_OK);
}

static void free_without_close_closes(void** state) {
  (void)state;
  char path[512];
  make_path(path, sizeof path);
  shale_db* db = open_db(path);
  assert_int_equal(shale_put(db, "k", 1, "v", 1, -1, NULL, 0, NULL), SHALE_OK);
  shale_free(db);
  db = open_db(path); /* not locked any more */
  assert_int_equal(shale_exists(db, "k", 1, 0, NULL), SHALE_OK);
  shale_free(db);
  assert_int_equal(shale_destroy(path, 0, NULL), SHALE_OK);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(shale_live_handles(), 0);
}

/* Many stores and threads that come and go leave no handle and no file descriptor behind. */
static void opening_again_and_again_leaves_nothing(void** state) {
  (void)state;
  char path[512];
  make_path(path, sizeof path);
  shale_free(open_db(path));
  int before = dup(0);
  close(before);
  for (int i = 0; i < 20; i++) {
    shale_db* db = open_db(i % 2 == 0 ? path : NULL);
    assert_int_equal(shale_put(db, "k", 1, "v", 1, -1, NULL, 0, NULL), SHALE_OK);
    shale_free(db);
  }
  int after = dup(0);
  close(after);
  assert_int_equal(after, before);
  assert_int_equal(shale_destroy(path, 0, NULL), SHALE_OK);
  assert_int_equal(shale_live_handles(), 0);
}

static int32_t free_at_once(void* context, int64_t done, int64_t total) {
  (void)done;
  (void)total;
  shale_db** db = context;
  shale_free(*db);
  *db = NULL;
  return 0;
}

/* Long work asks its progress function, which may free the database: the call ends then, and does not touch
 * what is gone. A backup went on through the freed handle until it held the engine as the others do. */
static void long_work_outlives_its_handle(void** state) {
  (void)state;
  char path[512], backup[600];
  make_path(path, sizeof path);
  snprintf(backup, sizeof backup, "%s-backup", path);
  for (int work = 0; work < 4; work++) {
    shale_db* db = open_db(path);
    for (int i = 0; i < 5000; i++) { /* more than is counted between two reports */
      char key[16];
      int key_len = snprintf(key, sizeof key, "%d", i);
      assert_int_equal(shale_put(db, key, (size_t)key_len, value_bytes, 600, -1, NULL, 0, NULL), SHALE_OK);
    }
    assert_int_equal(shale_flush(db, NULL), SHALE_OK);
    shale_db* const same = db;
    int64_t keys = 0, bytes = 0;
    shale_status status = SHALE_OK;
    if (work == 0) status = shale_reclaim(same, free_at_once, &db, 0, NULL);
    if (work == 1) status = shale_count(same, NULL, 0, NULL, 0, free_at_once, &db, &keys, &bytes, 0, NULL);
    if (work == 2) status = shale_compact(same, NULL, 0, NULL, 0, free_at_once, &db, 0, NULL);
    if (work == 3) status = shale_backup(same, backup, NULL, free_at_once, &db, NULL, 0, NULL);
    assert_null(db);
    /* There may be nothing to reclaim: then the first report is the last. */
    if (work != 0 || status != SHALE_OK) assert_int_equal(status, SHALE_E_CLOSED);
    assert_int_equal(shale_live_handles(), 0);
  }
  assert_int_equal(access(backup, F_OK), -1);
  assert_int_equal(shale_destroy(path, 0, NULL), SHALE_OK);
}

int main(void) {
  for (size_t i = 0; i < VALUE_BYTES; i++) value_bytes[i] = (char)(i * 31);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(handles_of_a_memory_only_store_are_freed_in_every_order),
      cmocka_unit_test(handles_of_a_store_are_freed_in_many_orders),
      cmocka_unit_test(an_error_is_set_on_errors_only),
      cmocka_unit_test(live_handles_count_every_kind),
      cmocka_unit_test(close_is_safe_under_eight_users),
      cmocka_unit_test(free_without_close_closes),
      cmocka_unit_test(opening_again_and_again_leaves_nothing),
      cmocka_unit_test(long_work_outlives_its_handle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
