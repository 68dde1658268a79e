// WiredTiger: a B-tree with a cache and a log, one session a thread.
#include <wiredtiger.h>

#include "peer_store.h"

namespace bench {
namespace {

// Raw keys and values, so that neither is packed.
constexpr const char* kTable = "table:kv";

WT_ITEM ToItem(std::string_view bytes) {
  WT_ITEM item = {};
  item.data = bytes.data();
  item.size = bytes.size();
  return item;
}

std::string_view ToView(const WT_ITEM& item) {
  return {static_cast<const char*>(item.data), item.size};
}

class WiredTigerSession final : public PeerSession {
 public:
  static std::unique_ptr<PeerSession> Open(WT_CONNECTION* connection, std::string* why) {
    auto session = std::make_unique<WiredTigerSession>();
    int code = connection->open_session(connection, nullptr, nullptr, &session->session_);
    if (code == 0)
      code = session->session_->open_cursor(session->session_, kTable, nullptr, nullptr, &session->cursor_);
    if (code == 0) return session;
    *why = wiredtiger_strerror(code);
    return nullptr;
  }
  ~WiredTigerSession() override {
    if (session_ != nullptr) session_->close(session_, nullptr);
  }

  bool Put(std::string_view key, std::string_view value) override {
    const WT_ITEM key_item = ToItem(key), value_item = ToItem(value);
    int code = 0;
    do {   // two writers of one page: the loser tries again, as the manual asks
      cursor_->set_key(cursor_, &key_item);
      cursor_->set_value(cursor_, &value_item);
      code = cursor_->insert(cursor_);
    } while (code == WT_ROLLBACK);
    cursor_->reset(cursor_);
    return Ok(code);
  }

  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    const WT_ITEM key_item = ToItem(key);
    WT_ITEM found;
    cursor_->set_key(cursor_, &key_item);
    int code = cursor_->search(cursor_);
    if (code == 0) code = cursor_->get_value(cursor_, &found);
    if (code == 0) buffer->assign(ToView(found));
    cursor_->reset(cursor_);   // or its page stays in the cache
    *value = *buffer;
    if (code == WT_NOTFOUND) return Answer::kMissing;
    return Ok(code) ? Answer::kFound : Answer::kFailed;
  }

  int64_t Scan(std::string_view from, int64_t limit, const RowJudge& judge) override {
    const WT_ITEM key_item = ToItem(from);
    int exact = 0;
    int64_t rows = 0;
    cursor_->set_key(cursor_, &key_item);
    int code = cursor_->search_near(cursor_, &exact);
    if (code == 0 && exact < 0) code = cursor_->next(cursor_);
    while (code == 0) {
      WT_ITEM key, value;
      code = cursor_->get_key(cursor_, &key);
      if (code == 0) code = cursor_->get_value(cursor_, &value);
      if (code != 0) break;
      ++rows;
      if (!judge(ToView(key), ToView(value)) || rows == limit) break;
      code = cursor_->next(cursor_);
    }
    cursor_->reset(cursor_);
    return code == WT_NOTFOUND || Ok(code) ? rows : -1;
  }

  bool PutMany(const std::vector<Row>& rows) override {
    int code = 0;
    do {
      if (!Ok(session_->begin_transaction(session_, nullptr))) return false;
      for (const Row& row : rows) {
        const WT_ITEM key_item = ToItem(row.key), value_item = ToItem(row.value);
        cursor_->set_key(cursor_, &key_item);
        cursor_->set_value(cursor_, &value_item);
        code = cursor_->insert(cursor_);
        if (code != 0) break;
      }
      if (code == 0) return Ok(session_->commit_transaction(session_, nullptr));
      if (!Ok(session_->rollback_transaction(session_, nullptr))) return false;
    } while (code == WT_ROLLBACK);
    return Ok(code);
  }

 private:
  bool Ok(int code) {
    if (code == 0) [[likely]]
      return true;
    why_ = wiredtiger_strerror(code);
    return false;
  }

  WT_SESSION* session_ = nullptr;
  WT_CURSOR* cursor_ = nullptr;
};

class WiredTigerStore final : public PeerStore {
 public:
  ~WiredTigerStore() override {
    if (connection_ != nullptr) connection_->close(connection_, nullptr);
  }

  // The whole budget is the cache's. Its log is handed to the system with every commit ("none"), and made
  // durable with "fsync".
  static std::unique_ptr<PeerStore> Open(const PeerSettings& settings, std::string* why) {
    auto store = std::make_unique<WiredTigerStore>();
    const bool sync = settings.durability == Durability::kSync;
    std::string config = "create,cache_size=" + std::to_string(settings.budget_mib) +
                         "M,session_max=" + std::to_string(settings.threads + 64) +
                         ",checkpoint=(wait=60,log_size=2GB),eviction=(threads_min=1,threads_max=4)";
    if (settings.durability != Durability::kNone) {
      config += std::string(",log=(enabled=true,file_max=100MB),transaction_sync=(enabled=true,method=") +
                (sync ? "fsync" : "none") + ")";
    }
    int code = wiredtiger_open(settings.directory.c_str(), nullptr, config.c_str(), &store->connection_);
    WT_SESSION* session = nullptr;
    if (code == 0) code = store->connection_->open_session(store->connection_, nullptr, nullptr, &session);
    if (code == 0) code = session->create(session, kTable, "key_format=u,value_format=u");
    if (session != nullptr) session->close(session, nullptr);
    if (code == 0) return store;
    *why = wiredtiger_strerror(code);
    return nullptr;
  }

  std::unique_ptr<PeerSession> NewSession(std::string* why) override {
    return WiredTigerSession::Open(connection_, why);
  }

  bool Close(std::string* why) override {
    const int code = connection_->close(connection_, nullptr);
    connection_ = nullptr;
    if (code != 0) *why = wiredtiger_strerror(code);
    return code == 0;
  }

 private:
  WT_CONNECTION* connection_ = nullptr;
};

PeerKind Kind() {
  PeerKind kind;
  kind.name = "wiredtiger";
  int major = 0, minor = 0, patch = 0;
  wiredtiger_version(&major, &minor, &patch);
  kind.version = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  kind.has_none = true;
  kind.log_file_suffix = "WiredTigerLog.";
  kind.open = [](const PeerSettings& settings, std::string* why) {
    return WiredTigerStore::Open(settings, why);
  };
  return kind;
}

const PeerKindAdder wiredtiger(Kind());

}   // namespace
}   // namespace bench
