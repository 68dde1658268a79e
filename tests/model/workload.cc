#include "model/workload.h"

#include <cstring>
#include <memory>
#include <set>

namespace shale_test {

namespace {
constexpr size_t kHotKeys = 200;
constexpr size_t kValueBytesMax = 64 << 10;
}   // namespace

Workload::Workload(const Config& config, shale::FakeClock* clock)
    : config_(config),
      clock_(clock),
      dice_(config.seed),
      model_(config.default_ttl_ms),
      buffer_(kValueBytesMax * 3) {
  MakeKeys();
}

Workload::~Workload() {
  while (!held_.empty()) DropPin(held_.size() - 1);
  while (!scans_.empty()) FreeScan(scans_.size() - 1);
  while (!snapshots_.empty()) DropSnapshot(snapshots_.size() - 1);
}

// Shared prefixes, keys that are prefixes of others, zero and 0xFF bytes, long keys, and two of the greatest
// length.
void Workload::MakeKeys() {
  std::set<Key> made;
  while (made.size() < config_.keys) {
    Key key = config_.prefix;
    switch (dice_.Below(4)) {
      case 0:
        key += "user/" + std::to_string(dice_.Below(config_.keys));
        break;
      case 1:
        key += "user/" + std::to_string(dice_.Below(50)) + std::string(dice_.Below(4), '\0');
        break;
      case 2:
        key += std::string(1 + dice_.Below(3), '\xFF') + std::to_string(dice_.Below(config_.keys));
        break;
      default: {
        const size_t size = dice_.OneIn(20) ? dice_.Between(100, 400) : dice_.Between(1, 12);
        for (size_t i = 0; i < size; i++) key += static_cast<char>(dice_.Below(256));
      }
    }
    made.insert(key);
  }
  for (const char last : {'a', 'b'}) {
    made.insert(config_.prefix + std::string(SHALE_KEY_BYTES_MAX - config_.prefix.size() - 1, 'k') + last);
  }
  keys_.assign(made.begin(), made.end());
  for (size_t i = keys_.size() - 1; i > 0; i--) std::swap(keys_[i], keys_[dice_.Below(i + 1)]);
  for (size_t i = 0; i < kHotKeys && i < keys_.size(); i++) {
    // A key of the greatest length among the hot ones would make the log nothing but that key.
    if (keys_[i].size() == SHALE_KEY_BYTES_MAX) std::swap(keys_[i], keys_.back());
  }
}

const Workload::Key& Workload::PickKey() {
  return keys_[dice_.Below(dice_.OneIn(2) ? std::min(kHotKeys, keys_.size()) : keys_.size())];
}

Value Workload::PickValue() {
  const uint64_t kind = dice_.Below(1000);
  if (kind < 60)
    return std::make_shared<std::string>(
        std::to_string(static_cast<int64_t>(dice_.Next()) >> dice_.Below(64)));
  size_t size = 0;
  if (kind < 100)
    size = 0;
  else if (kind < 300)
    size = dice_.Between(1, 40);
  else if (kind < 600)
    size = dice_.Between(500, 524);
  else if (kind < 900)
    size = dice_.Between(525, 2048);
  else if (kind < 985)
    size = dice_.Between(2049, 8192);
  else if (kind < 998)
    size = dice_.Between(8193, 16384);
  else
    size = dice_.OneIn(4) ? kValueBytesMax : dice_.Between(16385, kValueBytesMax);
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; i += 8) {
    const uint64_t random = dice_.Next();
    std::memcpy(bytes.data() + i, &random, std::min<size_t>(8, size - i));
  }
  return std::make_shared<std::string>(std::move(bytes));
}

int64_t Workload::PickTtl(bool keep_allowed) {
  switch (dice_.Below(8)) {
    case 0:
      return SHALE_TTL_NEVER;
    case 1:
      return keep_allowed ? SHALE_TTL_KEEP : SHALE_TTL_NEVER;
    case 2:
      return static_cast<int64_t>(dice_.Between(1, 50));
    case 3:
      return static_cast<int64_t>(dice_.Between(51, 100000));
    case 4:
      return dice_.OneIn(10) ? INT64_MAX : static_cast<int64_t>(dice_.Between(1, 3000));
    default:
      return SHALE_TTL_DEFAULT;
  }
}

void Workload::Differ(const char* what, std::string_view key, const std::string& detail) {
  Fatal("step %llu at %lld ms, %s of key \"%s\": %s", static_cast<unsigned long long>(steps_),
        static_cast<long long>(now()), what, Show(key).c_str(), detail.c_str());
}

void Workload::Expect(shale_status wanted, shale_status seen, const char* what, std::string_view key) {
  if (wanted != seen) {
    Differ(what, key,
           std::string(shale_status_name(seen)) + " instead of " + shale_status_name(wanted) + " " +
               shale_error_message(err_));
  }
  if ((seen < 0) != (err_ != nullptr) || (seen < 0 && shale_error_code(err_) != seen)) {
    Differ(what, key, "the error object does not fit the status");
  }
  shale_error_free(err_);
  err_ = nullptr;
}

