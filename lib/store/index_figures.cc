// What an index tells about itself.
#include <leveldb/cache.h>
#include <leveldb/db.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "store/index.h"
#include "store/index_env.h"

namespace shale {

uint64_t Index::ApproximateBytes(Bytes lower, Bytes upper) {
  const IndexHealth::EntryScope entry(&env_->health(), false);
  if (env_->health().dead()) return 0;
  const leveldb::Range range(leveldb::Slice(lower.data(), lower.size()),
                             leveldb::Slice(upper.data(), upper.size()));
  uint64_t bytes = 0;
  try {
    db_->GetApproximateSizes(&range, 1, &bytes);
  } catch (...) {
    env_->Die();
  }
  return bytes;
}

int Index::Runs() {
  const IndexHealth::EntryScope entry(&env_->health(), false);
  if (env_->health().dead()) return 0;
  int runs = 0;
  try {
    std::string text;
    for (char level = '0'; db_->GetProperty("leveldb.num-files-at-level" + std::string(1, level), &text);
         level++) {
      const int tables = std::atoi(text.c_str());
      runs += level == '0' ? tables : std::min(tables, 1);
    }
  } catch (...) {
    env_->Die();
  }
  return runs;
}

size_t Index::memtable_bytes() const try {
  const IndexHealth::EntryScope entry(&env_->health(), false);
  if (env_->health().dead()) return 0;
  std::string text;
  // LevelDB's figure includes the block cache, which all shards share.
  const size_t cached = block_cache_->TotalCharge();
  if (!db_->GetProperty("leveldb.approximate-memory-usage", &text)) return 0;
  const size_t total = std::strtoull(text.c_str(), nullptr, 10);
  return total - std::min(total, cached);
} catch (...) {
  env_->Die();
  return 0;
}

IndexStats Index::Stats() const {
  IndexFileContext& context = env_->context();
  IndexStats stats;
  stats.flushes = env_->jobs().flushes();
  stats.parked_compactions = env_->jobs().parked();
  stats.stall_micros = env_->stall_micros();
  // Relaxed: each number stands alone.
  stats.compactions = context.compactions.load(std::memory_order_relaxed);
  stats.table_bytes_written = context.table_bytes_written.load(std::memory_order_relaxed);
  stats.fsyncs = context.fsyncs.load(std::memory_order_relaxed);
  stats.damage_reports = context.damage_reports.load(std::memory_order_relaxed);
  return stats;
}

}   // namespace shale
