/* What the files of this extension share. The raw layer (Shale::Raw) comes from SWIG; written by hand is what
 * SWIG cannot know: who owns a handle, when a call gives up the GVL, how an error becomes an exception, and
 * the few methods that are called millions of times a second.
 *
 *  1. A handle is a TypedData object. Its pointer is freed once: by close, or when Ruby frees the object.
 *  2. `inside` counts the calls that are inside the library without the GVL. It changes only while the GVL is
 * held, so it needs no lock. A database is freed when it is closed and nobody is inside; iterators and
 * batches belong to one thread at a time, so a second call on them is refused.
 *  3. A String that is looked at without the GVL is frozen and on the C stack: no thread changes it, no GC
 * moves it.
 *  4. Whatever the library handed over is given back before anything raises: a raise is a longjmp. */
#ifndef SHALE_RUBY_SHALE_RB_H_
#define SHALE_RUBY_SHALE_RB_H_

#include <ruby.h>
#include <ruby/encoding.h>
#include <ruby/thread.h>
#include <shale/shale.h>
#include <stdbool.h>

/* ---- handles.c
 * --------------------------------------------------------------------------------------------------- */

typedef struct {
  shale_db* db; /* NULL before it is opened and after it was closed */
  long inside;  /* calls without the GVL */
  bool closed;  /* close was called: the last one to leave frees */
  bool disk;    /* false: nothing here ever waits for a disk */
  bool syncs;   /* option durability is "disk": every write waits */
  bool crowded; /* at the last look, updates were near the bound at which writers wait */
  int64_t crowded_bytes;
  uint32_t writes; /* counts to the next look */
  int encoding;    /* encoding index of the Strings that are returned */
} shale_rb_db;

typedef struct {
  shale_iter* iter;
  long inside;
  bool disk;
  bool keys_only;
  int encoding;
  char* rows; /* buffer of a packed read, NULL until it is needed */
  size_t cap;
} shale_rb_iter;

typedef struct {
  shale_batch* batch;
  long inside;
} shale_rb_batch;

typedef struct {
  shale_options* options;
} shale_rb_options;

typedef struct {
  shale_lease* lease; /* NULL before it was given and after it was freed, which the library refuses */
  long inside;
  bool disk;
} shale_rb_lease;

typedef struct {
  shale_snapshot* snapshot;
  long inside; /* calls without the GVL */
  bool closed; /* close was called: the last one to leave frees */
  bool disk;
  int encoding;
} shale_rb_snapshot;

void shale_rb_init_handles(VALUE shale, VALUE raw);
shale_rb_db* shale_rb_db_of(VALUE object);        /* of any state */
shale_db* shale_rb_open_db(VALUE object);         /* ClosedError unless it is open */
shale_db** shale_rb_unopened_db(VALUE object);    /* where shale_open puts its result */
void shale_rb_opened(VALUE object);               /* shale_open has succeeded */
shale_rb_iter* shale_rb_iter_of(VALUE object);    /* refuses one that is in use or closed */
shale_batch* shale_rb_batch_of(VALUE object);     /* refuses one that is in use */
shale_options* shale_rb_options_of(VALUE object); /* nil is NULL */
/* Empty ones: made before the call, so that nothing can leak. */
VALUE shale_rb_new_iter(bool disk, int encoding, uint32_t flags);
VALUE shale_rb_new_batch(void);
VALUE shale_rb_new_options(void);
VALUE shale_rb_new_lease(bool disk);
shale_rb_lease* shale_rb_lease_of(VALUE object); /* refuses one that is in use */
void shale_rb_set_lease(VALUE object, shale_lease* lease);
void shale_rb_set_iter(VALUE object, shale_iter* iter);
void shale_rb_set_batch(VALUE object, shale_batch* batch);
void shale_rb_set_options(VALUE object, shale_options* options);
void shale_rb_leave_db(shale_rb_db* h); /* one call less inside */

