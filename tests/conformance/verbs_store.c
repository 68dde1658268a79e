/* Verbs that concern the store as a whole, and its life: a fresh one for each case, gone without a trace at
 * the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/run.h"

static shale_status set_all(shale_options* options, const struct option* list, size_t count,
                            shale_error** err) {
  for (size_t i = 0; i < count; i++) {
    const shale_status status = shale_options_set(options, list[i].name, list[i].value, err);
    if (status != SHALE_OK) return status;
  }
  return SHALE_OK;
}

shale_status open_store(struct run* run, const struct args* more, shale_db** db, shale_error** err) {
  shale_options* options;
  *db = NULL;
  shale_status status = shale_options_new(&options);
  if (status != SHALE_OK) return status;
  status = shale_options_set(options, "memory.budget", "16MiB", err);
  if (status == SHALE_OK) status = set_all(options, run->options, run->option_count, err);
  if (status == SHALE_OK && more != NULL) status = set_all(options, more->options, more->option_count, err);
  if (status == SHALE_OK) status = shale_open(run->path, options, db, err);
  shale_options_free(options);
  return status;
}

/* A file system in memory where there is one: a store is some hundred files, made and removed for every case.
 */
static const char* base_directory(void) {
  const char* base = getenv("TMPDIR");
  if (base != NULL) return base;
  return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

void start_run(struct run* run, bool disk) {
  run->path[0] = '\0';
  if (disk) {
    const char* base = base_directory();
    snprintf(run->path, sizeof run->path, "%s/shale-conformance-XXXXXX", base);
    if (mkdtemp(run->path) == NULL) {
      complain(run, "no directory for a store below %s: %s", base, strerror(errno));
      return;
    }
  }
  shale_error* error = NULL;
  const shale_status status = open_store(run, NULL, &run->db, &error);
  settle(run, status, &error);
  if (status != SHALE_OK) complain(run, "the store does not open: %s", shale_status_name(status));
}

static void free_iters(struct run* run) {
  for (size_t i = 0; i < ITERS_MAX; i++) {
    shale_iter_free(run->iters[i].iter);
    run->iters[i] = (struct open_iter){0};
    shale_snapshot_free(run->snapshots[i].snapshot);
    run->snapshots[i] = (struct open_snapshot){0};
  }
}

/* Iterators go after the database: any order is allowed, and this is the one that is easily got wrong. */
void end_run(struct run* run) {
  shale_free(run->db);
  run->db = NULL;
  free_iters(run);
  if (run->path[0] == '\0') return;
  const shale_status status = shale_destroy(run->path, 0, NULL);
  if (status != SHALE_OK && status != SHALE_NOT_FOUND)
    complain(run, "the store cannot be removed: %s", shale_status_name(status));
  if (access(run->path, F_OK) == 0 && rmdir(run->path) != 0)
    complain(run, "%s is left over: %s", run->path, strerror(errno));
}

static void do_flush(struct run* run, const struct args* args) {
  (void)args;
  shale_error* error = NULL;
  settle(run, shale_flush(run->db, &error), &error);
}

static void do_sync(struct run* run, const struct args* args) {
  (void)args;
  shale_error* error = NULL;
  settle(run, shale_sync(run->db, &error), &error);
}

static void do_stat(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  int64_t value = 0;
  const shale_status status = shale_stat(run->db, args->plain[0].bytes.data, &value, &error);
  settle(run, status, &error);
  if (status == SHALE_OK) answer_number(run, value);
}

static void do_option(struct run* run, const struct args* args) {
  const char* value = NULL;
  run->outcome.status = shale_db_option(run->db, args->plain[0].bytes.data, &value);
  if (run->outcome.status == SHALE_OK) answer_bytes(run, value, strlen(value));
}

static void do_shard_state(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  int32_t state = -1;
  const shale_status status = shale_shard_state(run->db, (int32_t)args->plain[0].number, &state, &error);
  settle(run, status, &error);
  if (status == SHALE_OK) answer_number(run, state);
}

static void do_close(struct run* run, const struct args* args) {
  (void)args;
  shale_error* error = NULL;
  settle(run, shale_close(run->db, &error), &error);
}

static void do_reopen(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  const shale_status closed = shale_close(run->db, NULL);
  if (run->db != NULL && closed != SHALE_OK)
    complain(run, "close before reopen: %s", shale_status_name(closed));
  shale_free(run->db);
  settle(run, open_store(run, args, &run->db, &error), &error);
}

static void do_open_again(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  shale_db* second = NULL;
  settle(run, open_store(run, args, &second, &error), &error);
  shale_free(second);
}

static void do_destroy(struct run* run, const struct args* args) {
  (void)args;
  shale_error* error = NULL;
  settle(run, shale_destroy(run->path, 0, &error), &error);
}

static void do_sleep_ms(struct run* run, const struct args* args) {
  run->outcome.status = SHALE_OK;
  usleep((useconds_t)args->plain[0].number * 1000);
}

const struct verb store_verbs[] = {
    {"flush", 0, do_flush, false},
    {"sync", 0, do_sync, false},
    {"stat", 1, do_stat, false},
    {"option", 1, do_option, false},
    {"close", 0, do_close, false},
    {"shard-state", 1, do_shard_state, false},
    {"reopen", 0, do_reopen, false},
    {"open-again", 0, do_open_again, false},
    {"destroy", 0, do_destroy, false},
    {"sleep-ms", 1, do_sleep_ms, false},
    {NULL, 0, NULL, false},
};
