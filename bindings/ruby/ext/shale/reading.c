/* The methods of Shale::DB that are called most, without a Ruby frame or an Array in between: [], []=, key?,
 * values_at, and the general read under them. All read from memory with the GVL first. */
#include <string.h>

#include "shale_rb.h"

enum { kStackValueBytes = 4096 }; /* longer values come pinned: no copy of theirs is made on the way */

typedef struct {
  shale_db* db;
  int encoding;
  const void* key;
  size_t key_len;
  uint32_t flags;
  char* buf;
  shale_pin* pin;
  const void* value;
  size_t value_len;
  int64_t version;
  shale_error* err;
  shale_status status;
} view_call;

static void view(void* p) {
  view_call* c = p;
  c->status = shale_get_view(c->db, c->key, c->key_len, c->buf, kStackValueBytes, &c->pin, &c->value,
                             &c->value_len, &c->version, c->flags, &c->err);
}

/* Reads a key into `c`, with the GVL if memory can answer. Raises on errors; other statuses are the caller's.
 */
static void read_key(const shale_rb_db* h, VALUE self, VALUE key, uint32_t flags, view_call* c) {
  Check_Type(key, T_STRING);
  c->db = h->db;
  c->encoding = h->encoding;
  c->key = RSTRING_PTR(key);
  c->key_len = (size_t)RSTRING_LEN(key);
  c->flags = flags | SHALE_CACHE_ONLY;
  c->err = NULL;
  view(c);
  if (c->status == SHALE_WOULD_BLOCK && (flags & SHALE_CACHE_ONLY) == 0) {
    VALUE held = rb_str_new_frozen(key);
    c->key = RSTRING_PTR(held);
    c->flags = flags;
    shale_rb_release(self, Qnil, view, c);
    RB_GC_GUARD(held);
  }
  if (c->status < 0) shale_rb_raise(c->status, c->err);
  RB_GC_GUARD(key);
}

static VALUE value_of(view_call* c) {
  return shale_rb_take_pin(c->pin, c->value, c->value_len, c->encoding);
}

VALUE shale_rb_get(VALUE self, VALUE key) {
  char buf[kStackValueBytes];
  view_call c = {.buf = buf};
  read_key(shale_rb_own_db(self), self, key, 0, &c);
  return c.status == SHALE_OK ? value_of(&c) : Qnil;
}

/* Raw.shale_get_view(db, key, flags) -> [status, value or nil, version] */
static VALUE raw_get_view(VALUE module, VALUE self, VALUE key, VALUE flags) {
  char buf[kStackValueBytes];
  view_call c = {.buf = buf};
  (void)module;
  shale_rb_open_db(self);
  read_key(shale_rb_db_of(self), self, key, shale_rb_flags(flags), &c);
  VALUE value = c.status == SHALE_OK ? value_of(&c) : Qnil;
  return rb_ary_new_from_args(3, INT2FIX(c.status), value, LL2NUM(c.version));
}

typedef struct {
  shale_db* db;
  const void* key;
  size_t key_len;
  const void* value;
  size_t value_len;
  shale_error* err;
  shale_status status;
} put_call;

static void put(void* p) {
  put_call* c = p;
  c->status =
      shale_put(c->db, c->key, c->key_len, c->value, c->value_len, SHALE_TTL_DEFAULT, NULL, 0, &c->err);
}

static VALUE db_aset(VALUE self, VALUE key, VALUE value) {
  VALUE result = value;
  Check_Type(key, T_STRING);
  Check_Type(value, T_STRING);
  put_call c = {.db = shale_rb_own_db(self)->db};
  c.key_len = (size_t)RSTRING_LEN(key);
  c.value_len = (size_t)RSTRING_LEN(value);
  const bool waits = shale_rb_write_waits(self, c.key_len + c.value_len, 0, false, NULL, 0);
  if (waits) {
    key = rb_str_new_frozen(key);
    value = rb_str_new_frozen(value);
  }
  c.key = RSTRING_PTR(key);
  c.value = RSTRING_PTR(value);
  if (waits) {
    shale_rb_release(self, Qnil, put, &c);
  } else {
    put(&c);
  }
  RB_GC_GUARD(key);
  RB_GC_GUARD(value);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  return result;
}

typedef struct {
  shale_db* db;
  const void* key;
  size_t key_len;
  shale_error* err;
  shale_status status;
} exists_call;

static void exists(void* p) {
  exists_call* c = p;
  c->status = shale_exists(c->db, c->key, c->key_len, 0, &c->err);
}

static VALUE db_has_key(VALUE self, VALUE key) {
  Check_Type(key, T_STRING);
  exists_call c = {
      .db = shale_rb_own_db(self)->db, .key = RSTRING_PTR(key), .key_len = (size_t)RSTRING_LEN(key)};
  c.status = shale_exists(c.db, c.key, c.key_len, SHALE_CACHE_ONLY, &c.err);
  if (c.status == SHALE_WOULD_BLOCK) {
    VALUE held = rb_str_new_frozen(key);
    c.key = RSTRING_PTR(held);
    shale_rb_release(self, Qnil, exists, &c);
    RB_GC_GUARD(held);
  }
  RB_GC_GUARD(key);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  return c.status == SHALE_OK ? Qtrue : Qfalse;
}

