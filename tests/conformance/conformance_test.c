/* Runs the suite against the C interface: conformance_test [--transcript] [FILE...]; without files, those of
 * CONFORMANCE_DIR or tests/conformance. Each case runs in memory and on disk, with arrays and packed. Prints
 * ok and FAIL lines. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/run.h"

enum { LINES_MAX = 4000, PROBLEM_BYTES_MAX = 600 };

struct file {
  const char *path, *name;
  char* lines[LINES_MAX];
  size_t count;
};

/* Lines first to last of a file, after the title. */
struct section {
  const char* title;
  size_t first, end;
  bool memory, disk;
  struct option options[OPTIONS_MAX];
  size_t option_count;
};

static size_t cases = 0, failures = 0;
static bool transcript = false; /* says what comes of each line, and compares with nothing */

static void stop(const char* file, size_t line, const char* what) {
  printf("FAIL conformance: %s:%zu: %s\n", file, line + 1, what);
  exit(1);
}

static void read_file(struct arena* arena, const char* path, struct file* file) {
  static char text[65536];
  FILE* in = fopen(path, "r");
  const char* slash = strrchr(path, '/');
  *file = (struct file){.path = path, .name = slash != NULL ? slash + 1 : path};
  if (in == NULL) stop(path, 0, "cannot be read");
  while (fgets(text, sizeof text, in) != NULL) {
    if (file->count == LINES_MAX) stop(path, file->count, "too many lines");
    file->lines[file->count++] = (char*)arena_text(arena, text, strcspn(text, "\n"));
  }
  fclose(in);
}

static bool is_nothing(const char* line) {
  return line[0] == '\0' || line[0] == '#';
}

static bool is_row(const char* line) {
  return strncmp(line, "  ", 2) == 0;
}

static void split_or_stop(struct arena* arena, const struct file* file, size_t at, struct line* line) {
  const char* wrong = split_line(arena, file->lines[at], line);
  if (wrong != NULL) stop(file->path, at, wrong);
}

/* store: and option: lines directly after the title. */
static void read_settings(struct arena* arena, const struct file* file, struct section* section) {
  section->memory = section->disk = true;
  for (; section->first < section->end; section->first++) {
    const char* text = file->lines[section->first];
    struct line line;
    if (is_nothing(text)) continue;
    if (strncmp(text, "store: ", 7) == 0) {
      section->memory = strcmp(text + 7, "disk") != 0;
      section->disk = strcmp(text + 7, "memory") != 0;
    } else if (strncmp(text, "option: ", 8) == 0) {
      split_or_stop(arena, file, section->first, &line);
      if (line.count != 3 || section->option_count == OPTIONS_MAX)
        stop(file->path, section->first, "option: NAME \"V\"");
      section->options[section->option_count++] =
          (struct option){line.words[1].text, line.words[2].bytes.data};
    } else {
      return;
    }
  }
}

static bool same_word(struct run* run, const struct word* expected, const struct word* got) {
  struct word value = *expected;
  if (expected->kind == WORD_VARIABLE) {
    const struct word* known = find_variable(run, expected->text);
    if (known == NULL && run->variable_count < VARIABLES_MAX) {
      run->variables[run->variable_count].name = expected->text;
      run->variables[run->variable_count++].value = *got;
      return true;
    }
    if (known == NULL) return false;
    value = *known;
  }
  if (value.kind != got->kind) return false;
  if (value.kind == WORD_NUMBER) return value.number == got->number;
  if (value.kind == WORD_PLAIN) return strcmp(value.text, got->text) == 0;
  return value.bytes.size == got->bytes.size &&
         memcmp(value.bytes.data, got->bytes.data, got->bytes.size) == 0;
}

static bool is_word(const struct word* word, const char* text) {
  return word->kind == WORD_PLAIN && word->name == NULL && strcmp(word->text, text) == 0;
}

/* `at-most N` and `above N`. */
static bool in_range(struct run* run, bool above, struct word limit, const struct word* got) {
  if (limit.kind == WORD_VARIABLE && find_variable(run, limit.text) != NULL)
    limit = *find_variable(run, limit.text);
  if (limit.kind != WORD_NUMBER || got->kind != WORD_NUMBER) return false;
  return above ? got->number > limit.number : got->number >= 1 && got->number <= limit.number;
}

