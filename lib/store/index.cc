#include "store/index.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "base/check.h"
#include "store/index_check.h"
#include "store/index_env.h"

namespace shale {

namespace {

constexpr size_t kTableBytesMax = 8 << 20;   // fewer and larger than LevelDB's 2 MiB: each costs two fsyncs
constexpr size_t kBlockBytes = 4096;
constexpr int kBloomBitsPerKey = 10;
constexpr int kFlushTriesMax = 3;

leveldb::Slice ToSlice(Bytes bytes) {
  return leveldb::Slice(bytes.data(), bytes.size());
}

leveldb::ReadOptions CheckedRead(bool fill_cache) {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = fill_cache;
  return options;
}

leveldb::Options LevelOptions(const Index::Config& config, IndexEnv* env,
                              const leveldb::FilterPolicy* filter) {
  leveldb::Options options;
  options.env = env;
  options.info_log = env->logger();
  options.create_if_missing = config.create;
  options.error_if_exists = config.create;
  options.paranoid_checks = true;
  options.write_buffer_size = config.read_only ? Index::kMemtableBytesMax : config.write_buffer_bytes;
  options.max_open_files = config.tables_open_max;
  options.block_cache = config.block_cache;
  options.block_size = kBlockBytes;
  options.max_file_size = kTableBytesMax;
  options.compression = leveldb::kNoCompression;
  options.reuse_logs = false;
  options.filter_policy = filter;
  return options;
}

}   // namespace

// ---- batch

IndexBatch::IndexBatch() : batch_(std::make_unique<leveldb::WriteBatch>()) {}

IndexBatch::~IndexBatch() = default;

void IndexBatch::Clear() {
  batch_->Clear();
  incomplete_ = false;
}

void IndexBatch::Put(Bytes row_key, Bytes row) {
  try {
    batch_->Put(ToSlice(row_key), ToSlice(row));
  } catch (...) {
    incomplete_ = true;
  }
}

void IndexBatch::Delete(Bytes row_key) {
  try {
    batch_->Delete(ToSlice(row_key));
  } catch (...) {
    incomplete_ = true;
  }
}

size_t IndexBatch::bytes() const {
  return batch_->ApproximateSize();
}

// ---- opening and closing

namespace {

// Block caches of which an index that was left standing may still hold blocks: deleting one would end the
// process. They are as many as stores that ran out of memory inside LevelDB.
std::atomic<size_t> kept_count{0};
std::array<std::atomic<leveldb::Cache*>, 64> kept_caches{};

bool IsKept(const leveldb::Cache* cache) {
  const size_t count = std::min(kept_count.load(), kept_caches.size());
  return kept_count.load() > kept_caches.size() ||
         std::any_of(kept_caches.begin(), kept_caches.begin() + count,
                     [&](const std::atomic<leveldb::Cache*>& kept) { return kept.load() == cache; });
}

void KeepCache(leveldb::Cache* cache) {
  if (IsKept(cache)) return;
  const size_t at = kept_count.fetch_add(1);
  if (at < kept_caches.size()) kept_caches[at].store(cache);   // beyond, all are kept
}

}   // namespace

Index::Index() = default;

Index::~Index() {
  try {
    static_cast<void>(Close());   // whoever wants to know calls Close
  } catch (const std::bad_alloc&) {
    // No memory for the words of an earlier error: it is closed all the same.
  }
  if (env_ == nullptr || !env_->health().dead()) return;
  // LevelDB was left where it stood, and what it uses must stay with it.
  static_cast<void>(env_.release());
  static_cast<void>(filter_.release());
  KeepCache(block_cache_);
}

Status Index::Open(const Config& config, std::unique_ptr<Index>* out) try {
  out->reset();
  SHALE_CHECK(config.dir != nullptr && config.block_cache != nullptr);
  std::unique_ptr<Index> index(new Index);
  index->block_cache_ = config.block_cache;
  index->read_only_ = config.read_only;
  index->filter_.reset(leveldb::NewBloomFilterPolicy(kBloomBitsPerKey));
  index->env_ = std::make_unique<IndexEnv>(config.name, config.dir, config.files, config.log, config.pool);
  SHALE_RETURN_IF_NOT_OK(index->env_->Load());
  if (!config.create) {
    SHALE_RETURN_IF_NOT_OK(
        CheckIndexFiles(*config.dir, config.machine_died, &index->env_->context().manifest_bytes));
  }
  leveldb::DB* db = nullptr;
  leveldb::Status s;
  try {
    s = leveldb::DB::Open(LevelOptions(config, index->env_.get(), index->filter_.get()), config.name, &db);
  } catch (...) {
    index->env_->Die();   // a half of LevelDB is left, and may hold on to what it was given
    throw;
  }
  index->db_.reset(db);
  if (!s.ok()) {
    const Status status = index->env_->health().FromLevel(s, false);
    return status.Is(Code::NOT_FOUND) ? Status::Corrupt("index: " + s.ToString()) : status;
  }
  *out = std::move(index);
  return Status::Ok();
} catch (...) {
  return Code::E_NO_MEMORY;
}

Status Index::Commit() try {
  SHALE_CHECK(!committed_.load(std::memory_order_relaxed) && db_ != nullptr);
  SHALE_RETURN_IF_NOT_OK(env_->Commit());
  committed_.store(true, std::memory_order_release);   // release: the Env's files are real now
  return Status::Ok();
} catch (...) {
  env_->health().Poison(Code::E_NO_MEMORY);
  return Code::E_NO_MEMORY;
}

Status Index::Close() {
  if (db_ == nullptr) return Status::Ok();
  SHALE_CHECK(env_->cursors() == 0);   // LevelDB would abort
  env_->BeginClose();
  // Before LevelDB waits for its job: one that has died is waited for in there for ever.
  env_->jobs().AwaitIdle();
  if (env_->health().dead()) {
    static_cast<void>(db_.release());   // its locks may be held for ever
    env_->health().AwaitOutside();
    return Code::E_NO_MEMORY;
  }
  db_.reset();
  env_->jobs().AwaitIdle();
  return env_->health().PoisonCause();
}

// ---- reading

Status Index::Get(Bytes row_key, Buffer* row) {
  IndexHealth& health = env_->health();
  leveldb::Status s;
  try {
    const IndexHealth::EntryScope entry(&health, false);
    if (health.dead()) return Code::E_NO_MEMORY;
    IndexJobs::ReadScope reading(&env_->jobs());
    s = db_->Get(CheckedRead(true), ToSlice(row_key), row);
  } catch (...) {
    env_->Die();
    return Code::E_NO_MEMORY;
  }
  if (s.ok()) return Status::Ok();
  if (s.IsNotFound()) return Code::NOT_FOUND;
  try {
    return health.FromLevel(s, true);
  } catch (...) {
    return s.IsCorruption() ? Code::E_CORRUPT : Code::E_IO;
  }
}

Status Index::NewCursor(Bytes lower, Bytes upper, bool fill_cache, std::unique_ptr<IndexCursor>* out) {
  if (env_->health().dead()) return Code::E_NO_MEMORY;
  try {
    out->reset(new IndexCursor(env_.get(), Buffer(lower), Buffer(upper)));
  } catch (...) {
    return Code::E_NO_MEMORY;
  }
  const auto fill = [&]() -> Status {
    const IndexHealth::EntryScope entry(&env_->health(), true);
    if (env_->health().dead()) return Code::E_NO_MEMORY;
    try {
      IndexJobs::ReadScope reading(&env_->jobs());
      (*out)->it_.reset(db_->NewIterator(CheckedRead(fill_cache)));
    } catch (...) {
      env_->Die();
      return Code::E_NO_MEMORY;
    }
    return Status::Ok();
  };
  const Status s = fill();
  if (!s.ok()) out->reset();   // which enters on its own
  return s;
}

// ---- writing

Status Index::CheckWritable() const {
  if (env_->health().dead()) return Code::E_NO_MEMORY;
  SHALE_RETURN_IF_NOT_OK(env_->health().Refusal());
  if (read_only_) {
    // A full memtable would wait for a flush that never comes.
    if (memtable_bytes() < kMemtableBytesMax / 8 * 7) return Status::Ok();
    return Status::Error(Code::E_LIMIT, "the log is too long to be recovered in memory");
  }
  // Acquire: pairs with Commit. A flush before it would wait for a job that is held back.
  if (committed_.load(std::memory_order_acquire)) return Status::Ok();
  return Status::Error(Code::E_INTERNAL, "index: written before it was committed");
}

Status Index::WriteToLevel(leveldb::WriteBatch* batch) {
  IndexHealth& health = env_->health();
  leveldb::Status written;
  try {
    const IndexHealth::EntryScope entry(&health, true);
    if (health.dead()) return Code::E_NO_MEMORY;
    written = db_->Write(leveldb::WriteOptions(), batch);
  } catch (...) {
    env_->Die();
    return Code::E_NO_MEMORY;
  }
  if (written.ok()) return Status::Ok();
  // LevelDB stops writing after some failures that no file operation showed.
  health.Poison(health.FromLevel(written, false));
  return health.PoisonCause();   // of the first failure, which says more
}

Status Index::Write(IndexBatch* batch) try {
  SHALE_RETURN_IF_NOT_OK(CheckWritable());
  return batch->incomplete_ ? Status(Code::E_NO_MEMORY) : WriteToLevel(batch->batch_.get());
} catch (...) {
  return Code::E_NO_MEMORY;
}

Status Index::BeginFlush() try {
  SHALE_RETURN_IF_NOT_OK(CheckWritable());
  return env_->jobs().NewestLogIsWritten() ? WriteToLevel(nullptr) : Status::Ok();
} catch (...) {
  return Code::E_NO_MEMORY;
}

Status Index::Flush() try {
  SHALE_RETURN_IF_NOT_OK(BeginFlush());
  IndexJobs& jobs = env_->jobs();
  for (int tries = 0; tries < kFlushTriesMax; tries++) {
    if (jobs.AwaitLogsRemovedBefore(jobs.NewestLog())) return Status::Ok();
    // No job is left and a memtable is not in tables: LevelDB has given up. It says why when written to.
    if (env_->health().dead()) return Code::E_NO_MEMORY;
    SHALE_RETURN_IF_NOT_OK(env_->health().PoisonCause());
    SHALE_RETURN_IF_NOT_OK(WriteToLevel(nullptr));
  }
  return Status::Error(Code::E_NO_MEMORY, "index: LevelDB did not remove the logs of flushed memtables");
} catch (...) {
  return Code::E_NO_MEMORY;
}

Status Index::Compact(Bytes lower, Bytes upper) try {
  SHALE_RETURN_IF_NOT_OK(CheckWritable());
  const leveldb::Slice from = ToSlice(lower), to = ToSlice(upper);
  try {
    db_->CompactRange(lower.empty() ? nullptr : &from, upper.empty() ? nullptr : &to);
  } catch (...) {
    env_->Die();
    return Code::E_NO_MEMORY;
  }
  return CheckWritable();
} catch (...) {
  return Code::E_NO_MEMORY;
}

uint64_t Index::NewestMemtable() const {
  return env_->jobs().NewestLog();
}

uint64_t Index::OldestMemtable() const {
  return env_->jobs().OldestLog();
}

void Index::RunParked() {
  env_->jobs().RunParked();
}

// ---- the rest

Status Index::PoisonCause() const {
  return env_->health().PoisonCause();
}

bool Index::poisoned() const {
  return env_->health().poisoned() || env_->health().dead();
}

void Index::HoldRemovals() {
  env_->HoldRemovals();
}

void Index::ReleaseRemovals() {
  env_->ReleaseRemovals();
}

bool Index::Validate(std::string* why) {
  return env_->Validate(why);
}

leveldb::Cache* Index::NewBlockCache(size_t bytes) {
  return leveldb::NewLRUCache(bytes);
}

void Index::DeleteBlockCache(leveldb::Cache* cache) {
  if (IsKept(cache)) return;
  delete cache;
}

}   // namespace shale
