// What a caller can choose, by name and text: a new option adds a row to options.def and no symbol. Options
// are checked one by one when set and together when resolved, so that a store is opened with plain numbers
// that fit each other.
//  (1) an Options object holds valid values only, written in one way ("1GiB" for 1073741824): a refused Set
//      changes nothing
//  (2) Resolve fills in every automatic size; what is in ResolvedOptions is what is used, and Effective shows
//      the same
//  (3) cache_bytes and all other sizes together do not exceed memory_budget, unless the least that the disk
//      tier can work with is above it (budgets below 12 MiB)
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/secret_key.h"
#include "base/status.h"

namespace shale {

enum class Opt : int {
  kOpenCreate,
  kOpenErrorIfExists,
  kOpenReadOnly,
  kOpenRecoverInMemory,
  kOpenSharedDirectory,
  kMemoryBudget,
  kCachePolicy,
  kCacheShards,
  kCachePlacePercent,
  kHugePages,
  kDurability,
  kInlineMax,
  kCompressionThreshold,
  kCompressionLevel,
  kSegmentBytes,
  kMaxAmplification,
  kGcBackground,
  kGcBytesPerSecond,
  kDefaultTtl,
  kTtlJitterPercent,
  kTtlIdle,
  kTtlGrace,
  kLeaseHold,
  kPendingBytesMax,
  kBlockCacheBytes,
  kWriteBufferBytes,
  kBackgroundThreads,
  kFilesOpenMax,
  kStatsHistograms,
  kEventsBytes,
  kCacheWarmRestart,
  kCacheWarmRestartMs,
  kCount,
};
inline constexpr size_t kOptionCount = static_cast<size_t>(Opt::kCount);

// A row for introspection. All texts live for ever.
struct OptionRow {
  const char* name;
  const char* type;   // "bool", "int", "size", "text", "enum"
  const char* default_text;
  const char* range;   // "8MiB..16TiB", "0 (auto), 2..16", "s3fifo|lru|fifo"
  bool hot;
  const char* doc;
};
// nullptr past the end.
const OptionRow* OptionAt(size_t index);

class Options {
 public:
  Options();
  // E_INVALID names the option and its range.
  Status Set(std::string_view name, std::string_view text);
  Status SetI64(std::string_view name, int64_t value);   // bool, int and size
  // A store's key is not an option that can be looked at: 32 bytes, or none to take it away.
  Status SetKey(Bytes key);
  const std::shared_ptr<const SecretKey>& key() const { return key_; }
  void DropKey() { key_.reset(); }
  // Valid until the option is set again; nullptr if there is no such option.
  const char* Get(std::string_view name) const;

  const std::string& text(Opt option) const { return texts_[static_cast<size_t>(option)]; }
  // 0 for text and enum.
  int64_t number(Opt option) const { return numbers_[static_cast<size_t>(option)]; }

 private:
  friend struct ResolvedOptions;
  void Store(Opt option, int64_t number);

  std::array<std::string, kOptionCount> texts_;
  std::array<int64_t, kOptionCount> numbers_{};
  std::shared_ptr<const SecretKey> key_;
};

enum class Durability { kOs, kDisk, kInterval };

struct ResolvedOptions {
  bool create = true;
  bool error_if_exists = false;
  bool read_only = false;
  bool recover_in_memory = false;
  bool shared_directory = false;
  uint64_t memory_budget = 0;
  uint64_t cache_bytes = 0;   // for the memory tier
  std::string cache_policy;
  int cache_place_percent = 0;
  int cache_shards = 0;
  bool huge_pages = true;
  Durability durability = Durability::kOs;
  int64_t interval_ms = 0;   // kInterval
  size_t inline_max = 0;
  std::shared_ptr<const SecretKey> key;   // null: the store is not encrypted
  size_t compression_threshold = 0;
  int compression_level = 0;
  size_t segment_bytes = 0;
  double max_amplification = 2.0;
  bool gc_background = true;
  uint64_t gc_bytes_per_second = 0;   // 0: chosen by need
  int64_t default_ttl_ms = 0;         // 0: does not expire
  int ttl_jitter_percent = 0;
  int64_t idle_ms = 0;   // 0: none
  int64_t grace_ms = 0;
  int64_t lease_hold_ms = 0;
  // The disk tier's share of the budget. All 0 without a path.
  size_t pending_bytes_max = 0;
  size_t block_cache_bytes = 0;
  size_t write_buffer_bytes = 0;   // each disk shard may have two
  int background_threads = 0;
  int files_open_max = 0;   // 0: the store chooses, then tells SetFilesOpenMax

  bool histograms = false;
  size_t events_bytes = 0;   // not part of cache_bytes
  bool warm_restart = false;
  int64_t warm_restart_ms = 0;

  Options effective;   // the same as text

  // Text that lives as long as this object stays where it is; nullptr if there is no such option.
  const char* Effective(std::string_view name) const { return effective.Get(name); }
  void SetFilesOpenMax(int chosen);
  void Note(Opt option, uint64_t value) { effective.Store(option, static_cast<int64_t>(value)); }
};

// `in_memory`: opened without a path; the memory tier gets the whole budget. E_INVALID if sizes that were set
// leave less than an eighth of the budget to the memory tier; the message names them.
Status Resolve(const Options& options, bool in_memory, ResolvedOptions* out);

}   // namespace shale
