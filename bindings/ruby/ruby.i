/* What the shapes of shale.h become in Ruby: the raw layer, Shale::Raw, which only lib/shale/ uses. A call
 * returns [status, outputs...], or the status alone where there are none; statuses below 0 raise. Handles, the GVL
 * and errors are explained in ext/shale/shale_rb.h. */
%{
#include "shale_rb.h"
#include "trip.h"
%}
%init %{
  shale_rb_init_handles(rb_define_module("Shale"), mRaw);
%}
%include <stdint.i>

/* Constants come from lib/shale/generated.rb. */
%rename("$ignore", %$isconstant) "";
%ignore shale_slice;

/* ---- handles ---- */
%typemap(in) shale_db * %{ $1 = shale_rb_open_db($input); %}
%typemap(in) shale_db **db %{ $1 = shale_rb_unopened_db($input); %}
%typemap(argout) shale_db **db %{ if (result == SHALE_OK) shale_rb_opened($input); %}
%typemap(in) shale_iter * %{ $1 = shale_rb_iter_of($input)->iter; %}
%typemap(in) shale_batch *, const shale_batch * %{ $1 = shale_rb_batch_of($input); %}
%typemap(in) shale_options *, const shale_options * %{ $1 = shale_rb_options_of($input); %}

%typemap(in) shale_snapshot * %{ $1 = shale_rb_snapshot_of($input)->snapshot; %}
%typemap(in) shale_lease * %{ $1 = shale_rb_lease_of($input)->lease; %}

/* The object is made before the call: there is nothing that could be lost if Ruby has no memory for it. */
%typemap(in, numinputs=0) shale_iter **out (shale_iter *made = NULL, VALUE object) %{ $1 = &made; %}
%typemap(argout) shale_iter **out %{
  if (result == SHALE_OK) shale_rb_set_iter(object$argnum, made$argnum);
  $result = SWIG_Ruby_AppendOutput($result, object$argnum);
%}
%typemap(in, numinputs=0) shale_snapshot **out (shale_snapshot *made = NULL, VALUE object) %{ $1 = &made; %}
%typemap(argout) shale_snapshot **out %{
  if (result == SHALE_OK) shale_rb_set_snapshot(object$argnum, made$argnum);
  $result = SWIG_Ruby_AppendOutput($result, object$argnum);
%}
%typemap(in, numinputs=0) shale_batch **out (shale_batch *made = NULL, VALUE object) %{
  $1 = &made;
  object = shale_rb_new_batch();
%}
%typemap(argout) shale_batch **out %{
  if (result == SHALE_OK) shale_rb_set_batch(object$argnum, made$argnum);
  $result = SWIG_Ruby_AppendOutput($result, object$argnum);
%}
%typemap(in, numinputs=0) shale_options **out (shale_options *made = NULL, VALUE object) %{
  $1 = &made;
  object = shale_rb_new_options();
%}
%typemap(argout) shale_options **out %{
  if (result == SHALE_OK) shale_rb_set_options(object$argnum, made$argnum);
  $result = SWIG_Ruby_AppendOutput($result, object$argnum);
%}

/* ---- status and error: the error is the last argument, so all else has been put away when it raises ---- */
%typemap(out) shale_status %{ $result = INT2FIX($1); %}
%typemap(in, numinputs=0) shale_error **err (shale_error *error = NULL) %{ $1 = &error; %}
%typemap(argout) shale_error **err %{ if (result < 0) shale_rb_raise(result, error$argnum); %}

/* ---- inputs ---- */
%typemap(in) (const void *BYTES, size_t SIZE) (VALUE held) %{
  held = shale_rb_bytes($input);
  $1 = RSTRING_PTR(held);
  $2 = (size_t)RSTRING_LEN(held);
%}
%typemap(freearg) (const void *BYTES, size_t SIZE) %{ RB_GC_GUARD(held$argnum); %}
%apply (const void *BYTES, size_t SIZE) {
  (const void *key, size_t key_len), (const void *value, size_t value_len),
  (const void *expected, size_t expected_len), (const void *prefix, size_t prefix_len), (const void *token, size_t token_len)
};
%typemap(in) (const void *BOUND, size_t SIZE) (VALUE held = Qnil) %{
  if (!NIL_P($input)) {
    held = shale_rb_bytes($input);
    $1 = RSTRING_PTR(held);
    $2 = (size_t)RSTRING_LEN(held);
  } else {
    $1 = NULL;
    $2 = 0;
  }
%}
%typemap(freearg) (const void *BOUND, size_t SIZE) %{ RB_GC_GUARD(held$argnum); %}
%apply (const void *BOUND, size_t SIZE) {
  (const void *from, size_t from_len), (const void *to, size_t to_len)
};
%typemap(in) const char * (VALUE held = Qnil) %{
  if (NIL_P($input)) {
    $1 = NULL;
  } else {
    held = shale_rb_bytes($input);
    $1 = StringValueCStr(held);
  }
%}
%typemap(freearg) const char * %{ RB_GC_GUARD(held$argnum); %}
%typemap(in) int64_t %{ $1 = shale_rb_int64($input); %}
%typemap(in) int32_t, shale_status %{ $1 = (int32_t)shale_rb_int64($input); %}
%typemap(in) uint32_t %{ $1 = shale_rb_flags($input); %}
%typemap(in) size_t %{ $1 = NUM2SIZET($input); %}

