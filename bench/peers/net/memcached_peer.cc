// memcached, by libmemcached's plain text protocol; a connection a thread, and as many threads in the server
// as there are cores.
#include <libmemcached/memcached.h>

#include <cstdlib>
#include <thread>

#include "peer_store.h"
#include "server_process.h"

namespace bench {
namespace {

class MemcachedSession final : public PeerSession {
 public:
  explicit MemcachedSession(int port) : client_(memcached_create(nullptr)) {
    memcached_behavior_set(client_, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    memcached_server_add(client_, "127.0.0.1", static_cast<in_port_t>(port));
  }
  ~MemcachedSession() override {
    std::free(last_);
    memcached_free(client_);
  }

  bool Put(std::string_view key, std::string_view value) override {
    return IsOk(memcached_set(client_, key.data(), key.size(), value.data(), value.size(), 0, 0));
  }

  Answer Get(std::string_view key, std::string*, std::string_view* value) override {
    size_t size = 0;
    uint32_t flags = 0;
    memcached_return_t status = MEMCACHED_SUCCESS;
    std::free(last_);
    last_ = memcached_get(client_, key.data(), key.size(), &size, &flags, &status);
    if (status == MEMCACHED_NOTFOUND) return Answer::kMissing;
    if (!IsOk(status)) return Answer::kFailed;
    *value = std::string_view(last_, size);
    return Answer::kFound;
  }

 private:
  bool IsOk(memcached_return_t status) {
    if (status == MEMCACHED_SUCCESS) [[likely]]
      return true;
    why_ = memcached_strerror(client_, status);
    return false;
  }

  memcached_st* const client_;
  char* last_ = nullptr;   // the value of the last get
};

class MemcachedStore final : public PeerStore {
 public:
  std::unique_ptr<PeerSession> NewSession(std::string*) override {
    return std::make_unique<MemcachedSession>(server_->port());
  }
  bool Close(std::string*) override {
    server_.reset();
    return true;
  }
  double ServerCpuSeconds() override { return server_->CpuSeconds(); }
  double ServerPeakMib() override { return server_->PeakMib(); }

  std::unique_ptr<ServerProcess> server_;
};

PeerKind MemcachedKind() {
  PeerKind kind;
  kind.name = "memcached";
  kind.version = VersionOfCommand("memcached -V");
  kind.clazz = "cache";
  kind.open = [](const PeerSettings& settings, std::string* why) -> std::unique_ptr<PeerStore> {
    auto store = std::make_unique<MemcachedStore>();
    const std::string user = getuid() == 0 ? "root" : "";
    store->server_ = ServerProcess::Start(
        [&](int port) {
          std::vector<std::string> words = {
              "memcached",
              "-l",
              "127.0.0.1",
              "-p",
              std::to_string(port),
              "-U",
              "0",
              "-c",
              "8192",
              "-m",
              std::to_string(settings.budget_mib),
              "-t",
              std::to_string(std::max(1u, std::thread::hardware_concurrency()))};
          if (!user.empty()) words.insert(words.end(), {"-u", user});
          return words;
        },
        why);
    if (store->server_ == nullptr) return nullptr;
    return store;
  };
  return kind;
}

const PeerKindAdder memcached_kind(MemcachedKind());

}   // namespace
}   // namespace bench
