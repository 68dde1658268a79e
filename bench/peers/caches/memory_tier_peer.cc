// Shale without a directory, through its C interface.
#include "peer_store.h"
#include "shale_handle.h"

namespace bench {
namespace {

class MemoryTierSession final : public PeerSession {
 public:
  explicit MemoryTierSession(shale_db* db) : db_(db) {}

  bool Put(std::string_view key, std::string_view value) override {
    return IsOk(shale_put(db_, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_DEFAULT, nullptr,
                          0, nullptr));
  }

  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    size_t size = 0;
    const shale_status status = shale_get_into(db_, key.data(), key.size(), buffer->data(), buffer->size(),
                                               &size, nullptr, 0, nullptr);
    if (status == SHALE_NOT_FOUND) return Answer::kMissing;
    if (!IsOk(status)) return Answer::kFailed;
    *value = std::string_view(buffer->data(), size);
    return Answer::kFound;
  }

 private:
  bool IsOk(shale_status status) {
    if (status == SHALE_OK) [[likely]]
      return true;
    why_ = shale_status_text(status);
    return false;
  }

  shale_db* const db_;
};

class MemoryTier final : public PeerStore {
 public:
  std::unique_ptr<PeerSession> NewSession(std::string*) override {
    return std::make_unique<MemoryTierSession>(handle_.db());
  }
  bool Close(std::string* why) override { return handle_.Close(why); }

  ShaleHandle handle_;
};

PeerKind TierKind() {
  PeerKind kind;
  kind.name = "shale";
  kind.version = shale_version_string();
  kind.clazz = "cache";
  kind.open = [](const PeerSettings& settings, std::string* why) -> std::unique_ptr<PeerStore> {
    auto tier = std::make_unique<MemoryTier>();
    if (!tier->handle_.Open(nullptr, {{"memory.budget", std::to_string(settings.budget_bytes())}}, why))
      return nullptr;
    return tier;
  };
  return kind;
}

const PeerKindAdder tier_kind(TierKind());

}   // namespace
}   // namespace bench
