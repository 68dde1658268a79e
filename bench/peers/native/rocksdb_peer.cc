// RocksDB: as it comes, with unordered writes, and with values in blob files.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "peer_store.h"

namespace bench {
namespace {

using rocksdb::Slice;

class RocksDbSession final : public PeerSession {
 public:
  RocksDbSession(rocksdb::DB* db, rocksdb::WriteOptions write_options)
      : db_(db), write_options_(write_options) {}

  bool Put(std::string_view key, std::string_view value) override {
    return Ok(db_->Put(write_options_, Slice(key.data(), key.size()), Slice(value.data(), value.size())));
  }

  // Pinned where it can be: no copy is asked for.
  Answer Get(std::string_view key, std::string*, std::string_view* value) override {
    pinned_.Reset();
    const rocksdb::Status status =
        db_->Get(read_options_, db_->DefaultColumnFamily(), Slice(key.data(), key.size()), &pinned_);
    if (status.ok()) [[likely]] {
      *value = std::string_view(pinned_.data(), pinned_.size());
      return Answer::kFound;
    }
    if (status.IsNotFound()) return Answer::kMissing;
    Ok(status);
    return Answer::kFailed;
  }

  int64_t Scan(std::string_view from, int64_t limit, const RowJudge& judge) override {
    const std::unique_ptr<rocksdb::Iterator> iterator(db_->NewIterator(read_options_));
    int64_t rows = 0;
    for (iterator->Seek(Slice(from.data(), from.size())); iterator->Valid() && rows < limit;
         iterator->Next()) {
      ++rows;
      if (!judge({iterator->key().data(), iterator->key().size()},
                 {iterator->value().data(), iterator->value().size()})) {
        break;
      }
    }
    return Ok(iterator->status()) ? rows : -1;
  }

  bool PutMany(const std::vector<Row>& rows) override {
    rocksdb::WriteBatch batch;
    for (const Row& row : rows) {
      if (!Ok(batch.Put(row.key, row.value))) return false;
    }
    return Ok(db_->Write(write_options_, &batch));
  }

 private:
  bool Ok(const rocksdb::Status& status) {
    if (status.ok()) [[likely]]
      return true;
    why_ = status.ToString();
    return false;
  }

  rocksdb::DB* const db_;
  const rocksdb::WriteOptions write_options_;
  const rocksdb::ReadOptions read_options_;
  rocksdb::PinnableSlice pinned_;
};

class RocksDbStore final : public PeerStore {
 public:
  enum class Variant { kDefault, kUnordered, kBlob };

  static std::unique_ptr<PeerStore> Open(const PeerSettings& settings, Variant variant, std::string* why) {
    auto store = std::make_unique<RocksDbStore>();
    // Two memtables of 64 MiB as by default, or smaller where the budget is; the cache has the rest.
    const int64_t memtable = std::min<int64_t>(int64_t{64} << 20, settings.budget_bytes() / 8);
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(static_cast<size_t>(settings.budget_bytes() - 2 * memtable));
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    options.write_buffer_size = static_cast<size_t>(memtable);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.unordered_write = variant == Variant::kUnordered;
    if (variant == Variant::kBlob) {
      options.enable_blob_files = true;
      options.min_blob_size = 512;
      options.enable_blob_garbage_collection = true;
      options.blob_compression_type = rocksdb::kNoCompression;
      options.blob_cache = table.block_cache;
    }
    store->write_options_.sync = settings.durability == Durability::kSync;
    store->write_options_.disableWAL = settings.durability == Durability::kNone;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, settings.directory, &db);
    if (!status.ok()) {
      *why = status.ToString();
      return nullptr;
    }
    store->db_.reset(db);
    return store;
  }

  std::unique_ptr<PeerSession> NewSession(std::string*) override {
    return std::make_unique<RocksDbSession>(db_.get(), write_options_);
  }

  bool Close(std::string* why) override {
    const rocksdb::Status status = db_->Close();
    db_.reset();
    if (!status.ok()) *why = status.ToString();
    return status.ok();
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteOptions write_options_;
};

PeerKind Kind(const char* name, RocksDbStore::Variant variant) {
  PeerKind kind;
  kind.name = name;
  kind.version = rocksdb::GetRocksVersionAsString();
  kind.has_none = true;
  kind.log_file_suffix = ".log";
  kind.open = [variant](const PeerSettings& settings, std::string* why) {
    return RocksDbStore::Open(settings, variant, why);
  };
  return kind;
}

const PeerKindAdder as_it_comes(Kind("rocksdb", RocksDbStore::Variant::kDefault));
const PeerKindAdder unordered(Kind("rocksdb-unordered", RocksDbStore::Variant::kUnordered));
const PeerKindAdder blob(Kind("rocksdb-blob", RocksDbStore::Variant::kBlob));

}   // namespace
}   // namespace bench
