#include "engines.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "shale/shale.h"
#include "shale_handle.h"

namespace bench {
namespace {

class ShaleEngine final : public Engine {
 public:
  static std::unique_ptr<Engine> Open(const std::string& directory, const EngineSettings& settings,
                                      std::string* why) {
    ShaleSettings options = {{"memory.budget", std::to_string(settings.shale_budget_bytes)},
                             {"durability", "os"}};
    options.insert(options.end(), settings.shale_options.begin(), settings.shale_options.end());
    auto engine = std::make_unique<ShaleEngine>();
    const std::string key(settings.shale_encrypts ? 32 : 0, 'k');
    if (!engine->handle_.Open(directory.c_str(), options, why, key)) return nullptr;
    return engine;
  }

  bool Put(std::string_view key, std::string_view value, std::string* why) override {
    const shale_status status = shale_put(handle_.db(), key.data(), key.size(), value.data(), value.size(),
                                          SHALE_TTL_DEFAULT, nullptr, 0, nullptr);
    if (status == SHALE_OK) [[likely]]
      return true;
    *why = shale_status_text(status);
    return false;
  }

  bool Get(std::string_view key, std::string* buffer, std::string_view* value, std::string* why) override {
    size_t size = 0;
    shale_status status = GetInto(key, buffer, &size);
    if (status == SHALE_TOO_SMALL) {
      buffer->resize(size);
      status = GetInto(key, buffer, &size);
    }
    if (status == SHALE_OK) [[likely]] {
      *value = std::string_view(buffer->data(), size);
      return true;
    }
    *why = shale_status_text(status);
    return false;
  }

  bool Close(std::string* why) override { return handle_.Close(why); }

 private:
  shale_status GetInto(std::string_view key, std::string* buffer, size_t* size) {
    return shale_get_into(handle_.db(), key.data(), key.size(), buffer->data(), buffer->size(), size, nullptr,
                          0, nullptr);
  }

  ShaleHandle handle_;
};

// One LevelDB or several that share the keys by hash, and share one block cache.
class LevelDbEngine final : public Engine {
 public:
  static std::unique_ptr<Engine> Open(const std::string& directory, size_t count,
                                      const EngineSettings& settings, std::string* why) {
    auto engine = std::make_unique<LevelDbEngine>();
    engine->cache_.reset(leveldb::NewLRUCache(static_cast<size_t>(settings.leveldb_cache_bytes)));
    engine->bloom_.reset(leveldb::NewBloomFilterPolicy(10));
    leveldb::Options options;
    options.create_if_missing = true;
    options.error_if_exists = true;
    options.compression = leveldb::kNoCompression;
    options.block_cache = engine->cache_.get();
    options.filter_policy = engine->bloom_.get();
    for (size_t i = 0; i < count; ++i) {
      leveldb::DB* db = nullptr;
      const leveldb::Status status = leveldb::DB::Open(options, directory + "/" + std::to_string(i), &db);
      if (!status.ok()) {
        *why = status.ToString();
        return nullptr;
      }
      engine->shards_.emplace_back(db);
    }
    return engine;
  }

  bool Put(std::string_view key, std::string_view value, std::string* why) override {
    const leveldb::Status status = Shard(key)->Put(leveldb::WriteOptions(), ToSlice(key), ToSlice(value));
    if (status.ok()) [[likely]]
      return true;
    *why = status.ToString();
    return false;
  }

  bool Get(std::string_view key, std::string* buffer, std::string_view* value, std::string* why) override {
    const leveldb::Status status = Shard(key)->Get(leveldb::ReadOptions(), ToSlice(key), buffer);
    if (status.ok()) [[likely]] {
      *value = *buffer;
      return true;
    }
    *why = status.ToString();
    return false;
  }

  bool Close(std::string*) override {
    shards_.clear();
    return true;
  }

 private:
  static leveldb::Slice ToSlice(std::string_view bytes) { return leveldb::Slice(bytes.data(), bytes.size()); }

  leveldb::DB* Shard(std::string_view key) const {
    if (shards_.size() == 1) return shards_[0].get();
    return shards_[XXH3_64bits(key.data(), key.size()) % shards_.size()].get();
  }

  // Declared before the shards, which use them until they are destroyed.
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> bloom_;
  std::vector<std::unique_ptr<leveldb::DB>> shards_;
};

}   // namespace

const std::vector<std::string>& EngineNames() {
  static const std::vector<std::string> names = {"shale", "leveldb", "leveldb64"};
  return names;
}

std::unique_ptr<Engine> OpenEngine(const std::string& name, const std::string& directory,
                                   const EngineSettings& settings, std::string* why) {
  if (name == "shale") return ShaleEngine::Open(directory, settings, why);
  if (name == "leveldb") return LevelDbEngine::Open(directory, 1, settings, why);
  if (name == "leveldb64") return LevelDbEngine::Open(directory, 64, settings, why);
  *why = "no engine is named " + name;
  return nullptr;
}

}   // namespace bench
