// Shale, on disk and in memory alone, through its C interface.
#include <utility>

#include "peer_store.h"
#include "shale_handle.h"

namespace bench {
namespace {

class ShaleSession final : public PeerSession {
 public:
  explicit ShaleSession(shale_db* db) : db_(db) {}

  bool Put(std::string_view key, std::string_view value) override {
    return PutFor(key, value, SHALE_TTL_DEFAULT);
  }

  bool PutFor(std::string_view key, std::string_view value, int64_t ttl_ms) override {
    const shale_status status =
        shale_put(db_, key.data(), key.size(), value.data(), value.size(), ttl_ms, nullptr, 0, nullptr);
    return status == SHALE_OK || Fail(status);
  }

  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    size_t size = 0;
    const shale_status status = shale_get_into(db_, key.data(), key.size(), buffer->data(), buffer->size(),
                                               &size, nullptr, 0, nullptr);
    if (status == SHALE_OK) [[likely]] {
      *value = std::string_view(buffer->data(), size);
      return Answer::kFound;
    }
    if (status == SHALE_NOT_FOUND) return Answer::kMissing;
    Fail(status);
    return Answer::kFailed;
  }

  int64_t Scan(std::string_view from, int64_t limit, const RowJudge& judge) override {
    shale_iter* iter = nullptr;
    shale_status status = shale_iter_new(db_, from.data(), from.size(), nullptr, 0, limit, &iter, 0, nullptr);
    int64_t rows = 0;
    while (status == SHALE_OK) {
      const void* key = nullptr;
      const void* value = nullptr;
      size_t key_size = 0, value_size = 0;
      status = shale_iter_next(iter, &key, &key_size, &value, &value_size, nullptr);
      if (status != SHALE_OK) break;
      ++rows;
      if (!judge({static_cast<const char*>(key), key_size}, {static_cast<const char*>(value), value_size}))
        break;
    }
    shale_iter_free(iter);
    if (status == SHALE_OK || status == SHALE_END) return rows;
    Fail(status);
    return -1;
  }

  bool PutMany(const std::vector<Row>& rows) override {
    std::vector<shale_slice> keys, values;
    for (const Row& row : rows) {
      keys.push_back({row.key.data(), row.key.size()});
      values.push_back({row.value.data(), row.value.size()});
    }
    const shale_status status =
        shale_multi_put(db_, keys.data(), values.data(), keys.size(), SHALE_TTL_DEFAULT, 0, nullptr);
    return status == SHALE_OK || Fail(status);
  }

 private:
  bool Fail(shale_status status) {
    why_ = shale_status_text(status);
    return false;
  }

  shale_db* const db_;
};

class ShaleStore final : public PeerStore {
 public:
  static std::unique_ptr<PeerStore> Open(const PeerSettings& settings, bool in_memory, std::string* why) {
    auto store = std::make_unique<ShaleStore>();
    const ShaleSettings options = {{"memory.budget", std::to_string(settings.budget_bytes())},
                                   {"durability", settings.durability == Durability::kSync ? "disk" : "os"}};
    const char* path = in_memory ? nullptr : settings.directory.c_str();
    if (!store->handle_.Open(path, options, why)) return nullptr;
    store->record_bytes_ = settings.value_bytes + 23;
    return store;
  }

  std::unique_ptr<PeerSession> NewSession(std::string*) override {
    return std::make_unique<ShaleSession>(handle_.db());
  }
  bool Close(std::string* why) override { return handle_.Close(why); }

  int64_t ReplayedBytes() override {
    int64_t records = 0;
    if (shale_stat(handle_.db(), "store.recovered_records", &records, nullptr) != SHALE_OK) return -1;
    return records * record_bytes_;
  }

 private:
  ShaleHandle handle_;
  int64_t record_bytes_ = 0;
};

PeerKind OnDisk() {
  PeerKind kind;
  kind.name = "shale";
  kind.version = shale_version_string();
  kind.has_deadlines = true;
  kind.open = [](const PeerSettings& settings, std::string* why) {
    return ShaleStore::Open(settings, false, why);
  };
  return kind;
}

PeerKind InMemory() {
  PeerKind kind = OnDisk();
  kind.name = "shale-memory";
  kind.clazz = "cache";
  kind.open = [](const PeerSettings& settings, std::string* why) {
    return ShaleStore::Open(settings, true, why);
  };
  return kind;
}

const PeerKindAdder on_disk(OnDisk());
const PeerKindAdder in_memory(InMemory());

}   // namespace
}   // namespace bench
