/* What the writers of the languages share: the library's tables, and text that is broken into lines. */
#ifndef SHALE_BINDINGS_GENERATE_GENERATE_H_
#define SHALE_BINDINGS_GENERATE_GENERATE_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { ROWS_MAX = 256, TEXT_BYTES_MAX = 2048, COLUMNS_MAX = 110 };

/* A status: name, number, doc. Any other constant: name, number. */
struct constant {
  const char *name, *doc;
  int64_t number;
};

/* An option or a figure. kind: of a figure, "counter" or "gauge"; range and default_value: of an option. */
struct named {
  const char *name, *doc, *kind, *range, *default_value;
};

struct tables {
  struct constant statuses[ROWS_MAX], others[ROWS_MAX];
  struct named options[ROWS_MAX], stats[ROWS_MAX];
  size_t status_count, other_count, option_count, stat_count;
};

/* Writes into TEXT_BYTES_MAX bytes; a text that is longer ends the program. */
void text_of(char* out, const char* format, ...) __attribute__((format(printf, 2, 3)));

/* Text as words in lines of at most `columns`: `first` begins the first line, `rest` each further one. */
void write_wrapped(FILE* out, const char* first, const char* rest, int columns, const char* text);

/* "cache.hits" to "CACHE_HITS". */
void upper_name(const char* name, char* out);

FILE* create(const char* dir, const char* name);
void finish(FILE* out);

void write_java(const char* dir, const struct tables* tables);
void write_go(const char* dir, const struct tables* tables);
void write_ruby(const char* dir, const struct tables* tables);

#endif
