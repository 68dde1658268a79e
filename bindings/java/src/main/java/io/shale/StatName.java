// Made by `make generate` from the library's own tables; do not edit.
package io.shale;

/** Names of the figures of a store, for {@link Shale#stat(String)}. */
public final class StatName {
  /** Reads answered by the memory tier. A counter. */
  public static final String CACHE_HITS = "cache.hits";

  /** Reads that the memory tier could not answer. A counter. */
  public static final String CACHE_MISSES = "cache.misses";

  /**
   * Those of cache.misses whose value's place in the log was known, so that no index was asked. A
   * counter.
   */
  public static final String CACHE_PLACE_HITS = "cache.place_hits";

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

  /** Keys of which the memory tier holds only the place of the value in the log. A gauge. */
  public static final String CACHE_PLACES = "cache.places";

  /** Bytes kept for them. A gauge. */
  public static final String CACHE_PLACE_BYTES = "cache.place_bytes";

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

  /** Leases to load a key that were given. A counter. */
  public static final String LEASES_GRANTED = "leases.granted";

  /** Values that were loaded under a lease and set. A counter. */
  public static final String LEASES_FULFILLED = "leases.fulfilled";

  /** Leases whose load failed or was given up. A counter. */
  public static final String LEASES_FAILED = "leases.failed";

  /** Leases that ended because somebody else wrote the key. A counter. */
  public static final String LEASES_OVERTAKEN = "leases.overtaken";

  /** Leases given to another caller because the holder's time was over. A counter. */
  public static final String LEASES_TAKEOVERS = "leases.takeovers";

  /** Callers that waited for a load of somebody else. A counter. */
  public static final String LEASES_WAITS = "leases.waits";

  /** Those of them whose own time was over first. A counter. */
  public static final String LEASES_WAIT_TIMEOUTS = "leases.wait_timeouts";

  /** Misses that were remembered, so that nothing was loaded. A counter. */
  public static final String LEASES_MISSING_HITS = "leases.missing_hits";

  /** Keys that are being loaded. A gauge. */
  public static final String LEASES_HELD = "leases.held";

  /** Keys that are remembered as missing. A gauge. */
  public static final String LEASES_MISSING = "leases.missing";

  /** Bytes kept for them. A gauge. */
  public static final String LEASES_MISSING_BYTES = "leases.missing_bytes";

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

  /** Bytes of live records in the log segments, as far as known. A gauge. */
  public static final String SPACE_LIVE_BYTES = "space.live_bytes";

  /** The other bytes in the log segments. A gauge. */
  public static final String SPACE_GARBAGE_BYTES = "space.garbage_bytes";

  /** Log.bytes as a percentage of space.live_bytes; 0 while nothing is live. A gauge. */
  public static final String SPACE_AMPLIFICATION_PERCENT = "space.amplification_percent";

  /** Microseconds that writers waited for space to be given back. A counter. */
  public static final String SPACE_WAIT_MICROS = "space.wait_micros";

  /** Log segments collected. A counter. */
  public static final String GC_SEGMENTS = "gc.segments";

  /** Those of gc.segments that held nothing live and were not read. A counter. */
  public static final String GC_DROPPED_SEGMENTS = "gc.dropped_segments";

  /** Bytes of the segments that were removed. A counter. */
  public static final String GC_FREED_BYTES = "gc.freed_bytes";

  /** Live values appended again by garbage collection. A counter. */
  public static final String GC_MOVED_RECORDS = "gc.moved_records";

  /** Bytes of them. A counter. */
  public static final String GC_MOVED_BYTES = "gc.moved_bytes";

  /** Bytes read by garbage collection. A counter. */
  public static final String GC_READ_BYTES = "gc.read_bytes";

  /** Bytes of collected segments that wait for a flush or for an iterator to end. A gauge. */
  public static final String GC_RETIRED_BYTES = "gc.retired_bytes";

  /** Segments that are not collected because a record in them cannot be read. A gauge. */
  public static final String GC_DAMAGED_SEGMENTS = "gc.damaged_segments";

  /** Times that collection stopped at an error. A counter. */
  public static final String GC_FAILURES = "gc.failures";

  /** Expired keys removed from the index. A counter. */
  public static final String TTL_SWEPT_KEYS = "ttl.swept_keys";

  /** Rows of deadlines looked at and removed. A counter. */
  public static final String TTL_SWEPT_ROWS = "ttl.swept_rows";

  /** Times that an index was rewritten because much of it had expired. A counter. */
  public static final String TTL_COMPACTIONS = "ttl.compactions";

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
