/* shale.h - one ordered, coherent, crash-safe key-value store: a 256-shard memory tier over 64 disk shards.
 *
 * The rules, once, for every call below:
 *
 *  1. Handles (shale_db, shale_iter, shale_pin, ...) are opaque pointers made and freed by this library. Freeing NULL does
 *     nothing. Everything else given as NULL where it is needed is SHALE_E_INVALID, never a crash.
 *  2. Arguments come in the order: handle, inputs, outputs, flags, error. Bytes are (pointer, length); (NULL, 0) is the
 *     empty byte string. Inputs are borrowed for the call only. An unknown flag bit is SHALE_E_INVALID.
 *  3. Keys are 1 to 65,535 bytes, values 0 to 1 GiB, compared bytewise as unsigned. Text is NUL-terminated UTF-8.
 *  4. The result is a shale_status: 0 is OK; above 0 is an outcome that a correct program meets (no such key, ...); below 0
 *     is an error. Outputs are set on OK, and on an outcome where the call says so; else they are NULL or 0.
 *  5. The last argument of most calls is `shale_error **err`. NULL means "no detail wanted". On an error (below 0) it
 *     receives an object that the caller frees with shale_error_free; on OK and on outcomes it is set to NULL.
 *  6. Memory that a call hands over is freed by the function named at that call, never by libc's free.
 *  7. Every call may be made from any thread at any time, on the same handle too. Exceptions: a shale_options, a
 *     shale_batch, a shale_iter and a shale_lease are used by one thread at a time, and *_free is the last call on its
 *     handle.
 *  8. After shale_close every call on the handle returns SHALE_E_CLOSED; files and most memory are given back by it, the
 *     rest by shale_free. Iterators, snapshots, pins, leases and results may be freed before or after the database they
 *     came from, in any order.
 *  9. In a forked child every call on a handle made before the fork returns SHALE_E_FORKED at once.
 * 10. An error of a write means "outcome unknown" until read back - but never a part of a batch.
 * 11. Calls marked "memory only" never wait for the disk. Calls marked "may block" may wait for it. No call invokes a
 *     callback (but for a progress function that it was given), raises a signal, throws, aborts, or changes the process
 *     (locale, umask, limits, handlers).
 * 12. Times are milliseconds in int64_t. A time to live (ttl_ms) is > 0, or one of SHALE_TTL_DEFAULT, _NEVER, _KEEP.
 * 13. Where memory runs out for a call it returns E_NO_MEMORY, hands over nothing and changes nothing that it was not asked to
 *     change; a shard that a write had begun to change refuses writes (E_READ_ONLY) until the store is opened again. On
 *     threads of the library no memory means later, or such a shard. One thing is not promised: where memory runs out inside
 *     the index (LevelDB, which is built without exceptions), that shard is left alone for good and later calls get
 *     E_NO_MEMORY, but a call that was inside it at that moment, or waits for its background work, may wait for ever.
 *
 * Each call's comment gives what it does, who owns the result, whether it may block, and the statuses beyond the general
 * ones: any call on a database may return E_INVALID, E_CLOSED, E_FORKED, E_NO_MEMORY, E_INTERNAL; any that reaches the disk
 * also E_IO, E_CORRUPT; any that writes also E_NO_SPACE, E_READ_ONLY, E_TOO_LARGE.
 * E_NO_SPACE comes before the file system is full: its last 64 MiB (an eighth of a smaller one) are kept for indexes, deletes
 * and shale_reclaim. Reads go on, and so do writes when there is space again; a shard that met a full disk all the same is
 * read-only until the store is opened again (shale_shard_state).
 */
#ifndef SHALE_SHALE_H_
#define SHALE_SHALE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(SWIG)
#define SHALE_API
#elif defined(__GNUC__)
#define SHALE_API __attribute__((visibility("default")))
#else
#define SHALE_API
#endif

/* ---- version ------------------------------------------------------------------------------------------------------ */

#define SHALE_VERSION_MAJOR 1
#define SHALE_VERSION_MINOR 0
#define SHALE_VERSION_PATCH 0
#define SHALE_VERSION_NUMBER 1000000 /* major * 10^6 + minor * 10^3 + patch */

/* Version of the library that is loaded (the header's is SHALE_VERSION_NUMBER). Memory only. */
SHALE_API int32_t shale_version_number(void);
/* The same as text, "1.0.0". Static memory. */
SHALE_API const char *shale_version_string(void);

/* ---- status ------------------------------------------------------------------------------------------------------- */

typedef int32_t shale_status;

#define SHALE_OK 0
#define SHALE_NOT_FOUND 1    /* no such key, or its time is over */
#define SHALE_EXISTS 2       /* the key exists and must not (SHALE_IF_ABSENT) */
#define SHALE_MISMATCH 3     /* a compared value or version differs */
#define SHALE_TOO_SMALL 4    /* the caller's buffer is too small; the needed size was returned */
#define SHALE_WOULD_BLOCK 5  /* the memory tier alone (SHALE_CACHE_ONLY), or within wait_ms (leases), there is no answer */
#define SHALE_END 6          /* the iterator has no more rows */
#define SHALE_CANCELLED 7    /* ended because the progress function asked for it */
#define SHALE_LEASED 8       /* shale_get_or_lease: no value; the caller was given the lease and is to load it */
#define SHALE_STALE 9        /* shale_get_or_lease: a value whose time is over, while somebody loads a new one */
#define SHALE_E_INVALID -1   /* an argument is not valid */
#define SHALE_E_CLOSED -2    /* the database was closed */
#define SHALE_E_FORKED -3    /* the handle belongs to the parent of this process */
#define SHALE_E_IO -4        /* the operating system reported an error; see shale_error_errno */
#define SHALE_E_CORRUPT -5   /* stored bytes are damaged; the message names file and offset */
#define SHALE_E_NO_SPACE -6  /* the disk, or in memory-only mode the memory budget, is full */
#define SHALE_E_NO_MEMORY -7 /* memory allocation failed */
#define SHALE_E_LOCKED -8    /* another process or handle has the store open */
#define SHALE_E_READ_ONLY -9 /* this shard had a write error, and refuses writes until reopened; or open.read_only is set */
#define SHALE_E_TOO_LARGE -10    /* a key, value or batch is above its limit */
#define SHALE_E_OVERFLOW -11     /* a counter would leave the range of int64_t */
#define SHALE_E_NOT_A_NUMBER -12 /* incr or decr of a value that is not a decimal int64_t */
#define SHALE_E_INCOMPATIBLE -13 /* not a Shale store, or one that this version or these options cannot open */
#define SHALE_E_NO_STORE -14     /* nothing at that path and open.create is off */
#define SHALE_E_LIMIT -15        /* a limit of the process (files, threads) is too low; the message names the number needed */
#define SHALE_E_INTERNAL -16     /* a defect of this library */

