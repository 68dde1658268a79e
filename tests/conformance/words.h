/* Lines of the suite as words: the only part of the runner that knows how the files are written. */
#ifndef SHALE_TESTS_CONFORMANCE_WORDS_H_
#define SHALE_TESTS_CONFORMANCE_WORDS_H_

#include <stddef.h>
#include <stdint.h>

struct bytes {
  const char* data;
  size_t size;
};

enum word_kind { WORD_NONE, WORD_PLAIN, WORD_BYTES, WORD_NUMBER, WORD_VARIABLE };

/* One token. `name` is the argument's name ("ttl" of ttl=5) or NULL. */
struct word {
  enum word_kind kind;
  const char* name;
  const char* text; /* of a plain word and of a variable, without its $ */
  struct bytes bytes;
  int64_t number;
};

enum { WORDS_MAX = 24 };

struct line {
  struct word words[WORDS_MAX];
  size_t count;
};

/* Memory of a case: everything that was read or answered in it, freed at its end all at once. */
struct arena;
struct arena* arena_new(void);
void arena_free(struct arena* arena);
void* arena_take(struct arena* arena, size_t size);
struct bytes arena_copy(struct arena* arena, const void* data, size_t size);
const char* arena_text(struct arena* arena, const char* begin, size_t size);

/* Splits a line. Returns NULL, or what is wrong with it. */
const char* split_line(struct arena* arena, const char* text, struct line* line);

/* Writes a word as a file would have it, long bytes cut. */
void show_word(const struct word* word, char* out, size_t cap);

#endif
