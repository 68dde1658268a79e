/* Reading from a snapshot, as calls.i has the other calls. What makes an iterator returns its handle. */
%inline %{
static shale_go_result call_snapshot_new(shale_db* db) {
  shale_snapshot* snapshot = NULL;
  shale_error* err = NULL;
  shale_status status = shale_snapshot_new(db, &snapshot, 0, &err);
  return handle_of(status, snapshot, err);
}

static shale_go_result call_snapshot_get_into(shale_snapshot* snapshot, const void* key, size_t key_len, void* buf,
                                              size_t cap) {
  size_t size = 0;
  int64_t version = 0;
  shale_error* err = NULL;
  shale_status status = shale_snapshot_get_into(snapshot, key, key_len, buf, cap, &size, &version, 0, &err);
  return bytes_of(status, buf, size, version, err);
}

/* handle is the answers, for call_results_at. */
static shale_go_result call_snapshot_multi_get(shale_snapshot* snapshot, const void* packed, size_t count) {
  shale_results* results = NULL;
  shale_error* err = NULL;
  shale_slice* keys = slices_of(packed, count);
  shale_status status = SHALE_E_NO_MEMORY;
  if (keys != NULL) status = shale_snapshot_multi_get(snapshot, keys, count, &results, 0, &err);
  free(keys);
  return handle_of(status, results, err);
}

static shale_go_result call_snapshot_iter(shale_snapshot* snapshot, const void* from, size_t from_len,
                                          const void* to, size_t to_len, int64_t limit, uint32_t flags) {
  shale_iter* iter = NULL;
  shale_error* err = NULL;
  shale_status status = shale_snapshot_iter(snapshot, from, from_len, to, to_len, limit, &iter, flags, &err);
  return handle_of(status, iter, err);
}

static shale_go_result call_snapshot_prefix(shale_snapshot* snapshot, const void* prefix, size_t prefix_len,
                                            int64_t limit, uint32_t flags) {
  shale_iter* iter = NULL;
  shale_error* err = NULL;
  shale_status status = shale_snapshot_prefix(snapshot, prefix, prefix_len, limit, &iter, flags, &err);
  return handle_of(status, iter, err);
}

static shale_go_result call_snapshot_resume(shale_snapshot* snapshot, const void* token, size_t token_len) {
  shale_iter* iter = NULL;
  shale_error* err = NULL;
  shale_status status = shale_snapshot_resume(snapshot, token, token_len, &iter, &err);
  return handle_of(status, iter, err);
}
%}
