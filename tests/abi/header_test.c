/* shale.h alone: the first include of the file, in C99 with -pedantic, in C++98 and in C++20 (the same file
 * is compiled three times), and its constants are those of the library. argv[1] (or SHALE_HEADER): path of
 * shale.h. */
#include "shale/shale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static void expect(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "FAILED: %s\n", what);
  failures++;
}

/* Each "#define SHALE_NAME number" is a constant of the library, with that number. Returns how many there
 * are. */
static size_t check_defines(FILE* file) {
  char line[1024], name[128], number[64];
  size_t count = 0;
  while (fgets(line, (int)sizeof line, file) != NULL) {
    int64_t value = 0;
    if (sscanf(line, "#define SHALE_%127s %63s", name, number) != 2) continue;
    if (strchr("-0123456789", number[0]) == NULL) continue;
    expect(shale_constant(name, &value) == SHALE_OK, name);
    expect(value == (int64_t)strtol(number, NULL, 0), name);
    count++;
  }
  return count;
}

static void check_constants(const char* path) {
  const char* name = NULL;
  int64_t value = 0, again = 0;
  size_t i, count = 0;
  FILE* file = fopen(path, "r");
  expect(file != NULL, path);
  if (file == NULL) return;
  count = check_defines(file);
  fclose(file);
  expect(count > 40, "the header defines more than 40 constants");
  expect(count == shale_constant_count(), "header and library have the same number of constants");
  for (i = 0; i < shale_constant_count(); i++) {
    expect(shale_constant_at(i, &name, &value) == SHALE_OK, "shale_constant_at");
    expect(shale_constant(name, &again) == SHALE_OK && again == value, name);
  }
}

static void check_statuses(void) {
  static const struct {
    shale_status status;
    const char* name;
  } statuses[] = {
      {SHALE_OK, "OK"},
      {SHALE_NOT_FOUND, "NOT_FOUND"},
      {SHALE_EXISTS, "EXISTS"},
      {SHALE_MISMATCH, "MISMATCH"},
      {SHALE_TOO_SMALL, "TOO_SMALL"},
      {SHALE_WOULD_BLOCK, "WOULD_BLOCK"},
      {SHALE_END, "END"},
      {SHALE_CANCELLED, "CANCELLED"},
      {SHALE_LEASED, "LEASED"},
      {SHALE_STALE, "STALE"},
      {SHALE_E_INVALID, "E_INVALID"},
      {SHALE_E_CLOSED, "E_CLOSED"},
      {SHALE_E_FORKED, "E_FORKED"},
      {SHALE_E_IO, "E_IO"},
      {SHALE_E_CORRUPT, "E_CORRUPT"},
      {SHALE_E_NO_SPACE, "E_NO_SPACE"},
      {SHALE_E_NO_MEMORY, "E_NO_MEMORY"},
      {SHALE_E_LOCKED, "E_LOCKED"},
      {SHALE_E_READ_ONLY, "E_READ_ONLY"},
      {SHALE_E_TOO_LARGE, "E_TOO_LARGE"},
      {SHALE_E_OVERFLOW, "E_OVERFLOW"},
      {SHALE_E_NOT_A_NUMBER, "E_NOT_A_NUMBER"},
      {SHALE_E_INCOMPATIBLE, "E_INCOMPATIBLE"},
      {SHALE_E_NO_STORE, "E_NO_STORE"},
      {SHALE_E_LIMIT, "E_LIMIT"},
      {SHALE_E_INTERNAL, "E_INTERNAL"},
  };
  size_t i;
  for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    expect(strcmp(shale_status_name(statuses[i].status), statuses[i].name) == 0, statuses[i].name);
    expect(strlen(shale_status_text(statuses[i].status)) > 0, statuses[i].name);
  }
  expect(strcmp(shale_status_name(SHALE_STALE + 1), "UNKNOWN") == 0, "the outcome after the last");
  expect(strcmp(shale_status_name(SHALE_E_INTERNAL - 1), "UNKNOWN") == 0, "the error after the last");
}

int main(int argc, char** argv) {
  const char* path = getenv("SHALE_HEADER");
  if (argc > 1) path = argv[1];
  check_constants(path != NULL ? path : "include/shale/shale.h");
  check_statuses();
  expect(shale_version_number() == SHALE_VERSION_NUMBER, "version of header and library");
  expect(SHALE_VERSION_NUMBER ==
             SHALE_VERSION_MAJOR * 1000000 + SHALE_VERSION_MINOR * 1000 + SHALE_VERSION_PATCH,
         "SHALE_VERSION_NUMBER is made of its parts");
  printf("%s the header: %d failures\n", failures == 0 ? "ok" : "FAIL", failures);
  return failures == 0 ? 0 : 1;
}
