// Redis as a cache: nothing is saved, and what was not used for long leaves when the budget is full. A
// connection a thread.
#include <hiredis/hiredis.h>

#include "peer_store.h"
#include "server_process.h"

namespace bench {
namespace {

class RedisSession final : public PeerSession {
 public:
  explicit RedisSession(redisContext* connection) : connection_(connection) {}
  ~RedisSession() override {
    freeReplyObject(last_);
    redisFree(connection_);
  }

  bool Put(std::string_view key, std::string_view value) override {
    const char* words[] = {"SET", key.data(), value.data()};
    const size_t sizes[] = {3, key.size(), value.size()};
    return Ask(3, words, sizes) && last_->type == REDIS_REPLY_STATUS;
  }

  Answer Get(std::string_view key, std::string*, std::string_view* value) override {
    const char* words[] = {"GET", key.data()};
    const size_t sizes[] = {3, key.size()};
    if (!Ask(2, words, sizes)) return Answer::kFailed;
    if (last_->type == REDIS_REPLY_NIL) return Answer::kMissing;
    *value = std::string_view(last_->str, last_->len);
    return Answer::kFound;
  }

 private:
  // The answer is in last_, until the next one.
  bool Ask(int count, const char** words, const size_t* sizes) {
    freeReplyObject(last_);
    last_ = static_cast<redisReply*>(redisCommandArgv(connection_, count, words, sizes));
    if (last_ == nullptr) {
      why_ = connection_->errstr;
      return false;
    }
    if (last_->type == REDIS_REPLY_ERROR) [[unlikely]] {
      why_.assign(last_->str, last_->len);
      return false;
    }
    return true;
  }

  redisContext* const connection_;
  redisReply* last_ = nullptr;
};

class RedisStore final : public PeerStore {
 public:
  std::unique_ptr<PeerSession> NewSession(std::string* why) override {
    redisContext* connection = redisConnect("127.0.0.1", server_->port());
    if (connection == nullptr || connection->err != 0) {
      *why = connection == nullptr ? "out of memory" : connection->errstr;
      redisFree(connection);
      return nullptr;
    }
    return std::make_unique<RedisSession>(connection);
  }
  bool Close(std::string*) override {
    server_.reset();
    return true;
  }
  double ServerCpuSeconds() override { return server_->CpuSeconds(); }
  double ServerPeakMib() override { return server_->PeakMib(); }

  std::unique_ptr<ServerProcess> server_;
};

PeerKind RedisKind() {
  PeerKind kind;
  kind.name = "redis";
  kind.version = VersionOfCommand("redis-server --version");
  kind.clazz = "cache";
  kind.open = [](const PeerSettings& settings, std::string* why) -> std::unique_ptr<PeerStore> {
    auto store = std::make_unique<RedisStore>();
    store->server_ = ServerProcess::Start(
        [&](int port) {
          return std::vector<std::string>{"redis-server",
                                          "--bind",
                                          "127.0.0.1",
                                          "--port",
                                          std::to_string(port),
                                          "--save",
                                          "",
                                          "--appendonly",
                                          "no",
                                          "--maxclients",
                                          "8192",
                                          "--maxmemory",
                                          std::to_string(settings.budget_mib) + "mb",
                                          "--maxmemory-policy",
                                          "allkeys-lru"};
        },
        why);
    if (store->server_ == nullptr) return nullptr;
    return store;
  };
  return kind;
}

const PeerKindAdder redis_kind(RedisKind());

}   // namespace
}   // namespace bench
