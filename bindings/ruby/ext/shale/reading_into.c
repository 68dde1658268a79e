/* DB#get_into: a read into a String that is there already, so that nothing is allocated and nothing is left
 * for the GC. What a new String costs is most of what db[key] costs above the call in C.
 *
 *  1. The library writes into the String only with the GVL, and never while Ruby code could run.
 *  2. The bytes of the key are looked up after the last change of the buffer: the two may share memory. */
#include <string.h>

#include "shale_rb.h"

enum { kBufferBytesLeast = 256 }; /* an empty String becomes as long, so that most values fit at once */

/* Room for `size` bytes that belong to this String alone. FrozenError if it may not change. */
static void make_room(VALUE buffer, size_t size) {
  const size_t length = (size_t)RSTRING_LEN(buffer);
  if (size > length) {
    rb_str_modify_expand(buffer, (long)(size - length));
  } else {
    rb_str_modify(buffer);
  }
}

static void set_length(VALUE buffer, size_t size, int encoding) {
  rb_str_set_len(buffer, (long)size);
  ENC_CODERANGE_CLEAR(buffer);
  shale_rb_set_encoding(buffer, encoding);
}

/* By way of a new String, which may leave the GVL: what memory cannot tell, and errors. */
static VALUE get_into_long(VALUE self, VALUE key, VALUE buffer, int encoding) {
  VALUE value = shale_rb_get(self, key);
  if (NIL_P(value)) {
    rb_str_modify(buffer);
    rb_str_set_len(buffer, 0);
    return Qnil;
  }
  make_room(buffer, (size_t)RSTRING_LEN(value));
  memcpy(RSTRING_PTR(buffer), RSTRING_PTR(value), (size_t)RSTRING_LEN(value));
  set_length(buffer, (size_t)RSTRING_LEN(value), encoding);
  RB_GC_GUARD(value);
  return buffer;
}

static VALUE db_get_into(VALUE self, VALUE key, VALUE buffer) {
  Check_Type(key, T_STRING);
  Check_Type(buffer, T_STRING);
  const shale_rb_db* h = shale_rb_own_db(self);
  if (key == buffer) key = rb_str_new(RSTRING_PTR(key), RSTRING_LEN(key));
  rb_str_modify(buffer);
  for (size_t size = kBufferBytesLeast;;) {
    if (rb_str_capacity(buffer) < size) make_room(buffer, size);
    const shale_status status =
        shale_get_into(h->db, RSTRING_PTR(key), (size_t)RSTRING_LEN(key), RSTRING_PTR(buffer),
                       rb_str_capacity(buffer), &size, NULL, SHALE_CACHE_ONLY, NULL);
    if (status == SHALE_OK) {
      set_length(buffer, size, h->encoding);
      RB_GC_GUARD(key);
      return buffer;
    }
    /* The value may have grown by the next time round; what it has is asked for, no more. */
    if (status != SHALE_TOO_SMALL) return get_into_long(self, key, buffer, h->encoding);
  }
}

void shale_rb_init_reading_into(VALUE db_class) {
  rb_define_method(db_class, "get_into", db_get_into, 2);
}
