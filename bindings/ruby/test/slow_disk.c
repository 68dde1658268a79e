/* A slow disk, for the tests of the GVL: loaded before libc, it makes each read and each sync of a file take
 * SLOW_DISK_MS. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

static void wait_for_the_disk(void) {
  const char* text = getenv("SLOW_DISK_MS");
  const long ms = text == NULL ? 0 : atol(text);
  const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  if (ms > 0) nanosleep(&time, NULL);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_for_the_disk();
  return real(fd);
}

ssize_t pread(int fd, void* buf, size_t size, off_t at) {
  ssize_t (*real)(int, void*, size_t, off_t) =
      (ssize_t(*)(int, void*, size_t, off_t))dlsym(RTLD_NEXT, "pread");
  wait_for_the_disk();
  return real(fd, buf, size, at);
}

ssize_t pread64(int fd, void* buf, size_t size, off_t at) {
  return pread(fd, buf, size, at);
}
