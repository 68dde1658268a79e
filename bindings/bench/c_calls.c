/* The calls that the benchmarks of the bindings are compared with, from C. Each language starts this program
   once and asks it for one measure before each of its own, so that both meet the same machine within a few
   milliseconds. c_calls [KEYS [VALUE_BYTES]] reads names of measures from standard input, a line each, and
   answers each with a line, nanoseconds a call (a key): get                           shale_get_into, KEYS
   keys of 16 bytes, in memory put                           shale_put of the same multi_get_100_per_key
   shale_multi_get of 100 keys, and a look at each answer multi_get_packed_100_per_key  shale_multi_get_packed
   of 100 keys, packing and unpacking left out get_64k                       shale_get_into of 64 KiB values,
   BIG_KEYS of them Of two rounds over the keys the first warms up and the second is timed, as the languages
   do. */
#define _POSIX_C_SOURCE 200809L
#include <shale/shale.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEY_BYTES = 16, GROUP = 100, BIG_KEYS = 64, BIG_BYTES = 65536 };
/* Keys are visited in this stride, which has no divisor in common with the usual numbers of keys. */
enum { STRIDE = 7919 };

static shale_db* db;
static char (*keys)[KEY_BYTES + 1];
static char big_keys[BIG_KEYS][KEY_BYTES + 1];
static size_t key_count = 10000;
static size_t value_bytes = 100;
static char* buffer;
static unsigned long long seen; /* printed to stderr, so that nothing is optimized away */

static void must(shale_status status) {
  if (status == SHALE_OK) return;
  fprintf(stderr, "c_calls: %s\n", shale_status_text(status));
  exit(1);
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void get_once(size_t i) {
  size_t length;
  must(shale_get_into(db, keys[i % key_count], KEY_BYTES, buffer, BIG_BYTES, &length, NULL, 0, NULL));
  seen += length;
}

static void put_once(size_t i) {
  must(shale_put(db, keys[i % key_count], KEY_BYTES, buffer, value_bytes, SHALE_TTL_DEFAULT, NULL, 0, NULL));
}

static void multi_get_once(size_t i) {
  shale_slice slices[GROUP];
  shale_results* results;
  for (size_t k = 0; k < GROUP; k++) {
    slices[k].data = keys[(i + k * STRIDE) % key_count];
    slices[k].size = KEY_BYTES;
  }
  must(shale_multi_get(db, slices, GROUP, &results, 0, NULL));
  for (size_t k = 0; k < GROUP; k++) {
    const void* value;
    size_t length;
    must(shale_results_at(results, k, &value, &length, NULL));
    seen += length + *(const unsigned char*)value;
  }
  shale_results_free(results);
}

static void multi_get_packed_once(size_t i) {
  char packed[GROUP * (4 + KEY_BYTES)];
  void* out;
  size_t length;
  for (size_t k = 0; k < GROUP; k++) {
    const char size[4] = {KEY_BYTES, 0, 0, 0};
    memcpy(packed + k * (4 + KEY_BYTES), size, 4);
    memcpy(packed + k * (4 + KEY_BYTES) + 4, keys[(i + k * STRIDE) % key_count], KEY_BYTES);
  }
  must(shale_multi_get_packed(db, packed, sizeof packed, GROUP, &out, &length, 0, NULL));
  seen += length;
  shale_mem_free(out);
}

static void get_64k_once(size_t i) {
  size_t length;
  must(shale_get_into(db, big_keys[i % BIG_KEYS], KEY_BYTES, buffer, BIG_BYTES, &length, NULL, 0, NULL));
  seen += length;
}

typedef struct {
  const char* name;
  void (*once)(size_t);
  size_t calls;
  double per_call;
} measure;

static const measure measures[] = {
    {"get", get_once, 10000, 1},
    {"put", put_once, 5000, 1},
    {"multi_get_100_per_key", multi_get_once, 100, GROUP},
    {"multi_get_packed_100_per_key", multi_get_packed_once, 100, GROUP},
    {"get_64k", get_64k_once, 500, 1},
};

static void answer(const measure* m) {
  double start = 0;
  for (int round = 0; round < 2; round++) {
    start = now_ns();
    for (size_t i = 0; i < m->calls; i++) m->once(i * STRIDE);
  }
  printf("%.1f\n", (now_ns() - start) / (double)m->calls / m->per_call);
  fflush(stdout);
}

static void fill(void) {
  shale_options* options;
  must(shale_options_new(&options));
  must(shale_options_set(options, "memory.budget", "512MiB", NULL));
  must(shale_open(NULL, options, &db, NULL));
  shale_options_free(options);
  buffer = calloc(1, BIG_BYTES > value_bytes ? BIG_BYTES : value_bytes);
  keys = calloc(key_count, sizeof *keys);
  if (buffer == NULL || keys == NULL) exit(1);
  for (size_t i = 0; i < key_count; i++) {
    snprintf(keys[i], sizeof keys[i], "key%013u", (unsigned)i);
    put_once(i);
  }
  for (unsigned i = 0; i < BIG_KEYS; i++) {
    snprintf(big_keys[i], sizeof big_keys[i], "big%013u", i);
    must(shale_put(db, big_keys[i], KEY_BYTES, buffer, BIG_BYTES, SHALE_TTL_DEFAULT, NULL, 0, NULL));
  }
}

int main(int argc, char** argv) {
  if (argc > 1) key_count = strtoul(argv[1], NULL, 10);
  if (argc > 2) value_bytes = strtoul(argv[2], NULL, 10);
  if (key_count < GROUP || value_bytes < 1 || value_bytes > BIG_BYTES) {
    fprintf(stderr, "usage: c_calls [KEYS >= 100 [VALUE_BYTES 1..65536]]\n");
    return 2;
  }
  fill();
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const measure* found = NULL;
    line[strcspn(line, "\n")] = '\0';
    for (size_t m = 0; m < sizeof measures / sizeof measures[0]; m++)
      if (strcmp(measures[m].name, line) == 0) found = &measures[m];
    if (found == NULL) {
      fprintf(stderr, "c_calls: no measure %s\n", line);
      return 2;
    }
    answer(found);
  }
  fprintf(stderr, "bytes seen: %llu\n", seen);
  must(shale_close(db, NULL));
  shale_free(db);
  return 0;
}
