/* Administration: long work on a store, and removals from memory. */
#include <string.h>

#include "long_work.h"

/* ---- of an open store ---- */

typedef struct {
  long_work work;
  shale_db* db;
  const char *from, *to;
  size_t from_len, to_len;
  uint32_t flags;
  int64_t keys, bytes;
} store_work;

static void reclaim(void* p) {
  store_work* w = p;
  w->work.status = shale_reclaim(w->db, shale_rb_tell, w, 0, &w->work.err);
}

static void count(void* p) {
  store_work* w = p;
  w->work.status = shale_count(w->db, w->from, w->from_len, w->to, w->to_len, shale_rb_tell, w, &w->keys,
                               &w->bytes, w->flags, &w->work.err);
}

static void compact(void* p) {
  store_work* w = p;
  w->work.status =
      shale_compact(w->db, w->from, w->from_len, w->to, w->to_len, shale_rb_tell, w, w->flags, &w->work.err);
}

/* Raw.reclaim(db, block or nil) -> status */
static VALUE raw_reclaim(VALUE module, VALUE self, VALUE block) {
  (void)module;
  store_work w = {.work = {.block = block}, .db = shale_rb_open_db(self)};
  shale_rb_perform(self, reclaim, &w.work);
  RB_GC_GUARD(block);
  return INT2FIX(w.work.status);
}

/* Work on a range, the bounds of which may be nil. */
static store_work on_range(VALUE self, VALUE* from, VALUE* to, VALUE flags, VALUE block) {
  store_work w = {.work = {.block = block}, .flags = shale_rb_flags(flags)};
  if (!NIL_P(*from)) {
    *from = shale_rb_bytes(*from);
    w.from = RSTRING_PTR(*from);
    w.from_len = (size_t)RSTRING_LEN(*from);
  }
  if (!NIL_P(*to)) {
    *to = shale_rb_bytes(*to);
    w.to = RSTRING_PTR(*to);
    w.to_len = (size_t)RSTRING_LEN(*to);
  }
  w.db = shale_rb_open_db(self);
  return w;
}

/* Raw.count(db, from, to, flags, block or nil) -> [status, keys, bytes] */
static VALUE raw_count(VALUE module, VALUE self, VALUE from, VALUE to, VALUE flags, VALUE block) {
  (void)module;
  store_work w = on_range(self, &from, &to, flags, block);
  shale_rb_perform(self, count, &w.work);
  RB_GC_GUARD(from);
  RB_GC_GUARD(to);
  RB_GC_GUARD(block);
  return rb_ary_new_from_args(3, INT2FIX(w.work.status), LL2NUM(w.keys), LL2NUM(w.bytes));
}

/* Raw.compact(db, from, to, flags, block or nil) -> status */
static VALUE raw_compact(VALUE module, VALUE self, VALUE from, VALUE to, VALUE flags, VALUE block) {
  (void)module;
  store_work w = on_range(self, &from, &to, flags, block);
  shale_rb_perform(self, compact, &w.work);
  RB_GC_GUARD(from);
  RB_GC_GUARD(to);
  RB_GC_GUARD(block);
  return INT2FIX(w.work.status);
}

/* ---- of a store that is not open ---- */

typedef struct {
  long_work work;
  const char *path, *new_path;
  const shale_options *options, *new_options;
  int64_t numbers[3];
} path_work;

static void verify(void* p) {
  path_work* w = p;
  w->work.status = shale_verify_with(w->path, w->options, shale_rb_tell, w, &w->numbers[0], &w->work.report,
                                     0, &w->work.err);
}

static void salvage(void* p) {
  path_work* w = p;
  w->work.status =
      shale_salvage_with(w->path, w->options, w->new_path, w->new_options, shale_rb_tell, w, &w->numbers[0],
                         &w->numbers[1], &w->numbers[2], &w->work.report, 0, &w->work.err);
}

static void rewrite(void* p) {
  path_work* w = p;
  w->work.status = shale_rewrite(w->path, w->options, w->new_path, w->new_options, shale_rb_tell, w,
                                 &w->numbers[0], 0, &w->work.err);
}

/* Raw.verify_with(path, options, block or nil) -> [status, problems, report as JSON or nil] */
static VALUE raw_verify(VALUE module, VALUE path, VALUE options, VALUE block) {
  (void)module;
  VALUE held = shale_rb_bytes(path);
  path_work w = {
      .work = {.block = block}, .path = StringValueCStr(held), .options = shale_rb_options_of(options)};
  shale_rb_perform(Qnil, verify, &w.work);
  RB_GC_GUARD(held);
  RB_GC_GUARD(options);
  RB_GC_GUARD(block);
  VALUE report = shale_rb_take_report(&w.work);
  return rb_ary_new_from_args(3, INT2FIX(w.work.status), LL2NUM(w.numbers[0]), report);
}

