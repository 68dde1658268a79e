// Figures of the disk tier, added up over its shards when asked for.
#pragma once

#include <cstdint>

namespace shale {

struct StoreStats {
  uint64_t pending_bytes = 0;
  uint64_t drains = 0;
  uint64_t drained_keys = 0;
  uint64_t stall_micros = 0;   // writers waiting for room
  uint64_t index_reads = 0;
  uint64_t log_reads = 0;
  uint64_t log_appended_bytes = 0;
  uint64_t log_segments = 0;
  uint64_t log_bytes = 0;
  uint64_t log_fsyncs = 0;
  uint64_t index_flushes = 0;
  uint64_t index_compactions = 0;
  uint64_t index_parked_compactions = 0;
  uint64_t index_table_bytes_written = 0;
  uint64_t index_memtable_bytes = 0;
  uint64_t index_fsyncs = 0;
  uint64_t shards_read_only = 0;
  uint64_t recovered_records = 0;   // replayed at this open
  uint64_t open_files = 0;
  // Space of the logs, and what gives it back.
  uint64_t space_live_bytes = 0;
  uint64_t space_garbage_bytes = 0;
  uint64_t space_amplification_percent = 0;   // 0 while nothing is live
  // Bytes that would come back if nobody read old segments: of all, and of each use of a pin, which may share
  // them.
  uint64_t space_pinned_bytes = 0;
  uint64_t space_iterator_pinned_bytes = 0;
  uint64_t space_snapshot_pinned_bytes = 0;
  uint64_t space_backup_pinned_bytes = 0;
  uint64_t space_wait_micros = 0;   // writers waiting for collection
  uint64_t gc_segments = 0;
  uint64_t gc_dropped_segments = 0;   // of those, without being read
  uint64_t gc_freed_bytes = 0;
  uint64_t gc_moved_records = 0;
  uint64_t gc_moved_bytes = 0;
  uint64_t gc_read_bytes = 0;
  uint64_t gc_retired_bytes = 0;   // waiting to be removed
  uint64_t gc_damaged_segments = 0;
  uint64_t gc_failures = 0;
  uint64_t compressed_values = 0;
  uint64_t compressed_from_bytes = 0;
  uint64_t compressed_to_bytes = 0;
  uint64_t compression_raw_bytes = 0;   // tried, and kept as they are
  uint64_t swept_rows = 0;
  uint64_t swept_keys = 0;
  uint64_t swept_compactions = 0;
  uint64_t deleted_ranges = 0;   // of all shards, whose rows are still in the index
  uint64_t dropped_keys = 0;     // removed from the index because of them
};

}   // namespace shale
