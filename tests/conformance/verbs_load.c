/* Verbs that load what is missing: what a caller of shale_get_or_lease does, with what the line says as its
 * source. */
#include <string.h>

#include "conformance/run.h"

/* What the source has: a value, none (false), or nothing that could be told (*failed). */
static bool has_value(const struct word* what, bool* failed) {
  *failed = what->kind == WORD_PLAIN && strcmp(what->text, "fail") == 0;
  return what->kind == WORD_BYTES;
}

/* What happens while the key is loaded. */
static void perform_rows(struct run* run, const struct args* args) {
  for (size_t i = 0; i < args->row_count; i++) {
    const struct line* line = &args->rows[i];
    const struct verb* verb = line->words[0].kind == WORD_PLAIN ? find_verb(line->words[0].text) : NULL;
    struct args row;
    if (verb == NULL || verb->rows_inside) {
      refuse(run, "a row of load is put K V or delete K");
    } else if (read_args(run, line, 1, line->count, &row) && row.count >= verb->args_min) {
      verb->perform(run, &row);
    }
  }
  run->outcome.count = 0;
}

/* The end of a load: a write came before what it has brought. */
static void answer_overtaken(struct run* run, struct bytes key, struct bytes loaded) {
  void* value = NULL;
  size_t size = 0;
  const shale_status status = shale_get(run->db, key.data, key.size, &value, &size, NULL, 0, NULL);
  if (status == SHALE_OK)
    answer_bytes(run, value, size);
  else
    answer_bytes(run, loaded.data, loaded.size);
  shale_mem_free(value);
}

static void load_leased(struct run* run, const struct args* args, shale_lease* lease) {
  const struct word* what = &args->plain[1];
  shale_error* error = NULL;
  bool failed = false;
  const void* key = NULL;
  size_t key_len = 0;
  if (shale_lease_key(lease, &key, &key_len) != SHALE_OK || key_len != args->plain[0].bytes.size ||
      memcmp(key, args->plain[0].bytes.data, key_len) != 0)
    complain(run, "the lease is of another key");
  perform_rows(run, args);
  if (has_value(what, &failed)) {
    const shale_status status = shale_lease_fulfil(lease, what->bytes.data, what->bytes.size, args->ttl_ms,
                                                   NULL, args->flags & ~SHALE_STALE_OK, &error);
    settle(run, status == SHALE_MISMATCH ? SHALE_OK : status, &error);
    if (status == SHALE_MISMATCH) answer_overtaken(run, args->plain[0].bytes, what->bytes);
    if (status == SHALE_OK) answer_bytes(run, what->bytes.data, what->bytes.size);
  } else if (failed) {
    run->outcome.status = SHALE_CANCELLED;
  } else {
    const shale_status status = shale_lease_fail(lease, args->missing_ttl_ms, 0, &error);
    settle(run, status == SHALE_OK || status == SHALE_MISMATCH ? SHALE_NOT_FOUND : status, &error);
  }
}

static void do_load(struct run* run, const struct args* args) {
  const struct bytes key = args->plain[0].bytes;
  char buf[16];
  shale_pin* pin = NULL;
  shale_lease* lease = NULL;
  const void* value = NULL;
  size_t size = 0;
  shale_error* error = NULL;
  const shale_status status =
      shale_get_or_lease(run->db, key.data, key.size, args->wait_ms, args->hold_ms, buf, sizeof buf, &pin,
                         &value, &size, NULL, &lease, args->flags & SHALE_STALE_OK, &error);
  settle(run, status == SHALE_STALE ? SHALE_OK : status, &error);
  if ((status == SHALE_LEASED) != (lease != NULL)) complain(run, "a lease without LEASED, or none with it");
  if (status == SHALE_OK || status == SHALE_STALE) answer_bytes(run, value, size);
  if (status == SHALE_LEASED) load_leased(run, args, lease);
  answer_number(run, status == SHALE_LEASED);
  shale_lease_free(lease);
  shale_pin_free(pin);
}

/* ---- many keys ---- */

struct many {
  size_t count; /* of keys */
  shale_lease* leases[WORDS_MAX];
  size_t at[WORDS_MAX]; /* which key the lease is of */
  size_t leased;
  struct word answers[WORDS_MAX];
  bool open[WORDS_MAX];
};