/* Makes a store of another one -> [status, first number, report as JSON or nil]. */
static VALUE make_of(void (*run)(void*), VALUE path, VALUE options, VALUE new_path, VALUE new_options,
                     VALUE block) {
  VALUE held = shale_rb_bytes(path), new_held = shale_rb_bytes(new_path);
  path_work w = {.work = {.block = block},
                 .path = StringValueCStr(held),
                 .new_path = StringValueCStr(new_held),
                 .options = shale_rb_options_of(options),
                 .new_options = shale_rb_options_of(new_options)};
  shale_rb_perform(Qnil, run, &w.work);
  RB_GC_GUARD(held);
  RB_GC_GUARD(new_held);
  RB_GC_GUARD(options);
  RB_GC_GUARD(new_options);
  RB_GC_GUARD(block);
  VALUE report = shale_rb_take_report(&w.work);
  return rb_ary_new_from_args(3, INT2FIX(w.work.status), LL2NUM(w.numbers[0]), report);
}

/* Raw.salvage_with(path, options, new_path, new_options, block or nil); all its numbers are in the report. */
static VALUE raw_salvage(VALUE module, VALUE path, VALUE options, VALUE new_path, VALUE new_options,
                         VALUE block) {
  (void)module;
  return make_of(salvage, path, options, new_path, new_options, block);
}

/* Raw.rewrite(path, options, new_path, new_options, block or nil), without a report */
static VALUE raw_rewrite(VALUE module, VALUE path, VALUE options, VALUE new_path, VALUE new_options,
                         VALUE block) {
  (void)module;
  return make_of(rewrite, path, options, new_path, new_options, block);
}

/* Raw.options_set_key(options, key): from the String itself, of which no copy is left behind. */
static VALUE raw_options_set_key(VALUE module, VALUE options, VALUE key) {
  shale_error* err = NULL;
  (void)module;
  Check_Type(key, T_STRING);
  if (RSTRING_LEN(key) == 0) shale_rb_raise_text(SHALE_E_INVALID, "a key has 32 bytes, not 0");
  const shale_status status =
      shale_options_set_key(shale_rb_options_of(options), RSTRING_PTR(key), (size_t)RSTRING_LEN(key), &err);
  RB_GC_GUARD(key);
  if (status < 0) shale_rb_raise(status, err);
  return Qnil;
}

/* ---- removals ---- */

enum { kEventBytes = SHALE_KEY_BYTES_MAX + 64, kEventHeadBytes = 1 + 8 + 4 }; /* the longest row fits */

static uint64_t number_at(const unsigned char* at, int bytes) {
  uint64_t number = 0;
  for (int i = bytes - 1; i >= 0; i--) number = number << 8 | at[i];
  return number;
}

/* Raw.events_poll(db) -> [[[reason, version, key], ...], dropped] */
static VALUE raw_events_poll(VALUE module, VALUE self) {
  VALUE hold;
  size_t used = 0, rows = 0;
  int64_t dropped = 0;
  shale_error* err = NULL;
  (void)module;
  shale_db* db = shale_rb_open_db(self);
  const int encoding = shale_rb_db_of(self)->encoding;
  unsigned char* buf = ALLOCV_N(unsigned char, hold, kEventBytes);
  const shale_status status = shale_events_poll(db, buf, kEventBytes, &used, &rows, &dropped, &err);
  if (status < 0) shale_rb_raise(status, err);
  VALUE list = rb_ary_new_capa((long)rows);
  const unsigned char* at = buf;
  for (size_t i = 0; i < rows; i++) {
    const size_t size = (size_t)number_at(at + 9, 4);
    VALUE key = shale_rb_string(at + kEventHeadBytes, size, encoding);
    rb_ary_push(list, rb_ary_new_from_args(3, INT2FIX(at[0]), LL2NUM((int64_t)number_at(at + 1, 8)), key));
    at += kEventHeadBytes + size;
  }
  ALLOCV_END(hold);
  return rb_assoc_new(list, LL2NUM(dropped));
}

void shale_rb_init_tools(VALUE raw) {
  rb_define_module_function(raw, "reclaim", raw_reclaim, 2);
  rb_define_module_function(raw, "count", raw_count, 5);
  rb_define_module_function(raw, "compact", raw_compact, 5);
  rb_define_module_function(raw, "verify_with", raw_verify, 3);
  rb_define_module_function(raw, "salvage_with", raw_salvage, 5);
  rb_define_module_function(raw, "rewrite", raw_rewrite, 5);
  rb_define_module_function(raw, "options_set_key", raw_options_set_key, 2);
  rb_define_module_function(raw, "events_poll", raw_events_poll, 1);
}
