/* Reading from a snapshot, which is always a copy: there is nothing that could be pinned. */
#ifndef SHALE_JNI_SNAPSHOT_H_
#define SHALE_JNI_SNAPSHOT_H_

#include "java/jni_load.h"

/* NULL is NOT_FOUND; the version goes into the array, which may be NULL. */
static jbyteArray snapshot_get(JNIEnv* env, shale_snapshot* snapshot, const void* key, size_t key_len,
                               jlongArray key_version) {
  char near[OUT_STACK_BYTES];
  void* owned = NULL;
  size_t size = 0;
  int64_t version = 0;
  shale_error* error = NULL;
  jbyteArray array = NULL;
  shale_status status =
      shale_snapshot_get_into(snapshot, key, key_len, near, sizeof near, &size, &version, 0, &error);
  if (status == SHALE_TOO_SMALL)
    status = shale_snapshot_get(snapshot, key, key_len, &owned, &size, &version, 0, &error);
  if (status == SHALE_OK) {
    array = bytes_out(env, owned != NULL ? owned : near, size);
    long_out(env, key_version, version);
  }
  shale_mem_free(owned);
  finish(env, status, error);
  return array;
}

/* The answers, for results_at and shale_results_free. */
static int64_t snapshot_multi_get(JNIEnv* env, shale_snapshot* snapshot, const void* keys, size_t keys_len,
                                  size_t count) {
  shale_results* results = NULL;
  shale_error* error = NULL;
  shale_slice* slices;
  shale_status status = SHALE_E_NO_MEMORY;
  if ((*env)->ExceptionCheck(env)) return 0;
  slices = slices_of(keys, keys_len == 0 ? 0 : count);
  if (slices != NULL) status = shale_snapshot_multi_get(snapshot, slices, count, &results, 0, &error);
  free(slices);
  finish(env, status, error);
  return (int64_t)(intptr_t)results;
}

#endif /* SHALE_JNI_SNAPSHOT_H_ */
