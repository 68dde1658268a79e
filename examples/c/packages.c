/* Which packages does this machine have, and of what kind? Loads Debian's list of packages into a store,
 * closes it, opens it again, and answers from there: a look-up by name, a count for each section, an ordered
 * walk over one section.
 *
 *     packages [STATUS_FILE]                    (/var/lib/dpkg/status) */
#define _POSIX_C_SOURCE 200809L
#include <shale/shale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 65536, NAME_BYTES_MAX = 512 };

struct package {
  char name[NAME_BYTES_MAX], arch[NAME_BYTES_MAX], version[NAME_BYTES_MAX], section[NAME_BYTES_MAX];
};

/* Ends the program with the library's own words when a call failed. Outcomes such as NOT_FOUND are not
 * failures. */
#define CHECK(call) check((call), &error)
static shale_status check(shale_status status, shale_error** error) {
  if (status >= 0) return status;
  fprintf(stderr, "packages: %s: %s\n", shale_status_name(status), shale_error_message(*error));
  exit(1);
}

static void expect(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "packages: not so: %s\n", what);
  exit(1);
}

/* One package: its version by name, itself in its section, and one more in the section's count. */
static void store(shale_db* db, const struct package* package) {
  shale_error* error = NULL;
  shale_batch* batch;
  int64_t count;
  char name[4 * NAME_BYTES_MAX], section[4 * NAME_BYTES_MAX], counter[4 * NAME_BYTES_MAX];
  const int name_len = snprintf(name, sizeof name, "package/%s:%s", package->name, package->arch);
  const int section_len =
      snprintf(section, sizeof section, "section/%s/%s:%s", package->section, package->name, package->arch);
  const int counter_len = snprintf(counter, sizeof counter, "count/%s", package->section);
  CHECK(shale_batch_new(&batch));
  CHECK(shale_batch_put(batch, name, (size_t)name_len, package->version, strlen(package->version),
                        SHALE_TTL_NEVER, &error));
  CHECK(shale_batch_put(batch, section, (size_t)section_len, NULL, 0, SHALE_TTL_NEVER, &error));
  CHECK(shale_write(db, batch, 0, &error));
  shale_batch_free(batch);
  CHECK(shale_incr(db, counter, (size_t)counter_len, 1, &count, 0, &error));
}

static int field(const char* line, const char* name, char* out) {
  const size_t size = strlen(name);
  if (strncmp(line, name, size) != 0) return 0;
  snprintf(out, NAME_BYTES_MAX, "%.*s", (int)strcspn(line + size, "\n"), line + size);
  return 1;
}

/* Paragraphs of "Name: value" lines, each ended by an empty line. */
static int64_t load(shale_db* db, FILE* file) {
  static char line[LINE_BYTES_MAX];
  static const struct package none = {"", "", "", "unknown"};
  struct package package = none;
  int64_t count = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (field(line, "Package: ", package.name) || field(line, "Version: ", package.version) ||
        field(line, "Section: ", package.section) || field(line, "Architecture: ", package.arch) ||
        line[0] != '\n')
      continue;
    store(db, &package);
    package = none;
    count++;
  }
  return count;
}

/* Rows below a prefix: how many, and the sum of their values as numbers; perhaps printed. */
static int64_t walk(shale_db* db, const char* prefix, int print, int64_t* sum) {
  shale_error* error = NULL;
  shale_iter* iter;
  const void *key, *value;
  size_t key_len, value_len;
  int64_t rows = 0;
  CHECK(shale_iter_prefix(db, prefix, strlen(prefix), 0, &iter, 0, &error));
  *sum = 0;
  while (CHECK(shale_iter_next(iter, &key, &key_len, &value, &value_len, &error)) == SHALE_OK) {
    char number[32];
    snprintf(number, sizeof number, "%.*s", (int)value_len, (const char*)value);
    *sum += strtoll(number, NULL, 10);
    rows++;
    if (print)
      printf("  %-40.*s %s\n", (int)(key_len - strlen(prefix)), (const char*)key + strlen(prefix), number);
  }
  shale_iter_free(iter);
  return rows;
}

int main(int argc, char** argv) {
  char dir[] = "/tmp/shale-packages-XXXXXX";
  shale_error* error = NULL;
  shale_db* db;
  FILE* file = fopen(argc > 1 ? argv[1] : "/var/lib/dpkg/status", "r");
  expect(file != NULL, "the list of packages can be read");
  expect(mkdtemp(dir) != NULL, "a directory can be made below /tmp");
  CHECK(shale_open(dir, NULL, &db, &error));
  const int64_t count = load(db, file);
  fclose(file);
  shale_free(db); /* closes it too */
  CHECK(shale_open(dir, NULL, &db, &error));
  int64_t sum, unused;
  const int64_t sections = walk(db, "count/", 1, &sum);
  printf("%lld packages in %lld sections\n", (long long)count, (long long)sections);
  expect(count > 0 && sum == count, "the counts of the sections add up to the number of packages");
  expect(walk(db, "package/", 0, &unused) == count, "every package is found by its name");
  expect(walk(db, "section/", 0, &unused) == count, "every package is found in its section");
  shale_free(db);
  CHECK(shale_destroy(dir, 0, &error));
  expect(shale_live_handles() == 0, "everything was freed");
  return 0;
}
