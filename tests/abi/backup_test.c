/* Backup and restore through the public calls: money is moved between 1,000 accounts by atomic batches of
 * eight writers, and no backup ever has more or less of it. BACKUPS=n and KILLS=n set how many are made. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shale/shale.h"

enum { kWriters = 8, kAccounts = 1000, kShare = kAccounts / kWriters, kOpening = 1000 };

static char root[256];

static const char* at(const char* name) {
  static char paths[8][400];
  static int next = 0;
  char* path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", root, name);
  return path;
}

static long number_of(const char* name, long fallback) {
  const char* text = getenv(name);
  return text != NULL ? atol(text) : fallback;
}

#define WANT(wanted, call)                                                            \
  do {                                                                                \
    shale_error* err = NULL;                                                          \
    const shale_status seen = (call);                                                 \
    if (seen != (wanted)) {                                                           \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, shale_status_name(seen), \
              shale_error_message(err));                                              \
      abort();                                                                        \
    }                                                                                 \
    shale_error_free(err);                                                            \
  } while (0)

static void remove_tree(const char* path) {
  char command[500];
  snprintf(command, sizeof command, "rm -rf '%s'", path);
  assert_int_equal(system(command), 0);
}

static int exists(const char* path) {
  struct stat st;
  return lstat(path, &st) == 0;
}

static shale_db* open_to_read(const char* path) {
  shale_options* options = NULL;
  shale_db* db = NULL;
  assert_int_equal(shale_options_new(&options), SHALE_OK);
  WANT(SHALE_OK, shale_options_set(options, "memory.budget", "32MiB", &err));
  WANT(SHALE_OK, shale_options_set(options, "open.read_only", "true", &err));
  WANT(SHALE_OK, shale_open(path, options, &db, &err));
  shale_options_free(options);
  return db;
}

static shale_db* open_store(const char* path, int create) {
  shale_options* options = NULL;
  shale_db* db = NULL;
  assert_int_equal(shale_options_new(&options), SHALE_OK);
  WANT(SHALE_OK, shale_options_set(options, "log.segment_bytes", "1MiB", &err));
  WANT(SHALE_OK, shale_options_set(options, "memory.budget", "32MiB", &err));
  WANT(SHALE_OK, shale_options_set_i64(options, "open.create", create, &err));
  WANT(SHALE_OK, shale_open(path, options, &db, &err));
  shale_options_free(options);
  return db;
}

static void close_store(shale_db* db) {
  WANT(SHALE_OK, shale_close(db, &err));
  shale_free(db);
}

static size_t key_of(int account, char key[32]) {
  return (size_t)snprintf(key, 32, "%03d/account", account * 7919 % kAccounts);
}

/* Now and then above the inline limit, so that values are in both places. */
static void put_balance(shale_batch* batch, int account, long balance, unsigned dice) {
  char key[32], value[3100];
  const unsigned pad_max = 3000;
  const size_t key_len = key_of(account, key);
  const int digits = snprintf(value, sizeof value, "%ld", balance);
  const size_t pad = dice % 8 == 0 ? dice / 8 % pad_max : 0;
  memset(value + digits + 1, 'x', pad);
  WANT(SHALE_OK,
       shale_batch_put(batch, key, key_len, value, (size_t)digits + 1 + pad, SHALE_TTL_NEVER, &err));
}

static void open_accounts(shale_db* db) {
  shale_batch* batch = NULL;
  assert_int_equal(shale_batch_new(&batch), SHALE_OK);
  for (int i = 0; i < kAccounts; i++) put_balance(batch, i, kOpening, (unsigned)i);
  WANT(SHALE_OK, shale_write(db, batch, 0, &err));
  shale_batch_free(batch);
}

static long total_of(shale_db* db) {
  shale_iter* iter = NULL;
  long total = 0, count = 0;
  WANT(SHALE_OK, shale_iter_new(db, NULL, 0, NULL, 0, 0, &iter, 0, &err));
  const void *key = NULL, *value = NULL;
  size_t key_len = 0, value_len = 0;
  shale_error* err = NULL;
  shale_status status;
  while ((status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err)) == SHALE_OK) {
    total += atol(value);
    count++;
  }
  if (status != SHALE_END) {
    fprintf(stderr, "iter_next: %s\n", shale_error_message(err));
    abort();
  }
  shale_iter_free(iter);
  assert_int_equal(count, kAccounts);
  return total;
}

static volatile int stop_writers;
static volatile long transfers[kWriters];
struct writer {
  shale_db* db;
  int number;
  pthread_t thread;
  long balances[kShare];
};

