/* Backups, as calls.i has the other calls. data is the report, owned: shale_mem_free. */
%inline %{
static shale_go_result call_backup(shale_db* db, const char* path, const char* name, int64_t token,
                                   uint32_t flags) {
  char* report = NULL;
  shale_error* err = NULL;
  shale_status status =
      shale_backup(db, path, name, progress_of(token), (void*)(intptr_t)token, &report, flags, &err);
  return bytes_of(status, report, 0, 0, err);
}

static shale_go_result call_backup_stream(shale_db* db, int32_t fd, const char* name, int64_t token) {
  char* report = NULL;
  shale_error* err = NULL;
  shale_status status =
      shale_backup_stream(db, fd, name, progress_of(token), (void*)(intptr_t)token, &report, 0, &err);
  return bytes_of(status, report, 0, 0, err);
}

static shale_go_result call_restore(const char* name, const char* path, int64_t token) {
  char* report = NULL;
  shale_error* err = NULL;
  shale_status status =
      shale_restore(name, path, progress_of(token), (void*)(intptr_t)token, &report, 0, &err);
  return bytes_of(status, report, 0, 0, err);
}

static shale_go_result call_restore_stream(int32_t fd, const char* name, const char* path, int64_t token) {
  char* report = NULL;
  shale_error* err = NULL;
  shale_status status =
      shale_restore_stream(fd, name, path, progress_of(token), (void*)(intptr_t)token, &report, 0, &err);
  return bytes_of(status, report, 0, 0, err);
}
%}
