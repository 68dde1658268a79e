/* Verbs on many keys: as arrays, or packed into one buffer as run->packed says. */
#include <string.h>

#include "conformance/run.h"

/* A buffer being packed: numbers little-endian, nothing between them. */
struct packer {
  char* data;
  size_t size;
};

static void pack_number(struct packer* packer, uint64_t number, size_t size) {
  for (size_t i = 0; i < size; i++) packer->data[packer->size++] = (char)(number >> (8 * i));
}

static void pack_bytes(struct packer* packer, struct bytes bytes) {
  pack_number(packer, bytes.size, 4);
  if (bytes.size != 0) memcpy(packer->data + packer->size, bytes.data, bytes.size);
  packer->size += bytes.size;
}

static struct packer pack_words(struct run* run, const struct args* args) {
  size_t size = 1;
  for (size_t i = 0; i < args->count; i++) size += 4 + args->plain[i].bytes.size;
  struct packer packer = {arena_take(run->arena, size), 0};
  for (size_t i = 0; i < args->count; i++) pack_bytes(&packer, args->plain[i].bytes);
  return packer;
}

/* Words first, first + step, ... as slices. */
static void slice_words(const struct args* args, size_t first, size_t step, shale_slice* out) {
  for (size_t i = first; i < args->count; i += step)
    *out++ = (shale_slice){args->plain[i].bytes.data, args->plain[i].bytes.size};
}

static void answer_one(struct run* run, shale_status status, const void* value, size_t size) {
  if (status == SHALE_OK) {
    answer_bytes(run, value, size);
  } else if (status == SHALE_NOT_FOUND) {
    answer_word(run, "nil");
  } else if (status == SHALE_WOULD_BLOCK) {
    answer_word(run, "would-block");
  } else {
    answer_word(run, shale_status_name(status));
  }
}

