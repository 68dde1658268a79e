/* Wrong use of every function is a documented status: never a crash, never a hang, and nothing is left in an
 * output. The cases are in misuse_cases.def; a function of shale.h that has none fails the last test. argv[1]
 * (or SHALE_HEADER): path of shale.h, default include/shale/shale.h. */
#define _GNU_SOURCE
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "misuse_fixture.h"
#include "shale/shale.h"

/* Expectations that are more than one status. */
#define X_LENGTH 1000        /* E_INVALID or E_TOO_LARGE: reads do not promise which */
#define X_ERROR 1001         /* any error, but not E_INTERNAL */
#define X_NOT_OK 1002        /* any outcome or error but E_INTERNAL */
#define X_OK_OR_INVALID 1003 /* the header leaves it open */

#define SLOT(index, member) (f->used[index] = 1, &f->member)
#define P SLOT(0, p)
#define CP SLOT(1, cp)
#define CP2 SLOT(2, cp2)
#define TEXT SLOT(3, text)
#define CHARS SLOT(4, chars)
#define PIN SLOT(5, pin)
#define ITER SLOT(6, new_iter)
#define RESULTS SLOT(7, new_results)
#define DB SLOT(8, new_db)
#define SZ SLOT(9, sz)
#define SZ2 SLOT(10, sz2)
#define I64 SLOT(11, i64)
#define I32 SLOT(12, i32)
#define LEASE SLOT(14, new_lease)
#define ERR_SLOT 13
#define I64B SLOT(15, i64b)
#define I64C SLOT(16, i64c)
#define SNAPSHOT SLOT(17, new_snapshot)
#define ERR (f->with_error ? SLOT(ERR_SLOT, err) : NULL)
#define K "key", 3
#define TRUTH(condition) ((condition) ? SHALE_OK : SHALE_E_INTERNAL)

/* A call that takes (db, key, key_len, ...): the wrong keys are the same for all of them. */
#define KEYED(function, large, flags_taken, ...)                                                        \
  CASE(db_null, function, "db NULL", SHALE_E_INVALID, function(NULL, K, __VA_ARGS__))                   \
  CASE(key_null, function, "key NULL", SHALE_E_INVALID, function(f->db, NULL, 3, __VA_ARGS__))          \
  CASE(key_none, function, "key (NULL, 0)", SHALE_E_INVALID, function(f->db, NULL, 0, __VA_ARGS__))     \
  CASE(key_empty, function, "key of 0 bytes", SHALE_E_INVALID, function(f->db, f->big, 0, __VA_ARGS__)) \
  CASE(key_long, function, "key of 65,536 bytes", large, function(f->db, f->big, 65536, __VA_ARGS__))   \
  CASE(key_huge, function, "key of SIZE_MAX", large, function(f->db, f->big, SIZE_MAX, __VA_ARGS__))    \
  FLAGS(function, flags_taken, function(f->db, K, __VA_ARGS__))                                         \
  CALL(function, function(f->db, K, __VA_ARGS__))

/* The file of cases is read twice: once to make the functions, once to make the table. */
#define CASE(id, function, what, expected, expression)            \
  static shale_status case_##function##_##id(struct fixture* f) { \
    (void)f;                                                      \
    return (expression);                                          \
  }
#define FLAGS(function, taken, expression)                  \
  static shale_status flags_##function(struct fixture* f) { \
    return (expression);                                    \
  }
#define CALL(function, expression)                         \
  static shale_status call_##function(struct fixture* f) { \
    return (expression);                                   \
  }
#include "misuse_cases.def"
#undef CASE
#undef FLAGS
#undef CALL

