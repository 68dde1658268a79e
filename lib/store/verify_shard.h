// A look at every byte of one shard: each file by itself, then what they say about each other.
//  (1) changes nothing
//  (2) goes on after damage, so that one look finds all of it
#pragma once

#include <memory>

#include "base/hash.h"
#include "store/background.h"
#include "store/check_report.h"
#include "store/index_manifest.h"
#include "store/log_chain.h"
#include "store/recovery.h"
#include "store/segment_walk.h"
#include "store/store_shard.h"
#include "store/table_file.h"

namespace shale {

// Names of the plain files of a directory, sorted. Others are not read by anybody: the survey tells them.
Status ListPlainFiles(const Fd& dir, const std::string& name, std::vector<std::string>* files);

class ShardVerifier {
 public:
  struct Config {
    const Fd* root = nullptr;
    int shard = 0;
    std::array<unsigned char, 16> uuid{};
    const ValueCodec* codec = nullptr;
    const HashSecret* secret = nullptr;   // null: not known, so it cannot be checked where keys belong
    SessionEnd how = SessionEnd::kClean;
    WorkPool* pool = nullptr;
    leveldb::Cache* block_cache = nullptr;
    Clock* clock = nullptr;
    const WorkProgress* progress = nullptr;
    CheckReport* report = nullptr;
  };

  explicit ShardVerifier(const Config& config);
  // An error is one of reading, or CANCELLED. *scanned: `scan` is what recovery would see.
  Status Run(ShardScan* scan, bool* scanned);

 private:
  // A record that a row may point to.
  struct Place {
    LogPosition position = 0;
    uint64_t key_sum = 0;
    int64_t sequence = 0;
    uint32_t value_len = 0;
  };

  Status ListFiles();
  Status CheckHeaders();
  Status CheckManifest();
  Status CheckTables();
  Status CheckTable(uint64_t number, const IndexManifest::Table* listed);
  void CheckEntry(const std::string& file, const TableEntry& entry);
  void CheckIdentity(const std::string& path, Bytes row);
  void CheckAgainstManifest(const std::string& file, const IndexManifest::Table& listed,
                            const TableScan& scan);
  Status CheckLog();
  Status CheckSegment(size_t index);
  bool MayBeTorn(size_t index, const SegmentScan& scan, LogPosition gap) const;
  Status CheckLoose(uint32_t number);
  // Are the stored bytes a value of this key?
  void CheckValue(const std::string& path, uint64_t offset, Bytes key, const StoredValue& stored);
  Status CheckRows(StoreShard* shard);
  void CheckRow(StoreShard* shard, Bytes key, Bytes raw);
  Status OpenAndScan(ShardScan* scan, bool* scanned);

  bool IsOurs(Bytes key) const;
  std::string Path(const std::string& file) const { return name_ + "/" + file; }
  void Add(const std::string& path, Severity severity, uint64_t offset, std::string what);
  // A file was looked at.
  Status Done(const std::string& path);

  const Config config_;
  const std::string name_;
  Fd dir_;
  std::vector<std::string> files_;
  std::vector<SegmentFile> segments_;
  LogChain chain_;
  IndexManifest manifest_;
  AppliedMark applied_;
  uint64_t applied_sequence_ = 0;   // LevelDB's, of that row
  bool has_applied_ = false;
  std::vector<Place> places_;   // ascending
  Buffer value_;                // being looked at
  uint64_t damage_ = 0;         // pieces found in this shard
};

}   // namespace shale
