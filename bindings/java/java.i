/* What the shapes of shale.h become in Java. The raw layer is package-private static natives: handles are long,
   flags int, bytes byte[], an error an exception; a status of 0 or above is the return value, unless a typemap
   below makes the answer itself the return value. Outputs beside it go into arrays of one element that may be
   null. Null checks are made in Java, where they cost nothing. */
%{
#include "java/jni_backup.h"
#include "java/jni_range.h"
#include "java/jni_snapshot.h"
%}

%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclasscode=%{
  static {
    NativeLoader.load();
  }
%}

/* Constants come from the library's own tables, as plain Java. */
%rename("$ignore", %$isconstant) "";
%include <stdint.i>

/* Reached through the packed forms, which cross the border once: see unreached.txt. */
%ignore shale_slice;
%ignore shale_multi_get;
%ignore shale_multi_put;
%ignore shale_multi_delete;
%ignore shale_results_count;
%ignore shale_results_at;
%ignore shale_batch_new;
%ignore shale_batch_put;
%ignore shale_batch_delete;
%ignore shale_batch_count;
%ignore shale_batch_bytes;
%ignore shale_batch_clear;
%ignore shale_batch_free;
%ignore shale_write;
%ignore shale_options_get;
%ignore shale_constant_at;
%ignore shale_constant_count;
/* Called by the glue itself. */
%ignore shale_get_or_lease;
%ignore shale_multi_get_or_lease;
%ignore shale_results_lease;
%ignore shale_lease_key;
%ignore shale_multi_lease_fulfil;
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
%ignore shale_estimate;
%ignore shale_compact;
%ignore shale_get_into;
%ignore shale_mem_free;
%ignore shale_error_code;
%ignore shale_error_message;
%ignore shale_error_errno;
%ignore shale_error_shard;
%ignore shale_error_free;

/* ---- types that are one Java type ---------------------------------------------------------------------- */

%define SHALE_TYPE(JNI, JAVA, TYPES...)
%typemap(jni) TYPES "JNI"
%typemap(jtype) TYPES "JAVA"
%typemap(jstype) TYPES "JAVA"
%typemap(javain) TYPES "$javainput"
%enddef

%define SHALE_HANDLE(TYPE)
%typemap(jni) TYPE *, const TYPE * "jlong"
%typemap(jtype) TYPE *, const TYPE * "long"
%typemap(jstype) TYPE *, const TYPE * "long"
%typemap(javain) TYPE *, const TYPE * "$javainput"
%typemap(in) TYPE *, const TYPE * %{ $1 = ($1_ltype)(intptr_t)$input; %}
%enddef
SHALE_HANDLE(shale_db)
SHALE_HANDLE(shale_options)
SHALE_HANDLE(shale_iter)
SHALE_HANDLE(shale_pin)
SHALE_HANDLE(shale_lease)
SHALE_HANDLE(shale_results)
SHALE_HANDLE(shale_snapshot)

SHALE_TYPE(jint, int, uint32_t flags)
%typemap(in) uint32_t flags %{ $1 = (uint32_t)$input; %}

/* ---- the status, and what stands in its place ---------------------------------------------------------- */

%define SHALE_RETURNS(JNI, JAVA, FUNCTION)
%typemap(jni) shale_status FUNCTION "JNI"
%typemap(jtype) shale_status FUNCTION "JAVA"
%typemap(jstype) shale_status FUNCTION "JAVA"
%typemap(javaout) shale_status FUNCTION { return $jnicall; }
%typemap(out) shale_status FUNCTION "$result = 0; (void)$1;"
%enddef

%typemap(jni) shale_status "jint"
%typemap(jtype) shale_status "int"
%typemap(jstype) shale_status "int"
%typemap(javaout) shale_status { return $jnicall; }
%typemap(in) shale_status %{ $1 = (shale_status)$input; %}
%typemap(out) shale_status %{ $result = (jint)$1; %}
%typemap(in, numinputs=0) shale_error **err (shale_error *error = 0) %{ $1 = &error; %}
%typemap(argout) shale_error **err %{ finish(jenv, result, error$argnum); %}

