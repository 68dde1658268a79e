// Bytes as a sequence of calls, on a store with a path and on one in memory, each answer compared with an
// ordered map. Beside tests/model, whose calls are drawn at random, this one is led by what the code does
// with them.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "abi/testing.h"
#include "base/clock.h"
#include "fuzz/targets.h"
#include "shale/shale.h"

namespace shale_test {

namespace {

struct Entry {
  std::string value;
  int64_t deadline_ms = 0;   // 0: never
};
using Map = std::map<std::string, Entry>;

shale::FakeClock& Clock() {
  static shale::FakeClock clock;
  return clock;
}

shale_db* OpenStore(bool with_path) {
  shale::SetClockForTest(&Clock());
  static std::string path =
      std::string(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + "/shale-calls-XXXXXX";
  if (with_path) INSIST(mkdtemp(path.data()) != nullptr);
  shale_db* db = nullptr;
  INSIST(shale_open(with_path ? path.c_str() : nullptr, nullptr, &db, nullptr) == SHALE_OK);
  shale::SetClockForTest(nullptr);
  if (with_path) {
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    });
  }
  return db;
}

shale_db* StoreFor(bool with_path) {
  static shale_db* stores[2] = {nullptr, nullptr};
  if (stores[with_path] == nullptr) stores[with_path] = OpenStore(with_path);
  return stores[with_path];
}

class Caller {
 public:
  Caller(shale_db* db, shale::Bytes data) : db_(db), in_(data) {
    INSIST(shale_delete_range(db_, nullptr, 0, nullptr, 0, 0, nullptr) == SHALE_OK);
  }

  void Run() {
    for (int calls = 0; !in_.empty() && calls < 200; calls++) One();
    Scan("", "", 0);
  }

 private:
  std::string Key() {
    static const char* const kNames[] = {"a", "b", "ab", "b\xFF", "\xFF", "\xFF\xFF"};
    const uint64_t which = in_.Below(8);
    return which < 6 ? kNames[which] : std::string(in_.Piece(1 + in_.Below(20))) + "k";
  }
  std::string Value() {
    const uint64_t size = in_.Below(8) == 0 ? in_.Number(2) % 5000 : in_.Below(40);
    std::string value(in_.Piece(size));
    value.resize(size, 'v');
    return value;
  }
  int64_t Ttl() {
    const uint64_t which = in_.Below(6);
    return which == 0 ? SHALE_TTL_KEEP
                      : (which < 3 ? static_cast<int64_t>(1 + in_.Below(50)) : SHALE_TTL_NEVER);
  }
  Entry* Find(const std::string& key) {
    const auto it = map_.find(key);
    if (it == map_.end()) return nullptr;
    if (it->second.deadline_ms == 0 || it->second.deadline_ms > Clock().NowMs()) return &it->second;
    map_.erase(it);
    return nullptr;
  }
  void Set(const std::string& key, const std::string& value, int64_t ttl_ms) {
    const Entry* const old = Find(key);
    const int64_t kept = old != nullptr ? old->deadline_ms : 0;
    map_[key] = Entry{value, ttl_ms == SHALE_TTL_KEEP ? kept : (ttl_ms > 0 ? Clock().NowMs() + ttl_ms : 0)};
  }