enum kind { IS_CASE, IS_FLAGS, IS_CALL };
struct misuse {
  enum kind kind;
  const char *function, *what;
  long expected; /* of FLAGS: the flags taken */
  shale_status (*run)(struct fixture* f);
};
static const struct misuse kTable[] = {
#define CASE(id, function, what, expected, expression) \
  {IS_CASE, #function, what, expected, case_##function##_##id},
#define FLAGS(function, taken, expression) \
  {IS_FLAGS, #function, "unknown flag", (long)(taken), flags_##function},
#define CALL(function, expression) {IS_CALL, #function, "right use", 0, call_##function},
#include "misuse_cases.def"
};
#define TABLE_SIZE (sizeof kTable / sizeof kTable[0])

static const char* header_path = "include/shale/shale.h";

static int status_fits(shale_status status, long expected) {
  switch (expected) {
    case X_LENGTH:
      return status == SHALE_E_INVALID || status == SHALE_E_TOO_LARGE;
    case X_ERROR:
      return status < 0 && status != SHALE_E_INTERNAL;
    case X_NOT_OK:
      return status != SHALE_OK && status != SHALE_E_INTERNAL;
    case X_OK_OR_INVALID:
      return status == SHALE_OK || status == SHALE_E_INVALID;
    default:
      return status == expected;
  }
}

static void fill_slots(struct fixture* f) {
  void* rubbish = f->buffer;
  memset(f->used, 0, sizeof f->used);
  f->err = NULL;
  f->p = rubbish;
  f->cp = f->cp2 = rubbish;
  f->text = rubbish;
  f->chars = rubbish;
  f->pin = rubbish;
  f->new_iter = rubbish;
  f->new_results = rubbish;
  f->new_db = rubbish;
  f->new_lease = rubbish;
  f->new_snapshot = rubbish;
  f->sz = f->sz2 = 4711;
  f->i64 = f->i64b = f->i64c = 4711;
  f->i32 = 4711;
}

/* Takes every used slot that holds something out of use (it is not ours to free); the number of them. */
static int drop_set_slots(struct fixture* f) {
  const int set[] = {f->p != NULL,        f->cp != NULL,
                     f->cp2 != NULL,      f->text != NULL,
                     f->chars != NULL,    f->pin != NULL,
                     f->new_iter != NULL, f->new_results != NULL,
                     f->new_db != NULL,   f->sz != 0,
                     f->sz2 != 0,         f->i64 != 0,
                     f->i32 != 0,         0,
                     f->new_lease != NULL, f->i64b != 0, f->i64c != 0, f->new_snapshot != NULL};
  int dropped = 0;
  for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
    if (!f->used[i] || !set[i]) continue;
    f->used[i] = 0;
    dropped++;
  }
  return dropped;
}

static void free_slots(struct fixture* f) {
  if (f->used[0]) shale_mem_free(f->p);
  if (f->used[4]) shale_mem_free(f->chars);
  if (f->used[5]) shale_pin_free(f->pin);
  if (f->used[6]) shale_iter_free(f->new_iter);
  if (f->used[7]) shale_results_free(f->new_results);
  if (f->used[8]) shale_free(f->new_db);
  if (f->used[14]) shale_lease_free(f->new_lease);
  if (f->used[17]) shale_snapshot_free(f->new_snapshot);
}

/* Runs one entry once; prints and returns 1 if anything is not as documented. */
static int run_once(struct fixture* f, const struct misuse* m, long expected) {
  int bad = 0;
  fill_slots(f);
  shale_status status = m->run(f);
  if (!status_fits(status, expected)) {
    fprintf(stderr, "%s, %s (flags %x): %s instead of %s%s: %s\n", m->function, m->what, f->flags,
            shale_status_name(status),
            expected >= 1000 ? "class " : shale_status_name((shale_status)expected),
            expected == X_LENGTH ? "INVALID or TOO_LARGE" : "", shale_error_message(f->err));
    bad = 1;
  }
  int left_set = status != SHALE_OK ? drop_set_slots(f) : 0;
  if (left_set != 0) {
    fprintf(stderr, "%s, %s: %d outputs are left set after %s\n", m->function, m->what, left_set,
            shale_status_name(status));
    bad = 1;
  }
  if (f->used[ERR_SLOT] && (status < 0) != (f->err != NULL)) {
    fprintf(stderr, "%s, %s: the error object does not fit %s\n", m->function, m->what,
            shale_status_name(status));
    bad = 1;
  }
  if (f->err != NULL && (shale_error_code(f->err) != status || strlen(shale_error_message(f->err)) == 0 ||
                         strchr(shale_error_message(f->err), '\n') != NULL)) {
    fprintf(stderr, "%s, %s: the error object tells another story\n", m->function, m->what);
    bad = 1;
  }
  shale_error_free(f->err);
  if (status == SHALE_OK) free_slots(f);
  return bad;
}

/* With and without an error object. */
static int run_entry(struct fixture* f, const struct misuse* m, long expected) {
  int bad = 0;
  for (f->with_error = 0; f->with_error <= 1; f->with_error++) bad += run_once(f, m, expected);
  return bad;
}

static int run_kind(struct fixture* f, enum kind kind, long expected_of_calls) {
  int bad = 0;
  for (size_t i = 0; i < TABLE_SIZE; i++) {
    const struct misuse* m = &kTable[i];
    if (m->kind != kind) continue;
    f->flags = 0;
    if (kind == IS_CASE) bad += run_entry(f, m, m->expected);
    if (kind == IS_CALL) bad += run_entry(f, m, expected_of_calls);
    for (unsigned bit = 0; kind == IS_FLAGS && bit < 32; bit++) {
      f->flags = 1u << bit;
      if ((f->flags & (uint32_t)m->expected) == 0) bad += run_entry(f, m, SHALE_E_INVALID);
    }
  }
  return bad;
}

static void wrong_arguments_are_the_documented_status(void** state) {
  (void)state;
  struct fixture* f = new_fixture(1);
  assert_int_equal(run_kind(f, IS_CASE, 0), 0);
  free_fixture(f);
}

static void unknown_flags_are_invalid(void** state) {
  (void)state;
  struct fixture* f = new_fixture(1);
  assert_int_equal(run_kind(f, IS_FLAGS, 0), 0);
  free_fixture(f);
}

static void a_memory_only_store_treats_misuse_alike(void** state) {
  (void)state;
  struct fixture* f = new_fixture(0);
  assert_int_equal(run_kind(f, IS_FLAGS, 0), 0);
  for (size_t i = 0; i < TABLE_SIZE; i++) {
    const struct misuse* m = &kTable[i];
    f->flags = 0;
    /* Without a path nothing is locked. */
    if (m->kind == IS_CASE && m->expected != SHALE_E_LOCKED)
      assert_int_equal(run_entry(f, m, m->expected), 0);
  }
  free_fixture(f);
}

/* The calls that must be refused later are right: else their refusal would prove nothing. */
static void the_calls_are_right_while_the_database_is_open(void** state) {
  (void)state;
  for (int with_path = 0; with_path <= 1; with_path++) {
    struct fixture* f = new_fixture(with_path);
    f->with_error = 1;
    for (size_t i = 0; i < TABLE_SIZE; i++) {
      if (kTable[i].kind != IS_CALL) continue;
      assert_int_equal(put_text(f->db, "key", "1"), SHALE_OK);
      fill_slots(f);
      shale_status status = kTable[i].run(f);
      if (status < 0) fprintf(stderr, "%s: %s\n", kTable[i].function, shale_error_message(f->err));
      assert_true(status >= 0);
      if (status == SHALE_OK) free_slots(f);
    }
    free_fixture(f);
  }
}

static void every_call_on_a_closed_database_is_closed(void** state) {
  (void)state;
  for (int with_path = 0; with_path <= 1; with_path++) {
    struct fixture* f = new_fixture(with_path);
    assert_int_equal(shale_close(f->db, NULL), SHALE_OK);
    assert_int_equal(run_kind(f, IS_CALL, SHALE_E_CLOSED), 0);
    assert_int_equal(shale_close(f->db, NULL), SHALE_OK);
    free_fixture(f);
  }
}

/* In the child: all calls, then every free, then a normal exit. A hang ends by the alarm, which the parent
 * sees. */
static void child_of_fork(struct fixture* f) {
  alarm(60);
  int bad = run_kind(f, IS_CALL, SHALE_E_FORKED);
  shale_error* err = NULL;
  if (shale_close(f->db, &err) != SHALE_E_FORKED || err == NULL) {
    fprintf(stderr, "shale_close in a child is not FORKED\n");
    bad++;
  }
  shale_error_free(err);
  shale_iter_free(f->iter);
  shale_lease_free(f->leases[0]);
  shale_results_free(f->results);
  shale_batch_free(f->batch);
  shale_free(f->db);
  exit(bad == 0 ? 0 : 1);
}

static void every_call_in_a_forked_child_is_forked(void** state) {
  (void)state;
  for (int with_path = 0; with_path <= 1; with_path++) {
    struct fixture* f = new_fixture(with_path);
    for (int round = 0; round < 3; round++) {
      fflush(NULL);
      pid_t pid = fork();
      assert_true(pid >= 0);
      if (pid == 0) child_of_fork(f);
      int status = 0;
      assert_int_equal(waitpid(pid, &status, 0), pid);
      assert_true(WIFEXITED(status));
      assert_int_equal(WEXITSTATUS(status), 0);
      /* The parent's store is as it was. */
      size_t size = 0;
      assert_int_equal(shale_get_into(f->db, "key", 3, f->buffer, sizeof f->buffer, &size, NULL, 0, NULL),
                       SHALE_OK);
      assert_int_equal(put_text(f->db, "after the fork", "v"), SHALE_OK);
      assert_int_equal(shale_flush(f->db, NULL), SHALE_OK);
    }
    free_fixture(f);
  }
}

/* A token with any one byte changed: refused or, if a key can be read from it all the same, an iterator;
 * never a crash. */
static void a_changed_token_does_no_harm(void** state) {
  (void)state;
  struct fixture* f = new_fixture(1);
  for (size_t i = 0; i < f->token_len; i++) {
    for (unsigned flip = 1; flip < 256; flip <<= 1) {
      f->token[i] = (char)(f->token[i] ^ (char)flip);
      shale_iter* iter = NULL;
      shale_status status = shale_iter_resume(f->db, f->token, f->token_len, &iter, NULL);
      assert_true(status == SHALE_OK || status == SHALE_E_INVALID || status == SHALE_E_TOO_LARGE);
      assert_int_equal(status == SHALE_OK, iter != NULL);
      shale_iter_free(iter);
      f->token[i] = (char)(f->token[i] ^ (char)flip);
    }
  }
  free_fixture(f);
}

static void every_option_refuses_rubbish_and_names_itself(void** state) {
  (void)state;
  for (size_t i = 0; i < shale_option_count(); i++) {
    const char *name = NULL, *type = NULL, *preset = NULL, *range = NULL, *doc = NULL, *value = NULL;
    int32_t hot = -1;
    assert_int_equal(shale_option_at(i, &name, &type, &preset, &range, &hot, &doc), SHALE_OK);
    assert_true(name && type && preset && range && doc && (hot == 0 || hot == 1));
    shale_options* options = NULL;
    shale_error* err = NULL;
    assert_int_equal(shale_options_new(&options), SHALE_OK);
    assert_int_equal(shale_options_get(options, name, &value), SHALE_OK);
    assert_int_equal(shale_options_set(options, name, preset, &err), SHALE_OK);
    if (strcmp(type, "text") != 0) {
      assert_int_equal(shale_options_set(options, name, "?rubbish", &err), SHALE_E_INVALID);
      assert_non_null(strstr(shale_error_message(err), name));
      shale_error_free(err);
      assert_int_equal(shale_options_get(options, name, &value), SHALE_OK);
      assert_string_not_equal(value, "?rubbish");
    }
    shale_options_free(options);
  }
}

static int in_table(const char* function) {
  for (size_t i = 0; i < TABLE_SIZE; i++) {
    if (strcmp(kTable[i].function, function) == 0) return 1;
  }
  return 0;
}

static void every_function_of_the_header_has_a_case(void** state) {
  (void)state;
  FILE* file = fopen(header_path, "r");
  if (file == NULL) fprintf(stderr, "cannot read %s: give its path as the first argument\n", header_path);
  assert_non_null(file);
  char line[1024];
  int functions = 0, missing = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    char* name = strncmp(line, "SHALE_API ", 10) == 0 ? strstr(line + 10, "shale_") : NULL;
    /* The type of the result may begin with shale_ too: the name is the word before the parenthesis. */
    char* end = strchr(line, '(');
    if (name == NULL || end == NULL) continue;
    for (name = end; name > line && (name[-1] == '_' || (name[-1] >= '0' && name[-1] <= '9') ||
                                     (name[-1] >= 'a' && name[-1] <= 'z'));) {
      name--;
    }
    *end = 0;
    functions++;
    if (in_table(name)) continue;
    fprintf(stderr, "%s has no case\n", name);
    missing++;
  }
  fclose(file);
  assert_true(functions >= 70);
  assert_int_equal(missing, 0);
}

static int no_handle_is_left(void** state) {
  (void)state;
  if (shale_live_handles() == 0) return 0;
  fprintf(stderr, "%lld handles are left\n", (long long)shale_live_handles());
  return -1;
}

int main(int argc, char** argv) {
  if (getenv("SHALE_HEADER") != NULL) header_path = getenv("SHALE_HEADER");
  if (argc > 1) header_path = argv[1];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(wrong_arguments_are_the_documented_status, no_handle_is_left),
      cmocka_unit_test_teardown(unknown_flags_are_invalid, no_handle_is_left),
      cmocka_unit_test_teardown(a_memory_only_store_treats_misuse_alike, no_handle_is_left),
      cmocka_unit_test_teardown(the_calls_are_right_while_the_database_is_open, no_handle_is_left),
      cmocka_unit_test_teardown(every_call_on_a_closed_database_is_closed, no_handle_is_left),
      cmocka_unit_test_teardown(every_call_in_a_forked_child_is_forked, no_handle_is_left),
      cmocka_unit_test_teardown(a_changed_token_does_no_harm, no_handle_is_left),
      cmocka_unit_test_teardown(every_option_refuses_rubbish_and_names_itself, no_handle_is_left),
      cmocka_unit_test(every_function_of_the_header_has_a_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
