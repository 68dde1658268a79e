// What programs use in place of a cache: oneTBB's concurrent map, and the standard library's under 256 locks.
// Neither has a bound nor drops anything; both copy a value out, as a cache must that may drop it.
#include <array>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <tbb/concurrent_hash_map.h>
#include <tbb/version.h>

#include "peer_store.h"
#include "unbounded.h"

namespace bench {
namespace {

// A map has Put(key, value) and Get(key, copy), which is false if there is none.
template <typename Map>
class MapSession final : public PeerSession {
 public:
  explicit MapSession(Map* map) : map_(map) {}

  bool Put(std::string_view key, std::string_view value) override {
    map_->Put(key, value);
    return true;
  }
  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    if (!map_->Get(key, buffer)) return Answer::kMissing;
    *value = *buffer;
    return Answer::kFound;
  }

 private:
  Map* const map_;
};

template <typename Map>
class MapStore final : public PeerStore {
 public:
  std::unique_ptr<PeerSession> NewSession(std::string*) override {
    return std::make_unique<MapSession<Map>>(&map_);
  }
  bool Close(std::string*) override { return true; }

 private:
  Map map_;
};

class LockedMaps {
 public:
  void Put(std::string_view key, std::string_view value) {
    Part& part = PartOf(key);
    const std::lock_guard lock(part.mutex);
    const auto found = part.map.find(key);
    if (found == part.map.end()) {
      part.map.emplace(key, value);
    } else {
      found->second.assign(value);
    }
  }

  bool Get(std::string_view key, std::string* copy) {
    Part& part = PartOf(key);
    const std::lock_guard lock(part.mutex);
    const auto found = part.map.find(key);
    if (found == part.map.end()) return false;
    copy->assign(found->second);
    return true;
  }

 private:
  struct ViewHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct alignas(64) Part {
    std::mutex mutex;
    std::unordered_map<std::string, std::string, ViewHash, std::equal_to<>> map;
  };

  // The map's buckets are chosen by the low bits.
  Part& PartOf(std::string_view key) { return parts_[ViewHash{}(key) >> 56]; }

  std::array<Part, 256> parts_;
};

class TbbMap {
 public:
  void Put(std::string_view key, std::string_view value) {
    Table::accessor at;
    table_.insert(at, Own(key));
    at->second.assign(value);
  }

  bool Get(std::string_view key, std::string* copy) {
    Table::const_accessor at;
    if (!table_.find(at, Own(key))) return false;
    copy->assign(at->second);
    return true;
  }

 private:
  using Table = tbb::concurrent_hash_map<std::string, std::string>;

  // It looks keys up by its own type: text that each thread keeps, so that no call allocates.
  static const std::string& Own(std::string_view key) {
    thread_local std::string text;
    return text.assign(key);
  }

  Table table_;
};

template <typename Map>
PeerKind KindOf(const char* name, const std::string& version) {
  PeerKind kind;
  kind.name = name;
  kind.version = version;
  kind.clazz = "cache";
  kind.open = [](const PeerSettings&, std::string*) -> std::unique_ptr<PeerStore> {
    return std::make_unique<MapStore<Map>>();
  };
  return kind;
}

const PeerKindAdder tbb_map(KindOf<TbbMap>("onetbb", std::to_string(TBB_VERSION_MAJOR) + "." +
                                                         std::to_string(TBB_VERSION_MINOR)));
const PeerKindAdder locked_maps(KindOf<LockedMaps>("mutex-map", "g++ " + std::to_string(__GNUC__)));

}   // namespace

bool IsUnbounded(const std::string& engine) {
  return engine == "onetbb" || engine == "mutex-map";
}

}   // namespace bench
