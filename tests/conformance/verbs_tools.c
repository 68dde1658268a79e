/* Verbs of administration. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/run.h"

static void do_set_option(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  settle(run, shale_db_set_option(run->db, args->plain[0].bytes.data, args->plain[1].bytes.data, &error),
         &error);
}

/* The number behind a name in the text for Prometheus. */
static void do_prometheus(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  char* text = NULL;
  char wanted[128];
  settle(run, shale_stats_prometheus(run->db, &text, &error), &error);
  if (text == NULL) return;
  snprintf(wanted, sizeof wanted, "\n%s ", args->plain[0].bytes.data);
  const char* found = strstr(text, wanted);
  if (found != NULL)
    answer_number(run, strtoll(found + strlen(wanted), NULL, 10));
  else
    run->outcome.status = SHALE_NOT_FOUND;
  shale_mem_free(text);
}

static const char* reason_name(unsigned char reason) {
  switch (reason) {
    case SHALE_EVENT_EVICTED:
      return "evicted";
    case SHALE_EVENT_EXPIRED:
      return "expired";
    case SHALE_EVENT_DELETED:
      return "deleted";
    case SHALE_EVENT_OVERWRITTEN:
      return "overwritten";
    default:
      return "unknown";
  }
}

/* Polls until nothing comes. */
static void do_removals(struct run* run, const struct args* args) {
  unsigned char* buf = arena_take(run->arena, SHALE_KEY_BYTES_MAX + 64);
  size_t rows = 1;
  (void)args;
  while (rows > 0) {
    shale_error* error = NULL;
    size_t used = 0;
    int64_t dropped = 0;
    settle(run, shale_events_poll(run->db, buf, SHALE_KEY_BYTES_MAX + 64, &used, &rows, &dropped, &error),
           &error);
    const unsigned char* at = buf;
    for (size_t i = 0; i < rows; i++) {
      const size_t size = (size_t)at[9] | (size_t)at[10] << 8 | (size_t)at[11] << 16 | (size_t)at[12] << 24;
      const char* name = reason_name(at[0]);
      answer_row(run, at + 13, size, name, strlen(name));
      at += 13 + size;
    }
    if (at != buf + used) complain(run, "rows of removals do not fill their buffer");
  }
}

static int32_t count_calls(void* context, int64_t done, int64_t total) {
  ++*(int64_t*)context;
  return done < 0 || done > total;
}

static void do_reclaim(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  int64_t calls = 0;
  (void)args;
  settle(run, shale_reclaim(run->db, count_calls, &calls, 0, &error), &error);
}

static void do_verify(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  int64_t calls = 0, problems = -1;
  char* report = NULL;
  (void)args;
  const shale_status status = shale_verify(run->path, count_calls, &calls, &problems, &report, 0, &error);
  settle(run, status, &error);
  if (status != SHALE_OK) return;
  if (calls == 0) complain(run, "shale_verify does not tell how far it is");
  if ((strstr(report, "\"good\":true") != NULL) != (problems == 0))
    complain(run, "the report says something else than the number of problems");
  answer_number(run, problems);
  shale_mem_free(report);
}

/* Leaves nothing behind but what it says. */
static void do_salvage(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  int64_t recovered = -1, suspicious = -1, dropped = -1;
  char saved[PATH_BYTES_MAX + 16];
  (void)args;
  snprintf(saved, sizeof saved, "%s.saved", run->path);
  const shale_status status =
      shale_salvage(run->path, saved, NULL, NULL, &recovered, &suspicious, &dropped, NULL, 0, &error);
  settle(run, status, &error);
  if (status != SHALE_OK) return;
  if (shale_destroy(saved, 0, NULL) != SHALE_OK) complain(run, "nothing was salvaged");
  answer_number(run, recovered);
  answer_number(run, suspicious);
  answer_number(run, dropped);
}

/* How many keys the store in that directory has, which is removed then. */
static void answer_keys_of(struct run* run, const char* path) {
  const struct args none = {0};
  char own[PATH_BYTES_MAX];
  shale_db* db = NULL;
  shale_error* error = NULL;
  int64_t keys = -1, bytes = -1;
  memcpy(own, run->path, sizeof own);
  snprintf(run->path, sizeof run->path, "%s", path);
  settle(run, open_store(run, &none, &db, &error), &error);
  memcpy(run->path, own, sizeof own);
  if (db != NULL)
    settle(run, shale_count(db, NULL, 0, NULL, 0, NULL, NULL, &keys, &bytes, 0, &error), &error);
  answer_number(run, keys);
  shale_free(db);
  if (shale_destroy(path, 0, NULL) != SHALE_OK) complain(run, "there is no store in %s", path);
}

/* Two backups of which the second builds on the first, and the store that is restored from that. */
static void do_backup(struct run* run, const struct args* args) {
  char first[PATH_BYTES_MAX + 16], second[PATH_BYTES_MAX + 16], back[PATH_BYTES_MAX + 16];
  shale_error* error = NULL;
  int64_t calls = 0;
  char* report = NULL;
  (void)args;
  snprintf(first, sizeof first, "%s.first", run->path);
  snprintf(second, sizeof second, "%s.second", run->path);
  snprintf(back, sizeof back, "%s.back", run->path);
  const shale_status made = shale_backup(run->db, first, NULL, count_calls, &calls, &report, 0, &error);
  settle(run, made, &error);
  if (made != SHALE_OK) return;
  if (calls == 0 || strstr(report, "\"files\":") == NULL) complain(run, "a backup without a word");
  shale_mem_free(report);
  settle(run, shale_backup(run->db, second, first, NULL, NULL, NULL, SHALE_COPY_FILES, &error), &error);
  settle(run, shale_restore(second, back, NULL, NULL, NULL, 0, &error), &error);
  if (shale_destroy(first, 0, NULL) != SHALE_OK || shale_destroy(second, 0, NULL) != SHALE_OK)
    complain(run, "a backup is no store");
  answer_keys_of(run, back);
}

static void do_backup_stream(struct run* run, const struct args* args) {
  char stream[PATH_BYTES_MAX + 16], back[PATH_BYTES_MAX + 16];
  shale_error* error = NULL;
  int64_t calls = 0;
  (void)args;
  snprintf(stream, sizeof stream, "%s.stream", run->path);
  snprintf(back, sizeof back, "%s.back", run->path);
  const int fd = open(stream, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  const shale_status made = shale_backup_stream(run->db, fd, NULL, count_calls, &calls, NULL, 0, &error);
  settle(run, made, &error);
  unlink(stream);
  if (made == SHALE_OK) {
    if (calls == 0 || lseek(fd, 0, SEEK_SET) != 0) complain(run, "a stream that cannot be read again");
    settle(run, shale_restore_stream(fd, NULL, back, NULL, NULL, NULL, 0, &error), &error);
    answer_keys_of(run, back);
  }
  close(fd);
}

const struct verb tool_verbs[] = {
    {"set-option", 2, do_set_option, false},
    {"prometheus", 1, do_prometheus, false},
    {"removals", 0, do_removals, false},
    {"reclaim", 0, do_reclaim, false},
    {"verify", 0, do_verify, false},
    {"salvage", 0, do_salvage, false},
    {"backup", 0, do_backup, false},
    {"backup-stream", 0, do_backup_stream, false},
    {NULL, 0, NULL, false},
};