/* Of the object that a method of Shale::DB runs on: it can be no other, so it need not be looked at. */
static inline shale_rb_db* shale_rb_own_db(VALUE self) {
  shale_rb_db* h = RTYPEDDATA_DATA(self);
  if (h->db == NULL) shale_rb_open_db(self); /* raises */
  return h;
}

/* ---- errors.c
 * ---------------------------------------------------------------------------------------------------- */

/* Raises the Shale::Error of a status. Takes the error object over; NULL gives the general text of the
 * status. */
NORETURN(void shale_rb_raise(shale_status status, shale_error* error));
NORETURN(void shale_rb_raise_text(shale_status status, const char* text));

/* ---- snapshot.c
 * -------------------------------------------------------------------------------------------------- */

VALUE shale_rb_new_snapshot(VALUE db); /* empty, as other handles */
void shale_rb_set_snapshot(VALUE object, shale_snapshot* snapshot);
shale_rb_snapshot* shale_rb_snapshot_of(VALUE object); /* ClosedError if it was closed */
void shale_rb_count_inside_snapshot(VALUE object, long delta);
void shale_rb_init_snapshot(VALUE shale, VALUE raw);

/* ---- blocking.c
 * -------------------------------------------------------------------------------------------------- */

/* The arguments of a call, for the trip without the GVL: `p` for pointers, `i` for numbers. */
typedef union {
  void* p;
  int64_t i;
} shale_rb_word;

typedef struct {
  shale_rb_word word[12];
  shale_status status;
} shale_rb_call;

void shale_rb_count_inside(VALUE object, long delta); /* handles.c */
/* Calls run(call) without the GVL; the objects, nil or handles, cannot be freed meanwhile and count it. */
void shale_rb_release(VALUE first, VALUE second, void (*run)(void*), void* call);
/* Might a write wait? key is asked about (NULL: not) when the call depends on what the key holds now. */
bool shale_rb_write_waits(VALUE db, size_t bytes, uint32_t flags, bool asks, const void* key, size_t key_len);
/* How often the GVL was given up: what the tests look at. */
VALUE shale_rb_releases(VALUE self);

/* ---- strings.c
 * --------------------------------------------------------------------------------------------------- */

VALUE shale_rb_bytes(VALUE object); /* a frozen String with the bytes of `object`, TypeError if it is none */
shale_slice* shale_rb_slices(VALUE array, VALUE* hold); /* of an Array of Strings; lives as long as *hold */
int64_t shale_rb_int64(VALUE object);                   /* Integers only */
uint32_t shale_rb_flags(VALUE object);
/* Of a String that Ruby code has not seen yet, or that may change: no check of that is made here. */
static inline void shale_rb_set_encoding(VALUE string, int encoding) {
  if (encoding < RUBY_ENCODING_INLINE_MAX) {
    RB_ENCODING_SET_INLINED(string, encoding);
  } else {
    rb_enc_associate_index(string, encoding);
  }
}
VALUE shale_rb_string(const void* data, size_t size, int encoding);
/* The same, and then the memory or the pin is given back, even if Ruby has no memory for the String. */
VALUE shale_rb_take_memory(void* memory, size_t size);
VALUE shale_rb_take_pin(shale_pin* pin, const void* data, size_t size, int encoding);

/* Values of all answers, nil where there is none and false where it would block; frees them. In reading.c. */
VALUE shale_rb_take_results(shale_results* results, size_t count, int encoding);

/* db[key], of the object that a method of Shale::DB runs on. In reading.c. */
VALUE shale_rb_get(VALUE self, VALUE key);

/* ---- reading.c, rows.c, loading.c, tools.c, backup.c
 * ------------------------------------------------------------------------------------------- */

void shale_rb_init_reading(VALUE db_class, VALUE raw);
void shale_rb_init_reading_into(VALUE db_class);
void shale_rb_init_rows(VALUE raw);
void shale_rb_init_loading(VALUE raw);
void shale_rb_init_tools(VALUE raw);
void shale_rb_init_backup(VALUE raw);

#endif /* SHALE_RUBY_SHALE_RB_H_ */
