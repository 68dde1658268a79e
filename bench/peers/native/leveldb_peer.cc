// LevelDB: one, and 64 that share the keys by hash and one block cache.
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "peer_store.h"

namespace bench {
namespace {

using leveldb::Slice;

class LevelDbStore final : public PeerStore {
 public:
  static std::unique_ptr<PeerStore> Open(const PeerSettings& settings, size_t count, std::string* why) {
    auto store = std::make_unique<LevelDbStore>();
    // Of the budget a quarter is for memtables, of which a LevelDB has two while one is being written to a
    // table.
    const int64_t memtables = settings.budget_bytes() / 4;
    store->cache_.reset(leveldb::NewLRUCache(static_cast<size_t>(settings.budget_bytes() - memtables)));
    store->bloom_.reset(leveldb::NewBloomFilterPolicy(10));
    store->sync_ = settings.durability == Durability::kSync;
    leveldb::Options options;
    options.create_if_missing = true;
    options.compression = leveldb::kNoCompression;
    options.block_cache = store->cache_.get();
    options.filter_policy = store->bloom_.get();
    options.write_buffer_size = static_cast<size_t>(memtables) / 2 / count;
    for (size_t i = 0; i < count; ++i) {
      leveldb::DB* db = nullptr;
      const leveldb::Status status =
          leveldb::DB::Open(options, settings.directory + "/" + std::to_string(i), &db);
      if (!status.ok()) {
        *why = status.ToString();
        return nullptr;
      }
      store->parts_.emplace_back(db);
    }
    return store;
  }

  std::unique_ptr<PeerSession> NewSession(std::string* why) override;
  bool Close(std::string*) override {
    parts_.clear();
    return true;
  }

  size_t PartOf(std::string_view key) const {
    return parts_.size() == 1 ? 0 : XXH3_64bits(key.data(), key.size()) % parts_.size();
  }
  leveldb::DB* part(size_t i) const { return parts_[i].get(); }
  size_t size() const { return parts_.size(); }
  leveldb::WriteOptions write_options() const {
    leveldb::WriteOptions options;
    options.sync = sync_;
    return options;
  }

 private:
  // Declared before the parts, which use them until they are destroyed.
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> bloom_;
  std::vector<std::unique_ptr<leveldb::DB>> parts_;
  bool sync_ = false;
};

class LevelDbSession final : public PeerSession {
 public:
  explicit LevelDbSession(const LevelDbStore* store)
      : store_(store), write_options_(store->write_options()) {}

  bool Put(std::string_view key, std::string_view value) override {
    return Ok(store_->part(store_->PartOf(key))
                  ->Put(write_options_, Slice(key.data(), key.size()), Slice(value.data(), value.size())));
  }

  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    const leveldb::Status status =
        store_->part(store_->PartOf(key))->Get(leveldb::ReadOptions(), Slice(key.data(), key.size()), buffer);
    if (status.ok()) [[likely]] {
      *value = *buffer;
      return Answer::kFound;
    }
    if (status.IsNotFound()) return Answer::kMissing;
    Ok(status);
    return Answer::kFailed;
  }

  // The smallest of the heads of all parts, row by row: 64 of them are looked through by a heap.
  int64_t Scan(std::string_view from, int64_t limit, const RowJudge& judge) override {
    std::vector<std::unique_ptr<leveldb::Iterator>> owned;
    std::vector<leveldb::Iterator*> heads;
    const auto later = [](leveldb::Iterator* a, leveldb::Iterator* b) {
      return a->key().compare(b->key()) > 0;
    };
    for (size_t i = 0; i < store_->size(); ++i) {
      owned.emplace_back(store_->part(i)->NewIterator(leveldb::ReadOptions()));
      owned.back()->Seek(Slice(from.data(), from.size()));
      if (owned.back()->Valid()) heads.push_back(owned.back().get());
    }
    std::make_heap(heads.begin(), heads.end(), later);
    int64_t rows = 0;
    while (rows < limit && !heads.empty()) {
      std::pop_heap(heads.begin(), heads.end(), later);
      leveldb::Iterator* head = heads.back();
      ++rows;
      if (!judge({head->key().data(), head->key().size()}, {head->value().data(), head->value().size()}))
        break;
      head->Next();
      if (head->Valid()) {
        std::push_heap(heads.begin(), heads.end(), later);
      } else {
        heads.pop_back();
      }
    }
    for (const auto& iterator : owned) {
      if (!Ok(iterator->status())) return -1;
    }
    return rows;
  }

  bool PutMany(const std::vector<Row>& rows) override {
    std::vector<leveldb::WriteBatch> batches(store_->size());
    for (const Row& row : rows) batches[store_->PartOf(row.key)].Put(row.key, row.value);
    for (size_t i = 0; i < batches.size(); ++i) {
      if (!Ok(store_->part(i)->Write(write_options_, &batches[i]))) return false;
    }
    return true;
  }

 private:
  bool Ok(const leveldb::Status& status) {
    if (status.ok()) [[likely]]
      return true;
    why_ = status.ToString();
    return false;
  }

  const LevelDbStore* const store_;
  const leveldb::WriteOptions write_options_;
};

std::unique_ptr<PeerSession> LevelDbStore::NewSession(std::string*) {
  return std::make_unique<LevelDbSession>(this);
}

PeerKind Kind(const char* name, size_t count) {
  PeerKind kind;
  kind.name = name;
  kind.version = std::to_string(leveldb::kMajorVersion) + "." + std::to_string(leveldb::kMinorVersion);
  kind.log_file_suffix = ".log";
  kind.open = [count](const PeerSettings& settings, std::string* why) {
    return LevelDbStore::Open(settings, count, why);
  };
  return kind;
}

const PeerKindAdder one(Kind("leveldb", 1));
const PeerKindAdder many(Kind("leveldb64", 64));

}   // namespace
}   // namespace bench
