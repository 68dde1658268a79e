// Made by `make generate` from the library's own tables; do not edit.
package io.shale;

/** Names of the figures of a store, for {@link Shale#stat(String)}. */
public final class StatName {
  /** Reads answered by the memory tier. A counter. */
  public static final String CACHE_HITS = "cache.hits";

  /** Reads that the memory tier could not answer. A counter. */
  public static final String CACHE_MISSES = "cache.misses";

  /** Values loaded from disk and installed in the memory tier. A counter. */
  public static final String CACHE_FILLS = "cache.fills";

  /** Values loaded from disk and not installed, because the key was written meanwhile. A counter. */
  public static final String CACHE_FILLS_REJECTED = "cache.fills_rejected";

  /** Values installed by writes. A counter. */
  public static final String CACHE_PUTS = "cache.puts";

  /** Items removed to make room. A counter. */
  public static final String CACHE_EVICTIONS = "cache.evictions";

  /** Items removed because their time was over. A counter. */
  public static final String CACHE_EXPIRATIONS = "cache.expirations";

  /** Items removed by deletes and overwrites. A counter. */
  public static final String CACHE_ERASURES = "cache.erasures";

  /** Items in the memory tier. A gauge. */
  public static final String CACHE_ITEMS = "cache.items";

  /** Bytes of the memory tier in use. A gauge. */
  public static final String CACHE_BYTES = "cache.bytes";

  /** Bytes held only by pins. A gauge. */
  public static final String CACHE_PINNED_BYTES = "cache.pinned_bytes";

  /** Bytes of large values that are kept outside the pools. A gauge. */
  public static final String CACHE_EXTERNAL_BYTES = "cache.external_bytes";

  /** Values for which the memory tier had no room. A counter. */
  public static final String CACHE_INSTALL_FAILURES = "cache.install_failures";

  /** Most bytes that the memory tier may have touched. A gauge. */
  public static final String CACHE_COMMITTED_BYTES = "cache.committed_bytes";

  /** Bytes of hash tables and ghosts. A gauge. */
  public static final String CACHE_TABLE_BYTES = "cache.table_bytes";

  /** Bytes that the memory tier may use. A gauge. */
  public static final String CACHE_CAPACITY_BYTES = "cache.capacity_bytes";

  /** Bytes of updates that are in the log and not yet in the index. A gauge. */
  public static final String PENDING_BYTES = "pending.bytes";

  /** Times that pending updates of a shard were moved to its index. A counter. */
  public static final String PENDING_DRAINS = "pending.drains";

  /** Keys moved by them. A counter. */
  public static final String PENDING_DRAINED_KEYS = "pending.drained_keys";

  /** Microseconds that writers waited for room. A counter. */
  public static final String PENDING_STALL_MICROS = "pending.stall_micros";

  /** Bytes appended to the logs. A counter. */
  public static final String LOG_APPENDED_BYTES = "log.appended_bytes";

  /** Log segments. A gauge. */
  public static final String LOG_SEGMENTS = "log.segments";

  /** Bytes in the log segments. A gauge. */
  public static final String LOG_BYTES = "log.bytes";

  /** Values read from the logs. A counter. */
  public static final String LOG_READS = "log.reads";

  /** Log segments made durable. A counter. */
  public static final String LOG_FSYNCS = "log.fsyncs";

  /** Look-ups in the indexes. A counter. */
  public static final String INDEX_READS = "index.reads";

  /** Memtables written to tables. A counter. */
  public static final String INDEX_FLUSHES = "index.flushes";

  /** Compactions run. A counter. */
  public static final String INDEX_COMPACTIONS = "index.compactions";

  /** Compactions that reads asked for and that were put off. A counter. */
  public static final String INDEX_PARKED_COMPACTIONS = "index.parked_compactions";

  /** Bytes written to tables. A counter. */
  public static final String INDEX_TABLE_BYTES_WRITTEN = "index.table_bytes_written";

  /** Bytes of memtables. A gauge. */
  public static final String INDEX_MEMTABLE_BYTES = "index.memtable_bytes";

  /** Index files made durable. A counter. */
  public static final String INDEX_FSYNCS = "index.fsyncs";

  /** Disk shards that refuse writes after an error. A gauge. */
  public static final String STORE_SHARDS_READ_ONLY = "store.shards_read_only";

  /** Log records replayed when the store was opened. A counter. */
  public static final String STORE_RECOVERED_RECORDS = "store.recovered_records";

  /** Read descriptors that are kept open. A gauge. */
  public static final String STORE_OPEN_FILES = "store.open_files";

  private StatName() {}
}