SHALE_RETURNS(jlong, long, shale_open)
SHALE_RETURNS(jlong, long, shale_options_new)
SHALE_RETURNS(jlong, long, shale_iter_new)
SHALE_RETURNS(jlong, long, shale_iter_prefix)
SHALE_RETURNS(jlong, long, shale_iter_resume)
SHALE_RETURNS(jlong, long, shale_snapshot_new)
SHALE_RETURNS(jlong, long, shale_snapshot_iter)
SHALE_RETURNS(jlong, long, shale_snapshot_prefix)
SHALE_RETURNS(jlong, long, shale_snapshot_resume)
SHALE_RETURNS(jbyteArray, byte[], shale_get_view)
SHALE_RETURNS(jbyteArray, byte[], shale_multi_get_packed)
SHALE_RETURNS(jbyteArray, byte[], shale_iter_next_packed)
SHALE_RETURNS(jbyteArray, byte[], shale_iter_token)
SHALE_RETURNS(jbyteArray, byte[], shale_stats_json)
SHALE_RETURNS(jbyteArray, byte[], shale_stats_prometheus)
SHALE_RETURNS(jobject, java.nio.ByteBuffer, shale_get_pinned)
SHALE_RETURNS(jlong, long, get_direct)
SHALE_RETURNS(jlong, long, get_to_direct)
SHALE_RETURNS(jlong, long, get_to_array)

/* ---- bytes and text in --------------------------------------------------------------------------------- */

SHALE_TYPE(jbyteArray, byte[], (const void *BYTES, size_t SIZE))
%typemap(in) (const void *BYTES, size_t SIZE) (char near[IN_STACK_BYTES], void *far = 0) %{
  $1 = bytes_in(jenv, $input, near, sizeof near, &far, &$2);
%}
%typemap(freearg) (const void *BYTES, size_t SIZE) %{ free(far$argnum); %}
%apply (const void *BYTES, size_t SIZE) {
  (const void *key, size_t key_len), (const void *value, size_t value_len),
  (const void *expected, size_t expected_len), (const void *keys, size_t keys_len),
  (const void *items, size_t items_len), (const void *ops, size_t ops_len),
  (const void *from, size_t from_len), (const void *to, size_t to_len),
  (const void *prefix, size_t prefix_len), (const void *token, size_t token_len)
};

SHALE_TYPE(jbyteArray, byte[], const char *path, const char *new_path, const char *base, const char *name, const char *value)
%typemap(in) const char *path, const char *new_path, const char *base, const char *name, const char *value
  %{ $1 = text_in(jenv, $input); %}
%typemap(freearg) const char *path, const char *new_path, const char *base, const char *name, const char *value
  %{ free($1); %}

/* ---- outputs ------------------------------------------------------------------------------------------- */

/* An outcome without a handle (EXISTS of open) leaves nothing to go on with: an exception like an error. */
%define SHALE_NEW_HANDLE(TYPE, NAME)
%typemap(in, numinputs=0) TYPE **NAME (TYPE *handle = 0) %{ $1 = &handle; %}
%typemap(argout) TYPE **NAME %{
  $result = (jlong)(intptr_t)handle$argnum;
  if (result > 0) throw_status(jenv, result, 0);
%}
%enddef
SHALE_NEW_HANDLE(shale_db, db)
SHALE_NEW_HANDLE(shale_options, out)
SHALE_NEW_HANDLE(shale_iter, out)
SHALE_NEW_HANDLE(shale_snapshot, out)

%define SHALE_NUMBER_OUT(TYPE, NAME)
SHALE_TYPE(jlongArray, long[], TYPE *NAME)
%typemap(in) TYPE *NAME (TYPE number = 0) %{ $1 = $input ? &number : 0; %}
%typemap(argout) TYPE *NAME %{ if (result >= 0) long_out(jenv, $input, number$argnum); %}
%enddef
SHALE_NUMBER_OUT(int64_t, version)
SHALE_NUMBER_OUT(int64_t, result)
SHALE_NUMBER_OUT(int64_t, ttl_ms)
SHALE_NUMBER_OUT(int64_t, value)
SHALE_NUMBER_OUT(int32_t, state)
SHALE_NUMBER_OUT(int32_t, hot)

