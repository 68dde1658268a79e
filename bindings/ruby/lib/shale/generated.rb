# frozen_string_literal: true

# Made by "make generate" from what the library says about itself; do not edit.
module Shale
  # The statuses of the library; Error#code is one of them.
  module Code
    # success
    OK = 0
    # no such key
    NOT_FOUND = 1
    # the key exists
    EXISTS = 2
    # the compared value or version differs
    MISMATCH = 3
    # the buffer is too small
    TOO_SMALL = 4
    # the answer would take longer than the caller waits
    WOULD_BLOCK = 5
    # no more rows
    const_set :END, 6 # END is a word of the language; Code::END reads it
    # ended because the caller's progress function asked for it
    CANCELLED = 7
    # the caller is to load the key
    LEASED = 8
    # the value's time is over and somebody loads a new one
    STALE = 9
    # an argument is not valid
    E_INVALID = -1
    # the database is closed
    E_CLOSED = -2
    # the handle belongs to the parent process
    E_FORKED = -3
    # the operating system reported an error
    E_IO = -4
    # stored bytes are damaged
    E_CORRUPT = -5
    # no space is left
    E_NO_SPACE = -6
    # memory allocation failed
    E_NO_MEMORY = -7
    # the store is open elsewhere
    E_LOCKED = -8
    # writes are refused: the store was opened read-only, or its shard had a write error
    E_READ_ONLY = -9
    # a key, value or batch is above its limit
    E_TOO_LARGE = -10
    # the counter would leave the range of int64
    E_OVERFLOW = -11
    # the value is not a decimal int64
    E_NOT_A_NUMBER = -12
    # not a store that can be opened this way
    E_INCOMPATIBLE = -13
    # there is no store
    E_NO_STORE = -14
    # a limit of the process is too low
    E_LIMIT = -15
    # a defect of the library
    E_INTERNAL = -16

    # From number to name.
    NAMES = {
      0 => "OK",
      1 => "NOT_FOUND",
      2 => "EXISTS",
      3 => "MISMATCH",
      4 => "TOO_SMALL",
      5 => "WOULD_BLOCK",
      6 => "END",
      7 => "CANCELLED",
      8 => "LEASED",
      9 => "STALE",
      -1 => "E_INVALID",
      -2 => "E_CLOSED",
      -3 => "E_FORKED",
      -4 => "E_IO",
      -5 => "E_CORRUPT",
      -6 => "E_NO_SPACE",
      -7 => "E_NO_MEMORY",
      -8 => "E_LOCKED",
      -9 => "E_READ_ONLY",
      -10 => "E_TOO_LARGE",
      -11 => "E_OVERFLOW",
      -12 => "E_NOT_A_NUMBER",
      -13 => "E_INCOMPATIBLE",
      -14 => "E_NO_STORE",
      -15 => "E_LIMIT",
      -16 => "E_INTERNAL"
    }.freeze
  end

  # Names of the options of Shale.open.
  module Option
    # create the store if there is none (false|true; default true)
    OPEN_CREATE = "open.create"
    # refuse to open a store that exists already (false|true; default false)
    OPEN_ERROR_IF_EXISTS = "open.error_if_exists"
    # write nothing: several processes may have the store open so; every write is E_READ_ONLY; a
    # store that was not closed is refused (false|true; default false)
    OPEN_READ_ONLY = "open.read_only"
    # with open.read_only: a store that was not closed is recovered in memory, as far as a gibibyte
    # a shard goes, and stays as it is on disk (false|true; default false)
    OPEN_RECOVER_IN_MEMORY = "open.recover_in_memory"
    # open a store also in a directory that others could change: that belongs to another user, or
    # that group or world may write to, or whose own place others could give to another directory
    # (false|true; default false)
    OPEN_SHARED_DIRECTORY = "open.shared_directory"
    # bytes of memory for everything: items, index memtables and block cache, pending updates; the
    # memory tier gets what the others leave, but at least 1MiB, and with a path the others need
    # 9MiB at least, so that a budget below 12MiB may be exceeded by some MiB; while open it can be
    # changed as far as the memory tier gets a quarter to four times of what it began with
    # (512KiB..16TiB; default 256MiB)
    MEMORY_BUDGET = "memory.budget"
    # which items leave the memory tier when it is full: s3fifo, good everywhere; wtinylfu, sieve,
    # car (ARC whose hits need no lock), lfu (with ageing), gdsf (lfu that favours small values:
    # more hits, fewer bytes), lru, fifo; with wtinylfu and lru all hits of a shard write to one
    # line (s3fifo|wtinylfu|car|sieve|lru|lfu|gdsf|fifo; default s3fifo)
    CACHE_POLICY = "cache.policy"
    # most memory shards used; a small memory tier uses fewer (1..256, power of two; default 256)
    CACHE_SHARDS = "cache.shards"
    # most of the memory tier, in percent, that remembers where in the log the values lie that have
    # left it: a read of such a key needs no index; and while the tier is full and what it holds is
    # hardly read, most new values leave only this; 0: nothing is remembered, and every value
    # written is held (0..75; default 25)
    CACHE_PLACE_PERCENT = "cache.place_percent"
    # a memory tier of 64MiB or more asks the kernel for huge pages: reads of many keys wait less
    # for addresses, and some MiB more may be resident than are in use; where there are none it goes
    # on with small ones (false|true; default true)
    MEMORY_HUGE_PAGES = "memory.huge_pages"
    # what an acknowledged write survives: os = the death of the process, disk = power loss,
    # interval:<ms> = as os, and power loss after that many milliseconds
    # (os|disk|interval:<1..3600000>; default os)
    DURABILITY = "durability"
    # values up to this size lie in the index, larger ones in the log only (0..4KiB; default 512B)
    VALUE_INLINE_MAX = "value.inline_max"
    # values of at least this size are compressed (zstd) before they go to disk, and kept as they
    # are where that saves less than an eighth; 0: none is; what was written before stays as it is
    # (0..1GiB; default 0)
    COMPRESSION_THRESHOLD = "compression.threshold"
    # level of zstd: a higher one is slower and takes more memory, each writing thread some hundred
    # kilobytes to some megabytes (1..12; default 1)
    COMPRESSION_LEVEL = "compression.level"
    # size of a log segment, allocated as it fills; a larger record gets a segment of its own
    # (1MiB..1GiB, multiple of 64KiB; default 16MiB)
    LOG_SEGMENT_BYTES = "log.segment_bytes"
    # most disk space used by the logs, as a multiple of the bytes of live records in them (64
    # segments more are always allowed); writers wait above it while there is garbage to collect
    # (1.1..100.0; default 2.0)
    SPACE_MAX_AMPLIFICATION = "space.max_amplification"
    # collect garbage and remove expired keys without being asked; without it only shale_reclaim
    # does, and writers do not wait for space (false|true; default true)
    GC_BACKGROUND = "gc.background"
    # most bytes a second read and written by background collection; auto: 32MiB, and more the
    # nearer the space bound is (0 (auto), 1MiB..16GiB; default 0)
    GC_BYTES_PER_SECOND = "gc.bytes_per_second"
    # time to live of a key that is written without one, in milliseconds; 0: does not expire
    # (0..3153600000000; default 0)
    TTL_DEFAULT_MS = "ttl.default_ms"
    # every time to live is made shorter by a random part of it, up to this many percent, so that
    # keys written together do not end together (0..50; default 0)
    TTL_JITTER_PERCENT = "ttl.jitter_percent"
    # a value that is neither read nor written for so many milliseconds leaves the memory tier, at
    # most a sixteenth later; without a path the key is gone then, with one it stays on disk; 0:
    # none leaves for that (0..3153600000000; default 0)
    TTL_IDLE_MS = "ttl.idle_ms"
    # how long a value whose time is over is kept for callers that take a stale value while somebody
    # loads a new one, in milliseconds; no other call returns it (0..3153600000000; default 0)
    TTL_GRACE_MS = "ttl.grace_ms"
    # how long a lease to load a key is good if the caller does not say, in milliseconds
    # (1..86400000; default 10000)
    LEASE_HOLD_MS = "lease.hold_ms"
    # most bytes of updates that are in the log but not yet in the index, over all shards; writers
    # wait above it; auto: budget / 16 (0 (auto), 256KiB..1TiB; default 0)
    PENDING_BYTES_MAX = "pending.bytes_max"
    # cache of index blocks, shared by all shards, and in a quarter of it a filter that knows which
    # keys there are not; auto: budget / 32 (0 (auto), 512KiB..16TiB; default 0)
    INDEX_BLOCK_CACHE_BYTES = "index.block_cache_bytes"
    # size of an index memtable, of which each disk shard may have two; auto: budget / 1024, 64KiB
    # to 4MiB (0 (auto), 64KiB..1GiB; default 0)
    INDEX_WRITE_BUFFER_BYTES = "index.write_buffer_bytes"
    # threads that apply updates to the index and compact it; auto: the number of cores, 2 to 4 (0
    # (auto), 2..16; default 0)
    BACKGROUND_THREADS = "background.threads"
    # most files kept open; auto: a part of what RLIMIT_NOFILE leaves (0 (auto), 256..1000000;
    # default 0)
    FILES_OPEN_MAX = "files.open_max"
    # keep a latency histogram of each kind of operation; costs two readings of the clock an
    # operation, 65 ns where it was measured, and 10 KiB a thread (false|true; default false)
    STATS_HISTOGRAMS = "stats.histograms"
    # memory for removals from the memory tier that wait for shale_events_poll, shared out to the
    # memory shards, and part of memory.budget; 0: none are noted (0..1GiB; default 0)
    EVENTS_BYTES = "events.bytes"
    # keep a list of the keys in the memory tier when the store is closed, and load them in the
    # background when it is opened (false|true; default false)
    CACHE_WARM_RESTART = "cache.warm_restart"
    # most time for keeping that list, by which closing takes longer, and most time for loading,
    # which delays nobody (1..3600000; default 1000)
    CACHE_WARM_RESTART_MS = "cache.warm_restart_ms"
  end

  # Names of the figures of DB#stats.
  module Stat
    # reads answered by the memory tier (counter)
    CACHE_HITS = "cache.hits"
    # reads that the memory tier could not answer (counter)
    CACHE_MISSES = "cache.misses"
    # those of cache.misses whose value's place in the log was known, so that no index was asked
    # (counter)
    CACHE_PLACE_HITS = "cache.place_hits"
    # values loaded from disk and installed in the memory tier (counter)
    CACHE_FILLS = "cache.fills"
    # values loaded from disk and not installed, because the key was written meanwhile (counter)
    CACHE_FILLS_REJECTED = "cache.fills_rejected"
    # values installed by writes (counter)
    CACHE_PUTS = "cache.puts"
    # values written of which the memory tier, full and hardly read, kept only the place (counter)
    CACHE_PASSED_PUTS = "cache.passed_puts"
    # items removed to make room (counter)
    CACHE_EVICTIONS = "cache.evictions"
    # items removed because their time was over (counter)
    CACHE_EXPIRATIONS = "cache.expirations"
    # items removed by deletes and overwrites (counter)
    CACHE_ERASURES = "cache.erasures"
    # those of cache.erasures made by deletes (counter)
    CACHE_DELETIONS = "cache.deletions"
    # those of cache.erasures made by newer values and deadlines (counter)
    CACHE_OVERWRITES = "cache.overwrites"
    # items in the memory tier (gauge)
    CACHE_ITEMS = "cache.items"
    # keys of which the memory tier holds only the place of the value in the log (gauge)
    CACHE_PLACES = "cache.places"
    # bytes kept for them (gauge)
    CACHE_PLACE_BYTES = "cache.place_bytes"
    # bytes of the memory tier in use (gauge)
    CACHE_BYTES = "cache.bytes"
    # bytes held only by pins (gauge)
    CACHE_PINNED_BYTES = "cache.pinned_bytes"
    # bytes of large values that are kept outside the pools (gauge)
    CACHE_EXTERNAL_BYTES = "cache.external_bytes"
    # values for which the memory tier had no room (counter)
    CACHE_INSTALL_FAILURES = "cache.install_failures"
    # most bytes that the memory tier may have touched (gauge)
    CACHE_COMMITTED_BYTES = "cache.committed_bytes"
    # bytes of hash tables and ghosts (gauge)
    CACHE_TABLE_BYTES = "cache.table_bytes"
    # bytes that the memory tier may use (gauge)
    CACHE_CAPACITY_BYTES = "cache.capacity_bytes"
    # snapshots that are held (gauge)
    SNAPSHOTS_OPEN = "snapshots.open"
    # leases to load a key that were given (counter)
    LEASES_GRANTED = "leases.granted"
    # values that were loaded under a lease and set (counter)
    LEASES_FULFILLED = "leases.fulfilled"
    # leases whose load failed or was given up (counter)
    LEASES_FAILED = "leases.failed"
    # leases that ended because somebody else wrote the key (counter)
    LEASES_OVERTAKEN = "leases.overtaken"
    # leases given to another caller because the holder's time was over (counter)
    LEASES_TAKEOVERS = "leases.takeovers"
    # callers that waited for a load of somebody else (counter)
    LEASES_WAITS = "leases.waits"
    # those of them whose own time was over first (counter)
    LEASES_WAIT_TIMEOUTS = "leases.wait_timeouts"
    # misses that were remembered, so that nothing was loaded (counter)
    LEASES_MISSING_HITS = "leases.missing_hits"
    # keys that are being loaded (gauge)
    LEASES_HELD = "leases.held"
    # keys that are remembered as missing (gauge)
    LEASES_MISSING = "leases.missing"
    # bytes kept for them (gauge)
    LEASES_MISSING_BYTES = "leases.missing_bytes"
    # short walks of iterators over keys that were known, so that no index was walked (counter)
    WALKS_KNOWN = "walks.known"
    # short walks over known keys that were left to the indexes, because of changes meanwhile
    # (counter)
    WALKS_DISTURBED = "walks.disturbed"
    # walks over the indexes whose keys were kept for the next (counter)
    WALKS_LEARNED = "walks.learned"
    # keys that are known in order (gauge)
    WALKS_KEYS = "walks.keys"
    # bytes kept for them, taken from the memory tier (gauge)
    WALKS_KEY_BYTES = "walks.key_bytes"
    # bytes of updates that are in the log and not yet in the index (gauge)
    PENDING_BYTES = "pending.bytes"
    # times that pending updates of a shard were moved to its index (counter)
    PENDING_DRAINS = "pending.drains"
    # keys moved by them (counter)
    PENDING_DRAINED_KEYS = "pending.drained_keys"
    # microseconds that writers waited for room (counter)
    PENDING_STALL_MICROS = "pending.stall_micros"
    # bytes appended to the logs (counter)
    LOG_APPENDED_BYTES = "log.appended_bytes"
    # log segments (gauge)
    LOG_SEGMENTS = "log.segments"
    # bytes in the log segments (gauge)
    LOG_BYTES = "log.bytes"
    # values read from the logs (counter)
    LOG_READS = "log.reads"
    # log segments made durable (counter)
    LOG_FSYNCS = "log.fsyncs"
    # values that were written compressed (counter)
    COMPRESSION_VALUES = "compression.values"
    # bytes of them before (counter)
    COMPRESSION_BYTES_BEFORE = "compression.bytes_before"
    # bytes of them after (counter)
    COMPRESSION_BYTES_AFTER = "compression.bytes_after"
    # bytes of values that compression did not make smaller, written as they are (counter)
    COMPRESSION_RAW_BYTES = "compression.raw_bytes"
    # bytes of live records in the log segments, as far as known (gauge)
    SPACE_LIVE_BYTES = "space.live_bytes"
    # the other bytes in the log segments (gauge)
    SPACE_GARBAGE_BYTES = "space.garbage_bytes"
    # log.bytes as a percentage of space.live_bytes; 0 while nothing is live (gauge)
    SPACE_AMPLIFICATION_PERCENT = "space.amplification_percent"
    # bytes of log segments that cannot be given back before iterators, snapshots and backups have
    # ended (gauge)
    SPACE_PINNED_BYTES = "space.pinned_bytes"
    # those of space.pinned_bytes that iterators keep, alone or with others (gauge)
    SPACE_ITERATOR_PINNED_BYTES = "space.iterator_pinned_bytes"
    # those of space.pinned_bytes that snapshots keep, alone or with others (gauge)
    SPACE_SNAPSHOT_PINNED_BYTES = "space.snapshot_pinned_bytes"
    # those of space.pinned_bytes that backups keep, alone or with others (gauge)
    SPACE_BACKUP_PINNED_BYTES = "space.backup_pinned_bytes"
    # microseconds that writers waited for space to be given back (counter)
    SPACE_WAIT_MICROS = "space.wait_micros"
    # log segments collected (counter)
    GC_SEGMENTS = "gc.segments"
    # those of gc.segments that held nothing live and were not read (counter)
    GC_DROPPED_SEGMENTS = "gc.dropped_segments"
    # bytes of the segments that were removed (counter)
    GC_FREED_BYTES = "gc.freed_bytes"
    # live values appended again by garbage collection (counter)
    GC_MOVED_RECORDS = "gc.moved_records"
    # bytes of them (counter)
    GC_MOVED_BYTES = "gc.moved_bytes"
    # bytes read by garbage collection (counter)
    GC_READ_BYTES = "gc.read_bytes"
    # bytes of collected segments that wait for a flush or for an iterator to end (gauge)
    GC_RETIRED_BYTES = "gc.retired_bytes"
    # segments that are not collected because a record in them cannot be read (gauge)
    GC_DAMAGED_SEGMENTS = "gc.damaged_segments"
    # times that collection stopped at an error (counter)
    GC_FAILURES = "gc.failures"
    # expired keys removed from the index (counter)
    TTL_SWEPT_KEYS = "ttl.swept_keys"
    # rows of deadlines looked at and removed (counter)
    TTL_SWEPT_ROWS = "ttl.swept_rows"
    # times that an index was rewritten because much of it had expired (counter)
    TTL_COMPACTIONS = "ttl.compactions"
    # deleted ranges whose keys are still in the index, a range once a shard (gauge)
    RANGE_DELETED = "range.deleted"
    # keys of deleted ranges removed from the index (counter)
    RANGE_DROPPED_KEYS = "range.dropped_keys"
    # look-ups in the indexes (counter)
    INDEX_READS = "index.reads"
    # memtables written to tables (counter)
    INDEX_FLUSHES = "index.flushes"
    # compactions run (counter)
    INDEX_COMPACTIONS = "index.compactions"
    # compactions that reads asked for and that were put off (counter)
    INDEX_PARKED_COMPACTIONS = "index.parked_compactions"
    # bytes written to tables (counter)
    INDEX_TABLE_BYTES_WRITTEN = "index.table_bytes_written"
    # bytes of memtables (gauge)
    INDEX_MEMTABLE_BYTES = "index.memtable_bytes"
    # index files made durable (counter)
    INDEX_FSYNCS = "index.fsyncs"
    # disk shards that refuse writes after an error (gauge)
    STORE_SHARDS_READ_ONLY = "store.shards_read_only"
    # log records replayed when the store was opened (counter)
    STORE_RECOVERED_RECORDS = "store.recovered_records"
    # read descriptors that are kept open (gauge)
    STORE_OPEN_FILES = "store.open_files"
    # items in the memory shard that has the fewest (gauge)
    CACHE_SHARD_ITEMS_LEAST = "cache.shard_items_least"
    # items in the memory shard in the middle (gauge)
    CACHE_SHARD_ITEMS_MEDIAN = "cache.shard_items_median"
    # items in the memory shard that has the most (gauge)
    CACHE_SHARD_ITEMS_MOST = "cache.shard_items_most"
    # those of cache.hits whose keys belong to the disk shard with the fewest (gauge)
    CACHE_SHARD_HITS_LEAST = "cache.shard_hits_least"
    # the same for the disk shard in the middle (gauge)
    CACHE_SHARD_HITS_MEDIAN = "cache.shard_hits_median"
    # the same for the disk shard with the most (gauge)
    CACHE_SHARD_HITS_MOST = "cache.shard_hits_most"
    # bytes of removals that wait to be polled (gauge)
    EVENTS_BYTES = "events.bytes"
    # removals that were not noted because nobody had polled in time (counter)
    EVENTS_DROPPED = "events.dropped"
    # keys listed by the last close for a warm restart, as far as read (gauge)
    WARM_LISTED_KEYS = "warm.listed_keys"
    # those of warm.listed_keys loaded since the store was opened (gauge)
    WARM_RESTORED_KEYS = "warm.restored_keys"
    # 1 while keys of a warm restart are loaded (gauge)
    WARM_RUNNING = "warm.running"
    # reads that the memory tier answered (option stats.histograms) (counter)
    LATENCY_GET_HIT_COUNT = "latency.get_hit_count"
    # median of latency.get_hit_count in nanoseconds (gauge)
    LATENCY_GET_HIT_P50_NANOS = "latency.get_hit_p50_nanos"
    # 99 of 100 of latency.get_hit_count took no longer (gauge)
    LATENCY_GET_HIT_P99_NANOS = "latency.get_hit_p99_nanos"
    # 999 of 1,000 of latency.get_hit_count took no longer (gauge)
    LATENCY_GET_HIT_P999_NANOS = "latency.get_hit_p999_nanos"
    # the longest of latency.get_hit_count (gauge)
    LATENCY_GET_HIT_MAX_NANOS = "latency.get_hit_max_nanos"
    # reads that it did not answer (option stats.histograms) (counter)
    LATENCY_GET_MISS_COUNT = "latency.get_miss_count"
    # median of latency.get_miss_count in nanoseconds (gauge)
    LATENCY_GET_MISS_P50_NANOS = "latency.get_miss_p50_nanos"
    # 99 of 100 of latency.get_miss_count took no longer (gauge)
    LATENCY_GET_MISS_P99_NANOS = "latency.get_miss_p99_nanos"
    # 999 of 1,000 of latency.get_miss_count took no longer (gauge)
    LATENCY_GET_MISS_P999_NANOS = "latency.get_miss_p999_nanos"
    # the longest of latency.get_miss_count (gauge)
    LATENCY_GET_MISS_MAX_NANOS = "latency.get_miss_max_nanos"
    # the part of a read that lies below the memory tier (option stats.histograms) (counter)
    LATENCY_LOAD_COUNT = "latency.load_count"
    # median of latency.load_count in nanoseconds (gauge)
    LATENCY_LOAD_P50_NANOS = "latency.load_p50_nanos"
    # 99 of 100 of latency.load_count took no longer (gauge)
    LATENCY_LOAD_P99_NANOS = "latency.load_p99_nanos"
    # 999 of 1,000 of latency.load_count took no longer (gauge)
    LATENCY_LOAD_P999_NANOS = "latency.load_p999_nanos"
    # the longest of latency.load_count (gauge)
    LATENCY_LOAD_MAX_NANOS = "latency.load_max_nanos"
    # writes of one key: put, swap, compare, counter, deadline (option stats.histograms) (counter)
    LATENCY_PUT_COUNT = "latency.put_count"
    # median of latency.put_count in nanoseconds (gauge)
    LATENCY_PUT_P50_NANOS = "latency.put_p50_nanos"
    # 99 of 100 of latency.put_count took no longer (gauge)
    LATENCY_PUT_P99_NANOS = "latency.put_p99_nanos"
    # 999 of 1,000 of latency.put_count took no longer (gauge)
    LATENCY_PUT_P999_NANOS = "latency.put_p999_nanos"
    # the longest of latency.put_count (gauge)
    LATENCY_PUT_MAX_NANOS = "latency.put_max_nanos"
    # deletes of one key (option stats.histograms) (counter)
    LATENCY_DELETE_COUNT = "latency.delete_count"
    # median of latency.delete_count in nanoseconds (gauge)
    LATENCY_DELETE_P50_NANOS = "latency.delete_p50_nanos"
    # 99 of 100 of latency.delete_count took no longer (gauge)
    LATENCY_DELETE_P99_NANOS = "latency.delete_p99_nanos"
    # 999 of 1,000 of latency.delete_count took no longer (gauge)
    LATENCY_DELETE_P999_NANOS = "latency.delete_p999_nanos"
    # the longest of latency.delete_count (gauge)
    LATENCY_DELETE_MAX_NANOS = "latency.delete_max_nanos"
    # batches, and groups of many keys (option stats.histograms) (counter)
    LATENCY_BATCH_COUNT = "latency.batch_count"
    # median of latency.batch_count in nanoseconds (gauge)
    LATENCY_BATCH_P50_NANOS = "latency.batch_p50_nanos"
    # 99 of 100 of latency.batch_count took no longer (gauge)
    LATENCY_BATCH_P99_NANOS = "latency.batch_p99_nanos"
    # 999 of 1,000 of latency.batch_count took no longer (gauge)
    LATENCY_BATCH_P999_NANOS = "latency.batch_p999_nanos"
    # the longest of latency.batch_count (gauge)
    LATENCY_BATCH_MAX_NANOS = "latency.batch_max_nanos"
    # rows of iterators (option stats.histograms) (counter)
    LATENCY_SCAN_ROW_COUNT = "latency.scan_row_count"
    # median of latency.scan_row_count in nanoseconds (gauge)
    LATENCY_SCAN_ROW_P50_NANOS = "latency.scan_row_p50_nanos"
    # 99 of 100 of latency.scan_row_count took no longer (gauge)
    LATENCY_SCAN_ROW_P99_NANOS = "latency.scan_row_p99_nanos"
    # 999 of 1,000 of latency.scan_row_count took no longer (gauge)
    LATENCY_SCAN_ROW_P999_NANOS = "latency.scan_row_p999_nanos"
    # the longest of latency.scan_row_count (gauge)
    LATENCY_SCAN_ROW_MAX_NANOS = "latency.scan_row_max_nanos"
    # waits until written data survives power loss (option stats.histograms) (counter)
    LATENCY_SYNC_COUNT = "latency.sync_count"
    # median of latency.sync_count in nanoseconds (gauge)
    LATENCY_SYNC_P50_NANOS = "latency.sync_p50_nanos"
    # 99 of 100 of latency.sync_count took no longer (gauge)
    LATENCY_SYNC_P99_NANOS = "latency.sync_p99_nanos"
    # 999 of 1,000 of latency.sync_count took no longer (gauge)
    LATENCY_SYNC_P999_NANOS = "latency.sync_p999_nanos"
    # the longest of latency.sync_count (gauge)
    LATENCY_SYNC_MAX_NANOS = "latency.sync_max_nanos"
  end

  # The other constants of the library: limits, and the flags that the methods of DB take as keywords.
  module Flag
    # SHALE_VERSION_MAJOR
    VERSION_MAJOR = 1
    # SHALE_VERSION_MINOR
    VERSION_MINOR = 0
    # SHALE_VERSION_PATCH
    VERSION_PATCH = 0
    # SHALE_VERSION_NUMBER
    VERSION_NUMBER = 1000000
    # SHALE_KEY_BYTES_MAX
    KEY_BYTES_MAX = 65535
    # SHALE_VALUE_BYTES_MAX
    VALUE_BYTES_MAX = 1073741824
    # SHALE_BATCH_BYTES_MAX
    BATCH_BYTES_MAX = 268435456
    # SHALE_DISK_SHARDS
    DISK_SHARDS = 64
    # SHALE_MEMORY_SHARDS
    MEMORY_SHARDS = 256
    # SHALE_TTL_DEFAULT
    TTL_DEFAULT = 0
    # SHALE_TTL_NEVER
    TTL_NEVER = -1
    # SHALE_TTL_KEEP
    TTL_KEEP = -2
    # SHALE_VERSION_ABSENT
    VERSION_ABSENT = 0
    # SHALE_CACHE_ONLY
    CACHE_ONLY = 1
    # SHALE_NO_FILL
    NO_FILL = 2
    # SHALE_IF_ABSENT
    IF_ABSENT = 4
    # SHALE_IF_PRESENT
    IF_PRESENT = 8
    # SHALE_SYNC
    SYNC = 16
    # SHALE_REVERSE
    REVERSE = 32
    # SHALE_KEYS_ONLY
    KEYS_ONLY = 64
    # SHALE_WRITE_AROUND
    WRITE_AROUND = 128
    # SHALE_STALE_OK
    STALE_OK = 256
    # SHALE_COPY_FILES
    COPY_FILES = 512
    # SHALE_PREFIX
    PREFIX = 1024
    # SHALE_SHARD_OPEN
    SHARD_OPEN = 0
    # SHALE_SHARD_READ_ONLY
    SHARD_READ_ONLY = 1
    # SHALE_EVENT_EVICTED
    EVENT_EVICTED = 1
    # SHALE_EVENT_EXPIRED
    EVENT_EXPIRED = 2
    # SHALE_EVENT_DELETED
    EVENT_DELETED = 3
    # SHALE_EVENT_OVERWRITTEN
    EVENT_OVERWRITTEN = 4
  end
end
