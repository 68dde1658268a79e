/* Snapshots: objects of their own, for all threads, as a database is. Reads are copies, so there is nothing
 * to pin; of a store on disk they give up the GVL. The object refers to its database, which is therefore not
 * collected, and thereby closed, before it. */
#include <string.h>

#include "shale_rb.h"

enum { kStackValueBytes = 4096 };

static VALUE class_snapshot;

static void free_snapshot(void* p) {
  shale_rb_snapshot* h = p;
  shale_snapshot_free(h->snapshot);
  xfree(h);
}

static const rb_data_type_t type_snapshot = {.wrap_struct_name = "Shale::Snapshot",
                                             .function = {NULL, free_snapshot, NULL},
                                             .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED};

VALUE shale_rb_new_snapshot(VALUE db) {
  shale_rb_snapshot* h;
  const shale_rb_db* owner = shale_rb_db_of(db);
  VALUE object = TypedData_Make_Struct(class_snapshot, shale_rb_snapshot, &type_snapshot, h);
  h->disk = owner->disk;
  h->encoding = owner->encoding;
  rb_iv_set(object, "@db", db);
  return object;
}

void shale_rb_set_snapshot(VALUE object, shale_snapshot* snapshot) {
  ((shale_rb_snapshot*)rb_check_typeddata(object, &type_snapshot))->snapshot = snapshot;
}

shale_rb_snapshot* shale_rb_snapshot_of(VALUE object) {
  shale_rb_snapshot* h = rb_check_typeddata(object, &type_snapshot);
  if (h->closed || h->snapshot == NULL) shale_rb_raise_text(SHALE_E_CLOSED, "the snapshot is closed");
  return h;
}

static void free_unused(shale_rb_snapshot* h) {
  if (!h->closed || h->inside != 0) return;
  shale_snapshot* snapshot = h->snapshot;
  h->snapshot = NULL;
  shale_snapshot_free(snapshot);
}

void shale_rb_count_inside_snapshot(VALUE object, long delta) {
  if (!rb_typeddata_is_kind_of(object, &type_snapshot)) return;
  shale_rb_snapshot* h = RTYPEDDATA_DATA(object);
  h->inside += delta;
  free_unused(h);
}

/* Snapshot#close: the last one to leave frees. Doing it twice is fine. */
static VALUE snapshot_close(VALUE self) {
  shale_rb_snapshot* h = rb_check_typeddata(self, &type_snapshot);
  h->closed = true;
  free_unused(h);
  return Qnil;
}

static VALUE snapshot_is_closed(VALUE self) {
  return ((shale_rb_snapshot*)rb_check_typeddata(self, &type_snapshot))->closed ? Qtrue : Qfalse;
}

/* ---- reading ---- */

typedef struct {
  shale_snapshot* snapshot;
  const void* key;
  size_t key_len;
  char* buf;
  void* owned; /* a value that is longer than buf */
  size_t size;
  int64_t version;
  shale_error* err;
  shale_status status;
} get_call;

static void get(void* p) {
  get_call* c = p;
  c->status = shale_snapshot_get_into(c->snapshot, c->key, c->key_len, c->buf, kStackValueBytes, &c->size,
                                      &c->version, 0, &c->err);
  if (c->status == SHALE_TOO_SMALL)
    c->status =
        shale_snapshot_get(c->snapshot, c->key, c->key_len, &c->owned, &c->size, &c->version, 0, &c->err);
}

/* The value, nil if there is none. */
static VALUE read_key(VALUE self, VALUE key, int64_t* version) {
  char buf[kStackValueBytes];
  const shale_rb_snapshot* h = shale_rb_snapshot_of(self);
  VALUE held = shale_rb_bytes(key);
  get_call c = {
      .snapshot = h->snapshot, .key = RSTRING_PTR(held), .key_len = (size_t)RSTRING_LEN(held), .buf = buf};
  const int encoding = h->encoding;
  if (h->disk) {
    shale_rb_release(self, Qnil, get, &c);
  } else {
    get(&c);
  }
  RB_GC_GUARD(held);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  if (c.status != SHALE_OK) return Qnil;
  *version = c.version;
  if (c.owned == NULL) return shale_rb_string(buf, c.size, encoding);
  return rb_enc_associate_index(shale_rb_take_memory(c.owned, c.size), encoding);
}

static VALUE snapshot_aref(VALUE self, VALUE key) {
  int64_t version = 0;
  return read_key(self, key, &version);
}

/* Raw.snapshot_get(snapshot, key) -> [value, version] or nil */
static VALUE raw_snapshot_get(VALUE module, VALUE self, VALUE key) {
  int64_t version = 0;
  (void)module;
  VALUE value = read_key(self, key, &version);
  return NIL_P(value) ? Qnil : rb_assoc_new(value, LL2NUM(version));
}

typedef struct {
  shale_snapshot* snapshot;
  const shale_slice* keys;
  size_t count;
  shale_results* results;
  shale_error* err;
  shale_status status;
} multi_call;

static void multi_get(void* p) {
  multi_call* c = p;
  c->status = shale_snapshot_multi_get(c->snapshot, c->keys, c->count, &c->results, 0, &c->err);
}

static VALUE snapshot_values_at(VALUE self, VALUE keys) {
  VALUE hold;
  const shale_rb_snapshot* h = shale_rb_snapshot_of(self);
  const int encoding = h->encoding;
  multi_call c = {
      .snapshot = h->snapshot, .keys = shale_rb_slices(keys, &hold), .count = (size_t)RARRAY_LEN(keys)};
  if (h->disk) {
    shale_rb_release(self, Qnil, multi_get, &c);
  } else {
    multi_get(&c);
  }
  RB_GC_GUARD(hold);
  if (c.status < 0) shale_rb_raise(c.status, c.err);
  return shale_rb_take_results(c.results, c.count, encoding);
}

void shale_rb_init_snapshot(VALUE shale, VALUE raw) {
  class_snapshot = rb_define_class_under(shale, "Snapshot", rb_cObject);
  rb_gc_register_mark_object(class_snapshot);
  rb_undef_alloc_func(class_snapshot);
  rb_define_method(class_snapshot, "[]", snapshot_aref, 1);
  rb_define_method(class_snapshot, "values_at", snapshot_values_at, -2);
  rb_define_method(class_snapshot, "close", snapshot_close, 0);
  rb_define_method(class_snapshot, "closed?", snapshot_is_closed, 0);
  rb_define_module_function(raw, "snapshot_get", raw_snapshot_get, 2);
}
