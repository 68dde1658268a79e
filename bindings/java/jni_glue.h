/* What the typemaps of java.i call: copies of bytes between the Java heap and C, and exceptions. Kept out of
   the typemaps, so that a compiler warning names a line that someone wrote. A copy in costs least as
   GetByteArrayRegion into the stack; critical sections are out of the question, for a call may wait for the
   disk. */
#ifndef SHALE_JNI_GLUE_H_
#define SHALE_JNI_GLUE_H_

#include <jni.h>
#include <shale/shale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
  IN_STACK_BYTES = 4096,    /* keys, most values, and a hundred short keys need no allocation */
  OUT_STACK_BYTES = 4096,   /* longer values come pinned and are copied once */
  ROWS_STACK_BYTES = 16384, /* rows of an iterator that one call brings */
  ARRAY_BYTES_MAX = 0x7ffffff7
};

static jclass exception_class;
static jmethodID exception_of;

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void* reserved) {
  JNIEnv* env;
  jclass found;
  (void)reserved;
  if ((*vm)->GetEnv(vm, (void**)&env, JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  found = (*env)->FindClass(env, "io/shale/ShaleException");
  if (found == NULL) return JNI_ERR;
  exception_class = (*env)->NewGlobalRef(env, found);
  (*env)->DeleteLocalRef(env, found);
  if (exception_class == NULL) return JNI_ERR;
  exception_of = (*env)->GetStaticMethodID(env, exception_class, "of", "(I[BII)Ljava/lang/RuntimeException;");
  return exception_of != NULL ? JNI_VERSION_1_8 : JNI_ERR;
}

/* A new array with these bytes, or NULL with an exception pending. */
static jbyteArray bytes_out(JNIEnv* env, const void* data, size_t size) {
  jbyteArray array;
  if (size > ARRAY_BYTES_MAX) {
    jclass type = (*env)->FindClass(env, "java/lang/IllegalArgumentException");
    if (type != NULL)
      (*env)->ThrowNew(env, type, "the answer does not fit into one array; ask for less at a time");
    return NULL;
  }
  array = (*env)->NewByteArray(env, (jsize)size);
  if (array != NULL && size > 0) (*env)->SetByteArrayRegion(env, array, 0, (jsize)size, (const jbyte*)data);
  return array;
}

/* The message goes over as bytes: it may hold a path in any encoding, and NewStringUTF is no UTF-8. */
static void throw_status(JNIEnv* env, shale_status status, const shale_error* error) {
  const char* message = error != NULL ? shale_error_message(error) : shale_status_text(status);
  jbyteArray text;
  jobject thrown;
  if ((*env)->ExceptionCheck(env)) return; /* an argument could not be copied, and that is the cause */
  text = bytes_out(env, message, strlen(message));
  if (text == NULL) return;
  thrown = (*env)->CallStaticObjectMethod(env, exception_class, exception_of, (jint)status, text,
                                          (jint)shale_error_errno(error), (jint)shale_error_shard(error));
  if (thrown != NULL && !(*env)->ExceptionCheck(env)) (*env)->Throw(env, (jthrowable)thrown);
}

/* Ends a call that returns a status: an exception if it is an error. */
static void finish(JNIEnv* env, shale_status status, shale_error* error) {
  if (status >= 0) return;
  /* The code of an error object can be no other than the status; the status is there even when memory was
   * not. */
  throw_status(env, status, error);
  shale_error_free(error);
}

/* Copies an array into `near` if it fits, else into *far, which the caller frees. Without memory the result
   is NULL with a length above 0: the library refuses that, and the exception that is pending then is the one
   that Java sees. */
static void* bytes_in(JNIEnv* env, jbyteArray array, void* near, size_t near_size, void** far, size_t* size) {
  void* to = near;
  *size = 0;
  if (array == NULL) return NULL;
  *size = (size_t)(*env)->GetArrayLength(env, array);
  if (*size > near_size) to = *far = malloc(*size);
  if (to == NULL) {
    jclass type = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
    if (type != NULL) (*env)->ThrowNew(env, type, "no native memory for a copy of an argument");
    return NULL;
  }
  (*env)->GetByteArrayRegion(env, array, 0, (jsize)*size, (jbyte*)to);
  return to;
}

/* The same for text: Java hands over UTF-8 without a terminator. */
static char* text_in(JNIEnv* env, jbyteArray array) {
  const size_t size = array != NULL ? (size_t)(*env)->GetArrayLength(env, array) : 0;
  char* text;
  if (array == NULL) return NULL;
  text = malloc(size + 1);
  if (text == NULL) return NULL;
  (*env)->GetByteArrayRegion(env, array, 0, (jsize)size, (jbyte*)text);
  text[size] = '\0';
  return text;
}

/* Outputs arrive in arrays of one element; NULL where Java does not want one. */
static void long_out(JNIEnv* env, jlongArray holder, int64_t value) {
  const jlong element = value;
  if (holder != NULL && !(*env)->ExceptionCheck(env)) (*env)->SetLongArrayRegion(env, holder, 0, 1, &element);
}

static void object_out(JNIEnv* env, jobjectArray holder, jsize at, jobject value) {
  if (holder == NULL || value == NULL || (*env)->ExceptionCheck(env)) return;
  (*env)->SetObjectArrayElement(env, holder, at, value);
  (*env)->DeleteLocalRef(env, value);
}

/* Texts of the library's own tables are ASCII. */
static void text_out(JNIEnv* env, jobjectArray holder, const char* text) {
  if (holder != NULL && text != NULL) object_out(env, holder, 0, (*env)->NewStringUTF(env, text));
}

/* The rest of the rows of a call whose first row did not fit into the stack. */
static jbyteArray wide_row_out(JNIEnv* env, shale_iter* iter, size_t size, shale_status* status,
                               shale_error** error) {
  size_t used, rows;
  jbyteArray array = NULL;
  void* wide = malloc(size);
  if (wide == NULL) {
    *status = SHALE_E_NO_MEMORY;
    return NULL;
  }
  *status = shale_iter_next_packed(iter, wide, size, &used, &rows, error);
  if (*status == SHALE_OK) array = bytes_out(env, wide, used);
  free(wide);
  return array;
}

/* ---- calls whose buffers are given as memory and offset
 * ------------------------------------------------------------- */

static shale_status get_direct(shale_db* db, const void* key_memory, size_t key_at, size_t key_size,
                               void* memory, size_t at, size_t cap, size_t* value_len, uint32_t flags,
                               shale_error** err) {
  return shale_get_into(db, (const char*)key_memory + key_at, key_size, (char*)memory + at, cap, value_len,
                        NULL, flags, err);
}

static shale_status get_to_direct(shale_db* db, const void* key, size_t key_len, void* memory, size_t at,
                                  size_t cap, size_t* value_len, uint32_t flags, shale_error** err) {
  return shale_get_into(db, key, key_len, (char*)memory + at, cap, value_len, NULL, flags, err);
}

static shale_status put_direct(shale_db* db, const void* key_memory, size_t key_at, size_t key_size,
                               const void* value_memory, size_t value_at, size_t value_size, int64_t ttl_ms,
                               uint32_t flags, shale_error** err) {
  return shale_put(db, (const char*)key_memory + key_at, key_size, (const char*)value_memory + value_at,
                   value_size, ttl_ms, NULL, flags, err);
}

/* Into an array that is there: the view is copied once, as bytes_out would, but nothing is allocated. */
static shale_status get_to_array(shale_db* db, const void* key, size_t key_len, void* view_buf,
                                 size_t view_cap, shale_pin** view_pin, const void** view, size_t* view_len,
                                 uint32_t flags, shale_error** err) {
  return shale_get_view(db, key, key_len, view_buf, view_cap, view_pin, view, view_len, NULL, flags, err);
}

#endif /* SHALE_JNI_GLUE_H_ */
