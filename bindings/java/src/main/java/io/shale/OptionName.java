// Made by `make generate` from the library's own tables; do not edit.
package io.shale;

/** Names of the options of a store, for {@link ShaleBuilder#option(String, String)}. */
public final class OptionName {
  /** Create the store if there is none. Type bool, range false|true, default true. */
  public static final String OPEN_CREATE = "open.create";

  /** Refuse to open a store that exists already. Type bool, range false|true, default false. */
  public static final String OPEN_ERROR_IF_EXISTS = "open.error_if_exists";

  /**
   * Write nothing: several processes may have the store open so; every write is E_READ_ONLY; a store
   * that was not closed is refused. Type bool, range false|true, default false.
   */
  public static final String OPEN_READ_ONLY = "open.read_only";

  /**
   * With open.read_only: a store that was not closed is recovered in memory, as far as a gibibyte a
   * shard goes, and stays as it is on disk. Type bool, range false|true, default false.
   */
  public static final String OPEN_RECOVER_IN_MEMORY = "open.recover_in_memory";

  /**
   * Open a store also in a directory that others could change: that belongs to another user, or that
   * group or world may write to, or whose own place others could give to another directory. Type bool,
   * range false|true, default false.
   */
  public static final String OPEN_SHARED_DIRECTORY = "open.shared_directory";

  /**
   * Bytes of memory for everything: items, index memtables and block cache, pending updates; the memory
   * tier gets what the others leave, but at least 1MiB, and with a path the others need 9MiB at least,
   * so that a budget below 12MiB may be exceeded by some MiB; while open it can be changed as far as the
   * memory tier gets a quarter to four times of what it began with. Type size, range 512KiB..16TiB,
   * default 256MiB.
   */
  public static final String MEMORY_BUDGET = "memory.budget";

  /**
   * Which items leave the memory tier when it is full: s3fifo, good everywhere; wtinylfu, sieve, car
   * (ARC whose hits need no lock), lfu (with ageing), gdsf (lfu that favours small values: more hits,
   * fewer bytes), lru, fifo; with wtinylfu and lru all hits of a shard write to one line. Type enum,
   * range s3fifo|wtinylfu|car|sieve|lru|lfu|gdsf|fifo, default s3fifo.
   */
  public static final String CACHE_POLICY = "cache.policy";

  /**
   * Most memory shards used; a small memory tier uses fewer. Type int, range 1..256, power of two,
   * default 256.
   */
  public static final String CACHE_SHARDS = "cache.shards";

  /**
   * Most of the memory tier, in percent, that remembers where in the log the values lie that have left
   * it: a read of such a key needs no index; and while the tier is full and what it holds is hardly
   * read, most new values leave only this; 0: nothing is remembered, and every value written is held.
   * Type int, range 0..75, default 25.
   */
  public static final String CACHE_PLACE_PERCENT = "cache.place_percent";

  /**
   * A memory tier of 64MiB or more asks the kernel for huge pages: reads of many keys wait less for
   * addresses, and some MiB more may be resident than are in use; where there are none it goes on with
   * small ones. Type bool, range false|true, default true.
   */
  public static final String MEMORY_HUGE_PAGES = "memory.huge_pages";

  /**
   * What an acknowledged write survives: os = the death of the process, disk = power loss,
   * interval:&lt;ms&gt; = as os, and power loss after that many milliseconds. Type text, range
   * os|disk|interval:&lt;1..3600000&gt;, default os.
   */
  public static final String DURABILITY = "durability";

  /**
   * Values up to this size lie in the index, larger ones in the log only. Type size, range 0..4KiB,
   * default 512B.
   */
  public static final String VALUE_INLINE_MAX = "value.inline_max";

  /**
   * Values of at least this size are compressed (zstd) before they go to disk, and kept as they are
   * where that saves less than an eighth; 0: none is; what was written before stays as it is. Type size,
   * range 0..1GiB, default 0.
   */
  public static final String COMPRESSION_THRESHOLD = "compression.threshold";

  /**
   * Level of zstd: a higher one is slower and takes more memory, each writing thread some hundred
   * kilobytes to some megabytes. Type int, range 1..12, default 1.
   */
  public static final String COMPRESSION_LEVEL = "compression.level";

  /**
   * Size of a log segment, allocated as it fills; a larger record gets a segment of its own. Type size,
   * range 1MiB..1GiB, multiple of 64KiB, default 16MiB.
   */
  public static final String LOG_SEGMENT_BYTES = "log.segment_bytes";

