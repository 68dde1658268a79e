/* Long work that tells how far it is, without the GVL but for the telling; and removals from memory. A block
 * that raises, breaks or returns false ends the work; what it raised goes on when the library has come back.
 * Without a block the GVL is taken now and then to serve interrupts, so that Timeout and Thread#kill work. */
#include <string.h>
#include <time.h>

#include "shale_rb.h"

enum { kLookEveryMs = 50 };

typedef struct {
  VALUE block; /* nil: nobody is told */
  int64_t done, total, looked_ms;
  bool stop;
  int failed;
  /* the call */
  shale_db* db;
  const char *path, *new_path;
  int64_t numbers[3];
  char* report;
  shale_error* err;
  shale_status status;
} long_work;

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static VALUE tell(VALUE arg) {
  long_work* w = (long_work*)arg;
  rb_thread_check_ints();
  if (!NIL_P(w->block) &&
      rb_funcall(w->block, rb_intern("call"), 2, LL2NUM(w->done), LL2NUM(w->total)) == Qfalse)
    w->stop = true;
  return Qnil;
}

static void* tell_with_gvl(void* arg) {
  long_work* w = arg;
  rb_protect(tell, (VALUE)w, &w->failed);
  return NULL;
}

static int32_t tell_progress(void* context, int64_t done, int64_t total) {
  long_work* w = context;
  if (NIL_P(w->block)) {
    const int64_t now = now_ms();
    if (now - w->looked_ms < kLookEveryMs) return 0;
    w->looked_ms = now;
  }
  w->done = done;
  w->total = total;
  rb_thread_call_with_gvl(tell_with_gvl, w);
  return w->stop || w->failed != 0;
}

static void reclaim(void* p) {
  long_work* w = p;
  w->status = shale_reclaim(w->db, tell_progress, w, 0, &w->err);
}

static void verify(void* p) {
  long_work* w = p;
  w->status = shale_verify(w->path, tell_progress, w, &w->numbers[0], &w->report, 0, &w->err);
}

static void salvage(void* p) {
  long_work* w = p;
  w->status = shale_salvage(w->path, w->new_path, tell_progress, w, &w->numbers[0], &w->numbers[1],
                            &w->numbers[2], &w->report, 0, &w->err);
}

/* Runs the work. What the block raised comes before what the library says about it. */
static void perform(VALUE first, void (*run)(void*), long_work* w) {
  w->looked_ms = now_ms();
  shale_rb_release(first, Qnil, run, w);
  if (w->failed != 0) {
    shale_mem_free(w->report);
    shale_error_free(w->err);
    rb_jump_tag(w->failed);
  }
  if (w->status < 0) shale_rb_raise(w->status, w->err);
}

/* Raw.reclaim(db, block or nil) -> status */
static VALUE raw_reclaim(VALUE module, VALUE self, VALUE block) {
  (void)module;
  long_work w = {.block = block, .db = shale_rb_open_db(self)};
  perform(self, reclaim, &w);
  RB_GC_GUARD(block);
  return INT2FIX(w.status);
}

/* Raw.verify(path, block or nil) -> [status, problems, report as JSON or nil] */
static VALUE raw_verify(VALUE module, VALUE path, VALUE block) {
  (void)module;
  VALUE held = shale_rb_bytes(path);
  long_work w = {.block = block, .path = StringValueCStr(held)};
  perform(Qnil, verify, &w);
  RB_GC_GUARD(held);
  VALUE report = w.report == NULL ? Qnil : shale_rb_take_memory(w.report, strlen(w.report));
  RB_GC_GUARD(block);
  return rb_ary_new_from_args(3, INT2FIX(w.status), LL2NUM(w.numbers[0]), report);
}

/* Raw.salvage(path, new_path, block or nil) -> [status, report as JSON or nil]; the numbers are in it. */
static VALUE raw_salvage(VALUE module, VALUE path, VALUE new_path, VALUE block) {
  (void)module;
  VALUE held = shale_rb_bytes(path), new_held = shale_rb_bytes(new_path);
  long_work w = {.block = block, .path = StringValueCStr(held), .new_path = StringValueCStr(new_held)};
  perform(Qnil, salvage, &w);
  RB_GC_GUARD(held);
  RB_GC_GUARD(new_held);
  VALUE report = w.report == NULL ? Qnil : shale_rb_take_memory(w.report, strlen(w.report));
  RB_GC_GUARD(block);
  return rb_ary_new_from_args(2, INT2FIX(w.status), report);
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
  rb_define_module_function(raw, "verify", raw_verify, 2);
  rb_define_module_function(raw, "salvage", raw_salvage, 3);
  rb_define_module_function(raw, "events_poll", raw_events_poll, 1);
}
