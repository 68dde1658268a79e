/* Backups. Java's streams have no descriptor that could be lent; so the library gets one end of a socket
   pair, and Java moves the bytes between the other end and its stream. */
#ifndef SHALE_JNI_BACKUP_H_
#define SHALE_JNI_BACKUP_H_

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "java/jni_tools.h"

enum { PIPE_STACK_BYTES = 65536 };

static jbyteArray backup(JNIEnv* env, shale_db* db, const char* path, const char* base, jobject listener,
                         uint32_t flags) {
  progress_call call;
  shale_error* error = NULL;
  char* report = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_backup(db, path, base, progress, &call, &report, flags, &error), error);
  return report_out(env, report);
}

static jbyteArray backup_stream(JNIEnv* env, shale_db* db, int32_t fd, const char* base, jobject listener,
                                uint32_t flags) {
  progress_call call;
  shale_error* error = NULL;
  char* report = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_backup_stream(db, fd, base, progress, &call, &report, flags, &error), error);
  return report_out(env, report);
}

static jbyteArray restore(JNIEnv* env, const char* base, const char* path, jobject listener) {
  progress_call call;
  shale_error* error = NULL;
  char* report = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_restore(base, path, progress, &call, &report, 0, &error), error);
  return report_out(env, report);
}

static jbyteArray restore_stream(JNIEnv* env, int32_t fd, const char* base, const char* path,
                                 jobject listener) {
  progress_call call;
  shale_error* error = NULL;
  char* report = NULL;
  shale_progress progress = progress_to(env, listener, &call);
  finish_work(env, shale_restore_stream(fd, base, path, progress, &call, &report, 0, &error), error);
  return report_out(env, report);
}

/* ---- the pipe: sockets, for these can be written to without a signal -------------------------------------
 */

/* Both ends; 0 or what the system said. */
static int32_t pipe_open(JNIEnv* env, jlongArray ends) {
  int fd[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0) return errno;
  set_longs(env, ends, fd[0], fd[1]);
  return 0;
}

/* Bytes that came, 0 at the end, -1 if it cannot be read. */
static int32_t pipe_read(JNIEnv* env, int32_t fd, jbyteArray to) {
  char near[PIPE_STACK_BYTES];
  const size_t room = (size_t)(*env)->GetArrayLength(env, to);
  ssize_t got;
  do got = read(fd, near, room < sizeof near ? room : sizeof near);
  while (got < 0 && errno == EINTR);
  if (got > 0) (*env)->SetByteArrayRegion(env, to, 0, (jsize)got, (const jbyte*)near);
  return (int32_t)got;
}

/* How many of the bytes from `at` to `end` went out; -1 if nobody reads them any more. */
static int32_t pipe_write(JNIEnv* env, int32_t fd, jbyteArray from, int32_t at, int32_t end) {
  char near[PIPE_STACK_BYTES];
  const size_t left = (size_t)(end - at), size = left < sizeof near ? left : sizeof near;
  ssize_t sent;
  (*env)->GetByteArrayRegion(env, from, at, (jsize)size, (jbyte*)near);
  if ((*env)->ExceptionCheck(env)) return -1;
  do sent = send(fd, near, size, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return (int32_t)sent;
}

static void pipe_close(int32_t fd) {
  close(fd);
}

#endif /* SHALE_JNI_BACKUP_H_ */