/* Name of a status without its prefix ("NOT_FOUND"), "UNKNOWN" for a number that is none. Static memory. Memory only. */
SHALE_API const char *shale_status_name(shale_status status);
/* One line of English for a status. Static memory. Memory only. */
SHALE_API const char *shale_status_text(shale_status status);

/* ---- constants, for callers that cannot read this header ---------------------------------------------------------- */

#define SHALE_KEY_BYTES_MAX 65535
#define SHALE_VALUE_BYTES_MAX 1073741824
#define SHALE_BATCH_BYTES_MAX 268435456 /* sum of keys and values of one atomic batch */
#define SHALE_DISK_SHARDS 64
#define SHALE_MEMORY_SHARDS 256

#define SHALE_TTL_DEFAULT 0 /* the store's option ttl.default_ms */
#define SHALE_TTL_NEVER -1  /* does not expire */
#define SHALE_TTL_KEEP -2   /* the deadline that the key has now; a new key: as SHALE_TTL_DEFAULT */

#define SHALE_VERSION_ABSENT 0 /* "there must be no such key", in the compare_version calls */

/* Flags. Each call names the ones it takes. */
#define SHALE_CACHE_ONLY 1u    /* reads: memory tier only; SHALE_WOULD_BLOCK when that cannot answer */
#define SHALE_NO_FILL 2u       /* reads: do not install what was loaded from disk in the memory tier */
#define SHALE_IF_ABSENT 4u     /* writes: only when there is no such key, else SHALE_EXISTS */
#define SHALE_IF_PRESENT 8u    /* writes: only when there is such a key, else SHALE_NOT_FOUND */
#define SHALE_SYNC 16u         /* writes: return only when the write would survive power loss */
#define SHALE_REVERSE 32u      /* iterators: from the highest key down */
#define SHALE_KEYS_ONLY 64u    /* iterators: values are not read */
#define SHALE_WRITE_AROUND 128u /* writes: do not install the value in the memory tier (an older one is removed) */
#define SHALE_STALE_OK 256u     /* leases: a value whose time is over is welcome while a new one is loaded */
#define SHALE_COPY_FILES 512u   /* backups: share no files and no blocks with the store */
#define SHALE_PREFIX 1024u      /* ranges: `from` is a prefix, and all keys that start with it are meant; `to` is (NULL, 0) */

#define SHALE_SHARD_OPEN 0
#define SHALE_SHARD_READ_ONLY 1

/* Every SHALE_ constant above by name, without the prefix. OK, or NOT_FOUND for an unknown name. Memory only. */
SHALE_API shale_status shale_constant(const char *name, int64_t *value);
/* The i-th of shale_constant_count() constants; names are static memory. NOT_FOUND past the end. Memory only. */
SHALE_API size_t shale_constant_count(void);
SHALE_API shale_status shale_constant_at(size_t index, const char **name, int64_t *value);

/* ---- errors and memory -------------------------------------------------------------------------------------------- */

typedef struct shale_error shale_error;

/* Parts of an error; all memory only. A NULL error reads as OK, "", 0, -1. */
SHALE_API shale_status shale_error_code(const shale_error *error);
/* One line: what was seen and where. Lives as long as the error. Never contains a value. */
SHALE_API const char *shale_error_message(const shale_error *error);
/* errno of the failed system call, 0 if none was involved. */
SHALE_API int32_t shale_error_errno(const shale_error *error);
/* Disk shard that failed, -1 if the error concerns no single shard. */
SHALE_API int32_t shale_error_shard(const shale_error *error);
SHALE_API void shale_error_free(shale_error *error);

/* Frees memory handed over by shale_get, shale_get_and_set, shale_multi_get_packed, shale_stats_json,
 * shale_stats_prometheus, shale_snapshot_get, and reports. NULL does nothing. */
SHALE_API void shale_mem_free(void *memory);

/* Number of handles of all kinds that this process holds (databases, options, batches, iterators, snapshots, pins, results,
 * errors):
 * 0 when everything was freed. For leak tests. Memory only. */
SHALE_API int64_t shale_live_handles(void);

/* ---- options ------------------------------------------------------------------------------------------------------ */

typedef struct shale_options shale_options;

/* A new set of options, all at their defaults; owned by the caller (shale_options_free). Memory only. */
SHALE_API shale_status shale_options_new(shale_options **out);
/* Sets one option by name from text: "256MiB", "true", "s3fifo", "interval:100". Sizes take B, KiB, MiB, GiB, KB, MB, GB.
 * E_INVALID names the option and its range. Memory only. */
SHALE_API shale_status shale_options_set(shale_options *options, const char *name, const char *value, shale_error **err);
/* The same for an option of type int, size or bool. */
SHALE_API shale_status shale_options_set_i64(shale_options *options, const char *name, int64_t value, shale_error **err);
/* Present value as text; lives until the option is set again or the options are freed. NOT_FOUND: no such option. */
SHALE_API shale_status shale_options_get(const shale_options *options, const char *name, const char **value);
SHALE_API void shale_options_free(shale_options *options);
/* The key of a store whose values are encrypted on disk (XChaCha20-Poly1305): 32 bytes, random, not a password; (NULL, 0)
 * takes it away. It is copied, into memory that stays out of core dumps and is wiped when the options, and the open they
 * were used for, are done with it; no call shows it. A store that is created with a key is encrypted from then on, and one
 * created without is not: to open with another key, without one, or with one where there is none is E_INCOMPATIBLE, and
 * nothing is changed. A lost key is lost with all values. shale_rewrite changes a key.
 * Encrypted are the values, wherever they lie on disk. Not encrypted are keys of entries, the lengths of keys and values,
 * versions and deadlines, which are needed to find and expire entries: keep secrets out of keys. Values cannot be
 * changed or exchanged between entries or stores unnoticed (E_CORRUPT); whoever can write the files can remove entries,
 * or put back an older state of an entry. Memory only. */
SHALE_API shale_status shale_options_set_key(shale_options *options, const void *key, size_t key_len, shale_error **err);

/* Introspection: the i-th of shale_option_count() options. All texts are static memory. Any output may be NULL.
 * type: "bool", "int", "size", "text" or "enum"; range: "512KiB..16TiB" or "lru|fifo|s3fifo"; hot: 1 if it can be changed
 * while open. NOT_FOUND past the end. Memory only. */
SHALE_API size_t shale_option_count(void);
SHALE_API shale_status shale_option_at(size_t index, const char **name, const char **type, const char **default_value,
                                       const char **range, int32_t *hot, const char **doc);

/* ---- database ----------------------------------------------------------------------------------------------------- */

typedef struct shale_db shale_db;

