/* What a case has while it runs, what an operation gets, and what comes of it. */
#ifndef SHALE_TESTS_CONFORMANCE_RUN_H_
#define SHALE_TESTS_CONFORMANCE_RUN_H_

#include <stdbool.h>

#include "conformance/words.h"
#include "shale/shale.h"

enum { ITERS_MAX = 8, VARIABLES_MAX = 16, OPTIONS_MAX = 8, PATH_BYTES_MAX = 256 };

struct row {
  struct bytes key, value;
  bool has_value;
};

struct outcome {
  shale_status status;
  struct word results[WORDS_MAX];
  size_t count;
  struct row* rows;
  size_t row_count, row_cap;
  char complaint[256]; /* forms of a call that do not agree: a failure whatever was expected */
  bool refused;        /* the complaint is about the line, which was not performed */
};

struct option {
  const char *name, *value;
};

struct open_iter {
  const char* name;
  shale_iter* iter;
  bool keys_only;
};

struct open_snapshot {
  const char* name;
  shale_snapshot* snapshot;
};

struct run {
  struct arena* arena;
  shale_db* db;
  char path[PATH_BYTES_MAX]; /* "" for a store in memory */
  bool packed;               /* many keys in one buffer, or in arrays */
  struct option options[OPTIONS_MAX];
  size_t option_count;
  struct open_iter iters[ITERS_MAX];
  struct open_snapshot snapshots[ITERS_MAX];
  struct {
    const char* name;
    struct word value;
  } variables[VARIABLES_MAX];
  size_t variable_count;
  struct outcome outcome;
};

/* An operation's words, sorted. Variables are replaced by their values. */
struct args {
  struct word plain[WORDS_MAX];
  size_t count;
  uint32_t flags;
  int64_t ttl_ms, limit;
  int64_t wait_ms, hold_ms, missing_ttl_ms; /* of loads */
  struct bytes from, to, prefix;
  bool has_prefix;
  struct option options[OPTIONS_MAX];
  size_t option_count;
  const struct line* rows; /* of a batch, or what happens during a load */
  size_t row_count;
};

/* The words from `first` up to `end`. False: complaint says which word is wrong. */
bool read_args(struct run* run, const struct line* line, size_t first, size_t end, struct args* args);
struct word* find_variable(struct run* run, const char* name);

/* Answers of an operation. */
void complain(struct run* run, const char* format, ...) __attribute__((format(printf, 2, 3)));
void refuse(struct run* run, const char* format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the place of the error, for the call that makes one may stand in the same line. Frees it after a look
 * at it. */
void settle(struct run* run, shale_status status, shale_error** place);
void answer_number(struct run* run, int64_t number);
void answer_word(struct run* run, const char* text);
void answer_bytes(struct run* run, const void* data, size_t size);
void answer_row(struct run* run, const void* key, size_t key_len, const void* value, size_t value_len);

/* Iterators of a run: the one of that name, with `make` an unused place for it; what is kept there; its rows.
 */
struct open_iter* find_iter(struct run* run, const struct word* name, bool make);
void keep_iter(struct open_iter* it, const struct word* name, const struct args* args, shale_iter* iter);
void read_rows(struct run* run, const struct open_iter* it);

/* Life of the store. */
shale_status open_store(struct run* run, const struct args* more, shale_db** db, shale_error** err);
void start_run(struct run* run, bool disk);
void end_run(struct run* run);

struct verb {
  const char* name;
  size_t args_min;
  void (*perform)(struct run* run, const struct args* args);
  bool rows_inside; /* its rows are operations, and nothing that comes of it */
};
extern const struct verb key_verbs[];
extern const struct verb many_verbs[];
extern const struct verb scan_verbs[];
extern const struct verb store_verbs[];
extern const struct verb load_verbs[];
extern const struct verb tool_verbs[];
extern const struct verb range_verbs[];
extern const struct verb snapshot_verbs[];
const struct verb* find_verb(const char* name);

#endif
