#include "model/model.h"

#include <utility>

#include "shale/shale.h"

namespace shale_test {

namespace {
bool Over(int64_t deadline_ms, int64_t now_ms) {
  return deadline_ms != 0 && deadline_ms <= now_ms;
}
}   // namespace

Entry* Model::Find(const std::string& key, int64_t now_ms) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return nullptr;
  if (!Over(it->second.deadline_ms, now_ms)) return &it->second;
  entries_.erase(it);
  return nullptr;
}

int64_t Model::DeadlineFor(const std::string& key, int64_t ttl_ms, int64_t now_ms) {
  if (ttl_ms == SHALE_TTL_KEEP) {
    const Entry* entry = Find(key, now_ms);
    if (entry != nullptr) return entry->deadline_ms;
    ttl_ms = SHALE_TTL_DEFAULT;
  }
  if (ttl_ms == SHALE_TTL_DEFAULT) ttl_ms = default_ttl_ms_;
  int64_t deadline_ms = 0;
  if (ttl_ms <= 0 || __builtin_add_overflow(now_ms, ttl_ms, &deadline_ms)) return 0;
  return deadline_ms;
}

void Model::Put(const std::string& key, Value value, int64_t ttl_ms, int64_t now_ms) {
  const int64_t deadline_ms = DeadlineFor(key, ttl_ms, now_ms);
  entries_[key] = Entry{std::move(value), deadline_ms, 0};
}

void Model::Erase(const std::string& key) {
  entries_.erase(key);
}

void Model::Expire(const std::string& key, int64_t ttl_ms, int64_t now_ms) {
  const int64_t deadline_ms = DeadlineFor(key, ttl_ms, now_ms);
  Entry* entry = Find(key, now_ms);
  if (entry == nullptr) return;
  entry->deadline_ms = deadline_ms;
  entry->version = 0;
}

bool Model::Learn(const std::string& key, int64_t version) {
  const auto it = entries_.find(key);
  if (it == entries_.end() || version <= 0) return false;
  if (it->second.version != 0) return it->second.version == version;
  int64_t& highest = highest_version_[key];
  if (version <= highest) return false;
  highest = version;
  it->second.version = version;
  return true;
}

std::vector<Model::Row> Model::Range(const std::string& from, const std::string& to, int64_t now_ms) const {
  std::vector<Row> rows;
  for (auto it = entries_.lower_bound(from); it != entries_.end() && (to.empty() || it->first < to); ++it) {
    if (!Over(it->second.deadline_ms, now_ms))
      rows.push_back({it->first, it->second.value, it->second.deadline_ms});
  }
  return rows;
}

std::string AfterPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}   // namespace shale_test