/* Opens the store in directory `path`, creating it if absent (option open.create); path NULL or "" opens a pure in-memory
 * store. options may be NULL and may be freed at once. All 64 shards open or none; a store that is refused is not changed.
 * After an unclean end the logs are replayed here. On OK the caller owns *db: shale_close, then shale_free. May block.
 * With the option open.read_only nothing on disk is changed, and the lock is shared with other readers, in any process:
 * every write returns E_READ_ONLY, flush and sync have nothing to do, nothing is created. A store that was not closed is
 * E_INCOMPATIBLE then, unless open.recover_in_memory is set.
 * The directory must belong to the process's user, and neither group nor world may write to it; the one above it must belong
 * to this user or root, and be sticky if world may write to it, as /tmp is. Else E_INCOMPATIBLE, unless the option
 * open.shared_directory is set. What was opened is judged, not what the path is by then.
 * Also: E_LOCKED, E_INCOMPATIBLE, E_NO_STORE, E_LIMIT, E_CORRUPT, E_NO_SPACE. */
SHALE_API shale_status shale_open(const char *path, const shale_options *options, shale_db **db, shale_error **err);
/* Ends use: waits for calls that are inside, ends iterators, writes everything down, gives the lock back. Later calls
 * return E_CLOSED; a second close returns OK. Safe while other threads use the handle. Reports the first error met; the
 * store is closed all the same. May block. */
SHALE_API shale_status shale_close(shale_db *db, shale_error **err);
/* Gives the memory back, closing first if that was not done. Last call on the handle. May block only if not closed. */
SHALE_API void shale_free(shale_db *db);
/* Removes the store in directory `path`: only files that are Shale's; the directory too if it is then empty. E_LOCKED while
 * it is open anywhere; NOT_FOUND if there is no store. May block. */
SHALE_API shale_status shale_destroy(const char *path, uint32_t flags, shale_error **err);
/* Effective value of an option of an open store, as text that lives until shale_free. NOT_FOUND: no such option.
 * Automatic sizes are shown as chosen. Memory only. */
SHALE_API shale_status shale_db_option(shale_db *db, const char *name, const char **value);
/* Changes an option of an open store that is hot (shale_option_at). `value` as in shale_options_set. Holds until the store
 * is closed. memory.budget: the memory tier becomes larger or smaller, down to a quarter of what it was opened with and up
 * to four times; the disk side keeps its part. When it becomes smaller, values leave it before the call returns; what pins
 * hold follows when they are freed, and tables of keys keep their size. Safe beside every other call. E_INVALID: no such
 * option, not hot, or a value that it cannot have now; nothing was changed. Memory only, but a shrink takes as long as the
 * values that have to leave. */
SHALE_API shale_status shale_db_set_option(shale_db *db, const char *name, const char *value, shale_error **err);

/* ---- reading ------------------------------------------------------------------------------------------------------ */
/* flags: SHALE_CACHE_ONLY, SHALE_NO_FILL. May block, memory only with SHALE_CACHE_ONLY.
 * Outcomes: NOT_FOUND; WOULD_BLOCK with SHALE_CACHE_ONLY. `version` (may be NULL) receives the key's version: it grows with
 * every change of the key, also over delete and reopen, and is what the compare_version calls take. */

typedef struct shale_pin shale_pin;

/* Copies the value into memory owned by the caller (shale_mem_free). An empty value is a valid pointer and length 0. */
SHALE_API shale_status shale_get(shale_db *db, const void *key, size_t key_len, void **value, size_t *value_len,
                                 int64_t *version, uint32_t flags, shale_error **err);
/* Copies the value into the caller's buffer of cap bytes. *value_len is always the value's true length; if that is above
 * cap nothing is copied and the outcome is TOO_SMALL. buf may be NULL if cap is 0. */
SHALE_API shale_status shale_get_into(shale_db *db, const void *key, size_t key_len, void *buf, size_t cap,
                                      size_t *value_len, int64_t *version, uint32_t flags, shale_error **err);
/* The bindings' call: a value of at most cap bytes is copied into buf (*pin = NULL, *value = buf); a longer one comes back
 * pinned (*pin to free with shale_pin_free, *value inside it). */
SHALE_API shale_status shale_get_view(shale_db *db, const void *key, size_t key_len, void *buf, size_t cap, shale_pin **pin,
                                      const void **value, size_t *value_len, int64_t *version, uint32_t flags,
                                      shale_error **err);
/* Without a copy: *value points into the memory tier (or into a buffer of the pin's own) and stays as it is until
 * shale_pin_free, whatever happens to the key. Pinned bytes cannot be reused: free pins soon. */
SHALE_API shale_status shale_get_pinned(shale_db *db, const void *key, size_t key_len, shale_pin **pin, const void **value,
                                        size_t *value_len, int64_t *version, uint32_t flags, shale_error **err);
/* Frees a pin. Any thread, also after shale_free of its database. Memory only. */
SHALE_API void shale_pin_free(shale_pin *pin);

/* OK if the key exists, else NOT_FOUND. */
SHALE_API shale_status shale_exists(shale_db *db, const void *key, size_t key_len, uint32_t flags, shale_error **err);
/* Time that the key has left, at least 1, or SHALE_TTL_NEVER. */
SHALE_API shale_status shale_ttl(shale_db *db, const void *key, size_t key_len, int64_t *ttl_ms, uint32_t flags,
                                 shale_error **err);

/* ---- writing ------------------------------------------------------------------------------------------------------ */
/* A write is acknowledged (OK) when it is as durable as the option `durability` says; SHALE_SYNC asks for "disk" for this
 * call. All single-key calls are linearizable. May block. `version` (may be NULL) receives the new version. */

/* Sets key to value. flags: IF_ABSENT (EXISTS), IF_PRESENT (NOT_FOUND), SYNC, WRITE_AROUND. */
SHALE_API shale_status shale_put(shale_db *db, const void *key, size_t key_len, const void *value, size_t value_len,
                                 int64_t ttl_ms, int64_t *version, uint32_t flags, shale_error **err);
/* Deletes key. OK whether or not it was there; with IF_PRESENT a missing key is NOT_FOUND. flags: IF_PRESENT, SYNC. */
SHALE_API shale_status shale_delete(shale_db *db, const void *key, size_t key_len, uint32_t flags, shale_error **err);
/* Sets key to value and returns the old value in memory owned by the caller (shale_mem_free). OK: there was an old value;
 * NOT_FOUND: there was none, and the new one is set all the same. flags: SYNC. */
SHALE_API shale_status shale_get_and_set(shale_db *db, const void *key, size_t key_len, const void *value, size_t value_len,
                                         int64_t ttl_ms, void **old_value, size_t *old_len, int64_t *version,
                                         uint32_t flags, shale_error **err);
