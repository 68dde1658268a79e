/* Long work that tells how far it is, without the GVL but for the telling. A block that raises, breaks or
 * returns false ends the work; what it raised goes on when the library has come back. Without a block the GVL
 * is taken now and then to serve interrupts, so that Timeout and Thread#kill work.
 *
 *  1. What a call needs and gives has the long_work as its first member, and lives on the C stack.
 *  2. Its Strings are frozen and held by the caller until shale_rb_perform is back. */
#ifndef SHALE_RUBY_LONG_WORK_H_
#define SHALE_RUBY_LONG_WORK_H_

#include "shale_rb.h"

typedef struct {
  VALUE block; /* nil: nobody is told */
  int64_t done, total, looked_ms;
  bool stop;
  int failed;
  /* of the call */
  char* report; /* JSON of the library, or NULL */
  shale_error* err;
  shale_status status;
} long_work;

/* The progress function; its context is the long_work. */
int32_t shale_rb_tell(void* context, int64_t done, int64_t total);
/* Calls run(work) without the GVL. What the block raised comes before what the library says about it; first
 * is counted as for shale_rb_release. On return the status is OK or an outcome. */
void shale_rb_perform(VALUE first, void (*run)(void*), long_work* work);
/* The report as a String, nil if there is none; once. */
VALUE shale_rb_take_report(long_work* work);

#endif /* SHALE_RUBY_LONG_WORK_H_ */