SHALE_TYPE(jobjectArray, String[], const char **)
%typemap(in) const char ** (const char *text = 0) %{ $1 = ($1_ltype)&text; %}
%typemap(argout) const char ** %{ text_out(jenv, $input, text$argnum); %}

%typemap(in, numinputs=0) char **text (char *json = 0) %{ $1 = &json; %}
%typemap(argout) char **text %{
  if (result == SHALE_OK) $result = bytes_out(jenv, json$argnum, strlen(json$argnum));
  shale_mem_free(json$argnum);
%}

/* Memory of the caller: copied into a holder beside the status ... */
SHALE_TYPE(jobjectArray, byte[][], (void **OWNED, size_t *SIZE))
%typemap(in) (void **OWNED, size_t *SIZE) (void *owned = 0, size_t size = 0) %{ $1 = &owned; $2 = &size; %}
%typemap(argout) (void **OWNED, size_t *SIZE) %{
  if (result == SHALE_OK) object_out(jenv, $input, 0, bytes_out(jenv, owned$argnum, size$argnum));
  shale_mem_free(owned$argnum);
%}
%apply (void **OWNED, size_t *SIZE) {
  (void **value, size_t *value_len), (void **old_value, size_t *old_len)
};

/* ... or the return value. */
%typemap(in, numinputs=0) (void **out, size_t *out_len) (void *owned = 0, size_t size = 0) %{
  $1 = &owned; $2 = &size;
%}
%typemap(argout) (void **out, size_t *out_len) %{
  if (result == SHALE_OK) $result = bytes_out(jenv, owned$argnum, size$argnum);
  shale_mem_free(owned$argnum);
%}

/* get_view: null is NOT_FOUND; WOULD_BLOCK is an exception, which only a caller that asked for it can meet. */
%typemap(in, numinputs=0) (void *buf, size_t cap, shale_pin **pin, const void **value, size_t *value_len)
  (char near[OUT_STACK_BYTES], shale_pin *held = 0, const void *at = 0, size_t size = 0) %{
  $1 = near; $2 = sizeof near; $3 = &held; $4 = ($4_ltype)&at; $5 = &size;
%}
%typemap(argout) (void *buf, size_t cap, shale_pin **pin, const void **value, size_t *value_len) %{
  if (result == SHALE_OK) $result = bytes_out(jenv, at$argnum, size$argnum);
  else if (result == SHALE_WOULD_BLOCK) throw_status(jenv, result, 0);
  shale_pin_free(held$argnum);
%}

/* get_pinned: the view is the return value, the pin goes into the holder, if there is a view. */
SHALE_TYPE(jlongArray, long[], (shale_pin **pin, const void **value, size_t *value_len))
%typemap(in) (shale_pin **pin, const void **value, size_t *value_len)
  (shale_pin *held = 0, const void *at = 0, size_t size = 0) %{ $1 = &held; $2 = ($2_ltype)&at; $3 = &size; %}
%typemap(argout) (shale_pin **pin, const void **value, size_t *value_len) %{
  if (result == SHALE_OK) {
    $result = (*jenv)->NewDirectByteBuffer(jenv, (void *)(uintptr_t)at$argnum, (jlong)size$argnum);
    if ($result) long_out(jenv, $input, (int64_t)(intptr_t)held$argnum);
    else shale_pin_free(held$argnum);
  } else if (result == SHALE_WOULD_BLOCK) throw_status(jenv, result, 0);
%}

/* ---- iterators ----------------------------------------------------------------------------------------- */

/* One row into a holder of two: a value that was not read stays null. */
SHALE_TYPE(jobjectArray, byte[][], (const void **key, size_t *key_len, const void **value, size_t *value_len))
%typemap(in) (const void **key, size_t *key_len, const void **value, size_t *value_len)
  (const void *key_at = 0, size_t key_size = 0, const void *at = 0, size_t size = 0) %{
  $1 = ($1_ltype)&key_at; $2 = &key_size; $3 = ($3_ltype)&at; $4 = &size;
%}
%typemap(argout) (const void **key, size_t *key_len, const void **value, size_t *value_len) %{
  if (result == SHALE_OK) {
    object_out(jenv, $input, 0, bytes_out(jenv, key_at$argnum, key_size$argnum));
    if (at$argnum && !(*jenv)->ExceptionCheck(jenv))
      object_out(jenv, $input, 1, bytes_out(jenv, at$argnum, size$argnum));
  }
%}