/* The expected words after the status against the results. */
static bool same_results(struct run* run, const struct line* line, size_t first, char* problem) {
  const struct outcome* outcome = &run->outcome;
  size_t result = 0;
  for (size_t i = first; i < line->count; i++, result++) {
    const struct word *expected = &line->words[i], none = {0};
    const struct word* got = result < outcome->count ? &outcome->results[result] : &none;
    const bool above = is_word(expected, "above"), ranged = above || is_word(expected, "at-most");
    const bool same = ranged && i + 1 < line->count ? in_range(run, above, line->words[++i], got)
                                                    : got->kind != WORD_NONE && same_word(run, expected, got);
    if (same) continue;
    char want[128], have[128];
    show_word(&line->words[i], want, sizeof want);
    show_word(got, have, sizeof have);
    snprintf(problem, PROBLEM_BYTES_MAX, "expected %s%s, got %s",
             ranged ? (above ? "above " : "at most ") : "", want, have);
    return false;
  }
  if (first < line->count && result < outcome->count)
    snprintf(problem, PROBLEM_BYTES_MAX, "expected %zu results, got %zu", result, outcome->count);
  return first == line->count || result == outcome->count;
}

static bool same_row(const struct line* expected, const struct row* got) {
  const struct word *key = &expected->words[0], *value = &expected->words[1];
  if (expected->count != (got->has_value ? 2u : 1u)) return false;
  if (key->bytes.size != got->key.size || memcmp(key->bytes.data, got->key.data, got->key.size) != 0)
    return false;
  return !got->has_value || (value->bytes.size == got->value.size &&
                             memcmp(value->bytes.data, got->value.data, got->value.size) == 0);
}

static bool same_rows(const struct run* run, const struct line* rows, size_t count, char* problem) {
  const struct outcome* outcome = &run->outcome;
  char have[128] = "the end", want[128] = "the end";
  for (size_t i = 0; i < count || i < outcome->row_count; i++) {
    if (i < count && i < outcome->row_count && same_row(&rows[i], &outcome->rows[i])) continue;
    if (i < count) show_word(&rows[i].words[0], want, sizeof want);
    if (i < outcome->row_count)
      show_word(&(struct word){.kind = WORD_BYTES, .bytes = outcome->rows[i].key}, have, sizeof have);
    snprintf(problem, PROBLEM_BYTES_MAX, "row %zu: expected %s, got %s%s", i + 1, want, have,
             strcmp(want, have) == 0 ? " with another value" : "");
    return false;
  }
  return true;
}

static bool is_complete(struct run* run, const struct verb* verb, const struct args* args) {
  if (args->count >= verb->args_min) return true;
  refuse(run, "%s needs %zu arguments", verb->name, verb->args_min);
  return false;
}

/* One operation. False: problem says why. */
static bool run_operation(struct run* run, const struct line* line, const struct line* rows, size_t row_count,
                          char* problem) {
  size_t arrow = 0;
  while (arrow < line->count && !is_word(&line->words[arrow], "->")) arrow++;
  const char* status = arrow + 1 < line->count ? line->words[arrow + 1].text : "OK";
  const struct verb* verb = line->words[0].kind == WORD_PLAIN ? find_verb(line->words[0].text) : NULL;
  struct args args;
  run->outcome = (struct outcome){0};
  if (verb == NULL) {
    refuse(run, "an unknown operation");
  } else if (read_args(run, line, 1, arrow, &args) && is_complete(run, verb, &args)) {
    args.rows = rows;
    args.row_count = row_count;
    verb->perform(run, &args);
  }
  const struct outcome* outcome = &run->outcome;
  if (outcome->complaint[0] != '\0') {
    snprintf(problem, PROBLEM_BYTES_MAX, "%s", outcome->complaint);
    return false;
  }
  if (status == NULL || strcmp(status, shale_status_name(outcome->status)) != 0) {
    snprintf(problem, PROBLEM_BYTES_MAX, "expected %s, got %s", status != NULL ? status : "no status",
             shale_status_name(outcome->status));
    return false;
  }
  if (!same_results(run, line, arrow + 2 < line->count ? arrow + 2 : line->count, problem)) return false;
  return verb->rows_inside || same_rows(run, rows, row_count, problem);
}

static void print_word(const struct word* word) {
  char text[128];
  show_word(word, text, sizeof text);
  printf(" %s", text);
}

/* What came of a line. What is left of a time to live is not the same twice, and is shown as a number only.
 */
