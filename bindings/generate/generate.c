/* Writes what the bindings know of the library's tables: statuses, options, figures, flags. The library
 * itself is asked, so that what is written is what is there. generate java|go|ruby DIRECTORY */
#include "generate.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shale/shale.h"

static void stop(const char* what, const char* which) {
  fprintf(stderr, "generate: %s%s\n", what, which);
  exit(1);
}

static void read_constants(struct tables* tables) {
  for (size_t i = 0; i < shale_constant_count(); i++) {
    struct constant row = {NULL, NULL, 0};
    if (shale_constant_at(i, &row.name, &row.number) != SHALE_OK) stop("a constant cannot be read", "");
    const shale_status status = (shale_status)row.number;
    const bool is_status = strcmp(shale_status_name(status), row.name) == 0;
    size_t* count = is_status ? &tables->status_count : &tables->other_count;
    if (*count == ROWS_MAX) stop("too many constants", "");
    row.doc = is_status ? shale_status_text(status) : NULL;
    (is_status ? tables->statuses : tables->others)[(*count)++] = row;
  }
}

static void read_named(struct tables* tables) {
  tables->option_count = shale_option_count();
  tables->stat_count = shale_stat_count();
  if (tables->option_count > ROWS_MAX || tables->stat_count > ROWS_MAX) stop("too many names", "");
  for (size_t i = 0; i < tables->option_count; i++) {
    struct named* row = &tables->options[i];
    if (shale_option_at(i, &row->name, &row->kind, &row->default_value, &row->range, NULL, &row->doc) !=
        SHALE_OK)
      stop("an option cannot be read", "");
  }
  for (size_t i = 0; i < tables->stat_count; i++) {
    struct named* row = &tables->stats[i];
    if (shale_stat_at(i, &row->name, &row->kind, &row->doc) != SHALE_OK) stop("a figure cannot be read", "");
  }
}

void text_of(char* out, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int size = vsnprintf(out, TEXT_BYTES_MAX, format, list);
  va_end(list);
  if (size < 0 || size >= TEXT_BYTES_MAX) stop("a text is too long: ", out);
}

void write_wrapped(FILE* out, const char* first, const char* rest, int columns, const char* text) {
  int column = fprintf(out, "%s", first);
  bool fresh = true;
  while (*text != '\0') {
    const int size = (int)strcspn(text, " ");
    if (!fresh && column + 1 + size > columns) {
      column = fprintf(out, "\n%s", rest) - 1;
      fresh = true;
    }
    column += fprintf(out, fresh ? "%.*s" : " %.*s", size, text);
    fresh = false;
    text += size;
    while (*text == ' ') text++;
  }
}

void upper_name(const char* name, char* out) {
  for (; *name != '\0'; name++) *out++ = *name == '.' ? '_' : (char)toupper((unsigned char)*name);
  *out = '\0';
}

FILE* create(const char* dir, const char* name) {
  char path[TEXT_BYTES_MAX];
  text_of(path, "%s/%s", dir, name);
  FILE* out = fopen(path, "w");
  if (out == NULL) stop("cannot write ", path);
  return out;
}

void finish(FILE* out) {
  const bool bad = ferror(out) != 0;
  if (fclose(out) != 0 || bad) stop("the disk is full", "");
}

int main(int argc, char** argv) {
  static struct tables tables;
  static const struct {
    const char* name;
    void (*write)(const char* dir, const struct tables* tables);
  } languages[] = {{"java", write_java}, {"go", write_go}, {"ruby", write_ruby}};
  if (argc != 3) stop("usage: generate java|go|ruby DIRECTORY", "");
  read_constants(&tables);
  read_named(&tables);
  for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
    if (strcmp(argv[1], languages[i].name) != 0) continue;
    languages[i].write(argv[2], &tables);
    return 0;
  }
  stop("unknown language ", argv[1]);
}
