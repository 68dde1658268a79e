/* Long work that tells how far it is, and removals. A listener is called on the thread of the call, so that
   its environment is the one that is there; an exception of it ends the work and goes on behind the call. */
#ifndef SHALE_JNI_TOOLS_H_
#define SHALE_JNI_TOOLS_H_

#include "java/jni_load.h"

enum { EVENTS_STACK_BYTES = 65536 + 64 }; /* the longest row fits */
enum { SECRET_BYTES = 32 };               /* as ShaleBuilder has it */

typedef struct {
  JNIEnv* env;
  jobject listener;
  jmethodID method;
} progress_call;

static int32_t tell_progress(void* context, int64_t done, int64_t total) {
  const progress_call* call = context;
  const jboolean go_on =
      (*call->env)->CallBooleanMethod(call->env, call->listener, call->method, (jlong)done, (jlong)total);
  return (*call->env)->ExceptionCheck(call->env) || !go_on;
}

/* What is handed over as the progress function: none if nobody listens. */
static shale_progress progress_to(JNIEnv* env, jobject listener, progress_call* call) {
  if (listener == NULL) return NULL;
  call->env = env;
  call->listener = listener;
  call->method = (*env)->GetMethodID(env, (*env)->GetObjectClass(env, listener), "at", "(JJ)Z");
  return call->method == NULL ? NULL : tell_progress;
}

/* An outcome is an exception too: these calls have no other word for it. */
static void finish_work(JNIEnv* env, shale_status status, shale_error* error) {
  if (status > 0) throw_status(env, status, NULL);
  finish(env, status, error);
}

static jbyteArray report_out(JNIEnv* env, char* report) {
  jbyteArray array = NULL;
  if (report != NULL && !(*env)->ExceptionCheck(env)) array = bytes_out(env, report, strlen(report));
  shale_mem_free(report);
  return array;
}

static void reclaim(JNIEnv* env, shale_db* db, jobject listener) {
  progress_call call;
  shale_error* error = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_reclaim(db, progress, &call, 0, &error), error);
}

static jbyteArray verify_with(JNIEnv* env, const char* path, const shale_options* options, jobject listener,
                              jlongArray problem_count) {
  progress_call call;
  shale_error* error = NULL;
  int64_t problems = 0;
  char* report = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_verify_with(path, options, progress, &call, &problems, &report, 0, &error), error);
  long_out(env, problem_count, problems);
  return report_out(env, report);
}

static jbyteArray salvage_with(JNIEnv* env, const char* path, const shale_options* options,
                               const char* new_path, const shale_options* new_options, jobject listener,
                               jlongArray numbers) {
  progress_call call;
  shale_error* error = NULL;
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  char* report = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env,
              shale_salvage_with(path, options, new_path, new_options, progress, &call, &recovered,
                                 &suspicious, &dropped, &report, 0, &error),
              error);
  if (!(*env)->ExceptionCheck(env)) {
    const jlong elements[3] = {recovered, suspicious, dropped};
    (*env)->SetLongArrayRegion(env, numbers, 0, 3, elements);
  }
  return report_out(env, report);
}

static int64_t rewrite(JNIEnv* env, const char* path, const shale_options* options, const char* new_path,
                       const shale_options* new_options, jobject listener) {
  progress_call call;
  shale_error* error = NULL;
  int64_t keys = 0;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_rewrite(path, options, new_path, new_options, progress, &call, &keys, 0, &error),
              error);
  return keys;
}

/* A key, of the length that Java has checked, passes the stack only, which is wiped. */
static void set_key(JNIEnv* env, shale_options* options, jbyteArray key) {
  char near[SECRET_BYTES] = {0};
  shale_error* error = NULL;
  (*env)->GetByteArrayRegion(env, key, 0, SECRET_BYTES, (jbyte*)near);
  finish(env, shale_options_set_key(options, near, sizeof near, &error), error);
  explicit_bzero(near, sizeof near);
}

/* Rows of shale_events_poll; their number, and how many there was no room for, go into the array. */
static jbyteArray events_poll(JNIEnv* env, shale_db* db, jlongArray rows_and_dropped) {
  char near[EVENTS_STACK_BYTES];
  size_t used = 0, rows = 0;
  int64_t dropped = 0;
  shale_error* error = NULL;
  const shale_status status = shale_events_poll(db, near, sizeof near, &used, &rows, &dropped, &error);
  finish_work(env, status, error);
  set_longs(env, rows_and_dropped, (int64_t)rows, dropped);
  return status == SHALE_OK ? bytes_out(env, near, used) : NULL;
}

#endif /* SHALE_JNI_TOOLS_H_ */
