/* Verbs on one key. A read is made in each of its four forms, which must agree. */
#include <stdlib.h>
#include <string.h>

#include "conformance/run.h"

struct answer {
  shale_status status;
  struct bytes value;
  int64_t version;
};

static void same_answer(struct run* run, const char* form, const struct answer* a, const struct answer* b) {
  if (a->status != b->status)
    complain(run, "%s says %s, shale_get says %s", form, shale_status_name(b->status),
             shale_status_name(a->status));
  if (a->version != b->version) complain(run, "%s gives another version", form);
  if (a->value.size != b->value.size) complain(run, "%s gives another length", form);
  if (a->value.size == b->value.size && a->value.size != 0 &&
      memcmp(a->value.data, b->value.data, a->value.size) != 0)
    complain(run, "%s gives other bytes", form);
}

static void get_pinned_form(struct run* run, struct bytes key, uint32_t flags, const struct answer* first) {
  shale_pin* pin = NULL;
  struct answer got = {0};
  const void* value = NULL;
  got.status =
      shale_get_pinned(run->db, key.data, key.size, &pin, &value, &got.value.size, &got.version, flags, NULL);
  got.value.data = value;
  if ((got.status == SHALE_OK) != (pin != NULL))
    complain(run, "shale_get_pinned: a pin without a value, or none");
  same_answer(run, "shale_get_pinned", first, &got);
  shale_pin_free(pin);
}

static void get_view_form(struct run* run, struct bytes key, uint32_t flags, const struct answer* first) {
  char buf[16];
  shale_pin* pin = NULL;
  struct answer got = {0};
  const void* value = NULL;
  got.status = shale_get_view(run->db, key.data, key.size, buf, sizeof buf, &pin, &value, &got.value.size,
                              &got.version, flags, NULL);
  got.value.data = value;
  if (got.status == SHALE_OK && (pin != NULL) != (got.value.size > sizeof buf))
    complain(run, "shale_get_view pinned a short value, or copied a long one");
  same_answer(run, "shale_get_view", first, &got);
  shale_pin_free(pin);
}

static void get_into_form(struct run* run, struct bytes key, uint32_t flags, const struct answer* first) {
  struct answer got = {0};
  got.status =
      shale_get_into(run->db, key.data, key.size, NULL, 0, &got.value.size, &got.version, flags, NULL);
  if (first->status == SHALE_OK && first->value.size > 0) {
    if (got.status != SHALE_TOO_SMALL || got.value.size != first->value.size)
      complain(run, "shale_get_into without room says %s, %zu bytes", shale_status_name(got.status),
               got.value.size);
    char* buf = arena_take(run->arena, first->value.size);
    got.status = shale_get_into(run->db, key.data, key.size, buf, first->value.size, &got.value.size,
                                &got.version, flags, NULL);
    got.value.data = buf;
  }
  same_answer(run, "shale_get_into", first, &got);
}

static void do_get(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  void* value = NULL;
  struct answer first = {0};
  first.status =
      shale_get(run->db, key.data, key.size, &value, &first.value.size, &first.version, args->flags, &error);
  first.value.data = value;
  settle(run, first.status, &error);
  get_pinned_form(run, key, args->flags, &first);
  get_view_form(run, key, args->flags, &first);
  get_into_form(run, key, args->flags, &first);
  if (first.status == SHALE_OK) answer_bytes(run, value, first.value.size);
  shale_mem_free(value);
}

/* Without filling: to look at a version must not change what later lines see. */
static shale_status read_version(struct run* run, struct bytes key, int64_t* version, shale_error** err) {
  size_t size = 0;
  const shale_status status =
      shale_get_into(run->db, key.data, key.size, NULL, 0, &size, NULL, SHALE_NO_FILL, err);
  if (status != SHALE_TOO_SMALL && status != SHALE_OK) return status;
  char* buf = arena_take(run->arena, size);
  return shale_get_into(run->db, key.data, key.size, buf, size, &size, version, SHALE_NO_FILL, err);
}

/* The version that a write returned is the one a read finds, unless the key's time was over already. */
static void check_version(struct run* run, const char* call, struct bytes key, int64_t made) {
  int64_t found = SHALE_VERSION_ABSENT;
  const shale_status status = read_version(run, key, &found, NULL);
  if (status == SHALE_OK && found != made)
    complain(run, "%s returned version %lld, a read %lld", call, (long long)made, (long long)found);
}

static void do_version_of(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  int64_t version = 0;
  const shale_status status = read_version(run, args->plain[0].bytes, &version, &error);
  settle(run, status, &error);
  if (status == SHALE_OK) answer_number(run, version);
}