/* As many rows as fit into the stack, or one that does not; null at the end. */
%typemap(in, numinputs=0) (void *buf, size_t cap, size_t *used, size_t *rows, shale_error **err)
  (char near[ROWS_STACK_BYTES], size_t size = 0, size_t row_count = 0, shale_error *error = 0) %{
  $1 = near; $2 = sizeof near; $3 = &size; $4 = &row_count; $5 = &error;
%}
%typemap(argout) (void *buf, size_t cap, size_t *used, size_t *rows, shale_error **err) %{
  if (result == SHALE_OK) $result = bytes_out(jenv, near$argnum, size$argnum);
  else if (result == SHALE_TOO_SMALL) $result = wide_row_out(jenv, arg1, size$argnum, &result, &error$argnum);
  finish(jenv, result, error$argnum);
%}

%typemap(in, numinputs=0) (const void **token, size_t *token_len) (const void *at = 0, size_t size = 0) %{
  $1 = ($1_ltype)&at; $2 = &size;
%}
%typemap(argout) (const void **token, size_t *token_len) %{
  if (result == SHALE_OK) $result = bytes_out(jenv, at$argnum, size$argnum);
%}

/* ---- buffers of the caller ----------------------------------------------------------------------------- */

SHALE_TYPE(jobject, java.nio.ByteBuffer, const void *key_memory)
SHALE_TYPE(jobject, java.nio.ByteBuffer, const void *value_memory)
SHALE_TYPE(jobject, java.nio.ByteBuffer, void *memory)
%typemap(in) const void *key_memory, const void *value_memory, void *memory
  %{ $1 = (*jenv)->GetDirectBufferAddress(jenv, $input); %}

/* The length whether or not it fitted; -1 for NOT_FOUND. */
%define SHALE_LENGTH(RESULT, SIZE)
  if (result == SHALE_OK || result == SHALE_TOO_SMALL) RESULT = (jlong)SIZE;
  else if (result == SHALE_NOT_FOUND) RESULT = -1;
  else if (result == SHALE_WOULD_BLOCK) throw_status(jenv, result, 0);
%enddef
%typemap(in, numinputs=0) size_t *value_len (size_t size = 0) %{ $1 = &size; %}
%typemap(argout) size_t *value_len { SHALE_LENGTH($result, size$argnum) }

SHALE_TYPE(jbyteArray, byte[],
           (void *VIEW_BUF, size_t VIEW_CAP, shale_pin **PIN, const void **VIEW, size_t *LENGTH))
%typemap(in) (void *VIEW_BUF, size_t VIEW_CAP, shale_pin **PIN, const void **VIEW, size_t *LENGTH)
  (char near[OUT_STACK_BYTES], shale_pin *held = 0, const void *at = 0, size_t size = 0) %{
  $1 = near; $2 = sizeof near; $3 = &held; $4 = ($4_ltype)&at; $5 = &size;
%}
%typemap(argout) (void *VIEW_BUF, size_t VIEW_CAP, shale_pin **PIN, const void **VIEW, size_t *LENGTH) {
  if (result == SHALE_OK && size$argnum <= (size_t)(*jenv)->GetArrayLength(jenv, $input))
    (*jenv)->SetByteArrayRegion(jenv, $input, 0, (jsize)size$argnum, (const jbyte *)at$argnum);
  SHALE_LENGTH($result, size$argnum)
  shale_pin_free(held$argnum);
}

shale_status get_direct(shale_db *db, const void *key_memory, size_t key_at, size_t key_size, void *memory,
                        size_t at, size_t cap, size_t *value_len, uint32_t flags, shale_error **err);
shale_status get_to_direct(shale_db *db, const void *key, size_t key_len, void *memory, size_t at, size_t cap,
                           size_t *value_len, uint32_t flags, shale_error **err);
