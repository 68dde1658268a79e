/* The objects that own what the library made. Each is freed once, in any order, from any state; a database as
 * soon as it is closed and nobody is inside, so that its memory does not wait for the garbage collector. */
#include "shale_rb.h"

static VALUE class_iter, class_batch, class_options, class_lease;

static void free_db(void* p) {
  shale_rb_db* h = p;
  shale_free(h->db); /* closes it first if nobody did; that is all that a finalizer can do */
  xfree(h);
}

static void free_iter(void* p) {
  shale_rb_iter* h = p;
  shale_iter_free(h->iter);
  xfree(h->rows);
  xfree(h);
}

static void free_batch(void* p) {
  shale_rb_batch* h = p;
  shale_batch_free(h->batch);
  xfree(h);
}

static void free_options(void* p) {
  shale_rb_options* h = p;
  shale_options_free(h->options);
  xfree(h);
}

static void free_lease(void* p) {
  shale_rb_lease* h = p;
  shale_lease_free(h->lease); /* one that was not used up is given up */
  xfree(h);
}

static size_t size_db(const void* p) {
  (void)p;
  return sizeof(shale_rb_db);
}

static size_t size_iter(const void* p) {
  return sizeof(shale_rb_iter) + ((const shale_rb_iter*)p)->cap;
}

static size_t size_batch(const void* p) {
  const shale_rb_batch* h = p;
  return sizeof *h + (h->batch == NULL ? 0 : shale_batch_bytes(h->batch));
}

#define SHALE_RB_TYPE(NAME, TITLE, SIZE)                                            \
  static const rb_data_type_t type_##NAME = {.wrap_struct_name = TITLE,             \
                                             .function = {NULL, free_##NAME, SIZE}, \
                                             .flags = RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_WB_PROTECTED}

SHALE_RB_TYPE(db, "Shale::DB", size_db);
SHALE_RB_TYPE(iter, "Shale::Raw::Iter", size_iter);
SHALE_RB_TYPE(batch, "Shale::Raw::Batch", size_batch);
SHALE_RB_TYPE(options, "Shale::Raw::Options", NULL);
SHALE_RB_TYPE(lease, "Shale::Raw::Lease", NULL);

static VALUE alloc_db(VALUE klass) {
  shale_rb_db* h;
  return TypedData_Make_Struct(klass, shale_rb_db, &type_db, h);
}

shale_rb_db* shale_rb_db_of(VALUE object) {
  return rb_check_typeddata(object, &type_db);
}

shale_db* shale_rb_open_db(VALUE object) {
  shale_rb_db* h = shale_rb_db_of(object);
  if (h->db == NULL) shale_rb_raise_text(SHALE_E_CLOSED, "the database is closed");
  return h->db;
}

shale_db** shale_rb_unopened_db(VALUE object) {
  shale_rb_db* h = shale_rb_db_of(object);
  if (h->db != NULL || h->closed || h->inside != 0)
    shale_rb_raise_text(SHALE_E_INVALID, "this object was opened before");
  return &h->db;
}

/* A size as the library writes it ("16MiB") in bytes. */
static int64_t bytes_of(const char* text) {
  char* unit = NULL;
  int64_t bytes = strtoll(text, &unit, 10);
  const char* const letters = "KMGT";
  const char* letter = *unit == '\0' ? NULL : strchr(letters, *unit);
  const int64_t step = letter != NULL && unit[1] == 'i' ? 1024 : 1000;
  for (const char* l = letters; letter != NULL && l <= letter; l++) bytes *= step;
  return bytes;
}

void shale_rb_opened(VALUE object) {
  shale_rb_db* h = shale_rb_db_of(object);
  const char* durability = "";
  const char* pending = "0";
  shale_db_option(h->db, "durability", &durability);
  shale_db_option(h->db, "pending.bytes_max", &pending);
  h->syncs = strcmp(durability, "disk") == 0;
  h->crowded_bytes = bytes_of(pending) / 2;
}

void shale_rb_leave_db(shale_rb_db* h) {
  h->inside--;
  if (!h->closed || h->inside != 0) return;
  shale_db* db = h->db;
  h->db = NULL;
  shale_free(db);
}

static void refuse_second_user(long inside) {
  if (inside != 0) shale_rb_raise_text(SHALE_E_INVALID, "another thread is using this object");
}

shale_rb_iter* shale_rb_iter_of(VALUE object) {
  shale_rb_iter* h = rb_check_typeddata(object, &type_iter);
  refuse_second_user(h->inside);
  if (h->iter == NULL) shale_rb_raise_text(SHALE_E_CLOSED, "the iterator is closed");
  return h;
}

shale_batch* shale_rb_batch_of(VALUE object) {
  shale_rb_batch* h = rb_check_typeddata(object, &type_batch);
  refuse_second_user(h->inside);
  if (h->batch == NULL) shale_rb_raise_text(SHALE_E_CLOSED, "the batch is over");
  return h->batch;
}

shale_options* shale_rb_options_of(VALUE object) {
  return NIL_P(object) ? NULL : ((shale_rb_options*)rb_check_typeddata(object, &type_options))->options;
}

VALUE shale_rb_new_iter(bool disk, int encoding, uint32_t flags) {
  shale_rb_iter* h;
  VALUE object = TypedData_Make_Struct(class_iter, shale_rb_iter, &type_iter, h);
  h->disk = disk;
  h->encoding = encoding;
  h->keys_only = (flags & SHALE_KEYS_ONLY) != 0;
  return object;
}

VALUE shale_rb_new_batch(void) {
  shale_rb_batch* h;
  return TypedData_Make_Struct(class_batch, shale_rb_batch, &type_batch, h);
}

