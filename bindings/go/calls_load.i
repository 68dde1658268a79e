/* Loading with one caller a key, as calls.i has the other calls. A lease is a handle of its own beside the value, and goes
 * where the second byte string of a row goes. */
%inline %{
/* data is set only if the value was pinned: else it is in buf. size2 is 1 if there is a value, data2 is the lease. */
static shale_go_result call_get_or_lease(shale_db* db, const void* key, size_t key_len, int64_t wait_ms,
                                         int64_t hold_ms, void* buf, size_t cap, uint32_t flags) {
  shale_pin* pin = NULL;
  shale_lease* lease = NULL;
  const void* data = NULL;
  size_t size = 0;
  shale_error* err = NULL;
  shale_status status = shale_get_or_lease(db, key, key_len, wait_ms, hold_ms, buf, cap, &pin, &data, &size,
                                           NULL, &lease, flags, &err);
  shale_go_result r = handle_of(status, pin, err);
  r.data = pin ? (void*)data : NULL;
  r.size = size;
  r.data2 = lease;
  r.size2 = data != NULL;
  return r;
}

static shale_go_result call_lease_fulfil(shale_lease* lease, const void* value, size_t value_len,
                                         int64_t ttl_ms, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = shale_lease_fulfil(lease, value, value_len, ttl_ms, NULL, flags, &err);
  return result_of(status, err);
}

static shale_go_result call_lease_fail(shale_lease* lease, int64_t missing_ttl_ms) {
  shale_error* err = NULL;
  shale_status status = shale_lease_fail(lease, missing_ttl_ms, 0, &err);
  return result_of(status, err);
}
%}

%{
static uint32_t packed_length(const unsigned char* at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* What package shale has packed, where it lies; to be freed. NULL without memory. */
static shale_slice* slices_of(const void* packed, size_t count) {
  const unsigned char* at = packed;
  shale_slice* slices = malloc((count + 1) * sizeof *slices);
  if (slices == NULL) return NULL;
  for (size_t i = 0; i < count; i++) {
    slices[i].size = packed_length(at);
    slices[i].data = at + 4;
    at += 4 + slices[i].size;
  }
  return slices;
}
%}

%inline %{
/* handle is the answers. */
static shale_go_result call_multi_get_or_lease(shale_db* db, const void* packed, size_t count,
                                               int64_t wait_ms, int64_t hold_ms, uint32_t flags) {
  shale_results* results = NULL;
  shale_error* err = NULL;
  shale_slice* keys = slices_of(packed, count);
  shale_status status = SHALE_E_NO_MEMORY;
  if (keys != NULL) status = shale_multi_get_or_lease(db, keys, count, wait_ms, hold_ms, &results, flags, &err);
  free(keys);
  return handle_of(status, results, err);
}

/* data2 is the lease, if the key was leased and it was not taken out before. */
static shale_go_result call_results_at(shale_results* results, size_t index) {
  const void* data = NULL;
  size_t size = 0;
  shale_lease* lease = NULL;
  shale_status status = shale_results_at(results, index, &data, &size, NULL);
  shale_go_result r = bytes_of(status, data, size, 0, NULL);
  if (status == SHALE_LEASED) shale_results_lease(results, index, &lease);
  r.data2 = lease;
  return r;
}

/* leases: count addresses, buf: room for count statuses. */
static shale_go_result call_multi_lease_fulfil(const void* leases, const void* packed, void* buf, size_t count,
                                               int64_t ttl_ms, uint32_t flags) {
  shale_error* err = NULL;
  shale_status status = SHALE_E_NO_MEMORY;
  shale_slice* values = slices_of(packed, count);
  if (values != NULL) status = shale_multi_lease_fulfil(leases, values, count, ttl_ms, buf, flags, &err);
  free(values);
  return result_of(status, err);
}
%}
