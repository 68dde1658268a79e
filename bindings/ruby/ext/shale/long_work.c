/* How long work tells how far it is: see long_work.h. */
#include "long_work.h"

#include <string.h>
#include <time.h>

enum { kLookEveryMs = 50 };

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

int32_t shale_rb_tell(void* context, int64_t done, int64_t total) {
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

void shale_rb_perform(VALUE first, void (*run)(void*), long_work* w) {
  w->looked_ms = now_ms();
  shale_rb_release(first, Qnil, run, w);
  if (w->failed != 0) {
    shale_mem_free(w->report);
    shale_error_free(w->err);
    rb_jump_tag(w->failed);
  }
  if (w->status < 0) shale_rb_raise(w->status, w->err);
}

VALUE shale_rb_take_report(long_work* w) {
  char* report = w->report;
  w->report = NULL;
  return report == NULL ? Qnil : shale_rb_take_memory(report, strlen(report));
}