  void One() {
    switch (in_.Below(12)) {
      case 0:
      case 1:
        return Put();
      case 2:
        return Get();
      case 3:
        return Delete();
      case 4:
        return Incr();
      case 5:
        return Compare();
      case 6:
        return Batch();
      case 7:
        return Range();
      case 8:
        return Scan(Key(), Key(), in_.Below(2) == 0 ? SHALE_REVERSE : 0);
      case 9:
        return Expire();
      case 10:
        Clock().Advance(static_cast<int64_t>(in_.Below(30)));
        return;
      default:
        if (in_.Below(16) == 0) INSIST(shale_flush(db_, nullptr) == SHALE_OK);
    }
  }
  void Put() {
    const std::string key = Key(), value = Value();
    const int64_t ttl_ms = Ttl();
    const uint32_t flags[] = {0, SHALE_IF_ABSENT, SHALE_IF_PRESENT, SHALE_WRITE_AROUND};
    const uint32_t flag = flags[in_.Below(4)];
    const bool there = Find(key) != nullptr;
    const shale_status want = flag == SHALE_IF_ABSENT && there     ? SHALE_EXISTS
                              : flag == SHALE_IF_PRESENT && !there ? SHALE_NOT_FOUND
                                                                   : SHALE_OK;
    INSIST(shale_put(db_, key.data(), key.size(), value.data(), value.size(), ttl_ms, nullptr, flag,
                     nullptr) == want);
    if (want == SHALE_OK) Set(key, value, ttl_ms);
  }
  void Get() {
    const std::string key = Key();
    const Entry* const entry = Find(key);
    void* value = nullptr;
    size_t size = 0;
    const shale_status s = shale_get(db_, key.data(), key.size(), &value, &size, nullptr, 0, nullptr);
    INSIST(s == (entry != nullptr ? SHALE_OK : SHALE_NOT_FOUND));
    if (entry != nullptr) INSIST(std::string_view(static_cast<char*>(value), size) == entry->value);
    shale_mem_free(value);
    int64_t ttl_ms = 0;
    INSIST(shale_ttl(db_, key.data(), key.size(), &ttl_ms, 0, nullptr) == s);
    if (entry != nullptr)
      INSIST(ttl_ms == (entry->deadline_ms == 0 ? SHALE_TTL_NEVER : entry->deadline_ms - Clock().NowMs()));
  }
  void Delete() {
    const std::string key = Key();
    INSIST(shale_delete(db_, key.data(), key.size(), 0, nullptr) == SHALE_OK);
    map_.erase(key);
  }
  void Incr() {
    const std::string key = Key();
    const auto delta = static_cast<int64_t>(in_.Number(in_.Below(4) == 0 ? 8 : 1));
    Entry* const entry = Find(key);
    int64_t result = 0;
    const shale_status s = shale_incr(db_, key.data(), key.size(), delta, &result, 0, nullptr);
    INSIST(s == SHALE_OK || s == SHALE_E_NOT_A_NUMBER || s == SHALE_E_OVERFLOW);
    if (s != SHALE_OK) return;
    const int64_t before = entry == nullptr ? 0 : std::strtoll(entry->value.c_str(), nullptr, 10);
    INSIST(result == before + delta);
    Set(key, std::to_string(result), SHALE_TTL_KEEP);
  }
  void Compare() {
    const std::string key = Key(), value = Value();
    const Entry* const entry = Find(key);
    const std::string expected = entry != nullptr && in_.Below(2) == 0 ? entry->value : Value();
    const shale_status want = entry == nullptr           ? SHALE_NOT_FOUND
                              : entry->value == expected ? SHALE_OK
                                                         : SHALE_MISMATCH;
    INSIST(shale_compare_and_set(db_, key.data(), key.size(), expected.data(), expected.size(), value.data(),
                                 value.size(), SHALE_TTL_KEEP, nullptr, 0, nullptr) == want);
    if (want == SHALE_OK) Set(key, value, SHALE_TTL_KEEP);
  }
  void Batch() {
    shale_batch* batch = nullptr;
    INSIST(shale_batch_new(&batch) == SHALE_OK);
    Map after = map_;
    std::swap(after, map_);   // map_ becomes what the batch makes of it
    for (uint64_t left = in_.Below(6); left > 0; left--) {
      const std::string key = Key();
      if (in_.Below(3) == 0) {
        INSIST(shale_batch_delete(batch, key.data(), key.size(), nullptr) == SHALE_OK);
        map_.erase(key);
      } else {
        const std::string value = Value();
        INSIST(shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER,
                               nullptr) == SHALE_OK);
        Set(key, value, SHALE_TTL_NEVER);
      }
    }
    INSIST(shale_write(db_, batch, 0, nullptr) == SHALE_OK);
    shale_batch_free(batch);
  }
  void Range() {
    const std::string from = Key(), to = Key();
    INSIST(shale_delete_range(db_, from.data(), from.size(), to.data(), to.size(), 0, nullptr) == SHALE_OK);
    std::erase_if(map_, [&](const auto& row) { return row.first >= from && row.first < to; });
  }
  void Expire() {
    const std::string key = Key();
    const auto ttl_ms = static_cast<int64_t>(1 + in_.Below(50));
    Entry* const entry = Find(key);
    INSIST(shale_expire(db_, key.data(), key.size(), ttl_ms, 0, nullptr) ==
           (entry != nullptr ? SHALE_OK : SHALE_NOT_FOUND));
    if (entry != nullptr) entry->deadline_ms = Clock().NowMs() + ttl_ms;
  }
  void Scan(const std::string& from, const std::string& to, uint32_t flags) {
    std::vector<std::pair<std::string, std::string>> want;
    for (const auto& [key, entry] : map_) {
      const bool live = entry.deadline_ms == 0 || entry.deadline_ms > Clock().NowMs();
      if (live && key >= from && (to.empty() || key < to)) want.emplace_back(key, entry.value);
    }
    if (flags == SHALE_REVERSE) want = {want.rbegin(), want.rend()};
    shale_iter* iter = nullptr;
    INSIST(shale_iter_new(db_, from.data(), from.size(), to.data(), to.size(), 0, &iter, flags, nullptr) ==
           SHALE_OK);
    for (const auto& [want_key, want_value] : want) {
      const void* key = nullptr;
      const void* value = nullptr;
      size_t key_len = 0, value_len = 0;
      INSIST(shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr) == SHALE_OK);
      INSIST(std::string_view(static_cast<const char*>(key), key_len) == want_key);
      INSIST(std::string_view(static_cast<const char*>(value), value_len) == want_value);
    }
    const void* none = nullptr;
    size_t size = 0;
    INSIST(shale_iter_next(iter, &none, &size, &none, &size, nullptr) == SHALE_END);
    shale_iter_free(iter);
  }

  shale_db* const db_;
  FuzzBytes in_;
  Map map_;
};

}   // namespace

void FuzzCalls(shale::Bytes data) {
  FuzzBytes in(data);
  const bool with_path = in.Below(2) == 1;
  Caller(StoreFor(with_path), in.Rest()).Run();
}

}   // namespace shale_test
