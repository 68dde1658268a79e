/* Loads of one caller a key. A lease is an object of its own, made before the call that may bring it; the
 * Ruby layer runs the block between two calls. What memory knows is answered with the GVL; waiting for
 * somebody else's load is done without it, and in slices, between which Ruby serves interrupts. */
#include <string.h>

#include "shale_rb.h"

enum { kStackValueBytes = 4096 };

typedef struct {
  shale_db* db;
  const void* key;
  size_t key_len;
  int64_t wait_ms, hold_ms;
  uint32_t flags;
  char* buf;
  shale_pin* pin;
  const void* value;
  size_t value_len;
  shale_lease* lease;
  shale_error* err;
  shale_status status;
} lease_call;

static void get_or_lease(void* p) {
  lease_call* c = p;
  c->status = shale_get_or_lease(c->db, c->key, c->key_len, c->wait_ms, c->hold_ms, c->buf, kStackValueBytes,
                                 &c->pin, &c->value, &c->value_len, NULL, &c->lease, c->flags, &c->err);
}

static bool in_memory(lease_call* c) {
  return shale_get_view(c->db, c->key, c->key_len, c->buf, kStackValueBytes, &c->pin, &c->value,
                        &c->value_len, NULL, SHALE_CACHE_ONLY, NULL) == SHALE_OK;
}

/* Raw.get_or_lease(db, key, wait_ms, hold_ms, flags) -> [status, value or nil, lease or nil] */
static VALUE raw_get_or_lease(VALUE module, VALUE self, VALUE key, VALUE wait_ms, VALUE hold_ms,
                              VALUE flags) {
  char buf[kStackValueBytes];
  (void)module;
  VALUE held = shale_rb_bytes(key);
  lease_call c = {.db = shale_rb_open_db(self),
                  .key = RSTRING_PTR(held),
                  .key_len = (size_t)RSTRING_LEN(held),
                  .wait_ms = shale_rb_int64(wait_ms),
                  .hold_ms = shale_rb_int64(hold_ms),
                  .flags = shale_rb_flags(flags),
                  .buf = buf};
  const int encoding = shale_rb_db_of(self)->encoding;
  VALUE lease = Qnil;
  if (!in_memory(&c)) {
    lease = shale_rb_new_lease(shale_rb_db_of(self)->disk);
    shale_rb_release(self, Qnil, get_or_lease, &c);
    shale_rb_set_lease(lease, c.lease);
  }
  RB_GC_GUARD(held);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  if (c.status == SHALE_LEASED) { /* perhaps with a value whose time is over, which is not needed */
    shale_pin_free(c.pin);
    return rb_ary_new_from_args(3, INT2FIX(c.status), Qnil, lease);
  }
  const bool there = c.status == SHALE_OK || c.status == SHALE_STALE;
  VALUE value = there ? shale_rb_take_pin(c.pin, c.value, c.value_len, encoding) : Qnil;
  return rb_ary_new_from_args(3, INT2FIX(c.status), value, Qnil);
}

/* ---- many keys
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
  shale_db* db;
  const shale_slice* keys;
  size_t count;
  int64_t wait_ms, hold_ms;
  uint32_t flags;
  bool disk;
  int encoding;
  shale_results* results;
  shale_error* err;
  shale_status status;
} multi_lease_call;

static void multi_get_or_lease(void* p) {
  multi_lease_call* c = p;
  c->status = shale_multi_get_or_lease(c->db, c->keys, c->count, c->wait_ms, c->hold_ms, &c->results,
                                       c->flags, &c->err);
}

/* [status, value or nil, lease or nil] of one key */
static VALUE answer_at(const multi_lease_call* c, size_t index) {
  const void* value = NULL;
  size_t size = 0;
  VALUE string = Qnil, lease = Qnil;
  const shale_status status = shale_results_at(c->results, index, &value, &size, NULL);
  if (status < 0) shale_rb_raise(status, NULL);
  if (status == SHALE_OK || status == SHALE_STALE) string = shale_rb_string(value, size, c->encoding);
  if (status == SHALE_LEASED) {
    shale_lease* taken = NULL;
    lease = shale_rb_new_lease(c->disk);
    shale_results_lease(c->results, index, &taken);
    shale_rb_set_lease(lease, taken);
  }
  return rb_ary_new_from_args(3, INT2FIX(status), string, lease);
}