%typemap(in) (const shale_slice *keys, size_t count) (VALUE hold) %{
  $1 = shale_rb_slices($input, &hold);
  $2 = (size_t)RARRAY_LEN($input);
%}
%typemap(freearg) (const shale_slice *keys, size_t count) %{ RB_GC_GUARD(hold$argnum); %}
/* One Array: the keys, then as many values. */
%typemap(in) (const shale_slice *keys, const shale_slice *values, size_t count) (VALUE hold) %{
  $1 = shale_rb_slices($input, &hold);
  $3 = (size_t)RARRAY_LEN($input) / 2;
  $2 = $1 + $3;
%}
%typemap(freearg) (const shale_slice *keys, const shale_slice *values, size_t count) %{
  RB_GC_GUARD(hold$argnum);
%}

/* ---- outputs ---- */
%typemap(in, numinputs=0) int64_t *OUT (int64_t number = 0) %{ $1 = &number; %}
%typemap(argout) int64_t *OUT %{ $result = SWIG_Ruby_AppendOutput($result, LL2NUM(number$argnum)); %}
%apply int64_t *OUT {
  int64_t *version, int64_t *result, int64_t *ttl_ms, int64_t *value, int64_t *keys, int64_t *bytes
};
%typemap(in, numinputs=0) int32_t *OUT (int32_t number = 0) %{ $1 = &number; %}
%typemap(argout) int32_t *OUT %{ $result = SWIG_Ruby_AppendOutput($result, INT2NUM(number$argnum)); %}
%apply int32_t *OUT { int32_t *state, int32_t *hot };
%typemap(in, numinputs=0) const char **TEXT (const char *text = NULL) %{ $1 = (char **)&text; %}
%typemap(argout) const char **TEXT %{
  $result = SWIG_Ruby_AppendOutput($result, text$argnum == NULL ? Qnil : rb_utf8_str_new_cstr(text$argnum));
%}
%apply const char **TEXT {
  const char **name, const char **value, const char **type, const char **default_value, const char **range,
  const char **doc, const char **kind
};
%typemap(out) const char * %{ $result = rb_utf8_str_new_cstr($1); %}
%typemap(out) size_t %{ $result = SIZET2NUM($1); %}
%typemap(out) int64_t %{ $result = LL2NUM($1); %}
%typemap(out) int32_t %{ $result = INT2NUM($1); %}
%typemap(in, numinputs=0) (void **MEMORY, size_t *SIZE) (void *memory = NULL, size_t size = 0) %{
  $1 = &memory;
  $2 = &size;
%}
%typemap(argout) (void **MEMORY, size_t *SIZE) %{
  $result = SWIG_Ruby_AppendOutput(
      $result, result == SHALE_OK ? shale_rb_take_memory(memory$argnum, size$argnum) : Qnil);
%}
%apply (void **MEMORY, size_t *SIZE) { (void **old_value, size_t *old_len) };
%typemap(in, numinputs=0) char **text (char *memory = NULL) %{ $1 = &memory; %}
%typemap(argout) char **text %{
  $result = SWIG_Ruby_AppendOutput(
      $result, result == SHALE_OK ? shale_rb_take_memory(memory$argnum, strlen(memory$argnum)) : Qnil);
%}
%typemap(in, numinputs=0) (const void **VIEW, size_t *SIZE) (const void *view = NULL, size_t size = 0) %{
  $1 = ($1_ltype)&view;
  $2 = &size;
%}
%typemap(argout) (const void **VIEW, size_t *SIZE) %{
  $result = SWIG_Ruby_AppendOutput(
      $result, result == SHALE_OK ? rb_str_new(view$argnum, (long)size$argnum) : Qnil);
%}
%apply (const void **VIEW, size_t *SIZE) {
  (const void **key, size_t *key_len), (const void **value, size_t *value_len),
  (const void **token, size_t *token_len)
};

