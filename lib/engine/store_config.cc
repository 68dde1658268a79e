#include "engine/store_config.h"

namespace shale {

Store::Config StoreConfig(const ResolvedOptions& options, Clock* clock) {
  Store::Config config;
  config.create = options.create;
  config.error_if_exists = options.error_if_exists;
  config.read_only = options.read_only;
  config.recover_in_memory = options.recover_in_memory;
  config.shared_directory = options.shared_directory;
  config.pending_bytes_max = options.pending_bytes_max;
  config.inline_max = options.inline_max;
  config.key = options.key;
  config.compress_bytes_min = options.compression_threshold;
  config.compress_level = options.compression_level;
  config.segment_bytes = options.segment_bytes;
  config.write_buffer_bytes = options.write_buffer_bytes;
  config.block_cache_bytes = options.block_cache_bytes;
  config.open_files_max = static_cast<size_t>(options.files_open_max);
  config.threads = options.background_threads;
  config.sync_interval_ms = options.durability == Durability::kInterval ? options.interval_ms : 0;
  config.max_amplification = options.max_amplification;
  config.gc_background = options.gc_background;
  config.gc_bytes_per_second = options.gc_bytes_per_second;
  config.grace_ms = options.grace_ms;
  config.clock = clock;
  return config;
}

}   // namespace shale