shale_status put_direct(shale_db *db, const void *key_memory, size_t key_at, size_t key_size,
                        const void *value_memory, size_t value_at, size_t value_size, int64_t ttl_ms,
                        uint32_t flags, shale_error **err);
shale_status get_to_array(shale_db *db, const void *key, size_t key_len, void *VIEW_BUF, size_t VIEW_CAP,
                          shale_pin **PIN, const void **VIEW, size_t *LENGTH, uint32_t flags,
                          shale_error **err);

/* ---- jni_load.h, jni_tools.h, jni_range.h, jni_snapshot.h, jni_backup.h: these throw by themselves --------------------------------------------------- */

%typemap(in, numinputs=0) JNIEnv *env %{ $1 = jenv; %}
SHALE_TYPE(jobject, Progress, jobject listener)

SHALE_TYPE(jobject, java.nio.ByteBuffer, jobject direct)
int64_t address_of(JNIEnv *env,
                   jobject direct);
int64_t get_scratch(JNIEnv *env, shale_db *db, int64_t scratch, int64_t key_size,
                    uint32_t flags);
void take_scratch(JNIEnv *env, int64_t scratch,
                  jbyteArray to);
jbyteArray get_or_lease(JNIEnv *env, shale_db *db, const void *key, size_t key_len, int64_t wait_ms,
                        int64_t hold_ms, jlongArray lease_and_status, uint32_t flags);
int64_t multi_get_or_lease(JNIEnv *env, shale_db *db, const void *keys, size_t keys_len, size_t count,
                           int64_t wait_ms, int64_t hold_ms, uint32_t flags);
jbyteArray results_at(JNIEnv *env, shale_results *results, size_t index,
                      jlongArray lease_and_status);
void multi_lease_fulfil(JNIEnv *env, jlongArray leases_and_statuses, const void *items, size_t items_len,
                        int64_t ttl_ms, uint32_t flags);
void reclaim(JNIEnv *env, shale_db *db,
             jobject listener);
jbyteArray verify_with(JNIEnv *env, const char *path, const shale_options *options, jobject listener,
                  jlongArray problem_count);
jbyteArray salvage_with(JNIEnv *env, const char *path, const shale_options *options, const char *new_path,
                   const shale_options *new_options, jobject listener,
                   jlongArray numbers);
int64_t rewrite(JNIEnv *env, const char *path, const shale_options *options, const char *new_path,
                const shale_options *new_options, jobject listener);
SHALE_TYPE(jbyteArray, byte[], jbyteArray secret)
void set_key(JNIEnv *env, shale_options *options, jbyteArray secret);
jbyteArray events_poll(JNIEnv *env, shale_db *db,
                       jlongArray rows_and_dropped);
void count(JNIEnv *env, shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
           jlongArray keys_and_bytes, jobject listener, uint32_t flags);
void estimate(JNIEnv *env, shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
              jlongArray keys_and_bytes, uint32_t flags);
void compact(JNIEnv *env, shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
             jobject listener, uint32_t flags);
jbyteArray snapshot_get(JNIEnv *env, shale_snapshot *snapshot, const void *key, size_t key_len,
                        jlongArray key_version);
int64_t snapshot_multi_get(JNIEnv *env, shale_snapshot *snapshot, const void *keys, size_t keys_len, size_t count);
jbyteArray backup(JNIEnv *env, shale_db *db, const char *path, const char *base, jobject listener, uint32_t flags);
jbyteArray backup_stream(JNIEnv *env, shale_db *db, int32_t fd, const char *base, jobject listener, uint32_t flags);
jbyteArray restore(JNIEnv *env, const char *base, const char *path,
                   jobject listener);
jbyteArray restore_stream(JNIEnv *env, int32_t fd, const char *base, const char *path,
                          jobject listener);
int32_t pipe_open(JNIEnv *env,
                  jlongArray ends);
int32_t pipe_read(JNIEnv *env, int32_t fd,
                  jbyteArray to);
int32_t pipe_write(JNIEnv *env, int32_t fd, jbyteArray from, int32_t at, int32_t end);
void pipe_close(int32_t fd);