/* ---- the GVL ----
 * TRIP says how a call goes without the GVL, with one letter an argument (p: pointer, i: number); what follows
 * decides when. SWIG names the arguments arg1, arg2, ... */
%define TRIP(FN, N, ...)
%{
static void trip_##FN(void *arg) {
  shale_rb_call *call = arg;
  call->status = FN(SHALE_RB_PASS_##N(__VA_ARGS__));
}
%}
%enddef
%define GO(FN, SECOND, N, ...)
  {
    shale_rb_call call = {{SHALE_RB_FILL_##N(__VA_ARGS__)}, 0};
    shale_rb_release(argv[0], SECOND, trip_##FN, &call);
    result = call.status;
  }
%enddef
/* May wait where there is a disk. */
%define DISK(FN, SECOND, OWNER, N, ...)
TRIP(FN, N, __VA_ARGS__)
%exception FN {
  if (OWNER(argv[0])->disk) GO(FN, SECOND, N, __VA_ARGS__)
  else { $action }
}
%enddef
/* Reads try memory first and keep the GVL for that. */
%define READ(FN, FLAGS, N, ...)
TRIP(FN, N, __VA_ARGS__)
%exception FN {
  const uint32_t asked = FLAGS;
  FLAGS |= SHALE_CACHE_ONLY;
  $action
  FLAGS = asked;
  if (result == SHALE_WOULD_BLOCK && (asked & SHALE_CACHE_ONLY) == 0) GO(FN, Qnil, N, __VA_ARGS__)
}
%enddef
/* ASKS: the outcome depends on what the key (arg2, arg3) holds now, which may have to be read from disk. */
%define WRITE(FN, BYTES, FLAGS, ASKS, N, ...)
TRIP(FN, N, __VA_ARGS__)
%exception FN {
  if (shale_rb_write_waits(argv[0], BYTES, FLAGS, ASKS, arg2, arg3)) GO(FN, Qnil, N, __VA_ARGS__)
  else { $action }
}
%enddef
/* Making an iterator sorts or reads: always without the GVL; its object knows where the rows come from. */
%define ITERATE(FN, OWNER, OBJECT, FLAGS, N, ...)
TRIP(FN, N, __VA_ARGS__)
%exception FN {
  OBJECT = shale_rb_new_iter(OWNER(argv[0])->disk, OWNER(argv[0])->encoding, FLAGS);
  GO(FN, Qnil, N, __VA_ARGS__)
}
%enddef

TRIP(shale_open, 4, p, p, p, p)
%exception shale_open {
  GO(shale_open, argv[2], 4, p, p, p, p)
}
TRIP(shale_close, 2, p, p)
%exception shale_close {
  shale_rb_db_of(argv[0])->closed = true;
  GO(shale_close, Qnil, 2, p, p)
}
TRIP(shale_destroy, 3, p, i, p)
%exception shale_destroy {
  GO(shale_destroy, Qnil, 3, p, i, p)
}
DISK(shale_flush, Qnil, shale_rb_db_of, 2, p, p)
DISK(shale_sync, Qnil, shale_rb_db_of, 2, p, p)
DISK(shale_multi_put, Qnil, shale_rb_db_of, 7, p, p, p, i, i, i, p)
DISK(shale_multi_delete, Qnil, shale_rb_db_of, 5, p, p, i, i, p)
DISK(shale_delete_range, Qnil, shale_rb_db_of, 7, p, p, i, p, i, i, p)
DISK(shale_estimate, Qnil, shale_rb_db_of, 9, p, p, i, p, i, p, p, i, p)
DISK(shale_write, argv[1], shale_rb_db_of, 4, p, p, i, p)
DISK(shale_iter_next, Qnil, shale_rb_iter_of, 6, p, p, p, p, p, p)
DISK(shale_lease_fulfil, Qnil, shale_rb_lease_of, 7, p, p, i, i, p, i, p)
DISK(shale_lease_fail, Qnil, shale_rb_lease_of, 4, p, i, i, p)
TRIP(shale_db_set_option, 4, p, p, p, p)
/* Where memory shrinks, it takes as long as there is something to put out. */
%exception shale_db_set_option {
  GO(shale_db_set_option, Qnil, 4, p, p, p, p)
}
READ(shale_exists, arg4, 5, p, p, i, i, p)
READ(shale_ttl, arg5, 6, p, p, i, p, i, p)
WRITE(shale_put, arg3 + arg5, arg8,
      arg6 == SHALE_TTL_KEEP || (arg8 & (SHALE_IF_ABSENT | SHALE_IF_PRESENT)) != 0, 9, p, p, i, p, i, i, p, i, p)
WRITE(shale_delete, arg3, arg4, (arg4 & SHALE_IF_PRESENT) != 0, 5, p, p, i, i, p)
WRITE(shale_get_and_set, arg3 + arg5, arg10, true, 11, p, p, i, p, i, i, p, p, p, i, p)
WRITE(shale_compare_and_set, arg3 + arg7, arg10, true, 11, p, p, i, p, i, p, i, i, p, i, p)
WRITE(shale_compare_version_and_set, arg3 + arg6, arg9, true, 10, p, p, i, i, p, i, i, p, i, p)
WRITE(shale_compare_and_delete, arg3, arg6, true, 7, p, p, i, p, i, i, p)
WRITE(shale_compare_version_and_delete, arg3, arg5, true, 6, p, p, i, i, i, p)
WRITE(shale_incr, arg3, arg6, true, 7, p, p, i, i, p, i, p)
WRITE(shale_decr, arg3, arg6, true, 7, p, p, i, i, p, i, p)
WRITE(shale_expire, arg3, arg5, true, 6, p, p, i, i, i, p)
WRITE(shale_persist, arg3, arg4, true, 5, p, p, i, i, p)
ITERATE(shale_iter_new, shale_rb_db_of, object7, arg8, 9, p, p, i, p, i, i, p, i, p)
ITERATE(shale_iter_prefix, shale_rb_db_of, object5, arg6, 7, p, p, i, i, p, i, p)
ITERATE(shale_iter_resume, shale_rb_db_of, object4, 0, 5, p, p, i, p, p)
ITERATE(shale_snapshot_iter, shale_rb_snapshot_of, object7, arg8, 9, p, p, i, p, i, i, p, i, p)
ITERATE(shale_snapshot_prefix, shale_rb_snapshot_of, object5, arg6, 7, p, p, i, i, p, i, p)
ITERATE(shale_snapshot_resume, shale_rb_snapshot_of, object4, 0, 5, p, p, i, p, p)
TRIP(shale_snapshot_new, 4, p, p, i, p)
%exception shale_snapshot_new {
  object2 = shale_rb_new_snapshot(argv[0]);
  GO(shale_snapshot_new, Qnil, 4, p, p, i, p)
}

/* ---- not through SWIG: in handles.c, or by hand in reading.c, rows.c, snapshot.c, loading.c, tools.c and backup.c; unreached.txt has the rest ---- */
%ignore shale_free;
%ignore shale_iter_free;
%ignore shale_batch_free;
%ignore shale_options_free;
%ignore shale_mem_free;
%ignore shale_pin_free;
%ignore shale_error_free;
%ignore shale_error_code;
%ignore shale_error_message;
%ignore shale_error_errno;
%ignore shale_error_shard;
%ignore shale_get;
%ignore shale_get_into;
%ignore shale_get_view;
%ignore shale_get_pinned;
%ignore shale_multi_get;
%ignore shale_multi_get_packed;
%ignore shale_multi_put_packed;
%ignore shale_multi_delete_packed;
%ignore shale_write_packed;
%ignore shale_results_count;
%ignore shale_results_at;
%ignore shale_results_free;
%ignore shale_iter_next_packed;
%ignore shale_get_or_lease;
%ignore shale_multi_get_or_lease;
%ignore shale_multi_lease_fulfil;
%ignore shale_results_lease;
%ignore shale_lease_key;
%ignore shale_lease_free;
%ignore shale_reclaim;
%ignore shale_verify;
%ignore shale_salvage;
%ignore shale_events_poll;
%ignore shale_count;
%ignore shale_options_set_key;
%ignore shale_verify_with;
%ignore shale_salvage_with;
%ignore shale_rewrite;
%ignore shale_backup;
%ignore shale_backup_stream;
%ignore shale_restore;
%ignore shale_restore_stream;
%ignore shale_snapshot_get;
%ignore shale_snapshot_get_into;
%ignore shale_snapshot_multi_get;
%ignore shale_snapshot_free;
%ignore shale_compact;
