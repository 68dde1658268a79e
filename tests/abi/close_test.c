/* What closing leaves: rows that were handed out, and no files. Each test tells of a defect that a binding
 * met. */
#define _GNU_SOURCE
#include <dirent.h>
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

static char path[512];

static int make_path(void** state) {
  (void)state;
  static int made = 0;
  const char* tmp = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/shale-close-%d-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid(), made++);
  return 0;
}

static int remove_store(void** state) {
  (void)state;
  shale_destroy(path, 0, NULL);
  return rmdir(path) == 0 || access(path, F_OK) != 0 ? 0 : -1;
}

static shale_db* open_with(const char* name, const char* value) {
  shale_options* options = NULL;
  shale_db* db = NULL;
  shale_error* err = NULL;
  assert_int_equal(shale_options_new(&options), SHALE_OK);
  assert_int_equal(shale_options_set(options, name, value, NULL), SHALE_OK);
  if (shale_open(path, options, &db, &err) != SHALE_OK) fail_msg("%s", shale_error_message(err));
  shale_options_free(options);
  return db;
}

static int open_files(void) {
  int count = 0;
  DIR* dir = opendir("/proc/self/fd");
  while (readdir(dir) != NULL) count++;
  closedir(dir);
  return count;
}

/* The thread that syncs at intervals walked over the shards while they were still being opened, when the
 * interval was shorter than the opening. */
static void the_shortest_sync_interval_opens_and_closes(void** state) {
  (void)state;
  for (int round = 0; round < 12; round++) {
    shale_db* db = open_with("durability", "interval:1");
    assert_int_equal(shale_put(db, "k", 1, "v", 1, SHALE_TTL_NEVER, NULL, 0, NULL), SHALE_OK);
    usleep(3000);
    assert_int_equal(shale_close(db, NULL), SHALE_OK);
    shale_free(db);
  }
}

/* A row's value lay in the store's own cursor, which a close by another thread took away under the reader. */
static void a_row_outlives_a_close(void** state) {
  (void)state;
  static char large[9000];
  memset(large, 'l', sizeof large);
  for (int size = 0; size <= 9000; size += 3000) {
    shale_db* db = open_with("durability", "os");
    shale_iter* iter = NULL;
    const void *key = NULL, *value = NULL;
    size_t key_len = 0, value_len = 0;
    assert_int_equal(shale_put(db, "some key", 8, large, (size_t)size, SHALE_TTL_NEVER, NULL, 0, NULL),
                     SHALE_OK);
    assert_int_equal(shale_flush(db, NULL), SHALE_OK);
    assert_int_equal(shale_iter_new(db, NULL, 0, NULL, 0, 0, &iter, 0, NULL), SHALE_OK);
    assert_int_equal(shale_iter_next(iter, &key, &key_len, &value, &value_len, NULL), SHALE_OK);
    assert_int_equal(shale_close(db, NULL), SHALE_OK);
    assert_int_equal(key_len, 8);
    assert_memory_equal(key, "some key", 8);
    assert_int_equal(value_len, size);
    if (size > 0) assert_memory_equal(value, large, (size_t)size);
    assert_int_equal(shale_iter_next(iter, &key, &key_len, &value, &value_len, NULL), SHALE_E_CLOSED);
    shale_iter_free(iter);
    shale_free(db);
  }
}

/* Files stayed open until shale_free, which a collected language calls late: it ran out of descriptors. */
static void close_gives_back_every_file(void** state) {
  (void)state;
  shale_db* held[4];
  const int before = open_files();
  for (int i = 0; i < 4; i++) {
    held[i] = open_with("durability", "os");
    for (int k = 0; k < 500; k++) {
      assert_int_equal(shale_put(held[i], &k, sizeof k, path, sizeof path, SHALE_TTL_NEVER, NULL, 0, NULL),
                       SHALE_OK);
    }
    assert_true(open_files() > before + 60);
    assert_int_equal(shale_close(held[i], NULL), SHALE_OK);
    assert_int_equal(open_files(), before);
  }
  char buf[600];
  size_t n = 0;
  int k = 1;
  assert_int_equal(shale_get_into(held[0], &k, sizeof k, buf, sizeof buf, &n, NULL, 0, NULL), SHALE_E_CLOSED);
  for (int i = 0; i < 4; i++) shale_free(held[i]);
  assert_int_equal(shale_live_handles(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_shortest_sync_interval_opens_and_closes, make_path, remove_store),
      cmocka_unit_test_setup_teardown(a_row_outlives_a_close, make_path, remove_store),
      cmocka_unit_test_setup_teardown(close_gives_back_every_file, make_path, remove_store),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