/* ---- many keys
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
  shale_db* db;
  shale_slice* keys;
  size_t count;
  shale_results* results;
  uint32_t flags;
  int encoding;
  shale_error* err;
  shale_status status;
} multi_call;

static void multi_get(void* p) {
  multi_call* c = p;
  c->status = shale_multi_get(c->db, c->keys, c->count, &c->results, c->flags, &c->err);
}

static bool any_would_block(const multi_call* c) {
  for (size_t i = 0; i < c->count; i++)
    if (shale_results_at(c->results, i, NULL, NULL, NULL) == SHALE_WOULD_BLOCK) return true;
  return false;
}

/* Copies the bytes of all keys to one place that no other thread and no GC touches. */
static void copy_keys(multi_call* c, char* to) {
  for (size_t i = 0; i < c->count; i++) {
    memcpy(to, c->keys[i].data, c->keys[i].size);
    c->keys[i].data = to;
    to += c->keys[i].size;
  }
}

typedef struct {
  const shale_results* results;
  size_t count;
  int encoding;
} answers;

static VALUE results_to_array(VALUE arg) {
  const answers* c = (const answers*)arg;
  VALUE array = rb_ary_new_capa((long)c->count);
  for (size_t i = 0; i < c->count; i++) {
    const void* value = NULL;
    size_t size = 0;
    const shale_status status = shale_results_at(c->results, i, &value, &size, NULL);
    if (status < 0) shale_rb_raise(status, NULL);
    VALUE none = status == SHALE_WOULD_BLOCK ? Qfalse : Qnil;
    rb_ary_push(array, status == SHALE_OK ? shale_rb_string(value, size, c->encoding) : none);
  }
  return array;
}

VALUE shale_rb_take_results(shale_results* results, size_t count, int encoding) {
  const answers c = {results, count, encoding};
  int failed = 0;
  VALUE array = rb_protect(results_to_array, (VALUE)&c, &failed);
  shale_results_free(results);
  if (failed != 0) rb_jump_tag(failed);
  return array;
}

static VALUE get_many(VALUE self, int count, const VALUE* keys, uint32_t flags) {
  VALUE slices_hold, copy_hold;
  size_t bytes = 0;
  for (int i = 0; i < count; i++) Check_Type(keys[i], T_STRING);
  multi_call c = {
      .db = shale_rb_open_db(self), .count = (size_t)count, .encoding = shale_rb_db_of(self)->encoding};
  c.keys = ALLOCV_N(shale_slice, slices_hold, count == 0 ? 1 : count);
  for (int i = 0; i < count; i++) {
    c.keys[i].data = RSTRING_PTR(keys[i]);
    c.keys[i].size = (size_t)RSTRING_LEN(keys[i]);
    bytes += c.keys[i].size;
  }
  c.flags = flags | SHALE_CACHE_ONLY;
  multi_get(&c);
  if (c.status == SHALE_OK && (flags & SHALE_CACHE_ONLY) == 0 && any_would_block(&c)) {
    shale_results_free(c.results);
    c.results = NULL;
    c.flags = flags;
    char* copy = ALLOCV_N(char, copy_hold, bytes + 1);
    copy_keys(&c, copy);
    shale_rb_release(self, Qnil, multi_get, &c);
    ALLOCV_END(copy_hold);
  }
  ALLOCV_END(slices_hold);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  return shale_rb_take_results(c.results, c.count, c.encoding);
}

static VALUE db_values_at(int argc, VALUE* argv, VALUE self) {
  return get_many(self, argc, argv, 0);
}

/* Raw.shale_multi_get(db, keys, flags) -> one String, nil (no such key) or false (would block) for each key
 */
static VALUE raw_multi_get(VALUE module, VALUE self, VALUE keys, VALUE flags) {
  (void)module;
  Check_Type(keys, T_ARRAY);
  VALUE own = rb_ary_dup(keys); /* what `keys` holds may change while the GVL is away */
  VALUE array = get_many(self, (int)RARRAY_LEN(own), RARRAY_CONST_PTR(own), shale_rb_flags(flags));
  RB_GC_GUARD(own);
  return array;
}

void shale_rb_init_reading(VALUE db_class, VALUE raw) {
  rb_define_method(db_class, "[]", shale_rb_get, 1);
  rb_define_method(db_class, "[]=", db_aset, 2);
  rb_define_method(db_class, "key?", db_has_key, 1);
  rb_define_method(db_class, "values_at", db_values_at, -1);
  rb_define_module_function(raw, "shale_get_view", raw_get_view, 3);
  rb_define_module_function(raw, "shale_multi_get", raw_multi_get, 3);
}