static void take_answer(struct run* run, struct many* many, size_t key, shale_results* results,
                        size_t index) {
  const void* value = NULL;
  size_t size = 0;
  const shale_status status = shale_results_at(results, index, &value, &size, NULL);
  many->open[key] = status == SHALE_WOULD_BLOCK;
  many->answers[key] = (struct word){.kind = WORD_PLAIN, .text = "nil"};
  if (status == SHALE_OK || status == SHALE_STALE) {
    many->answers[key] = (struct word){.kind = WORD_BYTES, .bytes = arena_copy(run->arena, value, size)};
  } else if (status == SHALE_LEASED) {
    if (shale_results_lease(results, index, &many->leases[many->leased]) != SHALE_OK)
      complain(run, "no lease where there is one");
    many->at[many->leased++] = key;
  } else if (status != SHALE_NOT_FOUND && status != SHALE_WOULD_BLOCK) {
    complain(run, "key %zu: %s", key + 1, shale_status_name(status));
  }
}

/* Asks for all that is open. */
static bool ask_many(struct run* run, const struct args* args, struct many* many) {
  shale_slice keys[WORDS_MAX];
  size_t asked[WORDS_MAX], count = 0;
  shale_error* error = NULL;
  shale_results* results = NULL;
  for (size_t i = 0; i < many->count; i++) {
    const struct bytes key = args->plain[2 * i].bytes;
    if (!many->open[i]) continue;
    keys[count] = (shale_slice){key.data, key.size};
    asked[count++] = i;
  }
  settle(run,
         shale_multi_get_or_lease(run->db, keys, count, args->wait_ms, args->hold_ms, &results,
                                  args->flags & SHALE_STALE_OK, &error),
         &error);
  many->leased = 0;
  for (size_t i = 0; i < count && results != NULL; i++) take_answer(run, many, asked[i], results, i);
  shale_results_free(results);
  return run->outcome.status == SHALE_OK;
}

static void fulfil_many(struct run* run, const struct args* args, struct many* many) {
  shale_lease* leases[WORDS_MAX];
  shale_slice values[WORDS_MAX];
  shale_status statuses[WORDS_MAX];
  shale_error* error = NULL;
  size_t count = 0;
  for (size_t i = 0; i < many->leased; i++) {
    const struct word* what = &args->plain[2 * many->at[i] + 1];
    bool failed = false;
    if (has_value(what, &failed)) {
      leases[count] = many->leases[i];
      values[count++] = (shale_slice){what->bytes.data, what->bytes.size};
      many->answers[many->at[i]] = *what;
    } else if (failed) {
      run->outcome.status = SHALE_CANCELLED;
      return;
    } else {
      shale_lease_fail(many->leases[i], args->missing_ttl_ms, 0, NULL);
    }
  }
  settle(run,
         shale_multi_lease_fulfil(leases, values, count, args->ttl_ms, statuses,
                                  args->flags & ~SHALE_STALE_OK, &error),
         &error);
}

static void do_multi_load(struct run* run, const struct args* args) {
  struct many many = {.count = args->count / 2};
  int64_t loads = 0;
  bool more = many.count > 0;
  memset(many.open, true, sizeof many.open);
  while (more && ask_many(run, args, &many)) {
    loads += (int64_t)many.leased;
    if (many.leased > 0) fulfil_many(run, args, &many);
    for (size_t i = 0; i < many.leased; i++) shale_lease_free(many.leases[i]);
    more = false;
    for (size_t i = 0; i < many.count; i++) more = more || many.open[i];
    if (more && many.leased == 0) run->outcome.status = SHALE_WOULD_BLOCK;
    more = more && run->outcome.status == SHALE_OK;
  }
  if (run->outcome.status == SHALE_OK)
    for (size_t i = 0; i < many.count; i++) {
      if (many.answers[i].kind == WORD_BYTES)
        answer_bytes(run, many.answers[i].bytes.data, many.answers[i].bytes.size);
      else
        answer_word(run, "nil");
    }
  answer_number(run, loads);
}

const struct verb load_verbs[] = {
    {"load", 2, do_load, true},
    {"multi-load", 0, do_multi_load, false},
    {NULL, 0, NULL, false},
};
