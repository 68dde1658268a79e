/* One C function for each call that has outputs: the same call, its outputs in one struct. Nothing is decided
 * here. */
%{
enum { WITHOUT_ERROR = 1000 }; /* as write.go has it: no status is as large, and no address as small */

static shale_go_result result_of(shale_status status, shale_error* err) {
  shale_go_result r;
  memset(&r, 0, sizeof r);
  r.status = status;
  r.handle = (uintptr_t)err;
  return r;
}

static shale_go_result handle_of(shale_status status, void* handle, shale_error* err) {
  shale_go_result r = result_of(status, err);
  if (status >= 0) r.handle = (uintptr_t)handle;
  return r;
}

static shale_go_result number_of(shale_status status, int64_t number, shale_error* err) {
  shale_go_result r = result_of(status, err);
  r.number = number;
  return r;
}

static shale_go_result bytes_of(shale_status status, const void* data, size_t size, int64_t number,
                                shale_error* err) {
  shale_go_result r = number_of(status, number, err);
  r.data = (void*)data;
  r.size = size;
  return r;
}
%}

%inline %{
/* ---- constants and options ---- */

static shale_go_result call_constant(const char* name) {
  int64_t value = 0;
  shale_status status = shale_constant(name, &value);
  return number_of(status, value, NULL);
}

static shale_go_result call_constant_at(size_t index) {
  const char* name = NULL;
  int64_t value = 0;
  shale_status status = shale_constant_at(index, &name, &value);
  return bytes_of(status, name, 0, value, NULL);
}

static shale_go_result call_options_new(void) {
  shale_options* options = NULL;
  shale_status status = shale_options_new(&options);
  return handle_of(status, options, NULL);
}

static shale_go_result call_options_set(shale_options* options, const char* name, const char* text) {
  shale_error* err = NULL;
  shale_status status = shale_options_set(options, name, text, &err);
  return result_of(status, err);
}

static shale_go_result call_options_set_i64(shale_options* options, const char* name, int64_t number) {
  shale_error* err = NULL;
  shale_status status = shale_options_set_i64(options, name, number, &err);
  return result_of(status, err);
}

static shale_go_result call_options_set_key(shale_options* options, const void* key, size_t key_len) {
  shale_error* err = NULL;
  shale_status status = shale_options_set_key(options, key, key_len, &err);
  return result_of(status, err);
}

/* part: 0 name, 1 type, 2 default, 3 range, 4 doc */
static const char* call_option_text(size_t index, int32_t part) {
  const char* text[5] = {NULL, NULL, NULL, NULL, NULL};
  if (part < 0 || part >= 5) return NULL;
  shale_option_at(index, &text[0], &text[1], &text[2], &text[3], NULL, &text[4]);
  return text[part];
}

static int32_t call_option_hot(size_t index) {
  int32_t hot = 0;
  shale_option_at(index, NULL, NULL, NULL, NULL, &hot, NULL);
  return hot;
}

/* ---- database ---- */

static shale_go_result call_open(const char* path, shale_options* options) {
  shale_db* db = NULL;
  shale_error* err = NULL;
  shale_status status = shale_open(path, options, &db, &err);
  return handle_of(status, db, err);
}

static shale_go_result call_close(shale_db* db) {
  shale_error* err = NULL;
  shale_status status = shale_close(db, &err);
  return result_of(status, err);
}

static shale_go_result call_destroy(const char* path, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_destroy(path, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_db_option(shale_db* db, const char* name) {
  const char* text = NULL;
  shale_status status = shale_db_option(db, name, &text);
  return bytes_of(status, text, 0, 0, NULL);
}

/* ---- reading ---- */

static shale_go_result call_get_into(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                                     uint32_t flags) {
  size_t size = 0;
  shale_error* err = NULL;
  shale_status status = shale_get_into(db, key, key_len, buf, cap, &size, NULL, flags, &err);
  return bytes_of(status, buf, size, 0, err);
}

/* The read that is made most, with nothing in its result but a number: the length of the value that is in buf now.
 * Below 0 it is not there: an outcome, negated, or something that is smaller than that, for an error. */
static int64_t call_get_short(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                              uint32_t flags) {
  size_t size = 0;
  const shale_status status = shale_get_into(db, key, key_len, buf, cap, &size, NULL, flags, NULL);
  if (status > SHALE_OK) return -(int64_t)status;
  return status == SHALE_OK ? (int64_t)size : INT64_MIN;
}

/* data is set only if the value was pinned: else it is in buf. */
static shale_go_result call_get_view(shale_db* db, const void* key, size_t key_len, void* buf, size_t cap,
                                     uint32_t flags) {
  shale_pin* pin = NULL;
  const void* data = NULL;
  size_t size = 0;
  int64_t version = 0;
  shale_error* err = NULL;
  shale_status status = shale_get_view(db, key, key_len, buf, cap, &pin, &data, &size, &version, flags, &err);
  shale_go_result r = handle_of(status, pin, err);
  r.data = pin ? (void*)data : NULL;
  r.size = size;
  r.number = version;
  return r;
}

static shale_go_result call_get_pinned(shale_db* db, const void* key, size_t key_len, uint32_t flags) {
  shale_pin* pin = NULL;
  const void* data = NULL;
  size_t size = 0;
  shale_error* err = NULL;
  shale_status status = shale_get_pinned(db, key, key_len, &pin, &data, &size, NULL, flags, &err);
  shale_go_result r = handle_of(status, pin, err);
  r.data = (void*)data;
  r.size = size;
  return r;
}

static shale_go_result call_exists(shale_db* db, const void* key, size_t key_len, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_exists(db, key, key_len, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_ttl(shale_db* db, const void* key, size_t key_len, uint32_t flags) {
  int64_t ttl_ms = 0;
  shale_error* err = NULL;
  shale_status status = shale_ttl(db, key, key_len, &ttl_ms, flags, &err);
  return number_of(status, ttl_ms, err);
}

/* ---- writing ---- */

/* The write that is made most, with nothing in its result but a number: the new version, which is above 0. Else an
 * outcome, negated; or the address of the error, negated; or, without memory for one, what lies between. */
static int64_t call_put(shale_db* db, const void* key, size_t key_len, const void* value, size_t value_len,
                        int64_t ttl_ms, uint32_t flags) {
  int64_t version = 0;
  shale_error* err = NULL;
  const shale_status status = shale_put(db, key, key_len, value, value_len, ttl_ms, &version, flags, &err);
  if (status == SHALE_OK) return version;
  if (err != NULL) return -(int64_t)(intptr_t)err;
  return status > 0 ? -(int64_t)status : (int64_t)status - WITHOUT_ERROR;
}

static shale_go_result call_delete(shale_db* db, const void* key, size_t key_len, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_delete(db, key, key_len, flags, &err);
  return result_of(status, err);
}

/* data is owned: shale_mem_free. */
static shale_go_result call_get_and_set(shale_db* db, const void* key, size_t key_len, const void* value,
                                        size_t value_len, int64_t ttl_ms, uint32_t flags) {
  void* old = NULL;
  size_t old_len = 0;
  int64_t version = 0;
  shale_error* err = NULL;
  shale_status status =
      shale_get_and_set(db, key, key_len, value, value_len, ttl_ms, &old, &old_len, &version, flags, &err);
  return bytes_of(status, old, old_len, version, err);
}

static shale_go_result call_compare_and_set(shale_db* db, const void* key, size_t key_len,
                                            const void* expected, size_t expected_len, const void* value,
                                            size_t value_len, int64_t ttl_ms, uint32_t flags) {
  int64_t version = 0;
  shale_error* err = NULL;
  shale_status status = shale_compare_and_set(db, key, key_len, expected, expected_len, value, value_len,
                                              ttl_ms, &version, flags, &err);
  return number_of(status, version, err);
}

static shale_go_result call_compare_version_and_set(shale_db* db, const void* key, size_t key_len,
                                                    int64_t version, const void* value, size_t value_len,
                                                    int64_t ttl_ms, uint32_t flags) {
  int64_t present = 0;
  shale_error* err = NULL;
  shale_status status = shale_compare_version_and_set(db, key, key_len, version, value, value_len, ttl_ms,
                                                      &present, flags, &err);
  return number_of(status, present, err);
}

static shale_go_result call_compare_and_delete(shale_db* db, const void* key, size_t key_len,
                                               const void* expected, size_t expected_len, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_compare_and_delete(db, key, key_len, expected, expected_len, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_compare_version_and_delete(shale_db* db, const void* key, size_t key_len,
                                                       int64_t version, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_compare_version_and_delete(db, key, key_len, version, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_incr(shale_db* db, const void* key, size_t key_len, int64_t delta,
                                 uint32_t flags) {
  int64_t sum = 0;
  shale_error* err = NULL;
  shale_status status = shale_incr(db, key, key_len, delta, &sum, flags, &err);
  return number_of(status, sum, err);
}

static shale_go_result call_decr(shale_db* db, const void* key, size_t key_len, int64_t delta,
                                 uint32_t flags) {
  int64_t sum = 0;
  shale_error* err = NULL;
  shale_status status = shale_decr(db, key, key_len, delta, &sum, flags, &err);
  return number_of(status, sum, err);
}

static shale_go_result call_expire(shale_db* db, const void* key, size_t key_len, int64_t ttl_ms,
                                   uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_expire(db, key, key_len, ttl_ms, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_persist(shale_db* db, const void* key, size_t key_len, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_persist(db, key, key_len, flags, &err);
  return result_of(status, err);
}

/* ---- many keys a call ---- */

/* data is owned: shale_mem_free. */
static shale_go_result call_multi_get(shale_db* db, const void* packed, size_t packed_len, size_t count,
                                      uint32_t flags) {
  void* out = NULL;
  size_t out_len = 0;
  shale_error* err = NULL;
  shale_status status = shale_multi_get_packed(db, packed, packed_len, count, &out, &out_len, flags, &err);
  return bytes_of(status, out, out_len, 0, err);
}

static shale_go_result call_multi_put(shale_db* db, const void* packed, size_t packed_len, size_t count,
                                      int64_t ttl_ms, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_multi_put_packed(db, packed, packed_len, count, ttl_ms, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_multi_delete(shale_db* db, const void* packed, size_t packed_len, size_t count,
                                         uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_multi_delete_packed(db, packed, packed_len, count, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_write(shale_db* db, const void* packed, size_t packed_len, size_t count,
                                  uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_write_packed(db, packed, packed_len, count, flags, &err);
  return result_of(status, err);
}

/* ---- ordered iteration ---- */

static shale_go_result call_iter_new(shale_db* db, const void* from, size_t from_len, const void* to,
                                     size_t to_len, int64_t limit, uint32_t flags) {
  shale_iter* iter = NULL;
  shale_error* err = NULL;
  shale_status status = shale_iter_new(db, from, from_len, to, to_len, limit, &iter, flags, &err);
  return handle_of(status, iter, err);
}

static shale_go_result call_iter_prefix(shale_db* db, const void* prefix, size_t prefix_len, int64_t limit,
                                        uint32_t flags) {
  shale_iter* iter = NULL;
  shale_error* err = NULL;
  shale_status status = shale_iter_prefix(db, prefix, prefix_len, limit, &iter, flags, &err);
  return handle_of(status, iter, err);
}

static shale_go_result call_iter_resume(shale_db* db, const void* token, size_t token_len) {
  shale_iter* iter = NULL;
  shale_error* err = NULL;
  shale_status status = shale_iter_resume(db, token, token_len, &iter, &err);
  return handle_of(status, iter, err);
}

static shale_go_result call_iter_next(shale_iter* iter) {
  const void *key = NULL, *value = NULL;
  size_t key_len = 0, value_len = 0;
  shale_error* err = NULL;
  shale_status status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
  shale_go_result r = bytes_of(status, key, key_len, 0, err);
  r.data2 = (void*)value;
  r.size2 = value_len;
  return r;
}

static shale_go_result call_iter_next_packed(shale_iter* iter, void* buf, size_t cap) {
  size_t used = 0, rows = 0;
  shale_error* err = NULL;
  shale_status status = shale_iter_next_packed(iter, buf, cap, &used, &rows, &err);
  return bytes_of(status, buf, used, (int64_t)rows, err);
}

static shale_go_result call_iter_token(shale_iter* iter) {
  const void* token = NULL;
  size_t token_len = 0;
  shale_error* err = NULL;
  shale_status status = shale_iter_token(iter, &token, &token_len, &err);
  return bytes_of(status, token, token_len, 0, err);
}

/* ---- administration ---- */

static shale_go_result call_flush(shale_db* db) {
  shale_error* err = NULL;
  shale_status status = shale_flush(db, &err);
  return result_of(status, err);
}

static shale_go_result call_sync(shale_db* db) {
  shale_error* err = NULL;
  shale_status status = shale_sync(db, &err);
  return result_of(status, err);
}

static shale_go_result call_stat(shale_db* db, const char* name) {
  int64_t value = 0;
  shale_error* err = NULL;
  shale_status status = shale_stat(db, name, &value, &err);
  return number_of(status, value, err);
}

/* part: 0 name, 1 kind, 2 doc */
static const char* call_stat_text(size_t index, int32_t part) {
  const char* text[3] = {NULL, NULL, NULL};
  if (part < 0 || part >= 3) return NULL;
  shale_stat_at(index, &text[0], &text[1], &text[2]);
  return text[part];
}

/* data is owned: shale_mem_free. */
static shale_go_result call_stats_json(shale_db* db) {
  char* text = NULL;
  shale_error* err = NULL;
  shale_status status = shale_stats_json(db, &text, &err);
  return bytes_of(status, text, 0, 0, err);
}

static shale_go_result call_shard_state(shale_db* db, int32_t shard) {
  int32_t state = 0;
  shale_error* err = NULL;
  shale_status status = shale_shard_state(db, shard, &state, &err);
  return number_of(status, state, err);
}
%}