VALUE shale_rb_new_options(void) {
  shale_rb_options* h;
  return TypedData_Make_Struct(class_options, shale_rb_options, &type_options, h);
}

VALUE shale_rb_new_lease(bool disk) {
  shale_rb_lease* h;
  VALUE object = TypedData_Make_Struct(class_lease, shale_rb_lease, &type_lease, h);
  h->disk = disk;
  return object;
}

shale_rb_lease* shale_rb_lease_of(VALUE object) {
  shale_rb_lease* h = rb_check_typeddata(object, &type_lease);
  refuse_second_user(h->inside);
  return h;
}

void shale_rb_set_lease(VALUE object, shale_lease* lease) {
  shale_rb_lease_of(object)->lease = lease;
}

void shale_rb_set_iter(VALUE object, shale_iter* iter) {
  ((shale_rb_iter*)rb_check_typeddata(object, &type_iter))->iter = iter;
}

void shale_rb_set_batch(VALUE object, shale_batch* batch) {
  ((shale_rb_batch*)rb_check_typeddata(object, &type_batch))->batch = batch;
}

void shale_rb_set_options(VALUE object, shale_options* options) {
  ((shale_rb_options*)rb_check_typeddata(object, &type_options))->options = options;
}

/* Counts one more (or less) call inside whatever handle `object` is. */
void shale_rb_count_inside(VALUE object, long delta) {
  if (rb_typeddata_is_kind_of(object, &type_db)) {
    shale_rb_db* h = RTYPEDDATA_DATA(object);
    if (delta > 0) h->inside++;
    if (delta < 0) shale_rb_leave_db(h);
  } else if (rb_typeddata_is_kind_of(object, &type_iter)) {
    ((shale_rb_iter*)RTYPEDDATA_DATA(object))->inside += delta;
  } else if (rb_typeddata_is_kind_of(object, &type_batch)) {
    ((shale_rb_batch*)RTYPEDDATA_DATA(object))->inside += delta;
  } else if (rb_typeddata_is_kind_of(object, &type_lease)) {
    ((shale_rb_lease*)RTYPEDDATA_DATA(object))->inside += delta;
  } else {
    shale_rb_count_inside_snapshot(object, delta);
  }
}

/* Raw.configure(db, on_disk, encoding): what the C side must know before the first call. */
static VALUE configure(VALUE self, VALUE object, VALUE disk, VALUE encoding) {
  shale_rb_db* h = shale_rb_db_of(object);
  (void)self;
  h->disk = RTEST(disk);
  h->encoding = NIL_P(encoding) ? rb_ascii8bit_encindex() : rb_to_encoding_index(encoding);
  if (h->encoding < 0) rb_raise(rb_eArgError, "unknown encoding: %" PRIsVALUE, rb_inspect(encoding));
  return Qnil;
}

static VALUE is_closed(VALUE self) {
  const shale_rb_db* h = shale_rb_db_of(self);
  return h->closed || h->db == NULL ? Qtrue : Qfalse;
}

/* Gives an iterator back before Ruby does. Doing it twice is fine. */
static VALUE close_iter(VALUE self, VALUE object) {
  shale_rb_iter* h = rb_check_typeddata(object, &type_iter);
  (void)self;
  refuse_second_user(h->inside);
  shale_iter_free(h->iter);
  xfree(h->rows);
  h->iter = NULL;
  h->rows = NULL;
  h->cap = 0;
  return Qnil;
}

/* The same for a batch. */
static VALUE close_batch(VALUE self, VALUE object) {
  shale_rb_batch* h = rb_check_typeddata(object, &type_batch);
  (void)self;
  refuse_second_user(h->inside);
  shale_batch_free(h->batch);
  h->batch = NULL;
  return Qnil;
}

/* The same for a lease. */
static VALUE close_lease(VALUE self, VALUE object) {
  shale_rb_lease* h = shale_rb_lease_of(object);
  (void)self;
  shale_lease_free(h->lease);
  h->lease = NULL;
  return Qnil;
}

/* The same for options. */
static VALUE close_options(VALUE self, VALUE object) {
  shale_rb_options* h = rb_check_typeddata(object, &type_options);
  (void)self;
  shale_options_free(h->options);
  h->options = NULL;
  return Qnil;
}

static VALUE make_class(VALUE under, const char* name) {
  VALUE made = rb_define_class_under(under, name, rb_cObject);
  rb_undef_alloc_func(made);
  rb_gc_register_mark_object(made);
  return made;
}

void shale_rb_init_handles(VALUE shale, VALUE raw) {
  VALUE db = rb_define_class_under(shale, "DB", rb_cObject);
  rb_define_alloc_func(db, alloc_db);
  rb_undef_method(db, "initialize_copy");
  rb_define_method(db, "closed?", is_closed, 0);
  class_iter = make_class(raw, "Iter");
  class_batch = make_class(raw, "Batch");
  class_options = make_class(raw, "Options");
  class_lease = make_class(raw, "Lease");
  rb_define_module_function(raw, "configure", configure, 3);
  rb_define_module_function(raw, "shale_iter_free", close_iter, 1);
  rb_define_module_function(raw, "shale_batch_free", close_batch, 1);
  rb_define_module_function(raw, "shale_options_free", close_options, 1);
  rb_define_module_function(raw, "shale_lease_free", close_lease, 1);
  rb_define_module_function(raw, "releases", shale_rb_releases, 0);
  shale_rb_init_snapshot(shale, raw);
  shale_rb_init_reading(db, raw);
  shale_rb_init_reading_into(db);
  shale_rb_init_rows(raw);
  shale_rb_init_loading(raw);
  shale_rb_init_tools(raw);
  shale_rb_init_backup(raw);
}
