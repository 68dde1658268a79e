/* Verbs on ordered iteration: row by row, or many rows a call as run->packed says. */
#include <stdlib.h>
#include <string.h>

#include "conformance/run.h"

static uint32_t read_u32(const unsigned char* at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Bytes at *at, which must end before `end`; without data if they do not. */
static struct bytes unpack(const unsigned char** at, const unsigned char* end) {
  const size_t left = (size_t)(end - *at);
  const size_t size = left >= 4 ? read_u32(*at) : 0;
  if (left < 4 || size > left - 4) {
    *at = end;
    return (struct bytes){NULL, 0};
  }
  *at += 4 + size;
  return (struct bytes){(const char*)*at - size, size};
}

static void read_plain(struct run* run, shale_iter* iter) {
  for (;;) {
    const void *key, *value;
    size_t key_len, value_len;
    shale_error* error = NULL;
    settle(run, shale_iter_next(iter, &key, &key_len, &value, &value_len, &error), &error);
    if (run->outcome.status != SHALE_OK) return;
    answer_row(run, key, key_len, value, value_len);
  }
}

static void read_packed(struct run* run, const struct open_iter* it) {
  size_t cap = 48; /* small, so that rows that do not fit are met */
  unsigned char* buf = arena_take(run->arena, cap);
  for (;;) {
    size_t used = 0, rows = 0;
    shale_error* error = NULL;
    settle(run, shale_iter_next_packed(it->iter, buf, cap, &used, &rows, &error), &error);
    if (run->outcome.status == SHALE_TOO_SMALL) {
      if (used <= cap) complain(run, "%zu bytes are too small for a row of %zu", cap, used);
      cap = used > cap ? used : cap * 2;
      buf = arena_take(run->arena, cap);
      continue;
    }
    if (run->outcome.status != SHALE_OK) return;
    const unsigned char* at = buf;
    for (size_t i = 0; i < rows; i++) {
      const struct bytes key = unpack(&at, buf + used);
      const struct bytes value = it->keys_only ? (struct bytes){NULL, 0} : unpack(&at, buf + used);
      if (key.data == NULL || (value.data == NULL && !it->keys_only)) {
        complain(run, "the rows do not fit into the bytes: was this iterator made for keys only?");
        return;
      }
      answer_row(run, key.data, key.size, value.data, value.size);
    }
    if (at != buf + used) complain(run, "%zu bytes used, %zu read", used, (size_t)(at - buf));
  }
}

void read_rows(struct run* run, const struct open_iter* it) {
  if (run->packed)
    read_packed(run, it);
  else
    read_plain(run, it->iter);
  if (run->outcome.status == SHALE_END) run->outcome.status = SHALE_OK;
}

static shale_status make_iter(struct run* run, const struct args* args, shale_iter** iter) {
  shale_error* error = NULL;
  const shale_status status = args->has_prefix
                                  ? shale_iter_prefix(run->db, args->prefix.data, args->prefix.size,
                                                      args->limit, iter, args->flags, &error)
                                  : shale_iter_new(run->db, args->from.data, args->from.size, args->to.data,
                                                   args->to.size, args->limit, iter, args->flags, &error);
  settle(run, status, &error);
  return status;
}

static void do_scan(struct run* run, const struct args* args) {
  struct open_iter it = {.keys_only = (args->flags & SHALE_KEYS_ONLY) != 0};
  if (make_iter(run, args, &it.iter) == SHALE_OK) read_rows(run, &it);
  shale_iter_free(it.iter);
}

struct open_iter* find_iter(struct run* run, const struct word* name, bool make) {
  struct open_iter* place = NULL;
  if (name->kind != WORD_PLAIN) {
    refuse(run, "the name of an iterator must stand first");
    return NULL;
  }
  for (size_t i = 0; i < ITERS_MAX; i++) {
    struct open_iter* it = &run->iters[i];
    if (it->name != NULL && strcmp(it->name, name->text) == 0) {
      if (make) refuse(run, "iterator %s is there already", name->text);
      return it;
    }
    if (it->name == NULL && place == NULL) place = it;
  }
  if (!make || place == NULL) {
    refuse(run, "there is no iterator %s, or no room for it", name->text);
    return NULL;
  }
  return place;
}

void keep_iter(struct open_iter* it, const struct word* name, const struct args* args, shale_iter* iter) {
  if (iter == NULL) return;
  *it = (struct open_iter){name->text, iter, (args->flags & SHALE_KEYS_ONLY) != 0};
}

static void do_iter(struct run* run, const struct args* args) {
  struct open_iter* it = find_iter(run, &args->plain[0], true);
  shale_iter* iter = NULL;
  if (it == NULL || it->iter != NULL) return;
  make_iter(run, args, &iter);
  keep_iter(it, &args->plain[0], args, iter);
}

static void do_resume(struct run* run, const struct args* args) {
  struct open_iter* it = find_iter(run, &args->plain[0], true);
  const struct bytes token = args->plain[1].bytes;
  shale_error* error = NULL;
  shale_iter* iter = NULL;
  if (it == NULL || it->iter != NULL) return;
  settle(run, shale_iter_resume(run->db, token.data, token.size, &iter, &error), &error);
  keep_iter(it, &args->plain[0], args, iter);
}

static void do_next(struct run* run, const struct args* args) {
  const struct open_iter* it = find_iter(run, &args->plain[0], false);
  const void *key, *value;
  size_t key_len, value_len;
  shale_error* error = NULL;
  if (it == NULL) return;
  settle(run, shale_iter_next(it->iter, &key, &key_len, &value, &value_len, &error), &error);
  if (run->outcome.status != SHALE_OK) return;
  if ((value == NULL) != it->keys_only) complain(run, "a value of a row that has none, or none");
  answer_bytes(run, key, key_len);
  if (value != NULL) answer_bytes(run, value, value_len);
}

static void do_rows(struct run* run, const struct args* args) {
  const struct open_iter* it = find_iter(run, &args->plain[0], false);
  if (it != NULL) read_rows(run, it);
}

static void do_token(struct run* run, const struct args* args) {
  const struct open_iter* it = find_iter(run, &args->plain[0], false);
  const void* token = NULL;
  size_t size = 0;
  shale_error* error = NULL;
  if (it == NULL) return;
  settle(run, shale_iter_token(it->iter, &token, &size, &error), &error);
  if (run->outcome.status == SHALE_OK) answer_bytes(run, token, size);
}

static void do_free(struct run* run, const struct args* args) {
  struct open_iter* it = find_iter(run, &args->plain[0], false);
  if (it == NULL) return;
  shale_iter_free(it->iter);
  *it = (struct open_iter){0};
  run->outcome.status = SHALE_OK;
}

const struct verb scan_verbs[] = {
    {"scan", 0, do_scan, false}, {"iter", 1, do_iter, false},   {"next", 1, do_next, false},
    {"rows", 1, do_rows, false}, {"token", 1, do_token, false}, {"resume", 2, do_resume, false},
    {"free", 1, do_free, false}, {NULL, 0, NULL, false},
};
