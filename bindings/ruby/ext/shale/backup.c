/* Backups, to directories and to descriptors. Which descriptor belongs to an object that is no file is a
 * matter of lib/shale/backup.rb. */
#include "long_work.h"

typedef struct {
  long_work work;
  shale_db* db;
  const char *path, *base; /* of a restore from a directory, base is the backup */
  int32_t fd;
  uint32_t flags;
} backup_work;

static void backup(void* p) {
  backup_work* w = p;
  w->work.status =
      shale_backup(w->db, w->path, w->base, shale_rb_tell, w, &w->work.report, w->flags, &w->work.err);
}

static void backup_stream(void* p) {
  backup_work* w = p;
  w->work.status =
      shale_backup_stream(w->db, w->fd, w->base, shale_rb_tell, w, &w->work.report, w->flags, &w->work.err);
}

static void restore(void* p) {
  backup_work* w = p;
  w->work.status = shale_restore(w->base, w->path, shale_rb_tell, w, &w->work.report, w->flags, &w->work.err);
}

static void restore_stream(void* p) {
  backup_work* w = p;
  w->work.status = shale_restore_stream(w->fd, w->base, w->path, shale_rb_tell, w, &w->work.report, w->flags,
                                        &w->work.err);
}

/* A path that may be nil; *object becomes what holds it. */
static const char* text_of(VALUE* object) {
  if (NIL_P(*object)) return NULL;
  *object = shale_rb_bytes(*object);
  return StringValueCStr(*object);
}

/* Runs it and gives [status, report as JSON or nil]. */
static VALUE outcome_of(VALUE first, void (*run)(void*), backup_work* w) {
  shale_rb_perform(first, run, &w->work);
  return rb_assoc_new(INT2FIX(w->work.status), shale_rb_take_report(&w->work));
}

/* Raw.backup(db, path, base or nil, flags, block or nil) */
static VALUE raw_backup(VALUE module, VALUE self, VALUE path, VALUE base, VALUE flags, VALUE block) {
  (void)module;
  backup_work w = {.work = {.block = block},
                   .path = text_of(&path),
                   .base = text_of(&base),
                   .flags = shale_rb_flags(flags),
                   .db = shale_rb_open_db(self)};
  VALUE outcome = outcome_of(self, backup, &w);
  RB_GC_GUARD(path);
  RB_GC_GUARD(base);
  RB_GC_GUARD(block);
  return outcome;
}

/* Raw.backup_stream(db, descriptor, base or nil, block or nil) */
static VALUE raw_backup_stream(VALUE module, VALUE self, VALUE fd, VALUE base, VALUE block) {
  (void)module;
  backup_work w = {.work = {.block = block},
                   .fd = (int32_t)shale_rb_int64(fd),
                   .base = text_of(&base),
                   .db = shale_rb_open_db(self)};
  VALUE outcome = outcome_of(self, backup_stream, &w);
  RB_GC_GUARD(base);
  RB_GC_GUARD(block);
  return outcome;
}

/* Raw.restore(backup, path, block or nil) */
static VALUE raw_restore(VALUE module, VALUE from, VALUE path, VALUE block) {
  (void)module;
  backup_work w = {.work = {.block = block}, .base = text_of(&from), .path = text_of(&path)};
  VALUE outcome = outcome_of(Qnil, restore, &w);
  RB_GC_GUARD(from);
  RB_GC_GUARD(path);
  RB_GC_GUARD(block);
  return outcome;
}

/* Raw.restore_stream(descriptor, base or nil, path, block or nil) */
static VALUE raw_restore_stream(VALUE module, VALUE fd, VALUE base, VALUE path, VALUE block) {
  (void)module;
  backup_work w = {.work = {.block = block},
                   .fd = (int32_t)shale_rb_int64(fd),
                   .base = text_of(&base),
                   .path = text_of(&path)};
  VALUE outcome = outcome_of(Qnil, restore_stream, &w);
  RB_GC_GUARD(base);
  RB_GC_GUARD(path);
  RB_GC_GUARD(block);
  return outcome;
}

void shale_rb_init_backup(VALUE raw) {
  rb_define_module_function(raw, "backup", raw_backup, 5);
  rb_define_module_function(raw, "backup_stream", raw_backup_stream, 4);
  rb_define_module_function(raw, "restore", raw_restore, 3);
  rb_define_module_function(raw, "restore_stream", raw_restore_stream, 4);
}