  /**
   * Most disk space used by the logs, as a multiple of the bytes of live records in them (64 segments
   * more are always allowed); writers wait above it while there is garbage to collect. Type text, range
   * 1.1..100.0, default 2.0.
   */
  public static final String SPACE_MAX_AMPLIFICATION = "space.max_amplification";

  /**
   * Collect garbage and remove expired keys without being asked; without it only shale_reclaim does, and
   * writers do not wait for space. Type bool, range false|true, default true.
   */
  public static final String GC_BACKGROUND = "gc.background";

  /**
   * Most bytes a second read and written by background collection; auto: 32MiB, and more the nearer the
   * space bound is. Type size, range 0 (auto), 1MiB..16GiB, default 0.
   */
  public static final String GC_BYTES_PER_SECOND = "gc.bytes_per_second";

  /**
   * Time to live of a key that is written without one, in milliseconds; 0: does not expire. Type int,
   * range 0..3153600000000, default 0.
   */
  public static final String TTL_DEFAULT_MS = "ttl.default_ms";

  /**
   * Every time to live is made shorter by a random part of it, up to this many percent, so that keys
   * written together do not end together. Type int, range 0..50, default 0.
   */
  public static final String TTL_JITTER_PERCENT = "ttl.jitter_percent";

  /**
   * A value that is neither read nor written for so many milliseconds leaves the memory tier, at most a
   * sixteenth later; without a path the key is gone then, with one it stays on disk; 0: none leaves for
   * that. Type int, range 0..3153600000000, default 0.
   */
  public static final String TTL_IDLE_MS = "ttl.idle_ms";

  /**
   * How long a value whose time is over is kept for callers that take a stale value while somebody loads
   * a new one, in milliseconds; no other call returns it. Type int, range 0..3153600000000, default 0.
   */
  public static final String TTL_GRACE_MS = "ttl.grace_ms";

  /**
   * How long a lease to load a key is good if the caller does not say, in milliseconds. Type int, range
   * 1..86400000, default 10000.
   */
  public static final String LEASE_HOLD_MS = "lease.hold_ms";

  /**
   * Most bytes of updates that are in the log but not yet in the index, over all shards; writers wait
   * above it; auto: budget / 16. Type size, range 0 (auto), 256KiB..1TiB, default 0.
   */
  public static final String PENDING_BYTES_MAX = "pending.bytes_max";

  /**
   * Cache of index blocks, shared by all shards, and in a quarter of it a filter that knows which keys
   * there are not; auto: budget / 32. Type size, range 0 (auto), 512KiB..16TiB, default 0.
   */
  public static final String INDEX_BLOCK_CACHE_BYTES = "index.block_cache_bytes";

  /**
   * Size of an index memtable, of which each disk shard may have two; auto: budget / 1024, 64KiB to
   * 4MiB. Type size, range 0 (auto), 64KiB..1GiB, default 0.
   */
  public static final String INDEX_WRITE_BUFFER_BYTES = "index.write_buffer_bytes";

  /**
   * Threads that apply updates to the index and compact it; auto: the number of cores, 2 to 4. Type int,
   * range 0 (auto), 2..16, default 0.
   */
  public static final String BACKGROUND_THREADS = "background.threads";

  /**
   * Most files kept open; auto: a part of what RLIMIT_NOFILE leaves. Type int, range 0 (auto),
   * 256..1000000, default 0.
   */
  public static final String FILES_OPEN_MAX = "files.open_max";

  /**
   * Keep a latency histogram of each kind of operation; costs two readings of the clock an operation, 65
   * ns where it was measured, and 10 KiB a thread. Type bool, range false|true, default false.
   */
  public static final String STATS_HISTOGRAMS = "stats.histograms";

  /**
   * Memory for removals from the memory tier that wait for shale_events_poll, shared out to the memory
   * shards, and part of memory.budget; 0: none are noted. Type size, range 0..1GiB, default 0.
   */
  public static final String EVENTS_BYTES = "events.bytes";

  /**
   * Keep a list of the keys in the memory tier when the store is closed, and load them in the background
   * when it is opened. Type bool, range false|true, default false.
   */
  public static final String CACHE_WARM_RESTART = "cache.warm_restart";

  /**
   * Most time for keeping that list, by which closing takes longer, and most time for loading, which
   * delays nobody. Type int, range 1..3600000, default 1000.
   */
  public static final String CACHE_WARM_RESTART_MS = "cache.warm_restart_ms";

  private OptionName() {}
}
