// The keys of one damaged shard: all witnesses of each, and which of them counts.
#pragma once

#include <map>

#include "store/deleted_ranges.h"
#include "store/index_row.h"
#include "store/salvage_log.h"
#include "store/salvage_report.h"
#include "store/salvage_source.h"

namespace shale {

class SalvagedShard {
 public:
  SalvagedShard(SalvageSource* source, int shard, const SalvageBatches* batches, SalvageReport* report)
      : source_(source), shard_(shard), part_(source->shard(shard)), batches_(batches), report_(report) {}

  Status Load();
  // Calls take(key, value, deadline) for each key that exists at `now_ms`.
  Status ForEach(int64_t now_ms, const std::function<Status(Bytes, Bytes, int64_t)>& take);

 private:
  struct LogWitness {
    RecordKind kind = RecordKind::kSynced;   // that is: none
    int64_t sequence = 0;
    LogPosition at = 0;
    int64_t deadline_ms = 0;
    LogPosition target = 0;   // where the value lies
    uint32_t value_len = 0;
    bool found() const { return kind != RecordKind::kSynced; }
    bool IsOlderThan(const LogWitness& other) const {
      return !found() || sequence < other.sequence || (sequence == other.sequence && at <= other.at);
    }
  };
  struct Key {
    LogWitness newest;   // in all of the log
    LogWitness tail;     // behind the index's reach
    uint64_t row_sequence = 0;
    bool has_row = false;
    bool deleted = false;   // the index says so
    Buffer row;
  };
  // What a key is, as far as can be told.
  struct Verdict {
    bool exists = false;
    bool from_row = false;
    bool suspicious = false;
    LogWitness record;
    IndexRow row;
  };

  Status TakeRecord(LogPosition at, const LogRecord& record);
  void TakeEntry(const TableEntry& entry);
  Verdict Judge(Bytes key, const Key& k) const;
  // The key was in a range that was deleted after that version of it.
  bool IsInDeletedRange(Bytes key, int64_t version) const;
  Verdict Guess(const Key& k) const;
  static Verdict OfRecord(const LogWitness& record);
  static Verdict OfRow(const Key& k);
  // What is stored, which lies in *storage.
  Status Fetch(Bytes key, const Key& k, const Verdict& verdict, Buffer* storage, StoredValue* stored,
               bool* found);
  Status FetchAt(Bytes key, LogPosition at, uint32_t stored_len, Buffer* storage, StoredValue* stored,
                 bool* found);
  Status Unseal(Bytes key, const StoredValue& stored, Buffer* storage, Bytes* value, bool* found);

  SalvageSource* const source_;
  const int shard_;
  const SalvageShard& part_;
  const SalvageBatches* const batches_;
  SalvageReport* const report_;
  std::map<Buffer, Key> keys_;   // ordered: keys from outside cannot be aimed at it
  std::vector<DeletedRange> ranges_;   // that were deleted, as log and index tell
  const SegmentScan* scan_ = nullptr;
  size_t gaps_ = 0;
  bool leave_out_ = false;   // members of a broken batch follow
  uint32_t members_left_ = 0;
};

}   // namespace shale
