/* Administration beside the calls of calls.i: what tells of its progress, options of an open store, what left memory. */
%{
/* In internal/cshale/progress.go: calls the Go function that `token` stands for. */
extern int32_t shaleGoProgress(uintptr_t token, int64_t done, int64_t total);

static int32_t go_progress(void* context, int64_t done, int64_t total) {
  return shaleGoProgress((uintptr_t)context, done, total);
}

static shale_progress progress_of(int64_t token) {
  return token == 0 ? NULL : go_progress;
}
%}

%inline %{
static shale_go_result call_db_set_option(shale_db* db, const char* name, const char* text) {
  shale_error* err = NULL;
  shale_status status = shale_db_set_option(db, name, text, &err);
  return result_of(status, err);
}

/* data is owned: shale_mem_free. */
static shale_go_result call_stats_prometheus(shale_db* db) {
  char* text = NULL;
  shale_error* err = NULL;
  shale_status status = shale_stats_prometheus(db, &text, &err);
  return bytes_of(status, text, 0, 0, err);
}

/* size is the bytes used, or needed; number the rows, size2 how many there was no room for. */
static shale_go_result call_events_poll(shale_db* db, void* buf, size_t cap) {
  size_t used = 0, rows = 0;
  int64_t dropped = 0;
  shale_error* err = NULL;
  shale_status status = shale_events_poll(db, buf, cap, &used, &rows, &dropped, &err);
  shale_go_result r = bytes_of(status, buf, used, (int64_t)rows, err);
  r.size2 = (uint64_t)dropped;
  return r;
}

static shale_go_result call_reclaim(shale_db* db, int64_t token) {
  shale_error* err = NULL;
  shale_status status = shale_reclaim(db, progress_of(token), (void*)(intptr_t)token, 0, &err);
  return result_of(status, err);
}

/* data is the report, owned: shale_mem_free. */
static shale_go_result call_verify(const char* path, shale_options* options, int64_t token) {
  int64_t problems = 0;
  char* report = NULL;
  shale_error* err = NULL;
  shale_status status = shale_verify_with(path, options, progress_of(token), (void*)(intptr_t)token, &problems,
                                          &report, 0, &err);
  return bytes_of(status, report, 0, problems, err);
}

/* data as of call_verify; the numbers are in it. */
static shale_go_result call_salvage(const char* path, shale_options* options, const char* name,
                                    shale_options* name_options, int64_t token) {
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  char* report = NULL;
  shale_error* err = NULL;
  shale_status status = shale_salvage_with(path, options, name, name_options, progress_of(token),
                                           (void*)(intptr_t)token, &recovered, &suspicious, &dropped, &report, 0, &err);
  return bytes_of(status, report, 0, recovered, err);
}

/* number: keys. */
static shale_go_result call_rewrite(const char* path, shale_options* options, const char* name,
                                    shale_options* name_options, int64_t token) {
  int64_t keys = 0;
  shale_error* err = NULL;
  shale_status status = shale_rewrite(path, options, name, name_options, progress_of(token), (void*)(intptr_t)token,
                                      &keys, 0, &err);
  return number_of(status, keys, err);
}
%}
