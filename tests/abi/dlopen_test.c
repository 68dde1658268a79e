/* The library as a foreign runtime meets it: no header at build time but for types, everything by dlsym,
 * constants by name, and unloaded again a hundred times. argv[1]: full path of libshale.so.1. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shale/shale.h"

static const char* library_path;

/* The functions used here, with the types of the header but not its symbols. */
struct api {
  void* handle;
  __typeof__(shale_version_number)* version_number;
  __typeof__(shale_constant)* constant;
  __typeof__(shale_open)* open;
  __typeof__(shale_close)* close;
  __typeof__(shale_free)* free;
  __typeof__(shale_put)* put;
  __typeof__(shale_get)* get;
  __typeof__(shale_mem_free)* mem_free;
  __typeof__(shale_exists)* exists;
  __typeof__(shale_error_message)* error_message;
  __typeof__(shale_error_free)* error_free;
  __typeof__(shale_live_handles)* live_handles;
};

static void* find(void* library, const char* name) {
  void* symbol = dlsym(library, name);
  if (symbol == NULL) fprintf(stderr, "%s\n", dlerror());
  assert_non_null(symbol);
  return symbol;
}

static void load(struct api* api) {
  api->handle = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
  if (api->handle == NULL) fprintf(stderr, "%s\n", dlerror());
  assert_non_null(api->handle);
  /* POSIX promises that this conversion of an object pointer works; ISO C has no word for it, hence
   * __extension__. */
#define FIND(member) \
  __extension__(api->member = (__typeof__(api->member))find(api->handle, "shale_" #member))
  FIND(version_number);
  FIND(constant);
  FIND(open);
  FIND(close);
  FIND(free);
  FIND(put);
  FIND(get);
  FIND(mem_free);
  FIND(exists);
  FIND(error_message);
  FIND(error_free);
  FIND(live_handles);
#undef FIND
}

static int64_t constant(const struct api* api, const char* name) {
  int64_t value = 0;
  assert_int_equal(api->constant(name, &value), 0);
  return value;
}

static void use(const struct api* api, const char* path) {
  shale_db* db = NULL;
  shale_error* err = NULL;
  void* value = NULL;
  size_t size = 0;
  if (api->open(path, NULL, &db, &err) != 0) fprintf(stderr, "%s\n", api->error_message(err));
  assert_non_null(db);
  assert_int_equal(api->put(db, "key", 3, "value", 5, constant(api, "TTL_NEVER"), NULL, 0, NULL),
                   constant(api, "OK"));
  assert_int_equal(api->get(db, "key", 3, &value, &size, NULL, 0, NULL), constant(api, "OK"));
  assert_int_equal(size, 5);
  assert_memory_equal(value, "value", 5);
  api->mem_free(value);
  assert_int_equal(api->exists(db, "none", 4, 0, NULL), constant(api, "NOT_FOUND"));
  assert_int_equal(api->exists(db, NULL, 4, 0, &err), constant(api, "E_INVALID"));
  assert_non_null(err);
  api->error_free(err);
  assert_int_equal(api->close(db, NULL), 0);
  assert_int_equal(api->exists(db, "key", 3, 0, NULL), constant(api, "E_CLOSED"));
  api->free(db);
  assert_int_equal(api->live_handles(), 0);
}

static void constants_are_found_by_name(void** state) {
  (void)state;
  struct api api;
  load(&api);
  assert_int_equal(api.version_number(), constant(&api, "VERSION_NUMBER"));
  assert_int_equal(constant(&api, "CACHE_ONLY"), SHALE_CACHE_ONLY);
  assert_int_equal(constant(&api, "TTL_KEEP"), SHALE_TTL_KEEP);
  assert_int_equal(constant(&api, "VALUE_BYTES_MAX"), SHALE_VALUE_BYTES_MAX);
  assert_int_equal(constant(&api, "E_INTERNAL"), SHALE_E_INTERNAL);
  assert_int_equal(dlclose(api.handle), 0);
}

static void only_names_of_the_library_can_be_found(void** state) {
  (void)state;
  void* library = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
  assert_non_null(library);
  /* shale::CodeName(int) and shale::Clock::Real() are in there, but not for others. */
  assert_null(dlsym(library, "_ZN5shale8CodeNameEi"));
  assert_null(dlsym(library, "_ZN5shale5Clock4RealEv"));
  assert_non_null(dlsym(library, "shale_open"));
  assert_int_equal(dlclose(library), 0);
}

static void loading_and_unloading_a_hundred_times_works(void** state) {
  (void)state;
  for (int i = 0; i < 100; i++) {
    struct api api;
    load(&api);
    use(&api, NULL);
    assert_int_equal(dlclose(api.handle), 0);
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s /full/path/of/libshale.so.1\n", argv[0]);
    return 2;
  }
  library_path = argv[1];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constants_are_found_by_name),
      cmocka_unit_test(only_names_of_the_library_can_be_found),
      cmocka_unit_test(loading_and_unloading_a_hundred_times_works),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