/* Sets key to value if its present value equals `expected`. MISMATCH if it differs, NOT_FOUND if absent. flags: SYNC. */
SHALE_API shale_status shale_compare_and_set(shale_db *db, const void *key, size_t key_len, const void *expected,
                                             size_t expected_len, const void *value, size_t value_len, int64_t ttl_ms,
                                             int64_t *version, uint32_t flags, shale_error **err);
/* Sets key to value if its present version is `expected`; SHALE_VERSION_ABSENT: if there is no such key. MISMATCH if not,
 * and then *version is the present one (SHALE_VERSION_ABSENT if absent). flags: SYNC. */
SHALE_API shale_status shale_compare_version_and_set(shale_db *db, const void *key, size_t key_len, int64_t expected,
                                                     const void *value, size_t value_len, int64_t ttl_ms, int64_t *version,
                                                     uint32_t flags, shale_error **err);
/* Deletes key if its value equals `expected`. MISMATCH, NOT_FOUND. flags: SYNC. */
SHALE_API shale_status shale_compare_and_delete(shale_db *db, const void *key, size_t key_len, const void *expected,
                                                size_t expected_len, uint32_t flags, shale_error **err);
/* Deletes key if its version is `expected`. MISMATCH, NOT_FOUND. flags: SYNC. */
SHALE_API shale_status shale_compare_version_and_delete(shale_db *db, const void *key, size_t key_len, int64_t expected,
                                                        uint32_t flags, shale_error **err);

/* Adds delta to a counter, kept as decimal text, and returns the sum. A missing key counts as 0. The deadline stays.
 * Also: E_OVERFLOW, E_NOT_A_NUMBER; nothing is changed then. flags: SYNC. */
SHALE_API shale_status shale_incr(shale_db *db, const void *key, size_t key_len, int64_t delta, int64_t *result,
                                  uint32_t flags, shale_error **err);
/* Subtracts delta; else as shale_incr. */
SHALE_API shale_status shale_decr(shale_db *db, const void *key, size_t key_len, int64_t delta, int64_t *result,
                                  uint32_t flags, shale_error **err);

/* Gives an existing key a new time to live, > 0 or DEFAULT or NEVER. NOT_FOUND. flags: SYNC. */
SHALE_API shale_status shale_expire(shale_db *db, const void *key, size_t key_len, int64_t ttl_ms, uint32_t flags,
                                    shale_error **err);
/* Takes the deadline away: shale_expire with SHALE_TTL_NEVER. */
SHALE_API shale_status shale_persist(shale_db *db, const void *key, size_t key_len, uint32_t flags, shale_error **err);

/* ---- many keys a call --------------------------------------------------------------------------------------------- */

typedef struct shale_slice {
  const void *data;
  size_t size;
} shale_slice;

typedef struct shale_results shale_results;

/* Reads count keys; the answers, in the order of the keys, are owned by one shale_results. Not one instant: each key is
 * read by itself. flags: CACHE_ONLY (WOULD_BLOCK per key), NO_FILL. May block. count 0 is OK. */
SHALE_API shale_status shale_multi_get(shale_db *db, const shale_slice *keys, size_t count, shale_results **out,
                                       uint32_t flags, shale_error **err);
/* Number of answers; 0 for NULL. Memory only. */
SHALE_API size_t shale_results_count(const shale_results *results);
/* The i-th answer: OK, NOT_FOUND, WOULD_BLOCK, or an error for this key. Outputs (each may be NULL) live until
 * shale_results_free. E_INVALID past the end. Memory only. */
SHALE_API shale_status shale_results_at(const shale_results *results, size_t index, const void **value, size_t *value_len,
                                        int64_t *version);
SHALE_API void shale_results_free(shale_results *results);
/* The same in one buffer each way. keys: count times (u32 length, bytes). *out, owned by the caller (shale_mem_free): count
 * times (i32 length or -1 for not found, -2 for would block; bytes). Numbers are little-endian, nothing is padded. */
SHALE_API shale_status shale_multi_get_packed(shale_db *db, const void *keys, size_t keys_len, size_t count, void **out,
                                              size_t *out_len, uint32_t flags, shale_error **err);
/* Sets count keys, one ttl for all. Each key by itself: on an error some may be set (use a batch for all or nothing).
 * Of a key that comes twice the last one counts. The fastest way to load many rows, best a thousand or more a call and
 * sorted: what goes to one shard goes to its log with one write, and tables of sorted keys need no compaction.
 * flags: SYNC (once, at the end), WRITE_AROUND (what is loaded is not read soon). May block. */
SHALE_API shale_status shale_multi_put(shale_db *db, const shale_slice *keys, const shale_slice *values, size_t count,
                                       int64_t ttl_ms, uint32_t flags, shale_error **err);
/* The same packed: count times (u32 key length, key, u32 value length, value). */
SHALE_API shale_status shale_multi_put_packed(shale_db *db, const void *items, size_t items_len, size_t count,
                                              int64_t ttl_ms, uint32_t flags, shale_error **err);
/* Deletes count keys, each by itself. flags: SYNC. May block. */
SHALE_API shale_status shale_multi_delete(shale_db *db, const shale_slice *keys, size_t count, uint32_t flags,
                                          shale_error **err);
/* The same packed: count times (u32 length, bytes). */
SHALE_API shale_status shale_multi_delete_packed(shale_db *db, const void *keys, size_t keys_len, size_t count,
                                                 uint32_t flags, shale_error **err);

/* ---- loading: one caller a key -------------------------------------------------------------------------------------- */
/* For a store in front of something slower. Who asks for a key that is not there is given a lease: the right, and the task,
 * to load it. Nobody else is given one meanwhile; others wait for what the holder brings. A lease ends when it is fulfilled,
 * failed or freed; when anybody writes or deletes its key, so that a slow load never replaces something newer; and when its
 * time (hold_ms) is over and another caller asks, who is then given a lease of his own. No callbacks: load as you like,
 * between two calls. A lease is used by one thread at a time, and may be freed after its database.
 *
 *     switch (shale_get_or_lease(db, k, n, 1000, 0, buf, cap, &pin, &value, &len, NULL, &lease, 0, &err)) {
 *       case SHALE_OK: use(value, len); break;
 *       case SHALE_NOT_FOUND: break;                                    // the source had none a moment ago
 *       case SHALE_LEASED:
 *         if (load(&value, &len)) shale_lease_fulfil(lease, value, len, ttl_ms, NULL, 0, &err);
 *         else shale_lease_fail(lease, 5000, 0, &err);                  // the source has none: remembered for 5 s
 *         shale_lease_free(lease);
 *     } */

typedef struct shale_lease shale_lease;

