/* From a status and an error object to a Ruby exception. Which class a status has is said in
 * lib/shale/error.rb. */
#include <stdio.h>

#include "shale_rb.h"

enum { kMessageMax = 1024 };

NORETURN(static void raise_parts(shale_status status, const char* text, int32_t error_number, int32_t shard));

static void raise_parts(shale_status status, const char* text, int32_t error_number, int32_t shard) {
  VALUE error_class = rb_path2class("Shale::Error");
  VALUE error = rb_funcall(error_class, rb_intern("for"), 4, INT2NUM(status), rb_utf8_str_new_cstr(text),
                           INT2NUM(error_number), shard < 0 ? Qnil : INT2NUM(shard));
  rb_exc_raise(error);
}

void shale_rb_raise(shale_status status, shale_error* error) {
  /* Everything is copied to the stack and the object freed first: making a Ruby String may raise too. */
  char text[kMessageMax];
  const char* message = shale_error_message(error);
  const int32_t error_number = shale_error_errno(error);
  const int32_t shard = shale_error_shard(error);
  snprintf(text, sizeof text, "%s", message[0] == '\0' ? shale_status_text(status) : message);
  shale_error_free(error);
  raise_parts(status, text, error_number, shard);
}

void shale_rb_raise_text(shale_status status, const char* text) {
  raise_parts(status, text, 0, -1);
}
