/* Rows of an iterator as Ruby objects. From disk many rows come with one trip without the GVL; in memory one
 * at a time, so that each value is what it is when its row is reached. */
#include <string.h>

#include "shale_rb.h"

enum { kFirstBytes = 16 * 1024, kMostBytes = 256 * 1024 };

typedef struct {
  shale_iter* iter;
  char* buf;
  size_t cap;
  size_t used;
  size_t rows;
  shale_error* err;
  shale_status status;
} packed_call;

static void next_packed(void* p) {
  packed_call* c = p;
  c->status = shale_iter_next_packed(c->iter, c->buf, c->cap, &c->used, &c->rows, &c->err);
}

static VALUE row_of(const shale_rb_iter* h, const void* key, size_t key_len, const void* value,
                    size_t value_len) {
  VALUE k = shale_rb_string(key, key_len, h->encoding);
  return h->keys_only ? k : rb_assoc_new(k, shale_rb_string(value, value_len, h->encoding));
}

static uint32_t read_u32(const char* at) {
  const unsigned char* b = (const unsigned char*)at;
  return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static VALUE unpack(const shale_rb_iter* h, const packed_call* c) {
  VALUE rows = rb_ary_new_capa((long)c->rows);
  const char* at = c->buf;
  for (size_t i = 0; i < c->rows; i++) {
    const uint32_t key_len = read_u32(at);
    const char* key = at + 4;
    at = key + key_len;
    uint32_t value_len = 0;
    const char* value = at;
    if (!h->keys_only) {
      value_len = read_u32(at);
      value = at + 4;
      at = value + value_len;
    }
    rb_ary_push(rows, row_of(h, key, key_len, value, value_len));
  }
  return rows;
}

static void grow(shale_rb_iter* h, size_t cap) {
  if (cap <= h->cap) return;
  h->rows = ruby_xrealloc(h->rows, cap);
  h->cap = cap;
}

static VALUE rows_from_disk(VALUE object, shale_rb_iter* h) {
  packed_call c = {.iter = h->iter};
  grow(h, h->cap == 0 ? kFirstBytes : h->cap < kMostBytes ? h->cap * 2 : h->cap);
  do {
    if (c.status == SHALE_TOO_SMALL) grow(h, c.used);
    c.buf = h->rows;
    c.cap = h->cap;
    shale_rb_release(object, Qnil, next_packed, &c);
  } while (c.status == SHALE_TOO_SMALL);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  return c.status == SHALE_END ? Qnil : unpack(h, &c);
}

static VALUE row_from_memory(shale_rb_iter* h) {
  const void *key, *value;
  size_t key_len, value_len;
  shale_error* err = NULL;
  const shale_status status = shale_iter_next(h->iter, &key, &key_len, &value, &value_len, &err);
  if (status < 0) shale_rb_raise(status, err);
  return status == SHALE_END ? Qnil : rb_ary_new_from_args(1, row_of(h, key, key_len, value, value_len));
}

/* Raw.rows(iter) -> the next rows ([key, value] each, or the key alone), nil at the end. */
static VALUE raw_rows(VALUE module, VALUE object) {
  shale_rb_iter* h = shale_rb_iter_of(object);
  (void)module;
  VALUE rows = h->disk ? rows_from_disk(object, h) : row_from_memory(h);
  RB_GC_GUARD(object);
  return rows;
}

void shale_rb_init_rows(VALUE raw) {
  rb_define_module_function(raw, "rows", raw_rows, 1);
}
