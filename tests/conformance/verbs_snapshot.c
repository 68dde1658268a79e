/* Verbs on snapshots: the store as it was. */
#include <string.h>

#include "conformance/run.h"

/* The place of the snapshot of that name, or an unused one. */
static struct open_snapshot* place_of(struct run* run, const struct word* name, bool make) {
  for (size_t i = 0; name->kind == WORD_PLAIN && i < ITERS_MAX; i++) {
    struct open_snapshot* place = &run->snapshots[i];
    const bool same = place->name != NULL && strcmp(place->name, name->text) == 0;
    if (make ? place->name == NULL : same) return place;
  }
  refuse(run, "there is no such snapshot, or no room for it");
  return NULL;
}

static void do_snapshot(struct run* run, const struct args* args) {
  struct open_snapshot* place = place_of(run, &args->plain[0], true);
  shale_error* error = NULL;
  if (place == NULL) return;
  settle(run, shale_snapshot_new(run->db, &place->snapshot, 0, &error), &error);
  if (run->outcome.status == SHALE_OK) place->name = args->plain[0].text;
}

static void do_snapshot_get(struct run* run, const struct args* args) {
  const struct open_snapshot* s = place_of(run, &args->plain[0], false);
  const struct bytes key = args->plain[1].bytes;
  void* value = NULL;
  size_t size = 0, needed = 0;
  int64_t version = 0, again = -1;
  shale_error* error = NULL;
  if (s == NULL) return;
  const shale_status into =
      shale_snapshot_get_into(s->snapshot, key.data, key.size, NULL, 0, &needed, &again, 0, NULL);
  settle(run, shale_snapshot_get(s->snapshot, key.data, key.size, &value, &size, &version, 0, &error),
         &error);
  const shale_status expected =
      run->outcome.status == SHALE_OK && size > 0 ? SHALE_TOO_SMALL : run->outcome.status;
  if (into != expected) complain(run, "shale_snapshot_get_into says %s", shale_status_name(into));
  if (run->outcome.status != SHALE_OK) return;
  if (needed != size || (size == 0 && version != again)) complain(run, "the two forms of a get differ");
  char* buf = arena_take(run->arena, size + 1);
  if (shale_snapshot_get_into(s->snapshot, key.data, key.size, buf, size, &needed, &again, 0, NULL) !=
          SHALE_OK ||
      memcmp(buf, value, size) != 0 || again != version)
    complain(run, "shale_snapshot_get_into gives something else");
  answer_bytes(run, value, size);
  shale_mem_free(value);
}

static void do_snapshot_multi_get(struct run* run, const struct args* args) {
  const struct open_snapshot* s = place_of(run, &args->plain[0], false);
  shale_slice keys[WORDS_MAX];
  shale_results* results = NULL;
  shale_error* error = NULL;
  if (s == NULL) return;
  for (size_t i = 1; i < args->count; i++)
    keys[i - 1] = (shale_slice){args->plain[i].bytes.data, args->plain[i].bytes.size};
  settle(run, shale_snapshot_multi_get(s->snapshot, keys, args->count - 1, &results, 0, &error), &error);
  for (size_t i = 0; i < shale_results_count(results); i++) {
    const void* value = NULL;
    size_t size = 0;
    const shale_status status = shale_results_at(results, i, &value, &size, NULL);
    if (status == SHALE_OK)
      answer_bytes(run, value, size);
    else if (status == SHALE_NOT_FOUND)
      answer_word(run, "nil");
    else
      complain(run, "key %zu: %s", i, shale_status_name(status));
  }
  shale_results_free(results);
}

static shale_iter* make_rows(struct run* run, shale_snapshot* snapshot, const struct args* args) {
  shale_iter* iter = NULL;
  shale_error* error = NULL;
  settle(run,
         args->has_prefix ? shale_snapshot_prefix(snapshot, args->prefix.data, args->prefix.size, args->limit,
                                                  &iter, args->flags, &error)
                          : shale_snapshot_iter(snapshot, args->from.data, args->from.size, args->to.data,
                                                args->to.size, args->limit, &iter, args->flags, &error),
         &error);
  return iter;
}

static void do_snapshot_scan(struct run* run, const struct args* args) {
  const struct open_snapshot* s = place_of(run, &args->plain[0], false);
  struct open_iter it = {.keys_only = (args->flags & SHALE_KEYS_ONLY) != 0};
  if (s == NULL) return;
  it.iter = make_rows(run, s->snapshot, args);
  if (it.iter != NULL) read_rows(run, &it);
  shale_iter_free(it.iter);
}

static void do_snapshot_iter(struct run* run, const struct args* args) {
  const struct open_snapshot* s = place_of(run, &args->plain[0], false);
  struct open_iter* it = s == NULL ? NULL : find_iter(run, &args->plain[1], true);
  if (it == NULL || it->iter != NULL) return;
  keep_iter(it, &args->plain[1], args, make_rows(run, s->snapshot, args));
}

static void do_snapshot_resume(struct run* run, const struct args* args) {
  const struct open_snapshot* s = place_of(run, &args->plain[0], false);
  struct open_iter* it = s == NULL ? NULL : find_iter(run, &args->plain[1], true);
  const struct bytes token = args->plain[2].bytes;
  shale_iter* iter = NULL;
  shale_error* error = NULL;
  if (it == NULL || it->iter != NULL) return;
  settle(run, shale_snapshot_resume(s->snapshot, token.data, token.size, &iter, &error), &error);
  keep_iter(it, &args->plain[1], args, iter);
}

static void do_snapshot_free(struct run* run, const struct args* args) {
  struct open_snapshot* s = place_of(run, &args->plain[0], false);
  if (s == NULL) return;
  shale_snapshot_free(s->snapshot);
  *s = (struct open_snapshot){0};
  run->outcome.status = SHALE_OK;
}

const struct verb snapshot_verbs[] = {
    {"snapshot", 1, do_snapshot, false},
    {"snapshot-get", 2, do_snapshot_get, false},
    {"snapshot-multi-get", 1, do_snapshot_multi_get, false},
    {"snapshot-scan", 1, do_snapshot_scan, false},
    {"snapshot-iter", 2, do_snapshot_iter, false},
    {"snapshot-resume", 3, do_snapshot_resume, false},
    {"snapshot-free", 1, do_snapshot_free, false},
    {NULL, 0, NULL, false},
};