static void do_exists(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  settle(run, shale_exists(run->db, key.data, key.size, args->flags, &error), &error);
}

static void do_ttl(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  int64_t left_ms = 0;
  const shale_status status = shale_ttl(run->db, key.data, key.size, &left_ms, args->flags, &error);
  settle(run, status, &error);
  if (status != SHALE_OK) return;
  if (left_ms == SHALE_TTL_NEVER)
    answer_word(run, "never");
  else
    answer_number(run, left_ms);
}

static void do_put(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes, value = args->plain[1].bytes;
  shale_error* error = NULL;
  int64_t version = 0;
  const shale_status status = shale_put(run->db, key.data, key.size, value.data, value.size, args->ttl_ms,
                                        &version, args->flags, &error);
  settle(run, status, &error);
  if (status == SHALE_OK) check_version(run, "shale_put", key, version);
}

static void do_delete(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  settle(run, shale_delete(run->db, key.data, key.size, args->flags, &error), &error);
}

static void do_get_and_set(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes, value = args->plain[1].bytes;
  shale_error* error = NULL;
  void* old = NULL;
  size_t old_len = 0;
  int64_t version = 0;
  const shale_status status = shale_get_and_set(run->db, key.data, key.size, value.data, value.size,
                                                args->ttl_ms, &old, &old_len, &version, args->flags, &error);
  settle(run, status, &error);
  if (status >= 0) check_version(run, "shale_get_and_set", key, version);
  if (status == SHALE_OK) answer_bytes(run, old, old_len);
  shale_mem_free(old);
}

static void do_compare_and_set(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes, expected = args->plain[1].bytes,
                     value = args->plain[2].bytes;
  shale_error* error = NULL;
  int64_t version = 0;
  const shale_status status =
      shale_compare_and_set(run->db, key.data, key.size, expected.data, expected.size, value.data, value.size,
                            args->ttl_ms, &version, args->flags, &error);
  settle(run, status, &error);
  if (status == SHALE_OK) check_version(run, "shale_compare_and_set", key, version);
}

static void do_compare_version_and_set(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes, value = args->plain[2].bytes;
  shale_error* error = NULL;
  int64_t version = 0;
  const shale_status status =
      shale_compare_version_and_set(run->db, key.data, key.size, args->plain[1].number, value.data,
                                    value.size, args->ttl_ms, &version, args->flags, &error);
  settle(run, status, &error);
  if (status == SHALE_OK || status == SHALE_MISMATCH)
    check_version(run, "shale_compare_version_and_set", key, version);
}

static void do_compare_and_delete(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes, expected = args->plain[1].bytes;
  shale_error* error = NULL;
  settle(run,
         shale_compare_and_delete(run->db, key.data, key.size, expected.data, expected.size, args->flags,
                                  &error),
         &error);
}

static void do_compare_version_and_delete(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  settle(run,
         shale_compare_version_and_delete(run->db, key.data, key.size, args->plain[1].number, args->flags,
                                          &error),
         &error);
}

typedef shale_status add_call(shale_db*, const void*, size_t, int64_t, int64_t*, uint32_t, shale_error**);

static void add(struct run* run, const struct args* args, add_call* call) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  int64_t sum = 0;
  const shale_status status =
      call(run->db, key.data, key.size, args->plain[1].number, &sum, args->flags, &error);
  settle(run, status, &error);
  if (status == SHALE_OK) answer_number(run, sum);
}

static void do_incr(struct run* run, const struct args* args) {
  add(run, args, shale_incr);
}

static void do_decr(struct run* run, const struct args* args) {
  add(run, args, shale_decr);
}

static void do_expire(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  settle(run, shale_expire(run->db, key.data, key.size, args->plain[1].number, args->flags, &error), &error);
}

static void do_persist(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  shale_error* error = NULL;
  settle(run, shale_persist(run->db, key.data, key.size, args->flags, &error), &error);
}

const struct verb key_verbs[] = {
    {"get", 1, do_get, false},
    {"version-of", 1, do_version_of, false},
    {"exists", 1, do_exists, false},
    {"ttl", 1, do_ttl, false},
    {"put", 2, do_put, false},
    {"delete", 1, do_delete, false},
    {"get-and-set", 2, do_get_and_set, false},
    {"compare-and-set", 3, do_compare_and_set, false},
    {"compare-version-and-set", 3, do_compare_version_and_set, false},
    {"compare-and-delete", 2, do_compare_and_delete, false},
    {"compare-version-and-delete", 2, do_compare_version_and_delete, false},
    {"incr", 2, do_incr, false},
    {"decr", 2, do_decr, false},
    {"expire", 2, do_expire, false},
    {"persist", 1, do_persist, false},
    {NULL, 0, NULL, false},
};
