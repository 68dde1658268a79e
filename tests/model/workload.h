// Random calls over the whole data side of the ABI, each answer compared with the model. One workload owns
// the keys below its prefix and runs on one thread, so that its model is exact; several run side by side on
// one store.
//  (1) every call that changes the store changes the model in the same step, with the clock standing still
//  (2) an iterator of a store with a path is compared with the rows at the time it was made; one of a
//      memory-only store with the keys of that time and the values of now, as the header promises
//  (3) a snapshot is compared with the rows at the time it was taken, and the clock of now
//  (4) a pin's bytes are compared when it is freed, whatever happened to the key or the database meanwhile
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/model.h"
#include "model/store_kit.h"

namespace shale_test {

class Workload {
 public:
  struct Config {
    std::string prefix;   // of all its keys; other workloads must not use it
    uint64_t seed = 0;
    size_t keys = 0;
    bool memory_only = false;
    int64_t default_ttl_ms = 0;   // as the store was opened with
  };

  Workload(const Config& config, shale::FakeClock* clock);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void Attach(shale_db* db) { db_ = db; }
  // One random call (or a few that belong together).
  void Step();
  // To be called when the database was closed: iterators answer CLOSED, pins keep their bytes.
  void Closed();
  // Everything by get and by scan.
  void VerifyAll();
  uint64_t steps() const { return steps_; }
  uint64_t snapshots_taken() const { return snapshots_taken_; }
  uint64_t rows_seen() const { return rows_seen_; }
  uint64_t would_block_seen() const { return would_block_seen_; }

 private:
  using Key = std::string;
  struct Held {
    shale_pin* pin;
    const void* bytes;
    Value expected;
  };
  struct Scan {
    shale_iter* iter = nullptr;
    bool reverse = false;
    bool keys_only = false;
    bool at_snapshot = false;
    bool ended = false;
    std::string from, to;   // bounds, empty: open
    int64_t limit = 0;
    int64_t returned = 0;
    std::string last;               // key of the last row, empty before the first
    std::vector<Model::Row> rows;   // in the direction of the scan
    size_t at = 0;
  };
  struct HeldSnapshot {
    shale_snapshot* snapshot = nullptr;
    std::shared_ptr<const std::vector<Model::Row>> rows;   // as they were
  };

  // workload.cc
  void MakeKeys();
  const Key& PickKey();
  Value PickValue();
  int64_t PickTtl(bool keep_allowed);
  int64_t now() { return clock_->NowMs(); }
  [[noreturn]] void Differ(const char* what, std::string_view key, const std::string& detail);
  void Expect(shale_status wanted, shale_status seen, const char* what, std::string_view key);
  void ExpectBytes(const Value& wanted, const void* data, size_t size, const char* what,
                   std::string_view key);
  void Learn(const Key& key, int64_t version, const char* what);
  // The answer to a read is as the model says. True if there is a value to compare.
  bool CheckRead(shale_status seen, const Entry* entry, uint32_t flags, const char* what,
                 std::string_view key);
  uint32_t ReadFlags();
  uint32_t SyncFlag() { return dice_.OneIn(2000) ? SHALE_SYNC : 0; }
  int64_t KnownVersion(const Key& key);

  // workload_reads.cc
  void Get();
  void GetInto();
  void GetView();
  void GetPinned();
  void DropPin(size_t index);
  void Exists();
  void Ttl();

  // workload_writes.cc
  void Put();
  void Delete();
  void GetAndSet();
  void CompareAndSet();
  void CompareVersionAndSet();
  void CompareAndDelete();
  void CompareVersionAndDelete();
  void Count();
  void Expire();
  void Persist();

  // workload_many.cc
  void MultiGet();
  void MultiGetPacked();
  void MultiPut();
  void MultiDelete();
  void Batch();
  void WritePacked();
  void DeleteRange();

  // workload_scans.cc
  void NewScan();
  void StepScan();
  void RunScanToEnd(Scan* scan);
  const Model::Row* ExpectedRow(Scan* scan);
  void CollectRows(Scan* scan);
  void ScanNext(Scan* scan);
  void ScanNextPacked(Scan* scan);
  size_t CheckPackedRow(Scan* scan, const char* buffer, size_t used, size_t offset);
  void ScanResume(Scan* scan);
  void CheckRow(Scan* scan, std::string_view key, const void* value, size_t value_len, const char* what);
  void FreeScan(size_t index);

  // workload_snapshots.cc
  void UseSnapshot();
  void TakeSnapshot();
  void DropSnapshot(size_t index);
  const Model::Row* RowAt(const HeldSnapshot& held, const Key& key);
  void SnapshotGet(const HeldSnapshot& held);
  void SnapshotMultiGet(const HeldSnapshot& held);
  void SnapshotScan(const HeldSnapshot& held);
  void SnapshotsClosed();

  const Config config_;
  shale::FakeClock* const clock_;
  Dice dice_;
  Model model_;
  std::vector<Key> keys_;
  shale_db* db_ = nullptr;
  shale_error* err_ = nullptr;   // of the last call; always freed in Expect
  std::vector<Held> held_;
  std::vector<Scan> scans_;
  std::vector<HeldSnapshot> snapshots_;
  std::vector<char> buffer_;
  uint64_t steps_ = 0;
  uint64_t rows_seen_ = 0;
  uint64_t snapshots_taken_ = 0;
  uint64_t would_block_seen_ = 0;
};

}   // namespace shale_test
