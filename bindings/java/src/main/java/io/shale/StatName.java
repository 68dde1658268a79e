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

  /** Values written of which the memory tier, full and hardly read, kept only the place. A counter. */
  public static final String CACHE_PASSED_PUTS = "cache.passed_puts";

  /** Items removed to make room. A counter. */
  public static final String CACHE_EVICTIONS = "cache.evictions";

  /** Items removed because their time was over. A counter. */
  public static final String CACHE_EXPIRATIONS = "cache.expirations";

  /** Items removed by deletes and overwrites. A counter. */
  public static final String CACHE_ERASURES = "cache.erasures";

  /** Those of cache.erasures made by deletes. A counter. */
  public static final String CACHE_DELETIONS = "cache.deletions";

  /** Those of cache.erasures made by newer values and deadlines. A counter. */
  public static final String CACHE_OVERWRITES = "cache.overwrites";

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

  /** Snapshots that are held. A gauge. */
  public static final String SNAPSHOTS_OPEN = "snapshots.open";

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

  /** Short walks of iterators over keys that were known, so that no index was walked. A counter. */
  public static final String WALKS_KNOWN = "walks.known";

  /** Short walks over known keys that were left to the indexes, because of changes meanwhile. A counter. */
  public static final String WALKS_DISTURBED = "walks.disturbed";

  /** Walks over the indexes whose keys were kept for the next. A counter. */
  public static final String WALKS_LEARNED = "walks.learned";

  /** Keys that are known in order. A gauge. */
  public static final String WALKS_KEYS = "walks.keys";

  /** Bytes kept for them, taken from the memory tier. A gauge. */
  public static final String WALKS_KEY_BYTES = "walks.key_bytes";

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

  /** Values that were written compressed. A counter. */
  public static final String COMPRESSION_VALUES = "compression.values";

  /** Bytes of them before. A counter. */
  public static final String COMPRESSION_BYTES_BEFORE = "compression.bytes_before";

  /** Bytes of them after. A counter. */
  public static final String COMPRESSION_BYTES_AFTER = "compression.bytes_after";

  /** Bytes of values that compression did not make smaller, written as they are. A counter. */
  public static final String COMPRESSION_RAW_BYTES = "compression.raw_bytes";

  /** Bytes of live records in the log segments, as far as known. A gauge. */
  public static final String SPACE_LIVE_BYTES = "space.live_bytes";

  /** The other bytes in the log segments. A gauge. */
  public static final String SPACE_GARBAGE_BYTES = "space.garbage_bytes";

  /** Log.bytes as a percentage of space.live_bytes; 0 while nothing is live. A gauge. */
  public static final String SPACE_AMPLIFICATION_PERCENT = "space.amplification_percent";

  /**
   * Bytes of log segments that cannot be given back before iterators, snapshots and backups have ended.
   * A gauge.
   */
  public static final String SPACE_PINNED_BYTES = "space.pinned_bytes";

  /** Those of space.pinned_bytes that iterators keep, alone or with others. A gauge. */
  public static final String SPACE_ITERATOR_PINNED_BYTES = "space.iterator_pinned_bytes";

  /** Those of space.pinned_bytes that snapshots keep, alone or with others. A gauge. */
  public static final String SPACE_SNAPSHOT_PINNED_BYTES = "space.snapshot_pinned_bytes";

  /** Those of space.pinned_bytes that backups keep, alone or with others. A gauge. */
  public static final String SPACE_BACKUP_PINNED_BYTES = "space.backup_pinned_bytes";

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

  /** Deleted ranges whose keys are still in the index, a range once a shard. A gauge. */
  public static final String RANGE_DELETED = "range.deleted";

  /** Keys of deleted ranges removed from the index. A counter. */
  public static final String RANGE_DROPPED_KEYS = "range.dropped_keys";

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

  /** Items in the memory shard that has the fewest. A gauge. */
  public static final String CACHE_SHARD_ITEMS_LEAST = "cache.shard_items_least";

  /** Items in the memory shard in the middle. A gauge. */
  public static final String CACHE_SHARD_ITEMS_MEDIAN = "cache.shard_items_median";

  /** Items in the memory shard that has the most. A gauge. */
  public static final String CACHE_SHARD_ITEMS_MOST = "cache.shard_items_most";

  /** Those of cache.hits whose keys belong to the disk shard with the fewest. A gauge. */
  public static final String CACHE_SHARD_HITS_LEAST = "cache.shard_hits_least";

  /** The same for the disk shard in the middle. A gauge. */
  public static final String CACHE_SHARD_HITS_MEDIAN = "cache.shard_hits_median";

  /** The same for the disk shard with the most. A gauge. */
  public static final String CACHE_SHARD_HITS_MOST = "cache.shard_hits_most";

  /** Bytes of removals that wait to be polled. A gauge. */
  public static final String EVENTS_BYTES = "events.bytes";

  /** Removals that were not noted because nobody had polled in time. A counter. */
  public static final String EVENTS_DROPPED = "events.dropped";

  /** Keys listed by the last close for a warm restart, as far as read. A gauge. */
  public static final String WARM_LISTED_KEYS = "warm.listed_keys";

  /** Those of warm.listed_keys loaded since the store was opened. A gauge. */
  public static final String WARM_RESTORED_KEYS = "warm.restored_keys";

  /** 1 while keys of a warm restart are loaded. A gauge. */
  public static final String WARM_RUNNING = "warm.running";

  /** Reads that the memory tier answered (option stats.histograms). A counter. */
  public static final String LATENCY_GET_HIT_COUNT = "latency.get_hit_count";

  /** Median of latency.get_hit_count in nanoseconds. A gauge. */
  public static final String LATENCY_GET_HIT_P50_NANOS = "latency.get_hit_p50_nanos";

  /** 99 of 100 of latency.get_hit_count took no longer. A gauge. */
  public static final String LATENCY_GET_HIT_P99_NANOS = "latency.get_hit_p99_nanos";

  /** 999 of 1,000 of latency.get_hit_count took no longer. A gauge. */
  public static final String LATENCY_GET_HIT_P999_NANOS = "latency.get_hit_p999_nanos";

  /** The longest of latency.get_hit_count. A gauge. */
  public static final String LATENCY_GET_HIT_MAX_NANOS = "latency.get_hit_max_nanos";

  /** Reads that it did not answer (option stats.histograms). A counter. */
  public static final String LATENCY_GET_MISS_COUNT = "latency.get_miss_count";

  /** Median of latency.get_miss_count in nanoseconds. A gauge. */
  public static final String LATENCY_GET_MISS_P50_NANOS = "latency.get_miss_p50_nanos";

  /** 99 of 100 of latency.get_miss_count took no longer. A gauge. */
  public static final String LATENCY_GET_MISS_P99_NANOS = "latency.get_miss_p99_nanos";

  /** 999 of 1,000 of latency.get_miss_count took no longer. A gauge. */
  public static final String LATENCY_GET_MISS_P999_NANOS = "latency.get_miss_p999_nanos";

  /** The longest of latency.get_miss_count. A gauge. */
  public static final String LATENCY_GET_MISS_MAX_NANOS = "latency.get_miss_max_nanos";

  /** The part of a read that lies below the memory tier (option stats.histograms). A counter. */
  public static final String LATENCY_LOAD_COUNT = "latency.load_count";

  /** Median of latency.load_count in nanoseconds. A gauge. */
  public static final String LATENCY_LOAD_P50_NANOS = "latency.load_p50_nanos";

  /** 99 of 100 of latency.load_count took no longer. A gauge. */
  public static final String LATENCY_LOAD_P99_NANOS = "latency.load_p99_nanos";

  /** 999 of 1,000 of latency.load_count took no longer. A gauge. */
  public static final String LATENCY_LOAD_P999_NANOS = "latency.load_p999_nanos";

  /** The longest of latency.load_count. A gauge. */
  public static final String LATENCY_LOAD_MAX_NANOS = "latency.load_max_nanos";

  /** Writes of one key: put, swap, compare, counter, deadline (option stats.histograms). A counter. */
  public static final String LATENCY_PUT_COUNT = "latency.put_count";

  /** Median of latency.put_count in nanoseconds. A gauge. */
  public static final String LATENCY_PUT_P50_NANOS = "latency.put_p50_nanos";

  /** 99 of 100 of latency.put_count took no longer. A gauge. */
  public static final String LATENCY_PUT_P99_NANOS = "latency.put_p99_nanos";

  /** 999 of 1,000 of latency.put_count took no longer. A gauge. */
  public static final String LATENCY_PUT_P999_NANOS = "latency.put_p999_nanos";

  /** The longest of latency.put_count. A gauge. */
  public static final String LATENCY_PUT_MAX_NANOS = "latency.put_max_nanos";

  /** Deletes of one key (option stats.histograms). A counter. */
  public static final String LATENCY_DELETE_COUNT = "latency.delete_count";

  /** Median of latency.delete_count in nanoseconds. A gauge. */
  public static final String LATENCY_DELETE_P50_NANOS = "latency.delete_p50_nanos";

  /** 99 of 100 of latency.delete_count took no longer. A gauge. */
  public static final String LATENCY_DELETE_P99_NANOS = "latency.delete_p99_nanos";

  /** 999 of 1,000 of latency.delete_count took no longer. A gauge. */
  public static final String LATENCY_DELETE_P999_NANOS = "latency.delete_p999_nanos";

  /** The longest of latency.delete_count. A gauge. */
  public static final String LATENCY_DELETE_MAX_NANOS = "latency.delete_max_nanos";

  /** Batches, and groups of many keys (option stats.histograms). A counter. */
  public static final String LATENCY_BATCH_COUNT = "latency.batch_count";

  /** Median of latency.batch_count in nanoseconds. A gauge. */
  public static final String LATENCY_BATCH_P50_NANOS = "latency.batch_p50_nanos";

  /** 99 of 100 of latency.batch_count took no longer. A gauge. */
  public static final String LATENCY_BATCH_P99_NANOS = "latency.batch_p99_nanos";

  /** 999 of 1,000 of latency.batch_count took no longer. A gauge. */
  public static final String LATENCY_BATCH_P999_NANOS = "latency.batch_p999_nanos";

  /** The longest of latency.batch_count. A gauge. */
  public static final String LATENCY_BATCH_MAX_NANOS = "latency.batch_max_nanos";

  /** Rows of iterators (option stats.histograms). A counter. */
  public static final String LATENCY_SCAN_ROW_COUNT = "latency.scan_row_count";

  /** Median of latency.scan_row_count in nanoseconds. A gauge. */
  public static final String LATENCY_SCAN_ROW_P50_NANOS = "latency.scan_row_p50_nanos";

  /** 99 of 100 of latency.scan_row_count took no longer. A gauge. */
  public static final String LATENCY_SCAN_ROW_P99_NANOS = "latency.scan_row_p99_nanos";

  /** 999 of 1,000 of latency.scan_row_count took no longer. A gauge. */
  public static final String LATENCY_SCAN_ROW_P999_NANOS = "latency.scan_row_p999_nanos";

  /** The longest of latency.scan_row_count. A gauge. */
  public static final String LATENCY_SCAN_ROW_MAX_NANOS = "latency.scan_row_max_nanos";

  /** Waits until written data survives power loss (option stats.histograms). A counter. */
  public static final String LATENCY_SYNC_COUNT = "latency.sync_count";

  /** Median of latency.sync_count in nanoseconds. A gauge. */
  public static final String LATENCY_SYNC_P50_NANOS = "latency.sync_p50_nanos";

  /** 99 of 100 of latency.sync_count took no longer. A gauge. */
  public static final String LATENCY_SYNC_P99_NANOS = "latency.sync_p99_nanos";

  /** 999 of 1,000 of latency.sync_count took no longer. A gauge. */
  public static final String LATENCY_SYNC_P999_NANOS = "latency.sync_p999_nanos";

  /** The longest of latency.sync_count. A gauge. */
  public static final String LATENCY_SYNC_MAX_NANOS = "latency.sync_max_nanos";

  private StatName() {}
}