/* Three accounts of this writer's own at a time. */
static void* write_transfers(void* context) {
  struct writer* w = context;
  unsigned seed = (unsigned)w->number + 1;
  shale_batch* batch = NULL;
  if (shale_batch_new(&batch) != SHALE_OK) abort();
  while (!stop_writers) {
    const int first = rand_r(&seed) % kShare;
    const int step = 1 + rand_r(&seed) % (kShare / 3);
    const long amount = rand_r(&seed) % 100;
    shale_batch_clear(batch);
    for (int i = 0; i < 3; i++) {
      const int account = (first + i * step) % kShare;
      w->balances[account] += i == 0 ? -2 * amount : amount;
      put_balance(batch, w->number * kShare + account, w->balances[account], (unsigned)rand_r(&seed));
    }
    WANT(SHALE_OK, shale_write(w->db, batch, 0, &err));
    transfers[w->number]++;
    usleep(1000); /* the tests below are not about size */
  }
  shale_batch_free(batch);
  return NULL;
}

static void start_writers(struct writer writers[kWriters], shale_db* db) {
  stop_writers = 0;
  for (int i = 0; i < kWriters; i++) {
    writers[i].db = db;
    writers[i].number = i;
    for (int a = 0; a < kShare; a++) writers[i].balances[a] = kOpening;
    assert_int_equal(pthread_create(&writers[i].thread, NULL, write_transfers, &writers[i]), 0);
  }
}

static void join_writers(struct writer writers[kWriters]) {
  stop_writers = 1;
  for (int i = 0; i < kWriters; i++) pthread_join(writers[i].thread, NULL);
}

/* Whole by verify, and right by its sum. */
static void check(const char* path, int to_write) {
  int64_t problems = -1;
  char* report = NULL;
  WANT(SHALE_OK, shale_verify(path, NULL, NULL, &problems, &report, 0, &err));
  if (problems != 0) {
    fprintf(stderr, "%s: %s\n", path, report);
    abort();
  }
  shale_mem_free(report);
  shale_db* db = to_write ? open_store(path, 0) : open_to_read(path);
  const long total = total_of(db);
  if (total != (long)kOpening * kAccounts) {
    fprintf(stderr, "%s: a total of %ld\n", path, total);
    abort();
  }
  /* Space is given back right: what the ledgers of a backup say is not exact. */
  if (to_write) {
    WANT(SHALE_OK, shale_reclaim(db, NULL, NULL, 0, &err));
    assert_int_equal(total_of(db), total);
  }
  close_store(db);
}

static void check_store(const char* path) {
  check(path, 1);
}

