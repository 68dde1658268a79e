/* Ranges of keys as wholes, as calls.i has the other calls. */
%inline %{
static shale_go_result call_delete_range(shale_db* db, const void* from, size_t from_len, const void* to,
                                         size_t to_len, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_delete_range(db, from, from_len, to, to_len, flags, &err);
  return result_of(status, err);
}

/* number: keys, size: bytes. */
static shale_go_result call_count(shale_db* db, const void* from, size_t from_len, const void* to, size_t to_len,
                                  uint32_t flags, int64_t token) {
  int64_t keys = 0, bytes = 0;
  shale_error* err = NULL;
  shale_status status = shale_count(db, from, from_len, to, to_len, progress_of(token), (void*)(intptr_t)token,
                                    &keys, &bytes, flags, &err);
  return bytes_of(status, NULL, (size_t)bytes, keys, err);
}

static shale_go_result call_estimate(shale_db* db, const void* from, size_t from_len, const void* to,
                                     size_t to_len, uint32_t flags) {
  int64_t keys = 0, bytes = 0;
  shale_error* err = NULL;
  shale_status status = shale_estimate(db, from, from_len, to, to_len, &keys, &bytes, flags, &err);
  return bytes_of(status, NULL, (size_t)bytes, keys, err);
}

static shale_go_result call_compact(shale_db* db, const void* from, size_t from_len, const void* to,
                                    size_t to_len, uint32_t flags, int64_t token) {
  shale_error* err = NULL;
  shale_status status = shale_compact(db, from, from_len, to, to_len, progress_of(token), (void*)(intptr_t)token,
                                      flags, &err);
  return result_of(status, err);
}
%}
