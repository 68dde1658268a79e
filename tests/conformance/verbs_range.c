/* Verbs on ranges of keys as wholes. */
#include "conformance/run.h"

/* What the calls on ranges take: the bounds, or the prefix in the place of the first. */
static struct bytes first_of(const struct args* args) {
  return args->has_prefix ? args->prefix : args->from;
}

static uint32_t flags_of(const struct args* args) {
  return args->flags | (args->has_prefix ? SHALE_PREFIX : 0u);
}

static int32_t look_on(void* context, int64_t done, int64_t total) {
  (void)context;
  return done < 0 || done > total;
}

static void do_delete_range(struct run* run, const struct args* args) {
  const struct bytes first = first_of(args);
  shale_error* error = NULL;
  settle(run,
         shale_delete_range(run->db, first.data, first.size, args->to.data, args->to.size, flags_of(args),
                            &error),
         &error);
}

static void answer_extent(struct run* run, int64_t keys, int64_t bytes) {
  if (run->outcome.status != SHALE_OK) return;
  answer_number(run, keys);
  answer_number(run, bytes);
}

static void do_count(struct run* run, const struct args* args) {
  const struct bytes first = first_of(args);
  int64_t keys = -1, bytes = -1;
  shale_error* error = NULL;
  settle(run,
         shale_count(run->db, first.data, first.size, args->to.data, args->to.size, look_on, NULL, &keys,
                     &bytes, flags_of(args), &error),
         &error);
  answer_extent(run, keys, bytes);
}

static void do_estimate(struct run* run, const struct args* args) {
  const struct bytes first = first_of(args);
  int64_t keys = -1, bytes = -1;
  shale_error* error = NULL;
  settle(run,
         shale_estimate(run->db, first.data, first.size, args->to.data, args->to.size, &keys, &bytes,
                        flags_of(args), &error),
         &error);
  answer_extent(run, keys, bytes);
}

static void do_compact(struct run* run, const struct args* args) {
  const struct bytes first = first_of(args);
  shale_error* error = NULL;
  settle(run,
         shale_compact(run->db, first.data, first.size, args->to.data, args->to.size, look_on, NULL,
                       flags_of(args), &error),
         &error);
}

const struct verb range_verbs[] = {
    {"delete-range", 0, do_delete_range, false},
    {"count", 0, do_count, false},
    {"estimate", 0, do_estimate, false},
    {"compact", 0, do_compact, false},
    {NULL, 0, NULL, false},
};