/* Reads key as shale_get_view does (buf, cap, pin, value, value_len, version), or leases it.
 * OK: the value.
 * LEASED: *lease is the caller's (shale_lease_free), good for hold_ms (0: the option lease.hold_ms).
 * NOT_FOUND: a load found that there is none, and asked for that to be remembered.
 * WOULD_BLOCK: another caller holds the lease and did not end it within wait_ms (0: no waiting).
 * STALE: as WOULD_BLOCK, but without waiting, and with the value whose time is over. Only with SHALE_STALE_OK, and while
 * the option ttl.grace_ms keeps such a value; LEASED then comes with it too (else *value is NULL). If the value goes to
 * waiting callers, they have it from the holder: it need not stay in memory for them. Whoever holds a lease and asks for
 * the same key again waits for itself. flags: NO_FILL, STALE_OK. May block, for the disk and up to wait_ms. */
SHALE_API shale_status shale_get_or_lease(shale_db *db, const void *key, size_t key_len, int64_t wait_ms, int64_t hold_ms,
                                          void *buf, size_t cap, shale_pin **pin, const void **value, size_t *value_len,
                                          int64_t *version, shale_lease **lease, uint32_t flags, shale_error **err);
/* The key of a lease; lives as long as the lease. Memory only. */
SHALE_API shale_status shale_lease_key(const shale_lease *lease, const void **key, size_t *key_len);
/* Sets the key to what was loaded, as shale_put does; all who wait are answered. MISMATCH: the lease had ended, because the
 * key was written or deleted since, or because its time was over and another caller loads it: nothing is changed. Ends the
 * lease, but for E_INVALID and E_TOO_LARGE. ttl_ms: not SHALE_TTL_KEEP. E_INVALID also if the lease was fulfilled or
 * failed before. flags: SYNC, WRITE_AROUND. May block. */
SHALE_API shale_status shale_lease_fulfil(shale_lease *lease, const void *value, size_t value_len, int64_t ttl_ms,
                                          int64_t *version, uint32_t flags, shale_error **err);
/* Ends the lease without a value. missing_ttl_ms > 0: there is none, and for so long shale_get_or_lease answers NOT_FOUND,
 * to those who wait too, unless the key is written (kept in a bounded part of the memory budget, so it may be forgotten
 * earlier). 0: the load failed; one of those who wait is given a lease. MISMATCH: the lease had ended. flags: none.
 * Memory only, but a write of the same shard may be waited for. */
SHALE_API shale_status shale_lease_fail(shale_lease *lease, int64_t missing_ttl_ms, uint32_t flags, shale_error **err);
/* Frees a lease. One that was neither fulfilled nor failed is given up: one of those who wait is given a lease. */
SHALE_API void shale_lease_free(shale_lease *lease);

/* Reads or leases count keys; the answers are owned by one shale_results, each with a status as of shale_get_or_lease.
 * Waits only if no key was leased to the caller; keys that others load are WOULD_BLOCK then: load, fulfil, and ask for them
 * again. So two callers never wait for each other. flags: NO_FILL, STALE_OK. May block. count 0 is OK. */
SHALE_API shale_status shale_multi_get_or_lease(shale_db *db, const shale_slice *keys, size_t count, int64_t wait_ms,
                                                int64_t hold_ms, shale_results **out, uint32_t flags, shale_error **err);
/* Hands over the lease of the i-th answer (shale_lease_free); once. NOT_FOUND if there is none (any more). Leases that
 * were not handed over are given up by shale_results_free. Memory only. */
SHALE_API shale_status shale_results_lease(shale_results *results, size_t index, shale_lease **lease);
/* Fulfils count leases, one ttl for all, each by itself: statuses[i] is OK or MISMATCH. On an error it is the status of the
 * lease that met it, and those behind it are still held. flags: SYNC, WRITE_AROUND. May block. */
SHALE_API shale_status shale_multi_lease_fulfil(shale_lease *const *leases, const shale_slice *values, size_t count,
                                                int64_t ttl_ms, shale_status *statuses, uint32_t flags,
                                                shale_error **err);

/* ---- atomic batches ----------------------------------------------------------------------------------------------- */

typedef struct shale_batch shale_batch;

/* A new empty batch, owned by the caller (shale_batch_free). Keys and values are copied in. All memory only. */
SHALE_API shale_status shale_batch_new(shale_batch **out);
/* Later operations on the same key win. ttl_ms: not SHALE_TTL_KEEP. E_TOO_LARGE above SHALE_BATCH_BYTES_MAX. */
SHALE_API shale_status shale_batch_put(shale_batch *batch, const void *key, size_t key_len, const void *value,
                                       size_t value_len, int64_t ttl_ms, shale_error **err);
SHALE_API shale_status shale_batch_delete(shale_batch *batch, const void *key, size_t key_len, shale_error **err);
SHALE_API size_t shale_batch_count(const shale_batch *batch);
SHALE_API size_t shale_batch_bytes(const shale_batch *batch);
SHALE_API void shale_batch_clear(shale_batch *batch);
SHALE_API void shale_batch_free(shale_batch *batch);
/* Applies the batch: all of it or nothing, over all shards, also over a crash; iterators see all of it or nothing. The
 * batch is unchanged and can be written again. An empty batch is OK. flags: SYNC, WRITE_AROUND. May block. */
SHALE_API shale_status shale_write(shale_db *db, const shale_batch *batch, uint32_t flags, shale_error **err);
/* The same from one buffer: count times u8 1, u32 key length, key, i64 ttl_ms, u32 value length, value (a put)
 * or u8 2, u32 key length, key (a delete); little-endian, nothing padded. */
SHALE_API shale_status shale_write_packed(shale_db *db, const void *ops, size_t ops_len, size_t count, uint32_t flags,
                                          shale_error **err);

/* ---- ordered iteration -------------------------------------------------------------------------------------------- */
/* With a path: one consistent cut over all shards, taken when the iterator is made; later writes are not seen. Making it
 * writes pending updates of all shards to the index first, and briefly holds up writers.
 * Without a path: matching keys are collected and sorted when the iterator is made (time and memory grow with the number of
 * keys in the memory tier); each value is read when its row is reached, and a key that is gone by then is left out.
 * Short walks pay neither where earlier walks have passed: a limit of up to 1,024 rows, or a prefix or two bounds with as few
 * between them. Their rows are then read like gets when the iterator is made, up to 4 MiB of values at once, still as one cut.
 * flags: REVERSE, KEYS_ONLY. Keys that expire are left out from that moment on. */

typedef struct shale_iter shale_iter;

/* Rows with from <= key < to; (NULL, 0) leaves that side open. limit: most rows to return, 0 for all. Owned by the caller
 * (shale_iter_free). May block. */
SHALE_API shale_status shale_iter_new(shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
                                      int64_t limit, shale_iter **out, uint32_t flags, shale_error **err);
/* Rows whose key starts with prefix. */
SHALE_API shale_status shale_iter_prefix(shale_db *db, const void *prefix, size_t prefix_len, int64_t limit,
                                         shale_iter **out, uint32_t flags, shale_error **err);
