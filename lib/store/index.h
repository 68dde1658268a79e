// One LevelDB: where each key of a disk shard is. It has no log of its own (its Env drops those bytes); every
// batch written carries the log position up to which the index is applied, so its tables always say exactly
// how far they reach.
//  (1) rows and the applied position change together, in one LevelDB batch
//  (2) between Open and Commit not a byte on disk is changed: what LevelDB writes while opening is kept in
//      memory, so that 64 shards can be opened and checked before any is touched
//  (3) before a table or manifest becomes durable, the log bytes it points to are (LogSyncer)
//  (4) after the first failed write or sync the index is poisoned: reads go on, writes fail until reopened
//  (5) no leveldb::Snapshot is ever taken (1.23 lets deleted rows reappear under one)
//  (6) no call throws. If memory runs out inside LevelDB, which is built without exceptions, its locks may
//      stay locked: calls that are inside then may hang, all later ones return E_NO_MEMORY, and Close leaves
//      LevelDB's memory allocated
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "store/background.h"
#include "store/file_cache.h"
#include "store/files.h"
#include "store/index_cursor.h"
#include "store/log_syncer.h"

namespace leveldb {
class Cache;
class DB;
class FilterPolicy;
class WriteBatch;
}   // namespace leveldb

namespace shale {

class IndexEnv;

// Changes for one Index::Write. Reusable: Clear keeps the memory.
class IndexBatch {
 public:
  IndexBatch();
  ~IndexBatch();
  void Clear();
  void Put(Bytes row_key, Bytes row);   // if memory runs out, Write of this batch fails
  void Delete(Bytes row_key);
  size_t bytes() const;

 private:
  friend class Index;
  std::unique_ptr<leveldb::WriteBatch> batch_;
  bool incomplete_ = false;
};

struct IndexStats {
  uint64_t flushes = 0;   // memtables written to tables
  uint64_t compactions = 0;
  uint64_t parked_compactions = 0;   // asked for by reads and put off
  uint64_t stall_micros = 0;         // time LevelDB asked writers to sleep (not slept)
  uint64_t table_bytes_written = 0;
  uint64_t fsyncs = 0;
  uint64_t damage_reports = 0;   // lines in which LevelDB says that it dropped bytes
};

class Index {
 public:
  struct Config {
    std::string name;                        // "07", for messages and as LevelDB's virtual path
    const Fd* dir = nullptr;                 // the shard's directory; outlives the index
    FileCache* files = nullptr;              // outlives the index
    WorkPool* pool = nullptr;                // outlives the index
    LogSyncer* log = nullptr;                // outlives the index
    leveldb::Cache* block_cache = nullptr;   // shared by all shards; outlives the index
    size_t write_buffer_bytes = 0;           // jittered per shard by the caller
    // Tables whose index and filter blocks LevelDB keeps in memory, at least 64; about 3 % of the size of
    // each.
    int tables_open_max = 1000;
    bool create = false;         // no LevelDB here yet
    bool machine_died = false;   // since the last session: see index_check.h
    // Never committed: what is written stays in one memtable, of kMemtableBytesMax at most.
    bool read_only = false;
  };

  static constexpr size_t kMemtableBytesMax = size_t{1} << 30;   // LevelDB takes no larger ones

  // See (2). E_CORRUPT names the file; E_INCOMPATIBLE: create is set and there is one, or another program
  // wrote to it.
  static Status Open(const Config& config, std::unique_ptr<Index>* out);
  // Writes down what opening had to write, and starts background work. Before it, Write and Flush are
  // refused. After a failure only Close makes sense; the directory opens as before then.
  Status Commit();
  // Flushes nothing; waits for background work and closes LevelDB. Without Commit the disk stays as it was.
  // Idempotent. Reports the failure that poisoned the index, if one did. The pool must still be running.
  Status Close();
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  Status Get(Bytes row_key, Buffer* row);   // NOT_FOUND
  // May wait for a flush. An error leaves open whether the rows will be there; E_READ_ONLY: poisoned before
  // the call.
  Status Write(IndexBatch* batch);
  // All rows written before the call are in tables and durable when it returns OK.
  Status Flush();
  // Rewrites all tables, so that what was deleted and replaced is gone from them. Takes long; writes go on.
  // Must not run while the index is closed.
  Status Compact() { return Compact(Bytes(), Bytes()); }
  // The same of the tables that hold row keys of [lower, upper); empty: that side is open.
  Status Compact(Bytes lower, Bytes upper);
  uint64_t ApproximateBytes() { return ApproximateBytes(Bytes(), Bytes("\xff", 1)); }   // of rows in tables
  // Of rows in tables with lower <= row key < upper, to a block (4 KiB) at each end. What is in memtables
  // does not count; what was replaced does until it is compacted away.
  uint64_t ApproximateBytes(Bytes lower, Bytes upper);
  // In how many places a walk looks beside memtables: tables of level 0, and levels below it that are not empty.
  int Runs();
  // Begins a new memtable, if anything is in the newest; may wait for an older one to be written.
  Status BeginFlush();
  // Memtables by number, ascending. What was written while n was the newest is in tables, and durable, once
  // the oldest is above n. Ask for the newest after the write.
  uint64_t NewestMemtable() const;
  uint64_t OldestMemtable() const;
  // Lets a compaction run that reads asked for and that was put off: for when nobody writes.
  void RunParked();
  // `upper` empty: none. fill_cache: keep the blocks read in the block cache.
  Status NewCursor(Bytes lower, Bytes upper, bool fill_cache, std::unique_ptr<IndexCursor>* out);
  // Bytes in use by LevelDB for memtables, approximately.
  size_t memtable_bytes() const;
  bool poisoned() const;
  Status PoisonCause() const;   // OK if it is not
  // Until ReleaseRemovals no table or manifest goes from the directory, so that a state of the index can be
  // copied. One holder at a time. Then what was held back goes.
  void HoldRemovals();
  void ReleaseRemovals();
  // For tests: waits for background work and checks itself against the directory.
  bool Validate(std::string* why);
  IndexStats Stats() const;

  // Shared by all shards of a store.
  static leveldb::Cache* NewBlockCache(size_t bytes);
  static void DeleteBlockCache(leveldb::Cache* cache);

 private:
  Index();
  Status CheckWritable() const;
  // nullptr: begin a new memtable, so that the last one is flushed.
  Status WriteToLevel(leveldb::WriteBatch* batch);

  std::unique_ptr<IndexEnv> env_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  leveldb::Cache* block_cache_ = nullptr;
  std::unique_ptr<leveldb::DB> db_;   // null once closed
  std::atomic<bool> committed_{false};
  bool read_only_ = false;
};

}   // namespace shale
