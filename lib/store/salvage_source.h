// What is left of a damaged store, sorted by the shard that it belongs to, wherever it lies: a segment says
// whose it is, and a table's keys do.
//  (1) changes nothing
#pragma once

#include <array>
#include <vector>

#include "base/hash.h"
#include "store/check_report.h"
#include "store/index_manifest.h"
#include "store/log_chain.h"
#include "store/recovery.h"
#include "store/segment_walk.h"
#include "store/table_file.h"
#include "store/value_codec.h"

namespace shale {

struct SalvageSegment {
  SegmentFile file;    // its number: as the header says, or as it is named
  int directory = 0;   // where it lies
  std::string name;
  uint32_t stop = 0;                  // the log ends here; 0: nobody says
  int64_t sequence_end = INT64_MAX;   // records from here on lie behind a cut
  bool cut_off = false;               // of no meaning
};

struct SalvageTable {
  int directory = 0;
  std::string name;
  uint64_t size = 0;   // as the manifest says; 0: nobody says
  KeySpan span;
};

struct SalvageShard {
  std::vector<SalvageSegment> segments;   // ascending
  std::vector<SalvageTable> tables;
  // Log: is everything there that was ever written?
  bool log_whole = false;
  // Index: do rows count where nothing is lost?
  bool index_counts = false;
  std::vector<KeySpan> lost;   // of rows
  bool has_applied = false;
  AppliedMark applied;

  bool IsLost(Bytes row_key) const {
    for (const KeySpan& span : lost) {
      if (span.Contains(row_key)) return true;
    }
    return false;
  }
};

class SalvageSource {
 public:
  // `dir` outlives this object.
  SalvageSource(const Fd* dir, CheckReport* report) : dir_(dir), report_(report) {}
  // Who the store is, and which files belong to which shard. E_INCOMPATIBLE: it needs a key, or another one.
  Status Load(const std::string& path, const SecretKey* key);

  SalvageShard& shard(int number) { return shards_[static_cast<size_t>(number)]; }
  SessionEnd how() const { return how_; }
  const ValueCodec& codec() const { return codec_; }
  int64_t clock_high_ms() const { return clock_high_ms_; }
  uint64_t salt(int shard) const { return LogSalt(uuid_.data(), shard); }
  bool IsOf(int shard, Bytes key) const {
    return !has_secret_ || DiskShardOf(HashKey(secret_, key)) == shard;
  }
  const Fd& directory(int number) const { return directories_[static_cast<size_t>(number)]; }
  static std::string PathOf(int directory, const std::string& name);

  // Walks all segments of a shard that mean something. `begin` is called before each file.
  Status WalkLog(int shard, const std::function<void(const SegmentScan*)>& begin, const RecordVisit& visit,
                 const std::function<void(const SalvageSegment&, const SegmentScan&)>& end);
  Status WalkTable(const SalvageTable& table, const std::function<void(const TableEntry&)>& visit,
                   TableScan* scan);

 private:
  Status LoadSegments(int directory, const std::vector<std::string>& names);
  Status LoadTables(int directory, const std::vector<std::string>& names);
  Status LookAtTable(int directory, bool listed, SalvageTable* table, bool* good);
  void OrderSegments(int shard);

  const Fd* const dir_;
  CheckReport* const report_;
  std::array<unsigned char, 16> uuid_{};
  ValueCodec codec_;
  HashSecret secret_{};
  bool has_secret_ = false;
  SessionEnd how_ = SessionEnd::kMachineDied;
  int64_t clock_high_ms_ = 0;
  std::array<Fd, kDiskShards> directories_;
  std::array<SalvageShard, kDiskShards> shards_;
};

}   // namespace shale