/* Goes on after the row at which the token was taken: same bounds, direction, what is left of the limit; over a new cut.
 * E_INVALID if the token is not one. May block. */
SHALE_API shale_status shale_iter_resume(shale_db *db, const void *token, size_t token_len, shale_iter **out,
                                         shale_error **err);
/* The next row, or END. key and value live until the next call on this iterator; value is (NULL, 0) with KEYS_ONLY.
 * May block. */
SHALE_API shale_status shale_iter_next(shale_iter *iter, const void **key, size_t *key_len, const void **value,
                                       size_t *value_len, shale_error **err);
/* As many rows as fit into buf: (u32 key length, key, u32 value length, value) each, little-endian; with KEYS_ONLY
 * (u32 key length, key). OK with *rows >= 1; END with *rows = 0; TOO_SMALL if not even the next row fits, and then *used is
 * the size it needs. May block. */
SHALE_API shale_status shale_iter_next_packed(shale_iter *iter, void *buf, size_t cap, size_t *used, size_t *rows,
                                              shale_error **err);
/* A token for shale_iter_resume, also in another process and after reopening. Lives until the next call on this
 * iterator. It contains the last key. Memory only. */
SHALE_API shale_status shale_iter_token(shale_iter *iter, const void **token, size_t *token_len, shale_error **err);
SHALE_API void shale_iter_free(shale_iter *iter);

/* ---- snapshots ---------------------------------------------------------------------------------------------------- */
/* The store as it was at one moment: one consistent cut over all shards, as an iterator's, but held, for any number of
 * reads and iterators on any number of threads. What changes later is not seen, whatever is written, moved, compacted or
 * collected meanwhile; keys that expire are gone from that moment on here too. While a snapshot is held, the disk space
 * of what it can still read is not given back, nor its memtables: hold it as long as it is needed, no longer
 * (figure snapshots.open). After shale_close every call but shale_snapshot_free returns E_CLOSED.
 * Without a path there are no older versions to be kept: the snapshot is a copy of all keys and values, outside of
 * memory.budget, made while writers wait. */

typedef struct shale_snapshot shale_snapshot;

/* Takes a snapshot, owned by the caller (shale_snapshot_free). Pending updates of all shards are written to the index first,
 * and writers are briefly held up. flags: 0. May block. */
SHALE_API shale_status shale_snapshot_new(shale_db *db, shale_snapshot **out, uint32_t flags, shale_error **err);
/* As shale_get: *value is owned by the caller (shale_mem_free), version may be NULL. The memory tier is not asked and not
 * filled. flags: 0. NOT_FOUND. May block. */
SHALE_API shale_status shale_snapshot_get(shale_snapshot *snapshot, const void *key, size_t key_len, void **value,
                                          size_t *value_len, int64_t *version, uint32_t flags, shale_error **err);
/* As shale_get_into: the value goes to buf. TOO_SMALL: *value_len is the size it needs. flags: 0. NOT_FOUND. May block. */
SHALE_API shale_status shale_snapshot_get_into(shale_snapshot *snapshot, const void *key, size_t key_len, void *buf,
                                               size_t cap, size_t *value_len, int64_t *version, uint32_t flags,
                                               shale_error **err);
/* As shale_multi_get: count keys, the answers owned by one shale_results. flags: 0. count 0 is OK. May block. */
SHALE_API shale_status shale_snapshot_multi_get(shale_snapshot *snapshot, const shale_slice *keys, size_t count,
                                                shale_results **out, uint32_t flags, shale_error **err);
/* Iterators over the snapshot: as shale_iter_new, shale_iter_prefix, shale_iter_resume, and used and freed by the same
 * calls. They may outlive the snapshot's handle, and keep what it held. A token of any iterator will do. May block. */
SHALE_API shale_status shale_snapshot_iter(shale_snapshot *snapshot, const void *from, size_t from_len, const void *to,
                                           size_t to_len, int64_t limit, shale_iter **out, uint32_t flags,
                                           shale_error **err);
SHALE_API shale_status shale_snapshot_prefix(shale_snapshot *snapshot, const void *prefix, size_t prefix_len,
                                             int64_t limit, shale_iter **out, uint32_t flags, shale_error **err);
SHALE_API shale_status shale_snapshot_resume(shale_snapshot *snapshot, const void *token, size_t token_len,
                                             shale_iter **out, shale_error **err);
/* Frees a snapshot. Any thread, before or after the database; no other call on it at the time. */
SHALE_API void shale_snapshot_free(shale_snapshot *snapshot);

/* ---- administration ----------------------------------------------------------------------------------------------- */

/* Moves all that is pending into the index and its tables, so that a following open has nothing to replay. May block. */
SHALE_API shale_status shale_flush(shale_db *db, shale_error **err);
/* Every write acknowledged before this call survives power loss when it returns OK. May block. */
SHALE_API shale_status shale_sync(shale_db *db, shale_error **err);

/* Told how far long work has come: 0 <= done <= total, bytes. Called on the thread of the call, between pieces of work,
 * with no lock held, so it may use the database and close it. Anything but 0 ends the work. It must return by itself: no
 * exception, no longjmp. */
typedef int32_t (*shale_progress)(void *context, int64_t done, int64_t total);
/* Gives back all disk space that can be had: expired keys are removed, values that are still in use are moved out of log
 * segments that are not worth keeping, and those segments are removed. Needed only to have it now: a store does the same
 * by itself, a little at a time (options gc.background, gc.bytes_per_second, space.max_amplification). Reads and writes
 * go on meanwhile; segments that an iterator can still read stay until after it is freed. progress may be NULL; context
 * is handed to it. flags: 0. Memory-only stores: OK, nothing to do. May block, for as long as it takes to rewrite what
 * is live. CANCELLED when progress asked for it, E_CLOSED when the database was closed meanwhile: what was given back by
 * then stays so. */
SHALE_API shale_status shale_reclaim(shale_db *db, shale_progress progress, void *context, uint32_t flags, shale_error **err);

/* One figure by name ("cache.hits"). NOT_FOUND: no such name. Memory only. */
SHALE_API shale_status shale_stat(shale_db *db, const char *name, int64_t *value, shale_error **err);
/* Introspection: the i-th of shale_stat_count() figures. kind: "counter" (grows) or "gauge". Texts are static memory, any
 * output may be NULL. NOT_FOUND past the end. */
SHALE_API size_t shale_stat_count(void);
SHALE_API shale_status shale_stat_at(size_t index, const char **name, const char **kind, const char **doc);
/* All figures as one JSON object; NUL-terminated text owned by the caller (shale_mem_free). Memory only. */
SHALE_API shale_status shale_stats_json(shale_db *db, char **text, shale_error **err);
/* All figures in Prometheus' text format: NUL-terminated text owned by the caller (shale_mem_free), to be served as
 * "text/plain; version=0.0.4". Names are those of shale_stat with "shale_" before them, underscores for dots, "_total"
 * behind counters, times in seconds. Beside them: removals by reason, bytes by part, and with the option stats.histograms
 * a latency histogram of each kind of operation. Memory only. */