static int32_t read_i32(const unsigned char* at) {
  return (int32_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

static void multi_get_packed(struct run* run, const struct args* args) {
  const struct packer keys = pack_words(run, args);
  shale_error* error = NULL;
  void* out = NULL;
  size_t out_len = 0;
  settle(
      run,
      shale_multi_get_packed(run->db, keys.data, keys.size, args->count, &out, &out_len, args->flags, &error),
      &error);
  const unsigned char* at = out;
  for (size_t i = 0; run->outcome.status == SHALE_OK && i < args->count; i++) {
    const int32_t size = read_i32(at);
    at += 4;
    answer_one(run,
               size >= 0    ? SHALE_OK
               : size == -1 ? SHALE_NOT_FOUND
                            : SHALE_WOULD_BLOCK,
               at, size >= 0 ? (size_t)size : 0);
    if (size > 0) at += size;
  }
  if (out != NULL && at != (unsigned char*)out + out_len)
    complain(run, "bytes are left over behind the answers");
  shale_mem_free(out);
}

static void do_multi_get(struct run* run, const struct args* args) {
  if (run->packed) {
    multi_get_packed(run, args);
    return;
  }
  shale_slice keys[WORDS_MAX];
  slice_words(args, 0, 1, keys);
  shale_error* error = NULL;
  shale_results* results = NULL;
  settle(run, shale_multi_get(run->db, keys, args->count, &results, args->flags, &error), &error);
  if (run->outcome.status == SHALE_OK && shale_results_count(results) != args->count)
    complain(run, "%zu answers to %zu keys", shale_results_count(results), args->count);
  for (size_t i = 0; i < shale_results_count(results); i++) {
    const void* value = NULL;
    size_t size = 0;
    const shale_status status = shale_results_at(results, i, &value, &size, NULL);
    answer_one(run, status, value, size);
  }
  shale_results_free(results);
}

static void do_multi_put(struct run* run, const struct args* args) {
  if (args->count % 2 != 0) {
    refuse(run, "a key without a value");
    return;
  }
  shale_error* error = NULL;
  if (run->packed) {
    const struct packer items = pack_words(run, args);
    settle(run,
           shale_multi_put_packed(run->db, items.data, items.size, args->count / 2, args->ttl_ms, args->flags,
                                  &error),
           &error);
    return;
  }
  shale_slice keys[WORDS_MAX], values[WORDS_MAX];
  slice_words(args, 0, 2, keys);
  slice_words(args, 1, 2, values);
  settle(run, shale_multi_put(run->db, keys, values, args->count / 2, args->ttl_ms, args->flags, &error),
         &error);
}

static void do_multi_delete(struct run* run, const struct args* args) {
  shale_error* error = NULL;
  if (run->packed) {
    const struct packer keys = pack_words(run, args);
    settle(run, shale_multi_delete_packed(run->db, keys.data, keys.size, args->count, args->flags, &error),
           &error);
    return;
  }
  shale_slice keys[WORDS_MAX];
  slice_words(args, 0, 1, keys);
  settle(run, shale_multi_delete(run->db, keys, args->count, args->flags, &error), &error);
}

/* A row of a batch: put K V, or delete K. */
static bool read_row(struct run* run, const struct line* line, bool* is_put, struct args* row) {
  const struct word* verb = &line->words[0];
  const bool named = verb->kind == WORD_PLAIN && verb->name == NULL;
  *is_put = named && strcmp(verb->text, "put") == 0;
  const bool is_delete = named && strcmp(verb->text, "delete") == 0;
  if (!read_args(run, line, 1, line->count, row)) return false;
  if ((!*is_put && !is_delete) || row->count != (*is_put ? 2u : 1u)) {
    refuse(run, "a row of a batch is put K V or delete K");
    return false;
  }
  return true;
}

static bool pack_row(struct run* run, struct packer* packer, const struct line* line) {
  bool is_put;
  struct args row;
  if (!read_row(run, line, &is_put, &row)) return false;
  pack_number(packer, is_put ? 1 : 2, 1);
  pack_bytes(packer, row.plain[0].bytes);
  if (!is_put) return true;
  pack_number(packer, (uint64_t)row.ttl_ms, 8);
  pack_bytes(packer, row.plain[1].bytes);
  return true;
}

static void batch_packed(struct run* run, const struct args* args) {
  size_t size = 1;
  for (size_t i = 0; i < args->row_count; i++)
    for (size_t w = 0; w < args->rows[i].count; w++) size += 24 + args->rows[i].words[w].bytes.size;
  struct packer packer = {arena_take(run->arena, size), 0};
  for (size_t i = 0; i < args->row_count; i++)
    if (!pack_row(run, &packer, &args->rows[i])) return;
  shale_error* error = NULL;
  settle(run, shale_write_packed(run->db, packer.data, packer.size, args->row_count, args->flags, &error),
         &error);
}

static shale_status add_row(struct run* run, shale_batch* batch, const struct line* line, shale_error** err) {
  bool is_put;
  struct args row;
  if (!read_row(run, line, &is_put, &row)) return SHALE_OK;
  const struct bytes key = row.plain[0].bytes, value = row.plain[1].bytes;
  if (!is_put) return shale_batch_delete(batch, key.data, key.size, err);
  return shale_batch_put(batch, key.data, key.size, value.data, value.size, row.ttl_ms, err);
}

static void do_batch(struct run* run, const struct args* args) {
  for (size_t i = 0; i < args->row_count; i++) {
    bool is_put;
    struct args row;
    if (!read_row(run, &args->rows[i], &is_put, &row)) return;
  }
  if (run->packed) {
    batch_packed(run, args);
    return;
  }
  shale_error* error = NULL;
  shale_batch* batch = NULL;
  shale_status status = shale_batch_new(&batch);
  for (size_t i = 0; status == SHALE_OK && i < args->row_count; i++)
    status = add_row(run, batch, &args->rows[i], &error);
  if (status == SHALE_OK) {
    if (shale_batch_count(batch) != args->row_count)
      complain(run, "the batch has another number of operations");
    status = shale_write(run->db, batch, args->flags, &error);
  }
  settle(run, status, &error);
  shale_batch_free(batch);
}

const struct verb many_verbs[] = {
    {"multi-get", 0, do_multi_get, false},
    {"multi-put", 0, do_multi_put, false},
    {"multi-delete", 0, do_multi_delete, false},
    {"batch", 0, do_batch, true},
    {NULL, 0, NULL, false},
};
