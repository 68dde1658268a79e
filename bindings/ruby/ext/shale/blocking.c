/* When the GVL is given up, and how. A call that answers from memory keeps it: giving it up means to wait for
 * the time slice of whoever takes it, up to 100 ms, for an answer that takes less than a microsecond. A call
 * that may wait for the disk gives it up, so that the other threads of the program go on. */
#include "shale_rb.h"

enum {
  kLargeBytes = 64 * 1024, /* copying this into a log takes longer than the GVL's way around */
  kLookEvery = 64,         /* writes between two looks at the bytes that wait to be indexed */
};

static uint64_t g_releases; /* changes only while the GVL is held */

typedef struct {
  void (*run)(void*);
  void* call;
  bool ran;
} trip;

static void* travel(void* arg) {
  trip* t = arg;
  t->run(t->call);
  t->ran = true;
  return NULL;
}

static VALUE serve_interrupts(VALUE unused) {
  rb_thread_check_ints();
  return unused;
}

void shale_rb_release(VALUE first, VALUE second, void (*run)(void*), void* call) {
  trip t = {run, call, false};
  int failed = 0;
  g_releases++;
  /* Counted over the whole time, interrupts included: another thread that closes the handle meanwhile frees
   * nothing. */
  shale_rb_count_inside(first, 1);
  shale_rb_count_inside(second, 1);
  while (!t.ran && failed == 0) {
    /* This form never raises: what the call hands over cannot be lost to Thread#kill or Timeout. It comes
     * back without having run when an interrupt waits; that is served here, where nothing is owned yet. */
    rb_thread_call_without_gvl2(travel, &t, NULL, NULL);
    if (!t.ran) rb_protect(serve_interrupts, Qnil, &failed);
  }
  shale_rb_count_inside(second, -1);
  shale_rb_count_inside(first, -1);
  if (failed != 0) rb_jump_tag(failed);
  RB_GC_GUARD(first);
  RB_GC_GUARD(second);
}

/* Writers wait when the updates that are in the log and not yet in the index reach a bound. Near it, let go
 * of the GVL. */
static bool crowded(shale_rb_db* h) {
  if (h->writes++ % kLookEvery != 0) return h->crowded;
  int64_t pending = 0;
  h->crowded = shale_stat(h->db, "pending.bytes", &pending, NULL) == SHALE_OK && pending > h->crowded_bytes;
  return h->crowded;
}

bool shale_rb_write_waits(VALUE db, size_t bytes, uint32_t flags, bool asks, const void* key,
                          size_t key_len) {
  shale_rb_db* h = shale_rb_db_of(db);
  if (!h->disk || h->db == NULL) return false;
  if (h->syncs || (flags & SHALE_SYNC) != 0 || bytes >= kLargeBytes || crowded(h)) return true;
  return asks && shale_exists(h->db, key, key_len, SHALE_CACHE_ONLY, NULL) == SHALE_WOULD_BLOCK;
}

VALUE shale_rb_releases(VALUE self) {
  (void)self;
  return ULL2NUM(g_releases);
}