SHALE_API shale_status shale_stats_prometheus(shale_db *db, char **text, shale_error **err);
/* State of disk shard 0 <= shard < SHALE_DISK_SHARDS: SHALE_SHARD_OPEN or SHALE_SHARD_READ_ONLY. In memory-only mode all
 * are OPEN. Memory only. */
SHALE_API shale_status shale_shard_state(shale_db *db, int32_t shard, int32_t *state, shale_error **err);

/* Reads every byte of the store in directory `path`, which nobody may have open for writing, and changes nothing: both
 * superblocks, every record of every log segment, every block of every index table, and whether they agree (each row's
 * value is where the row says, each key in its shard, each batch whole). OK means that the look was taken to its end;
 * *problems is then the number of files that are damaged, missing or suspicious, 0 for a good store. Damage is not an
 * error here.
 * *report (may be NULL) receives a JSON object as NUL-terminated text owned by the caller (shale_mem_free): "good",
 * "closed_cleanly", "damaged_files", "suspicious_files", "file_count", "bytes", "records" (valid ones in logs), "keys"
 * (rows in indexes), and "files", a list with "name", "state" ("good", "unused", "suspicious", "damaged"), "bytes",
 * "records" and, where there are any, "problem_count" and "problems" (the first 16: "offset", "severity", "what").
 * "damaged": bytes are not those that were written, or are missing; "suspicious": not as this library leaves a file, but
 * nothing is known to be lost by it. No key and no value is shown. A store that was not closed is judged as an open would
 * judge it: what a crash may leave is no damage.
 * Holds the store's lock together with other readers; a directory without the file LOCK is read without. progress may
 * be NULL. flags: 0. May block. Memory: about 24 bytes a record of the largest shard, and the largest file. CANCELLED
 * when progress asked for it. Also: E_NO_STORE, E_LOCKED, E_INCOMPATIBLE (a later format), E_IO. */
SHALE_API shale_status shale_verify(const char *path, shale_progress progress, void *context, int64_t *problems,
                                    char **report, uint32_t flags, shale_error **err);
/* Makes a new store in `new_path`, where nothing may be yet (EXISTS), of what can be proven of the damaged store in
 * `path`, which nobody may have open for writing and which is not changed. The new store appears under its name when it
 * is complete and durable; until then it is new_path with ".unfinished" behind it, and a failure removes that.
 * Of each key the newest state is taken that is proven: by a log in which nothing is missing, or by the rows of an index
 * where none is missing together with the records behind its reach. Where neither is left, the record or row of the
 * highest version is taken, and the key is counted in *suspicious too: a newer value, or its delete, may be among what is
 * lost. Deleted and expired keys are left out; deadlines stay; versions begin anew. A batch that is not whole is left
 * out as a whole, unless a part of it had reached an index ("batches_in_part"). Nothing whose checksum is wrong is taken.
 * *recovered: keys in the new store, *suspicious: how many of these are not proven to be the newest, *dropped: keys that
 * exist and whose value is lost. *report (may be NULL): a JSON object as NUL-terminated text owned by the caller
 * (shale_mem_free): these three, "recovered_bytes", "expired", "deleted", "batches_dropped", "batches_in_part",
 * "unreadable_bytes" (of logs), "dropped_keys_hex" (the first 100) and "source", an object as shale_verify's.
 * progress may be NULL. flags: 0. May block. Memory: keys and inline values of the largest shard, and its largest file.
 * CANCELLED when progress asked for it. Also: E_NO_STORE, E_LOCKED, E_INCOMPATIBLE (a later format), E_IO, E_NO_SPACE,
 * E_LIMIT. */
SHALE_API shale_status shale_salvage(const char *path, const char *new_path, shale_progress progress, void *context,
                                     int64_t *recovered, int64_t *suspicious, int64_t *dropped, char **report,
                                     uint32_t flags, shale_error **err);
/* shale_verify of a store with a key (shale_options_set_key); nothing else of the options counts, and NULL is no key. Of an
 * encrypted store the same is checked without the key, but whether its values can be decrypted; "values_checked" in the
 * report is false then, and "encrypted" is true. Another key than the store's is E_INCOMPATIBLE. */
SHALE_API shale_status shale_verify_with(const char *path, const shale_options *options, shale_progress progress,
                                         void *context, int64_t *problems, char **report, uint32_t flags,
                                         shale_error **err);
/* shale_salvage of a store with a key, and with options for the new store, its key among them: a salvaged store is
 * encrypted if new_options have a key. NULL: no key, the defaults. An encrypted store needs its key: E_INCOMPATIBLE
 * without, or with another one. */
SHALE_API shale_status shale_salvage_with(const char *path, const shale_options *options, const char *new_path,
                                          const shale_options *new_options, shale_progress progress, void *context,
                                          int64_t *recovered, int64_t *suspicious, int64_t *dropped, char **report,
                                          uint32_t flags, shale_error **err);
/* Makes a new store in `new_path`, where nothing may be yet (EXISTS), of the store in `path`, with other options: another
 * key, one where there was none, none where there was one, or all values compressed or not. The store in `path` is not
 * changed, and is to be removed by the caller (shale_destroy) when the new one is in use. It must have been closed
 * (E_INCOMPATIBLE) and be undamaged (E_CORRUPT); else there is no new store: rather all or nothing than shale_salvage.
 * The new store appears under its name when it is complete and durable. Deadlines stay, versions begin anew.
 * options: the key of the old store, NULL for none. *keys: how many were written. progress may be NULL. flags: 0. May
 * block. Memory as shale_salvage. CANCELLED when progress asked for it. Also: E_NO_STORE, E_LOCKED, E_IO, E_NO_SPACE. */
SHALE_API shale_status shale_rewrite(const char *path, const shale_options *options, const char *new_path,
                                     const shale_options *new_options, shale_progress progress, void *context,
                                     int64_t *keys, uint32_t flags, shale_error **err);
