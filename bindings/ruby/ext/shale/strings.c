/* Bytes between Ruby and the library. */
#include <string.h>

#include "shale_rb.h"

VALUE shale_rb_bytes(VALUE object) {
  /* No to_str, and no to_int below: Ruby code between two arguments could close the handle that was looked up
   * first. */
  Check_Type(object, T_STRING);
  return rb_str_new_frozen(object);
}

shale_slice* shale_rb_slices(VALUE array, VALUE* hold) {
  Check_Type(array, T_ARRAY);
  const size_t count = (size_t)RARRAY_LEN(array);
  /* The buffer holds the Strings too. Ruby scans it like a stack, so they stay where they are. */
  VALUE* strings = rb_alloc_tmp_buffer(hold, (long)((count + 1) * (sizeof(VALUE) + sizeof(shale_slice))));
  memset(strings, 0, (count + 1) * sizeof *strings);
  shale_slice* slices = (shale_slice*)(void*)(strings + count + 1);
  for (size_t i = 0; i < count; i++) {
    strings[i] = shale_rb_bytes(RARRAY_AREF(array, (long)i));
    slices[i].data = RSTRING_PTR(strings[i]);
    slices[i].size = (size_t)RSTRING_LEN(strings[i]);
  }
  return slices;
}

int64_t shale_rb_int64(VALUE object) {
  if (!RB_INTEGER_TYPE_P(object))
    rb_raise(rb_eTypeError, "wrong argument type %" PRIsVALUE " (expected Integer)", rb_obj_class(object));
  return NUM2LL(object);
}

uint32_t shale_rb_flags(VALUE object) {
  if (!RB_INTEGER_TYPE_P(object))
    rb_raise(rb_eTypeError, "wrong argument type %" PRIsVALUE " (expected Integer)", rb_obj_class(object));
  return NUM2UINT(object);
}

VALUE shale_rb_string(const void* data, size_t size, int encoding) {
  VALUE string = rb_str_new(data, (long)size);
  shale_rb_set_encoding(string, encoding);
  return string;
}

typedef struct {
  const void* data;
  size_t size;
  int encoding;
} string_parts;

static VALUE make_string(VALUE arg) {
  const string_parts* parts = (const string_parts*)arg;
  return shale_rb_string(parts->data, parts->size, parts->encoding);
}

VALUE shale_rb_take_memory(void* memory, size_t size) {
  string_parts parts = {memory, size, rb_ascii8bit_encindex()};
  int failed = 0;
  VALUE string = rb_protect(make_string, (VALUE)&parts, &failed);
  shale_mem_free(memory);
  if (failed != 0) rb_jump_tag(failed);
  return string;
}

VALUE shale_rb_take_pin(shale_pin* pin, const void* data, size_t size, int encoding) {
  string_parts parts = {data, size, encoding};
  if (pin == NULL) return make_string((VALUE)&parts);
  int failed = 0;
  VALUE string = rb_protect(make_string, (VALUE)&parts, &failed);
  shale_pin_free(pin);
  if (failed != 0) rb_jump_tag(failed);
  return string;
}