static void backup_stream(shale_db* db, const char* file, const char* base) {
  const int fd = open(file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  WANT(SHALE_OK, shale_backup_stream(db, fd, base, NULL, NULL, NULL, 0, &err));
  close(fd);
}

static shale_status restore_stream(const char* file, const char* base, const char* path, shale_error** err) {
  const int fd = open(file, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  const shale_status status = shale_restore_stream(fd, base, path, NULL, NULL, NULL, 0, err);
  close(fd);
  return status;
}

/* Directory, stream, and what is new since an earlier backup as either, in turn. */
static void backups_under_transfers(void** state) {
  (void)state;
  remove_tree(at("store"));
  shale_db* db = open_store(at("store"), 1);
  open_accounts(db);
  struct writer writers[kWriters];
  start_writers(writers, db);
  WANT(SHALE_OK, shale_backup(db, at("base"), NULL, NULL, NULL, NULL, 0, &err));
  const long rounds = number_of("BACKUPS", 4);
  for (long i = 0; i < rounds; i++) {
    char* report = NULL;
    switch (i % 4) {
      case 0: /* as it is, and once more restored */
        WANT(SHALE_OK, shale_backup(db, at("backup"), NULL, NULL, NULL, &report, 0, &err));
        WANT(SHALE_OK, shale_restore(at("backup"), at("restored"), NULL, NULL, NULL, 0, &err));
        check(at("backup"), 0);
        break;
      case 1:
        backup_stream(db, at("stream"), NULL);
        WANT(SHALE_OK, restore_stream(at("stream"), NULL, at("restored"), &err));
        break;
      case 2:
        WANT(SHALE_OK,
             shale_backup(db, at("backup"), at("base"), NULL, NULL, &report, SHALE_COPY_FILES, &err));
        WANT(SHALE_OK, shale_restore(at("backup"), at("restored"), NULL, NULL, NULL, 0, &err));
        break;
      default:
        backup_stream(db, at("stream"), at("base"));
        WANT(SHALE_OK, restore_stream(at("stream"), at("base"), at("restored"), &err));
    }
    if (report != NULL && i < 4) printf("  %s\n", report);
    shale_mem_free(report);
    check(at("restored"), i % 8 == 0);
    for (const char* const* name = (const char* const[]){"backup", "restored", "stream", NULL}; *name; name++)
      remove_tree(at(*name));
    if (i % 20 == 19) { /* a newer base */
      remove_tree(at("base"));
      WANT(SHALE_OK, shale_backup(db, at("base"), NULL, NULL, NULL, NULL, 0, &err));
    }
  }
  join_writers(writers);
  long done = 0;
  for (int i = 0; i < kWriters; i++) done += transfers[i];
  printf("  %ld backups restored, %ld transfers\n", rounds, done);
  close_store(db);
  check_store(at("store"));
  remove_tree(at("base"));
}

static long file_bytes(const char* path) {
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  return (long)st.st_size;
}

static void flip_byte(const char* path, long offset) {
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  char byte = 0;
  assert_int_equal(pread(fd, &byte, 1, offset), 1);
  byte ^= 4;
  assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
  close(fd);
}

/* Some segment of the directory "backup": which there are depends on what was collected. */
static const char* a_segment(void) {
  static char name[400];
  DIR* dir = opendir(at("backup/63"));
  assert_non_null(dir);
  const struct dirent* entry;
  while ((entry = readdir(dir)) != NULL && strstr(entry->d_name, ".seg") == NULL) {
  }
  assert_non_null(entry);
  snprintf(name, sizeof name, "backup/63/%s", entry->d_name);
  closedir(dir);
  return name;
}

static void what_is_damaged_is_refused(void** state) {
  (void)state;
  shale_db* db = open_store(at("store"), 0);
  shale_error* seen_err = NULL;
  backup_stream(db, at("stream"), NULL);
  const long size = file_bytes(at("stream"));
  unsigned seed = 4711;
  for (int i = 0; i < 12; i++) {
    const long offset = i == 0 ? 0 : i == 1 ? size - 1 : (long)((unsigned)rand_r(&seed) % (unsigned)size);
    if (i % 2 == 0) {
      flip_byte(at("stream"), offset);
    } else {
      char command[900];
      snprintf(command, sizeof command, "head -c %ld '%s' > '%s'", offset, at("stream"), at("cut"));
      assert_int_equal(system(command), 0);
    }
    const shale_status status =
        restore_stream(i % 2 == 0 ? at("stream") : at("cut"), NULL, at("restored"), &seen_err);
    assert_int_equal(status, SHALE_E_CORRUPT);
    assert_non_null(strstr(shale_error_message(seen_err), "offset"));
    shale_error_free(seen_err);
    assert_false(exists(at("restored")));
    assert_false(exists(at("restored.unfinished")));
    if (i % 2 == 0) flip_byte(at("stream"), offset);
  }
  char command[900];
  snprintf(command, sizeof command, "cp '%s' '%s' && echo >> '%s'", at("stream"), at("cut"), at("cut"));
  assert_int_equal(system(command), 0);
  WANT(SHALE_E_CORRUPT, restore_stream(at("cut"), NULL, at("restored"), &err));
  WANT(SHALE_OK, restore_stream(at("stream"), NULL, at("restored"), &err));
  /* Every file of a directory counts. */
  WANT(SHALE_OK, shale_backup(db, at("backup"), NULL, NULL, NULL, NULL, SHALE_COPY_FILES, &err));
  const char* const files[] = {"backup/SHALE-A", "backup/BACKUP", "backup/07/CURRENT", a_segment()};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    flip_byte(at(files[i]), file_bytes(at(files[i])) / 2);
    WANT(SHALE_E_CORRUPT, shale_restore(at("backup"), at("again"), NULL, NULL, NULL, 0, &err));
    assert_false(exists(at("again")));
    flip_byte(at(files[i]), file_bytes(at(files[i])) / 2);
  }
  WANT(SHALE_OK, shale_restore(at("backup"), at("again"), NULL, NULL, NULL, 0, &err));
  close_store(db);
  check_store(at("again"));
}

static int32_t cancel_at_once(void* context, int64_t done, int64_t total) {
  (void)context;
  return done <= total && done > 0;
}

static int32_t close_db(void* context, int64_t done, int64_t total) {
  if (done > 0 && done <= total) WANT(SHALE_OK, shale_close(context, &err));
  return 0;
}

static void what_cannot_be_is_said(void** state) {
  (void)state;
  shale_db* db = open_store(at("store"), 0);
  WANT(SHALE_EXISTS, shale_backup(db, at("restored"), NULL, NULL, NULL, NULL, 0, &err));
  WANT(SHALE_EXISTS, shale_restore(at("backup"), at("restored"), NULL, NULL, NULL, 0, &err));
  WANT(SHALE_E_LOCKED, shale_restore(at("store"), at("new"), NULL, NULL, NULL, 0, &err));
  WANT(SHALE_E_NO_STORE, shale_restore(at("none"), at("new"), NULL, NULL, NULL, 0, &err));
  WANT(SHALE_E_NO_STORE, shale_restore(at("again"), at("new"), NULL, NULL, NULL, 0, &err)); /* was opened */
  WANT(SHALE_E_NO_STORE, shale_backup(db, at("new"), at("none"), NULL, NULL, NULL, 0, &err));
  WANT(SHALE_CANCELLED, shale_backup(db, at("new"), NULL, cancel_at_once, NULL, NULL, 0, &err));
  WANT(SHALE_CANCELLED, shale_restore(at("backup"), at("new"), cancel_at_once, NULL, NULL, 0, &err));
  shale_db* other = open_store(at("other"), 1);
  WANT(SHALE_E_INCOMPATIBLE, shale_backup(other, at("new"), at("backup"), NULL, NULL, NULL, 0, &err));
  close_store(other);
  shale_db* memory = NULL;
  WANT(SHALE_OK, shale_open(NULL, NULL, &memory, &err));
  WANT(SHALE_E_INVALID, shale_backup(memory, at("new"), NULL, NULL, NULL, NULL, 0, &err));
  close_store(memory);
  backup_stream(db, at("stream"), at("backup"));
  WANT(SHALE_E_INVALID, restore_stream(at("stream"), NULL, at("new"), &err));
  WANT(SHALE_E_INVALID, restore_stream(at("stream"), at("restored"), at("new"), &err));
  WANT(SHALE_OK, restore_stream(at("stream"), at("backup"), at("new"), &err));
  /* A reader that is gone is an error, no signal. */
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  WANT(SHALE_E_IO, shale_backup_stream(db, ends[1], NULL, NULL, NULL, NULL, 0, &err));
  close(ends[1]);
  WANT(SHALE_E_CLOSED, shale_backup(db, at("late"), NULL, close_db, db, NULL, 0, &err));
  assert_false(exists(at("late")));
  assert_false(exists(at("late.unfinished")));
  shale_free(db);
  check_store(at("new"));
  check_store(at("store"));
  assert_int_equal(shale_live_handles(), 0);
}

/* What was begun goes with the next that is made under the name; the store knows nothing of it. */
static void killed_backups_and_restores_leave_nothing(void** state) {
  (void)state;
  const long kills = number_of("KILLS", 2);
  long finished = 0;
  unsigned seed = 815;
  for (long i = 0; i < kills; i++) {
    remove_tree(at("killed"));
    remove_tree(at("killed2"));
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      shale_db* db = open_store(at("store"), 0);
      const uint32_t flags = i % 2 ? SHALE_COPY_FILES : 0;
      const shale_status made = shale_backup(db, at("killed"), NULL, NULL, NULL, NULL, flags, NULL);
      const shale_status restored = shale_restore(at("killed"), at("killed2"), NULL, NULL, NULL, 0, NULL);
      _exit(made != SHALE_OK || restored != SHALE_OK);
    }
    usleep(2000 + (useconds_t)(rand_r(&seed) % 300000));
    kill(child, SIGKILL);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    finished += exists(at("killed"));
    if (exists(at("killed2"))) check_store(at("killed2"));
    if (exists(at("killed"))) check_store(at("killed"));
    check_store(at("store"));
    shale_db* db = open_store(at("store"), 0);
    remove_tree(at("killed"));
    WANT(SHALE_OK, shale_backup(db, at("killed"), NULL, NULL, NULL, NULL, 0, &err));
    close_store(db);
    assert_false(exists(at("killed.unfinished")));
  }
  printf("  %ld kills, %ld backups had finished\n", kills, finished);
}

int main(void) {
  const char* tmp = getenv("TMPDIR");
  snprintf(root, sizeof root, "%s/shale-backup-%d", tmp && *tmp ? tmp : "/tmp", (int)getpid());
  if (mkdir(root, 0700) != 0) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(backups_under_transfers),
      cmocka_unit_test(what_is_damaged_is_refused),
      cmocka_unit_test(what_cannot_be_is_said),
      cmocka_unit_test(killed_backups_and_restores_leave_nothing),
  };
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (failed == 0) remove_tree(root);
  return failed;
}