/* Makes a backup of an open store in the new directory `path` (EXISTS if something is there), while reads, writes and all
 * else go on: one consistent cut over all shards, taken late, so that every write acknowledged before the call is in it,
 * and no part of a batch. The directory is a store and can be opened. Files that never change again are hard links where
 * the file system can: neither store writes to them, each removes only its own name. Of the others blocks are shared where
 * it can (FICLONE). SHALE_COPY_FILES copies all and shares neither. Every byte is read and its checksum is kept in the
 * file BACKUP, which goes when the directory is opened for writing. base (may be NULL or empty): directory of an earlier
 * backup of this store; files that are the same there are linked from there, where they cannot be from the store. The
 * directory appears under its name when it is complete and durable; until then it is path with ".unfinished" behind it,
 * and a failure removes that. Disk space that the backup reads is not given back meanwhile.
 * *report (may be NULL): a JSON object as NUL-terminated text owned by the caller (shale_mem_free): "files", "bytes",
 * "written_bytes", "linked_bytes", "same_bytes". progress may be NULL; total may grow. flags: COPY_FILES. Any thread; may
 * block. CANCELLED when progress asked for it; E_CLOSED when the database was closed meanwhile; E_INVALID without a
 * path; E_READ_ONLY when a shard had a write error or with open.read_only. Also: E_NO_STORE (base is none),
 * E_INCOMPATIBLE (base is of another store), E_LOCKED (somebody makes the same backup). */
SHALE_API shale_status shale_backup(shale_db *db, const char *path, const char *base, shale_progress progress,
                                    void *context, char **report, uint32_t flags, shale_error **err);
/* The same as one stream, written to the descriptor fd, which stays the caller's; for shale_restore_stream. With base,
 * files that are the same there are only named. After an error what was written is not a backup, and a restore says
 * so. flags: 0. */
SHALE_API shale_status shale_backup_stream(shale_db *db, int32_t fd, const char *base, shale_progress progress,
                                           void *context, char **report, uint32_t flags, shale_error **err);
/* Makes a store in the new directory `path` (EXISTS if something is there) of the backup in directory `from`, which is not
 * changed. Every byte is compared with the checksums of the backup: E_CORRUPT names the file. The store shares nothing
 * with the backup; it appears under its name when it is complete and durable, until then as shale_backup says. It has
 * the identity of the store that was backed up, and is itself a backup until it is opened for writing. report, progress:
 * as shale_backup. flags: 0. May block. CANCELLED when progress asked for it. Also: E_NO_STORE (no backup, or one that was
 * opened as a store since), E_LOCKED, E_INCOMPATIBLE, E_NO_SPACE. */
SHALE_API shale_status shale_restore(const char *from, const char *path, shale_progress progress, void *context,
                                     char **report, uint32_t flags, shale_error **err);
/* The same from a stream that is read from the descriptor fd to its end. base: directory of the backup that the stream
 * builds on (restored, if that was a stream too), NULL or empty if none: E_INVALID says that there must be one, or
 * another. E_CORRUPT: the stream is damaged, cut short or continued; the message has the offset. Progress is told with
 * done = total, for the length is not known. */
SHALE_API shale_status shale_restore_stream(int32_t fd, const char *base, const char *path, shale_progress progress,
                                            void *context, char **report, uint32_t flags, shale_error **err);

/* ---- ranges of keys ------------------------------------------------------------------------------------------------ */
/* A range is from <= key < to, where (NULL, 0) leaves that side open, and bounds are no longer than keys; with SHALE_PREFIX
 * all keys that start with `from`, and `to` is (NULL, 0). A range that holds no key (to <= from) is fine: there is nothing
 * to do. */

/* Deletes all keys of a range, as one change: all of them or none, over all shards, also over a crash; an iterator sees all
 * of them or none. Reads of single keys may see them go one after the other until the call returns. Takes about as long
 * as a batch of 64 deletes, and a look at each key in the memory tier (some 30 ms per 100,000 of them), while other
 * writers wait; what lies in the index is removed later, in the background or by shale_reclaim, and space of values comes
 * back as with any delete. If ranges are deleted faster than that, the call removes what earlier ones have left.
 * Leases on keys of the range end. OK also if there was no such key. flags: PREFIX, SYNC. May block. */
SHALE_API shale_status shale_delete_range(shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
                                          uint32_t flags, shale_error **err);
/* Counts the keys of a range, and the bytes of these keys with their values (as they are stored, if these are compressed or
 * encrypted), by a walk over one consistent cut; keys that have expired are left out. Values are not read. progress may be
 * NULL; it is told bytes of keys and values, and the total is an estimate until the end. flags: PREFIX. May block. CANCELLED
 * when progress asked for it, E_CLOSED when the database was closed meanwhile. */
SHALE_API shale_status shale_count(shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
                                   shale_progress progress, void *context, int64_t *keys, int64_t *bytes, uint32_t flags,
                                   shale_error **err);
/* The same, about, in milliseconds: some rows are looked at, and the sizes of index tables say how many more there are. Exact
 * for ranges of up to some 60,000 keys (of values that are not written meanwhile), and in memory-only stores, where it
 * counts. Above that keys are off by about 1 %, up to some 4 million of them; beyond, by more where sizes of keys differ from
 * one part of the range to another, or where one part was overwritten or deleted and not compacted since. bytes may be
 * farther off where sizes of values are very uneven. flags: PREFIX. May block. */
SHALE_API shale_status shale_estimate(shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
                                      int64_t *keys, int64_t *bytes, uint32_t flags, shale_error **err);
/* Rewrites the index where it holds a range, so that keys which were deleted, overwritten or have expired take no more time
 * and space there: scans over what was deleted in masses become fast. Needed only to have it now; log segments are not
 * touched (shale_reclaim). Reads and writes go on. progress may be NULL; it is told bytes of the index. flags: PREFIX.
 * Memory-only stores: OK, nothing to do. May block, for as long as it takes to rewrite the index. CANCELLED when progress
 * asked for it, E_CLOSED when the database was closed meanwhile. */
SHALE_API shale_status shale_compact(shale_db *db, const void *from, size_t from_len, const void *to, size_t to_len,
                                     shale_progress progress, void *context, uint32_t flags, shale_error **err);

/* Why a value left the memory tier. With a path that is no loss: EVICTED values are read from disk again. */
#define SHALE_EVENT_EVICTED 1     /* to make room */
#define SHALE_EVENT_EXPIRED 2     /* its time was over */
#define SHALE_EVENT_DELETED 3     /* its key was deleted */
#define SHALE_EVENT_OVERWRITTEN 4 /* its key was given a newer value or deadline */

/* Fetches what has left the memory tier since the last poll; needs the option events.bytes, E_INVALID without it. Into buf
 * come as many rows as fit: (u8 reason, i64 version of what left, u32 key length, key) each, little-endian, nothing padded.
 * OK with *rows, 0 if nothing has happened; TOO_SMALL if not even the next row fits, and then *used is the size it needs.
 * A row is returned once. Rows of one key come in order, those of different keys in none. *dropped: how many rows there
 * was no room for since the store was opened, because nobody polled in time. Expired values leave, and are told of, when
 * they are found by a read or by the sweep that runs ten times a second. Memory only. */
SHALE_API shale_status shale_events_poll(shale_db *db, void *buf, size_t cap, size_t *used, size_t *rows, int64_t *dropped,
                                         shale_error **err);

#ifdef __cplusplus
}
#endif

#endif /* SHALE_SHALE_H_ */
