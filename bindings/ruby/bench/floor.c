/* What a method in C costs in Ruby when it does nothing, and when it makes a String of 100 bytes: what no
 * binding can be without. */
#include <ruby.h>

static const char bytes[100];

static VALUE nothing(VALUE self, VALUE key) {
  (void)self;
  Check_Type(key, T_STRING);
  return Qnil;
}

static VALUE new_string(VALUE self, VALUE key) {
  (void)self;
  Check_Type(key, T_STRING);
  return rb_str_new(bytes, sizeof bytes);
}

__attribute__((visibility("default"))) void Init_floor(void);
void Init_floor(void) {
  VALUE floor = rb_define_class("Floor", rb_cObject);
  rb_define_method(floor, "nothing", nothing, 1);
  rb_define_method(floor, "new_string", new_string, 1);
}
