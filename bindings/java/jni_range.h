/* Ranges of keys as wholes: what has two numbers for a result hands them over in an array of the caller's. */
#ifndef SHALE_JNI_RANGE_H_
#define SHALE_JNI_RANGE_H_

#include "java/jni_tools.h"

static void count(JNIEnv* env, shale_db* db, const void* from, size_t from_len, const void* to, size_t to_len,
                  jlongArray keys_and_bytes, jobject listener, uint32_t flags) {
  progress_call call;
  shale_error* error = NULL;
  int64_t keys = 0, bytes = 0;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_count(db, from, from_len, to, to_len, progress, &call, &keys, &bytes, flags, &error),
              error);
  set_longs(env, keys_and_bytes, keys, bytes);
}

static void estimate(JNIEnv* env, shale_db* db, const void* from, size_t from_len, const void* to,
                     size_t to_len, jlongArray keys_and_bytes, uint32_t flags) {
  shale_error* error = NULL;
  int64_t keys = 0, bytes = 0;
  finish_work(env, shale_estimate(db, from, from_len, to, to_len, &keys, &bytes, flags, &error), error);
  set_longs(env, keys_and_bytes, keys, bytes);
}

static void compact(JNIEnv* env, shale_db* db, const void* from, size_t from_len, const void* to,
                    size_t to_len, jobject listener, uint32_t flags) {
  progress_call call;
  shale_error* error = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_compact(db, from, from_len, to, to_len, progress, &call, flags, &error), error);
}

#endif /* SHALE_JNI_RANGE_H_ */
