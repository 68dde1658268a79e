/* Loads of one caller a key, and reads through memory that a Java thread keeps beside its heap. What has two
   results hands one of them over in an array of the caller's. */
#ifndef SHALE_JNI_LOAD_H_
#define SHALE_JNI_LOAD_H_

#include "java/jni_glue.h"

/* ---- reading through scratch memory ----------------------------------------------------------------------
 */

/* As Scratch.java has it: the key at its start, the value behind it; for a value that does not fit the pin
   and the address are left there. The length of the value, or -1. Nothing of Java is touched. */
enum { SCRATCH_KEY_BYTES = 1024, SCRATCH_VALUE_BYTES = 4096 };

typedef struct {
  shale_pin* pin;
  const void* at;
} scratch_pin;

static int64_t get_scratch(JNIEnv* env, shale_db* db, int64_t scratch, int64_t key_size, uint32_t flags) {
  char* memory = (char*)(intptr_t)scratch;
  char* room = memory + SCRATCH_KEY_BYTES;
  scratch_pin held = {NULL, NULL};
  size_t size = 0;
  shale_error* error = NULL;
  const shale_status status = shale_get_view(db, memory, (size_t)key_size, room, SCRATCH_VALUE_BYTES,
                                             &held.pin, &held.at, &size, NULL, flags, &error);
  if (status == SHALE_OK) {
    if (held.pin != NULL) memcpy(room, &held, sizeof held);
    return (int64_t)size;
  }
  if (status == SHALE_WOULD_BLOCK) throw_status(env, status, NULL);
  finish(env, status, error);
  return -1;
}

/* Where a direct buffer lies; it stays there. */
static int64_t address_of(JNIEnv* env, jobject direct) {
  return (int64_t)(intptr_t)(*env)->GetDirectBufferAddress(env, direct);
}

/* Copies the long value that get_scratch has pinned, and lets it go. Without an array it only does that. */
static void take_scratch(JNIEnv* env, int64_t scratch, jbyteArray to) {
  scratch_pin held;
  memcpy(&held, (char*)(intptr_t)scratch + SCRATCH_KEY_BYTES, sizeof held);
  if (to != NULL)
    (*env)->SetByteArrayRegion(env, to, 0, (*env)->GetArrayLength(env, to), (const jbyte*)held.at);
  shale_pin_free(held.pin);
}

/* ---- leases
 * ------------------------------------------------------------------------------------------------ */

static void set_longs(JNIEnv* env, jlongArray holder, int64_t first, int64_t second) {
  const jlong elements[2] = {first, second};
  if (!(*env)->ExceptionCheck(env)) (*env)->SetLongArrayRegion(env, holder, 0, 2, elements);
}

/* The value of OK and STALE; the lease, 0 if none, and the status go into the array. */
static jbyteArray get_or_lease(JNIEnv* env, shale_db* db, const void* key, size_t key_len, int64_t wait_ms,
                               int64_t hold_ms, jlongArray lease_and_status, uint32_t flags) {
  char near[OUT_STACK_BYTES];
  shale_pin* pin = NULL;
  const void* value = NULL;
  size_t size = 0;
  shale_lease* lease = NULL;
  shale_error* error = NULL;
  jbyteArray array = NULL;
  const shale_status status = shale_get_or_lease(db, key, key_len, wait_ms, hold_ms, near, sizeof near, &pin,
                                                 &value, &size, NULL, &lease, flags, &error);
  if (status == SHALE_OK || status == SHALE_STALE) array = bytes_out(env, value, size);
  shale_pin_free(pin);
  set_longs(env, lease_and_status, (int64_t)(intptr_t)lease, status);
  finish(env, status, error);
  return array;
}

static uint32_t packed_length(const unsigned char* at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* What Packer.java has packed, where it lies; to be freed. NULL without memory. */
static shale_slice* slices_of(const void* packed, size_t count) {
  const unsigned char* at = packed;
  shale_slice* slices = malloc((count + 1) * sizeof *slices);
  if (slices == NULL || packed == NULL) return slices;
  for (size_t i = 0; i < count; i++) {
    slices[i].size = packed_length(at);
    slices[i].data = at + 4;
    at += 4 + slices[i].size;
  }
  return slices;
}

/* The answers, for results_at and shale_results_free. */
static int64_t multi_get_or_lease(JNIEnv* env, shale_db* db, const void* keys, size_t keys_len, size_t count,
                                  int64_t wait_ms, int64_t hold_ms, uint32_t flags) {
  shale_results* results = NULL;
  shale_error* error = NULL;
  shale_slice* slices;
  shale_status status = SHALE_E_NO_MEMORY;
  if ((*env)->ExceptionCheck(env)) return 0;
  slices = slices_of(keys, keys_len == 0 ? 0 : count);
  if (slices != NULL)
    status = shale_multi_get_or_lease(db, slices, count, wait_ms, hold_ms, &results, flags, &error);
  free(slices);
  finish(env, status, error);
  return (int64_t)(intptr_t)results;
}

/* As get_or_lease. Handing a lease over empties its place. */
static jbyteArray results_at(JNIEnv* env, shale_results* results, size_t index, jlongArray lease_and_status) {
  const void* value = NULL;
  size_t size = 0;
  shale_lease* lease = NULL;
  jbyteArray array = NULL;
  const shale_status status = shale_results_at(results, index, &value, &size, NULL);
  if (status == SHALE_OK || status == SHALE_STALE) array = bytes_out(env, value, size);
  if (status == SHALE_LEASED) shale_results_lease(results, index, &lease);
  set_longs(env, lease_and_status, (int64_t)(intptr_t)lease, status);
  return array;
}

/* Fulfils as many leases as there are; their statuses take their places. */
static void multi_lease_fulfil(JNIEnv* env, jlongArray leases_and_statuses, const void* items,
                               size_t items_len, int64_t ttl_ms, uint32_t flags) {
  shale_error* error = NULL;
  shale_status status = SHALE_E_NO_MEMORY;
  const size_t count = (size_t)(*env)->GetArrayLength(env, leases_and_statuses);
  shale_slice* values = slices_of(items, items_len == 0 ? 0 : count);
  jlong* longs = calloc(count + 1, sizeof *longs);
  shale_lease** leases = calloc(count + 1, sizeof *leases);
  shale_status* statuses = calloc(count + 1, sizeof *statuses);
  if (!(*env)->ExceptionCheck(env) && values != NULL && longs != NULL && leases != NULL && statuses != NULL) {
    (*env)->GetLongArrayRegion(env, leases_and_statuses, 0, (jsize)count, longs);
    for (size_t i = 0; i < count; i++) leases[i] = (shale_lease*)(intptr_t)longs[i];
    status = shale_multi_lease_fulfil(leases, values, count, ttl_ms, statuses, flags, &error);
    for (size_t i = 0; i < count; i++) longs[i] = statuses[i];
    (*env)->SetLongArrayRegion(env, leases_and_statuses, 0, (jsize)count, longs);
  }
  free(statuses);
  free(leases);
  free(longs);
  free(values);
  finish(env, status, error);
}

#endif /* SHALE_JNI_LOAD_H_ */