static VALUE answers_of(VALUE arg) {
  const multi_lease_call* c = (const multi_lease_call*)arg;
  VALUE array = rb_ary_new_capa((long)c->count);
  for (size_t i = 0; i < c->count; i++) rb_ary_push(array, answer_at(c, i));
  return array;
}

/* Raw.multi_get_or_lease(db, keys, wait_ms, hold_ms, flags) -> for each key as Raw.get_or_lease */
static VALUE raw_multi_get_or_lease(VALUE module, VALUE self, VALUE keys, VALUE wait_ms, VALUE hold_ms,
                                    VALUE flags) {
  VALUE hold;
  int failed = 0;
  (void)module;
  const shale_slice* slices = shale_rb_slices(keys, &hold);
  multi_lease_call c = {.db = shale_rb_open_db(self),
                        .keys = slices,
                        .count = (size_t)RARRAY_LEN(keys),
                        .wait_ms = shale_rb_int64(wait_ms),
                        .hold_ms = shale_rb_int64(hold_ms),
                        .flags = shale_rb_flags(flags),
                        .disk = shale_rb_db_of(self)->disk,
                        .encoding = shale_rb_db_of(self)->encoding};
  shale_rb_release(self, Qnil, multi_get_or_lease, &c);
  RB_GC_GUARD(hold);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  VALUE array = rb_protect(answers_of, (VALUE)&c, &failed);
  shale_results_free(c.results); /* and gives up the leases that were not taken out */
  if (failed != 0) rb_jump_tag(failed);
  return array;
}

typedef struct {
  shale_lease** leases;
  const shale_slice* values;
  size_t count;
  int64_t ttl_ms;
  shale_status* statuses;
  uint32_t flags;
  shale_error* err;
  shale_status status;
} multi_fulfil_call;

static void multi_fulfil(void* p) {
  multi_fulfil_call* c = p;
  c->status =
      shale_multi_lease_fulfil(c->leases, c->values, c->count, c->ttl_ms, c->statuses, c->flags, &c->err);
}

/* Raw.multi_lease_fulfil(leases, values, ttl_ms, flags) -> a status for each */
static VALUE raw_multi_lease_fulfil(VALUE module, VALUE leases, VALUE values, VALUE ttl_ms, VALUE flags) {
  VALUE values_hold, leases_hold, statuses_hold;
  (void)module;
  Check_Type(leases, T_ARRAY);
  const size_t count = (size_t)RARRAY_LEN(leases);
  multi_fulfil_call c = {.count = count,
                         .values = shale_rb_slices(values, &values_hold),
                         .ttl_ms = shale_rb_int64(ttl_ms),
                         .flags = shale_rb_flags(flags)};
  if ((size_t)RARRAY_LEN(values) != count) rb_raise(rb_eArgError, "as many values as leases");
  c.leases = ALLOCV_N(shale_lease*, leases_hold, count + 1);
  c.statuses = ALLOCV_N(shale_status, statuses_hold, count + 1);
  memset(c.statuses, 0, (count + 1) * sizeof *c.statuses);
  for (size_t i = 0; i < count; i++) c.leases[i] = shale_rb_lease_of(RARRAY_AREF(leases, (long)i))->lease;
  shale_rb_release(Qnil, Qnil, multi_fulfil, &c); /* nobody else knows these leases */
  VALUE array = rb_ary_new_capa((long)count);
  if (c.status >= 0)
    for (size_t i = 0; i < count; i++) rb_ary_push(array, INT2FIX(c.statuses[i]));
  ALLOCV_END(statuses_hold);
  ALLOCV_END(leases_hold);
  RB_GC_GUARD(values_hold);
  RB_GC_GUARD(leases);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  return array;
}

void shale_rb_init_loading(VALUE raw) {
  rb_define_module_function(raw, "get_or_lease", raw_get_or_lease, 5);
  rb_define_module_function(raw, "multi_get_or_lease", raw_multi_get_or_lease, 5);
  rb_define_module_function(raw, "multi_lease_fulfil", raw_multi_lease_fulfil, 4);
}
