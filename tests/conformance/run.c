#include "conformance/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char* name;
  uint32_t flag;
} flag_names[] = {
    {"cache-only", SHALE_CACHE_ONLY},
    {"no-fill", SHALE_NO_FILL},
    {"if-absent", SHALE_IF_ABSENT},
    {"if-present", SHALE_IF_PRESENT},
    {"sync", SHALE_SYNC},
    {"reverse", SHALE_REVERSE},
    {"keys-only", SHALE_KEYS_ONLY},
    {"write-around", SHALE_WRITE_AROUND},
    {"stale-ok", SHALE_STALE_OK},
};

static const struct {
  const char* name;
  int64_t number;
} number_names[] = {
    {"default", SHALE_TTL_DEFAULT},
    {"never", SHALE_TTL_NEVER},
    {"keep", SHALE_TTL_KEEP},
    {"absent", SHALE_VERSION_ABSENT},
};

static void set_complaint(struct run* run, const char* format, va_list list) {
  if (run->outcome.complaint[0] != '\0') return; /* the first is the cause of the others */
  vsnprintf(run->outcome.complaint, sizeof run->outcome.complaint, format, list);
}

void complain(struct run* run, const char* format, ...) {
  va_list list;
  va_start(list, format);
  set_complaint(run, format, list);
  va_end(list);
}

void refuse(struct run* run, const char* format, ...) {
  va_list list;
  va_start(list, format);
  run->outcome.refused = run->outcome.complaint[0] == '\0';
  set_complaint(run, format, list);
  va_end(list);
}

struct word* find_variable(struct run* run, const char* name) {
  for (size_t i = 0; i < run->variable_count; i++)
    if (strcmp(run->variables[i].name, name) == 0) return &run->variables[i].value;
  return NULL;
}

static bool is_flag(const struct word* word, uint32_t* flags) {
  if (word->kind != WORD_PLAIN || word->name != NULL) return false;
  for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++) {
    if (strcmp(word->text, flag_names[i].name) != 0) continue;
    *flags |= flag_names[i].flag;
    return true;
  }
  return false;
}

/* Words that stand for numbers of the header, and variables. */
static bool resolve(struct run* run, struct word* word) {
  if (word->kind == WORD_VARIABLE) {
    const struct word* value = find_variable(run, word->text);
    if (value == NULL) {
      refuse(run, "$%s has no value", word->text);
      return false;
    }
    const char* name = word->name;
    *word = *value;
    word->name = name;
  } else if (word->kind == WORD_PLAIN) {
    for (size_t i = 0; i < sizeof number_names / sizeof *number_names; i++) {
      if (strcmp(word->text, number_names[i].name) != 0) continue;
      word->kind = WORD_NUMBER;
      word->number = number_names[i].number;
    }
  }
  return true;
}

static bool take_named(struct run* run, const struct word* word, struct args* args) {
  const bool text = word->kind == WORD_BYTES, number = word->kind == WORD_NUMBER;
  if (number && strcmp(word->name, "ttl") == 0) {
    args->ttl_ms = word->number;
  } else if (number && strcmp(word->name, "limit") == 0) {
    args->limit = word->number;
  } else if (number && strcmp(word->name, "wait") == 0) {
    args->wait_ms = word->number;
  } else if (number && strcmp(word->name, "hold") == 0) {
    args->hold_ms = word->number;
  } else if (number && strcmp(word->name, "missing") == 0) {
    args->missing_ttl_ms = word->number;
  } else if (text && strcmp(word->name, "from") == 0) {
    args->from = word->bytes;
  } else if (text && strcmp(word->name, "to") == 0) {
    args->to = word->bytes;
  } else if (text && strcmp(word->name, "prefix") == 0) {
    args->prefix = word->bytes;
    args->has_prefix = true;
  } else if (text && args->option_count < OPTIONS_MAX) {
    args->options[args->option_count++] = (struct option){word->name, word->bytes.data};
  } else {
    refuse(run, "what is %s= ?", word->name);
    return false;
  }
  return true;
}

bool read_args(struct run* run, const struct line* line, size_t first, size_t end, struct args* args) {
  memset(args, 0, sizeof *args);
  args->ttl_ms = SHALE_TTL_DEFAULT;
  for (size_t i = first; i < end; i++) {
    struct word word = line->words[i];
    if (is_flag(&word, &args->flags)) continue;
    if (!resolve(run, &word)) return false;
    if (word.name == NULL) {
      args->plain[args->count++] = word;
    } else if (!take_named(run, &word, args)) {
      return false;
    }
  }
  return true;
}

void settle(struct run* run, shale_status status, shale_error** place) {
  shale_error* error = *place;
  run->outcome.status = status;
  if ((status < 0) != (error != NULL))
    complain(run, "%s and an error object do not agree", shale_status_name(status));
  if (shale_error_code(error) != (status < 0 ? status : SHALE_OK))
    complain(run, "the error has another code");
  if (status < 0 && shale_error_message(error)[0] == '\0') complain(run, "the error says nothing");
  shale_error_free(error);
  *place = NULL;
}

static struct word* next_answer(struct run* run) {
  if (run->outcome.count == WORDS_MAX) {
    complain(run, "too many results");
    return &run->outcome.results[0];
  }
  return &run->outcome.results[run->outcome.count++];
}

void answer_number(struct run* run, int64_t number) {
  *next_answer(run) = (struct word){.kind = WORD_NUMBER, .number = number};
}

void answer_word(struct run* run, const char* text) {
  *next_answer(run) = (struct word){.kind = WORD_PLAIN, .text = text};
}

void answer_bytes(struct run* run, const void* data, size_t size) {
  *next_answer(run) = (struct word){.kind = WORD_BYTES, .bytes = arena_copy(run->arena, data, size)};
}

void answer_row(struct run* run, const void* key, size_t key_len, const void* value, size_t value_len) {
  struct outcome* outcome = &run->outcome;
  if (outcome->row_count == outcome->row_cap) {
    const size_t cap = outcome->row_cap * 2 + 16;
    struct row* rows = arena_take(run->arena, cap * sizeof *rows);
    if (outcome->row_count != 0) memcpy(rows, outcome->rows, outcome->row_count * sizeof *rows);
    outcome->rows = rows;
    outcome->row_cap = cap;
  }
  struct row* row = &outcome->rows[outcome->row_count++];
  *row = (struct row){.key = arena_copy(run->arena, key, key_len), .has_value = value != NULL};
  if (value != NULL) row->value = arena_copy(run->arena, value, value_len);
}

const struct verb* find_verb(const char* name) {
  const struct verb* const tables[] = {key_verbs,  many_verbs, scan_verbs, store_verbs,
                                       load_verbs, tool_verbs, range_verbs, snapshot_verbs};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    for (const struct verb* verb = tables[i]; verb->name != NULL; verb++)
      if (strcmp(verb->name, name) == 0) return verb;
  return NULL;
}