void Workload::ExpectBytes(const Value& wanted, const void* data, size_t size, const char* what,
                           std::string_view key) {
  if (size != wanted->size()) {
    Differ(what, key, "length " + std::to_string(size) + " instead of " + std::to_string(wanted->size()));
  }
  if (size != 0 && std::memcmp(data, wanted->data(), size) != 0) {
    Differ(what, key,
           "\"" + Show({static_cast<const char*>(data), size}) + "\" instead of \"" + Show(*wanted) + "\"");
  }
}

void Workload::Learn(const Key& key, int64_t version, const char* what) {
  if (!model_.Learn(key, version)) {
    const Entry* entry = model_.Find(key, now());
    Differ(what, key,
           "version " + std::to_string(version) + " breaks the order, known is " +
               std::to_string(entry != nullptr ? entry->version : -1));
  }
}

bool Workload::CheckRead(shale_status seen, const Entry* entry, uint32_t flags, const char* what,
                         std::string_view key) {
  if (seen == SHALE_WOULD_BLOCK && (flags & SHALE_CACHE_ONLY) != 0 && !config_.memory_only) {
    would_block_seen_++;
    Expect(SHALE_WOULD_BLOCK, seen, what, key);
    return false;
  }
  Expect(entry != nullptr ? SHALE_OK : SHALE_NOT_FOUND, seen, what, key);
  return seen == SHALE_OK;
}

uint32_t Workload::ReadFlags() {
  return (dice_.OneIn(8) ? SHALE_CACHE_ONLY : 0) | (dice_.OneIn(8) ? SHALE_NO_FILL : 0);
}

// The version that a compare call may rely on, read from the store if the model has not learned it; 0 if
// absent.
int64_t Workload::KnownVersion(const Key& key) {
  const Entry* entry = model_.Find(key, now());
  if (entry == nullptr) return SHALE_VERSION_ABSENT;
  if (entry->version == 0) {
    size_t size = 0;
    int64_t version = 0;
    const shale_status status = shale_get_into(db_, key.data(), key.size(), buffer_.data(), buffer_.size(),
                                               &size, &version, 0, &err_);
    Expect(SHALE_OK, status, "get_into for a version", key);
    Learn(key, version, "get_into for a version");
  }
  return entry->version;
}

void Workload::Step() {
  using Verb = void (Workload::*)();
  struct Weighted {
    unsigned weight;
    Verb verb;
  };
  static constexpr Weighted kVerbs[] = {
      {90, &Workload::Get},
      {90, &Workload::GetInto},
      {90, &Workload::GetView},
      {60, &Workload::GetPinned},
      {40, &Workload::Exists},
      {40, &Workload::Ttl},
      {180, &Workload::Put},
      {60, &Workload::Delete},
      {40, &Workload::GetAndSet},
      {40, &Workload::CompareAndSet},
      {40, &Workload::CompareVersionAndSet},
      {20, &Workload::CompareAndDelete},
      {20, &Workload::CompareVersionAndDelete},
      {70, &Workload::Count},
      {30, &Workload::Expire},
      {15, &Workload::Persist},
      {15, &Workload::MultiGet},
      {15, &Workload::MultiGetPacked},
      {8, &Workload::MultiPut},
      {4, &Workload::MultiDelete},
      {6, &Workload::Batch},
      {6, &Workload::WritePacked},
      {3, &Workload::DeleteRange},
      {2, &Workload::NewScan},
      {19, &Workload::StepScan},
      {12, &Workload::UseSnapshot},
  };
  static constexpr unsigned kTotal = [] {
    unsigned sum = 0;
    for (const Weighted& w : kVerbs) sum += w.weight;
    return sum;
  }();
  steps_++;
  auto pick = static_cast<unsigned>(dice_.Below(kTotal));
  for (const Weighted& w : kVerbs) {
    if (pick < w.weight) return (this->*w.verb)();
    pick -= w.weight;
  }
}

void Workload::Closed() {
  for (Scan& scan : scans_) {
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    const shale_status status = shale_iter_next(scan.iter, &key, &key_len, &value, &value_len, &err_);
    Expect(SHALE_E_CLOSED, status, "iter_next after close", "");
  }
  while (!scans_.empty()) FreeScan(scans_.size() - 1);
  SnapshotsClosed();
  // Some pins live on over the next open.
  while (held_.size() > 2) DropPin(0);
}

void Workload::VerifyAll() {
  for (const Key& key : keys_) {
    const Entry* entry = model_.Find(key, now());
    size_t size = 0;
    int64_t version = 0;
    const shale_status status = shale_get_into(db_, key.data(), key.size(), buffer_.data(), buffer_.size(),
                                               &size, &version, 0, &err_);
    if (!CheckRead(status, entry, 0, "verify", key)) continue;
    ExpectBytes(entry->value, buffer_.data(), size, "verify", key);
    Learn(key, version, "verify");
  }
  for (const bool reverse : {false, true}) {
    Scan scan;
    scan.reverse = reverse;
    scan.from = config_.prefix;
    scan.to = AfterPrefix(config_.prefix);
    const shale_status status =
        shale_iter_new(db_, scan.from.data(), scan.from.size(), scan.to.data(), scan.to.size(), 0, &scan.iter,
                       reverse ? SHALE_REVERSE : 0, &err_);
    Expect(SHALE_OK, status, "iter_new to verify", "");
    CollectRows(&scan);
    RunScanToEnd(&scan);
    shale_iter_free(scan.iter);
  }
}

}   // namespace shale_test