static void print_outcome(size_t at, const struct line* line, const struct outcome* outcome) {
  const bool varies = is_word(&line->words[0], "ttl") || is_word(&line->words[0], "version-of");
  printf("%zu: %s", at + 1, outcome->refused ? "refused" : shale_status_name(outcome->status));
  if (outcome->complaint[0] != '\0' && !outcome->refused) printf(" COMPLAINT %s", outcome->complaint);
  for (size_t i = 0; i < outcome->count; i++)
    print_word(varies && outcome->results[i].kind == WORD_NUMBER
                   ? &(struct word){.kind = WORD_PLAIN, .text = "number"}
                   : &outcome->results[i]);
  for (size_t i = 0; i < outcome->row_count; i++) {
    printf("\n ");
    print_word(&(struct word){.kind = WORD_BYTES, .bytes = outcome->rows[i].key});
    if (outcome->rows[i].has_value)
      print_word(&(struct word){.kind = WORD_BYTES, .bytes = outcome->rows[i].value});
  }
  printf("\n");
}

/* All operations of a case on one store. Returns the line that failed, or the end. */
static size_t run_lines(struct run* run, const struct file* file, const struct section* section,
                        char* problem) {
  for (size_t at = section->first; at < section->end; at++) {
    if (is_nothing(file->lines[at])) continue;
    struct line line, *rows;
    size_t row_count = 0;
    split_or_stop(run->arena, file, at, &line);
    while (at + 1 + row_count < section->end && is_row(file->lines[at + 1 + row_count])) row_count++;
    rows = arena_take(run->arena, (row_count + 1) * sizeof *rows);
    for (size_t i = 0; i < row_count; i++) split_or_stop(run->arena, file, at + 1 + i, &rows[i]);
    const bool passed = run_operation(run, &line, rows, row_count, problem);
    if (transcript)
      print_outcome(at, &line, &run->outcome);
    else if (!passed)
      return at;
    at += row_count;
  }
  if (transcript) problem[0] = '\0';
  return section->end;
}

static void run_section(const struct file* file, const struct section* section, bool disk, bool packed) {
  struct run run = {.arena = arena_new(), .packed = packed, .option_count = section->option_count};
  char problem[PROBLEM_BYTES_MAX] = "";
  size_t at = section->first;
  memcpy(run.options, section->options, sizeof run.options);
  const int64_t handles = shale_live_handles();
  start_run(&run, disk);
  if (run.outcome.complaint[0] == '\0') {
    at = run_lines(&run, file, section, problem);
    run.outcome = (struct outcome){0};
  }
  end_run(&run);
  if (problem[0] == '\0') memcpy(problem, run.outcome.complaint, sizeof run.outcome.complaint);
  if (problem[0] == '\0' && shale_live_handles() != handles)
    snprintf(problem, sizeof problem, "%lld handles are left", (long long)(shale_live_handles() - handles));
  const char* kind = disk ? (packed ? "disk, packed" : "disk") : (packed ? "memory, packed" : "memory");
  cases++;
  failures += problem[0] != '\0';
  if (problem[0] == '\0')
    printf("ok conformance: %s: %s (%s)\n", file->name, section->title, kind);
  else
    printf("FAIL conformance: %s: %s (%s): %s:%zu: %s\n", file->name, section->title, kind, file->name,
           at + 1, problem);
  arena_free(run.arena);
}

static void run_file(const char* path) {
  struct arena* arena = arena_new();
  static struct file file;
  read_file(arena, path, &file);
  for (size_t at = 0; at < file.count;) {
    const char* text = file.lines[at];
    if (strncmp(text, "== ", 3) != 0) {
      if (!is_nothing(text)) stop(path, at, "a line before the first title");
      at++;
      continue;
    }
    struct section section = {.title = text + 3, .first = at + 1, .end = at + 1};
    while (section.end < file.count && strncmp(file.lines[section.end], "== ", 3) != 0) section.end++;
    at = section.end;
    read_settings(arena, &file, &section);
    for (int packed = 0; packed < 2; packed++) {
      if (section.memory) run_section(&file, &section, false, packed);
      if (section.disk) run_section(&file, &section, true, packed);
    }
  }
  arena_free(arena);
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  transcript = argc > 2 && strcmp(argv[1], "--transcript") == 0;
  for (int i = transcript ? 2 : 1; i < argc; i++) run_file(argv[i]);
  if (argc < 2) {
    const char* dir = getenv("CONFORMANCE_DIR");
    char pattern[PATH_BYTES_MAX];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*.txt", dir != NULL ? dir : "tests/conformance");
    if (glob(pattern, 0, NULL, &found) == 0) {
      for (size_t i = 0; i < found.gl_pathc; i++) run_file(found.gl_pathv[i]);
      globfree(&found);
    }
  }
  if (cases == 0) printf("FAIL conformance: no case\n");
  return cases == 0 || failures != 0;
}
