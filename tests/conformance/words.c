#include "conformance/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
  struct block* next;
  max_align_t memory[];
};

struct arena {
  struct block* blocks;
};

static void* must(void* memory) {
  if (memory == NULL) {
    fputs("FAIL conformance: out of memory\n", stdout);
    exit(1);
  }
  return memory;
}

struct arena* arena_new(void) {
  return must(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena* arena) {
  while (arena->blocks != NULL) {
    struct block* block = arena->blocks;
    arena->blocks = block->next;
    free(block);
  }
  free(arena);
}

void* arena_take(struct arena* arena, size_t size) {
  struct block* block = must(malloc(sizeof *block + size));
  block->next = arena->blocks;
  arena->blocks = block;
  return block->memory;
}

struct bytes arena_copy(struct arena* arena, const void* data, size_t size) {
  struct bytes copy = {arena_take(arena, size + 1), size};
  if (size != 0) memcpy((char*)copy.data, data, size);
  ((char*)copy.data)[size] = '\0';
  return copy;
}

const char* arena_text(struct arena* arena, const char* begin, size_t size) {
  return arena_copy(arena, begin, size).data;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* One character after a backslash; returns the number of characters read, 0 if it is no escape. */
static size_t read_escape(const char* at, char* out) {
  if (*at == 'n') *out = '\n';
  if (*at == '"' || *at == '\\') *out = *at;
  if (*at == 'n' || *at == '"' || *at == '\\') return 1;
  if (*at != 'x' || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0) return 0;
  *out = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
  return 3;
}

/* "text"*N at *at. Appends to the bytes, moves *at behind it. */
static const char* read_part(struct arena* arena, const char** at, struct bytes* bytes) {
  const char* p = *at + 1;
  char* unit = arena_take(arena, strlen(p) + 1);
  size_t size = 0;
  for (; *p != '"'; size++) {
    if (*p == '\0') return "a string without an end";
    if (*p != '\\') {
      unit[size] = *p++;
      continue;
    }
    const size_t used = read_escape(p + 1, &unit[size]);
    if (used == 0) return "an unknown escape";
    p += 1 + used;
  }
  p++;
  size_t times = 1;
  if (*p == '*') {
    char* end;
    times = strtoul(p + 1, &end, 10);
    if (end == p + 1) return "no number after *";
    p = end;
  }
  char* all = arena_take(arena, bytes->size + size * times + 1);
  if (bytes->size != 0) memcpy(all, bytes->data, bytes->size);
  for (size_t i = 0; i < times; i++) memcpy(all + bytes->size + i * size, unit, size);
  bytes->size += size * times;
  all[bytes->size] = '\0'; /* some strings are names, which the library takes as text */
  bytes->data = all;
  *at = p;
  return NULL;
}

static const char* read_bytes(struct arena* arena, const char** at, struct word* word) {
  word->kind = WORD_BYTES;
  for (;;) {
    if (**at != '"') return "a string must stand here";
    const char* wrong = read_part(arena, at, &word->bytes);
    if (wrong != NULL || **at != '+') return wrong;
    ++*at;
  }
}

static bool looks_like_number(const char* text) {
  return isdigit((unsigned char)text[text[0] == '-' ? 1 : 0]);
}

static const char* read_word(struct arena* arena, const char** at, struct word* word) {
  const size_t size = strcspn(*at, " \"");
  const char* text = arena_text(arena, *at, size);
  const char* equals = strchr(text, '=');
  if (equals != NULL && equals != text) {
    word->name = arena_text(arena, text, (size_t)(equals - text));
    *at += equals + 1 - text;
    return **at == '"' ? read_bytes(arena, at, word) : read_word(arena, at, word);
  }
  *at += size;
  if (size == 0) return "a value is missing";
  word->text = text;
  word->kind = WORD_PLAIN;
  if (text[0] == '$') {
    word->kind = WORD_VARIABLE;
    word->text = text + 1;
  } else if (looks_like_number(text)) {
    char* end;
    errno = 0;
    word->kind = WORD_NUMBER;
    word->number = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0) return "a number that is none";
  }
  return NULL;
}

const char* split_line(struct arena* arena, const char* text, struct line* line) {
  memset(line, 0, sizeof *line);
  const char* at = text;
  for (;;) {
    while (*at == ' ') at++;
    if (*at == '\0') return NULL;
    if (line->count == WORDS_MAX) return "too many words";
    struct word* word = &line->words[line->count++];
    const char* wrong = *at == '"' ? read_bytes(arena, &at, word) : read_word(arena, &at, word);
    if (wrong != NULL) return wrong;
    if (*at != ' ' && *at != '\0') return "two words without a space between";
  }
}

static void show_bytes(struct bytes bytes, char* out, size_t cap) {
  enum { SHOWN_MAX = 40 };
  size_t used = (size_t)snprintf(out, cap, "\"");
  for (size_t i = 0; i < bytes.size && i < SHOWN_MAX && used + 8 < cap; i++) {
    const unsigned char c = (unsigned char)bytes.data[i];
    const char* form = isprint(c) && c != '"' && c != '\\' ? "%c" : "\\x%02x";
    used += (size_t)snprintf(out + used, cap - used, form, c);
  }
  if (bytes.size <= SHOWN_MAX)
    snprintf(out + used, cap - used, "\"");
  else
    snprintf(out + used, cap - used, "...\" (%zu bytes)", bytes.size);
}

void show_word(const struct word* word, char* out, size_t cap) {
  switch (word->kind) {
    case WORD_BYTES:
      show_bytes(word->bytes, out, cap);
      break;
    case WORD_NUMBER:
      snprintf(out, cap, "%lld", (long long)word->number);
      break;
    case WORD_VARIABLE:
      snprintf(out, cap, "$%s", word->text);
      break;
    case WORD_PLAIN:
      snprintf(out, cap, "%s", word->text);
      break;
    case WORD_NONE:
      snprintf(out, cap, "nothing");
      break;
  }
}
