// The files LevelDB gets from IndexEnv: what it writes, what it reads, and the log that keeps nothing.
//  (1) the first failure of a write, sync or close poisons the index
//  (2) before a table or manifest is synced, the log is; before a file created since opening is relied on,
//      its directory is
//  (3) tables are read with pread and are opened by name at each read, through the shard's bounded FileCache:
//      no mmap, for an error in one would be a signal in the host
//  (4) a table that is missing, short or has a damaged footer is corruption, never "not found": LevelDB would
//      pass that on as the key's absence
#pragma once

#include <leveldb/env.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"
#include "store/file_cache.h"
#include "store/files.h"
#include "store/index_health.h"
#include "store/index_jobs.h"
#include "store/log_syncer.h"

namespace shale {

// What all files of one index share.
struct IndexFileContext {
  const Fd* dir = nullptr;
  FileCache* files = nullptr;
  LogSyncer* log = nullptr;
  IndexHealth health;
  uint64_t manifest_bytes = UINT64_MAX;   // LevelDB is shown no more of it when it opens
  // Set when the index is being closed: a compaction that is still begun finds no table to write to, which is
  // no failure.
  std::atomic<bool> closing{false};
  // Relaxed, all four: numbers for people.
  std::atomic<uint64_t> table_bytes_written{0};
  std::atomic<uint64_t> fsyncs{0};
  std::atomic<uint64_t> compactions{0};
  std::atomic<uint64_t> damage_reports{0};
};

// Runs the body of a callback, unless LevelDB is left alone; no exception of the body leaves it.
template <typename Body>
leveldb::Status GuardCallback(IndexHealth* health, Body body) {
  const IndexHealth::CallbackScope scope(health);
  if (scope.refused()) return health->OutOfMemory();
  try {
    return body();
  } catch (...) {
    return health->OutOfMemory();
  }
}

// The same for callbacks that write: what was not done for want of memory is a failed write.
template <typename Body>
leveldb::Status GuardWrite(IndexHealth* health, Body body) {
  const IndexHealth::CallbackScope scope(health);
  if (scope.refused()) return health->OutOfMemory();
  try {
    return body();
  } catch (...) {
    health->Poison(Code::E_NO_MEMORY);
    return health->OutOfMemory();
  }
}

// One file that LevelDB writes. In memory while `held`; Materialise makes a file of it, and writing goes on
// there.
class IndexOutput {
 public:
  IndexOutput(IndexFileContext* context, std::string name, bool held);
  ~IndexOutput() = default;   // what was not synced is dropped, as LevelDB drops a table it gave up

  // Not held only: makes the file.
  Status Create();
  Status Append(Bytes data);
  Status Sync();
  Status Close();
  Status Materialise();
  // All that was appended, while held.
  Bytes content() const { return buffer_; }
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

 private:
  Status WriteOut();
  Status SyncFile();

  IndexFileContext* const context_;
  std::string name_;
  const bool table_;
  bool held_;
  bool directory_synced_ = false;
  Fd fd_;
  uint64_t offset_ = 0;   // bytes in the file
  Buffer buffer_;         // bytes after them
};

std::unique_ptr<leveldb::WritableFile> NewOutputFile(IndexFileContext* context,
                                                     std::shared_ptr<IndexOutput> output);
// The newest *.log.
std::unique_ptr<leveldb::WritableFile> NewLogSink(IndexFileContext* context, IndexJobs* jobs);
std::unique_ptr<leveldb::SequentialFile> NewMemoryReader(Bytes content);
Status OpenSequentialReader(IndexFileContext* context, const std::string& name,
                            std::unique_ptr<leveldb::SequentialFile>* out);
Status OpenTableReader(IndexFileContext* context, const IndexJobs* jobs, const std::string& name,
                       uint64_t number, std::unique_ptr<leveldb::RandomAccessFile>* out);
// Keeps no text: counts what matters, and poisons the index when LevelDB reports a failed compaction, unless
// it is closing.
std::unique_ptr<leveldb::Logger> NewCountingLogger(IndexFileContext* context);

}   // namespace shale
