#include "fault/life.h"

#include <cstring>

#include "base/hash.h"
#include "store/superblock.h"

namespace shale_test {

namespace {

constexpr int kPlainKeys = 40, kGroups = 4, kMembers = 5, kCounters = 4;
constexpr size_t kLargeBytes = 70'000;

// Some are long, and the first and last of most tables: the manifest of an index names these, so that a
// record of it takes several pages.
std::string PlainName(int i) {
  const std::string name = std::to_string(i);
  if (i % 8 < 6) return "key" + name;
  return (i % 8 == 6 ? "a" : "z") + name + std::string(static_cast<size_t>(2000 + 100 * i), 'k');
}
std::string MemberName(int group, int member) {
  return "group" + std::to_string(group) + "/" + std::to_string(member);
}
std::string CounterName(int i) {
  return "count" + std::to_string(i);
}

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys;
  for (int i = 0; i < kPlainKeys; i++) keys.push_back(PlainName(i));
  for (int i = 0; i < kCounters; i++) keys.push_back(CounterName(i));
  for (int g = 0; g < kGroups; g++) {
    for (int m = 0; m < kMembers; m++) keys.push_back(MemberName(g, m));
  }
  return keys;
}

}   // namespace

void SetSmall(Options* options, const LifePlan& plan) {
  constexpr const char* kInline[] = {"512B", "4096B", "0", "4096B"};
  options->Set("memory.budget", "12MiB");
  options->Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
  options->Set("index.write_buffer_bytes", "64KiB");
  options->Set("value.inline_max", kInline[plan.seed / 4 % 4]);
  options->Set("compression.threshold", plan.seed / 16 % 4 == 0 ? "64" : "0");
  options->Set("gc.background", plan.seed / 64 % 2 == 0 ? "false" : "true");
  options->Set("durability", plan.durable ? "disk" : "os");
}

void WantDocumented(const char* what, shale_status status, shale_error* err) {
  switch (status) {
    case SHALE_OK:
    case SHALE_NOT_FOUND:
    case SHALE_E_IO:
    case SHALE_E_NO_SPACE:
    case SHALE_E_LIMIT:
    case SHALE_E_READ_ONLY:
      if (status < 0 && *shale_error_message(err) == '\0')
        Fatal("%s: %s without a message", what, shale_status_name(status));
      return;
    default:
      Fatal("%s: %s is not what a failing file is: %s", what, shale_status_name(status),
            shale_error_message(err));
  }
}

StoreState ReadStore(shale_db* db, shale_status* error) {
  *error = SHALE_OK;
  StoreState seen;
  for (const std::string& key : AllKeys()) {
    void* value = nullptr;
    size_t size = 0;
    shale_error* err = nullptr;
    shale_status status = shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err);
    WantDocumented("get", status, err);
    int64_t ttl = SHALE_TTL_NEVER;
    if (status == SHALE_OK) status = shale_ttl(db, key.data(), key.size(), &ttl, 0, &err);
    WantDocumented("ttl", status, err);
    if (status < 0) *error = status;
    if (status == SHALE_OK)
      seen[key] = StateOf(std::string(static_cast<const char*>(value), size), ttl != SHALE_TTL_NEVER);
    shale_mem_free(value);
    shale_error_free(err);
  }
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  shale_status status = shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, &err);
  auto due = seen.begin();
  while (status == SHALE_OK) {
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
    if (status != SHALE_OK) break;
    const std::string row(static_cast<const char*>(key), key_len);
    if (*error != SHALE_OK) continue;
    if (due == seen.end() || due->first != row ||
        due->second.compare(0, due->second.size() - 1, static_cast<const char*>(value), value_len) != 0)
      Fatal("a scan shows %s, where gets show %s", row.c_str(),
            due == seen.end() ? "nothing" : due->first.c_str());
    ++due;
  }
  if (status == SHALE_END) {
    if (*error == SHALE_OK && due != seen.end()) Fatal("a scan misses %s", due->first.c_str());
  } else {
    WantDocumented("a scan", status, err);
    *error = status;
  }
  shale_error_free(err);
  shale_iter_free(iter);
  return seen;
}

std::string CheckStore(const std::string& path, StoreState* seen) {
  Options options;
  SetSmall(&options, LifePlan());
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  const auto told = [&](const char* what, shale_status status) {
    const std::string text =
        std::string(what) + ": " + shale_status_name(status) + ": " + shale_error_message(err);
    shale_error_free(err);
    shale_free(db);
    return text;
  };
  shale_status status = shale_open(path.c_str(), options.get(), &db, &err);
  if (status != SHALE_OK) return told("open", status);
  *seen = ReadStore(db, &status);
  if (status != SHALE_OK) return told("read", status);
  status = shale_close(db, &err);
  if (status != SHALE_OK) return told("close", status);
  shale_free(db);
  db = nullptr;
  int64_t problems = 0;
  char* report = nullptr;
  status = shale_verify_with(path.c_str(), options.get(), nullptr, nullptr, &problems, &report, 0, &err);
  std::string text = status != SHALE_OK ? told("verify", status)
                     : problems != 0    ? std::string("verify: ") + report
                                        : "";
  shale_mem_free(report);
  return text;
}

std::map<std::string, int> ShardsOfKeys(const std::string& path) {
  shale::Fd dir;
  shale::Superblock superblock;
  int damaged = 0;
  if (!shale::OpenDirectory(path, false, &dir).ok() ||
      !shale::ReadSuperblock(dir, &superblock, &damaged).ok())
    Fatal("%s has no superblock", path.c_str());
  shale::HashSecret secret;
  shale::DeriveSecret(superblock.secret_seed.data(), &secret);
  std::map<std::string, int> shards;
  for (const std::string& key : AllKeys()) shards[key] = shale::DiskShardOf(shale::HashKey(secret, key));
  return shards;
}

Life::Life(const LifePlan& plan, std::string root, History* history, DiskRecorder* recorder)
    : plan_(plan), root_(std::move(root)), history_(history), recorder_(recorder), dice_(plan.seed) {}

Deed* Life::Begin(const std::string& what) {
  return history_->Begin(std::to_string(history_->deeds().size()) + " " + what, Now());
}

bool Life::Ended(Deed* deed, shale_status status, shale_error** error) {
  shale_error* const err = *error;
  WantDocumented(deed->what.c_str(), status, err);
  if (status < 0 && failures_ == 0) first_failure_ = deed->what + ": " + shale_error_message(err);
  shale_error_free(err);
  if (status >= 0)
    history_->Acknowledge(deed, Now());
  else
    failures_++;
  return status >= 0;
}

uint32_t Life::Flags(Deed* deed, uint64_t one_in) {
  const bool sync = dice_.OneIn(one_in);
  deed->durable = sync || plan_.durable;
  return (sync ? SHALE_SYNC : 0) | (dice_.OneIn(8) ? SHALE_WRITE_AROUND : 0);
}

// Different each time, so that an old value is known as such.
KeyState Life::ValueFor(const std::string& key, size_t size) {
  std::string value = key.substr(0, 8) + "=" + std::to_string(history_->deeds().size()) + ";";
  uint64_t noise = dice_.Next();
  value.reserve(value.size() + size + 8);
  while (value.size() < size) {
    value.append(reinterpret_cast<const char*>(&noise), sizeof noise);
    noise = noise * 6364136223846793005u + 1442695040888963407u;
  }
  return value;
}

void Life::Put(int i) {
  const std::string key = PlainName(i);
  Deed* const deed = Begin("put " + key.substr(0, 8));
  const size_t size = i % 4 == 0   ? kLargeBytes + dice_.Below(30'000)
                      : i % 4 == 1 ? dice_.Below(5000)
                                   : dice_.Below(300);
  const std::string value = ValueFor(key, size);
  const bool expires = dice_.OneIn(5);
  deed->changes.push_back({key, StateOf(value, expires)});
  shale_error* err = nullptr;
  const uint32_t flags = Flags(deed, 12);
  Ended(deed,
        shale_put(db_, key.data(), key.size(), value.data(), value.size(),
                  expires ? 86'400'000 : SHALE_TTL_NEVER, nullptr, flags, &err),
        &err);
}

void Life::Delete(int i) {
  const std::string key = PlainName(i);
  Deed* const deed = Begin("delete " + key.substr(0, 8));
  deed->changes.push_back({key, KeyState()});
  shale_error* err = nullptr;
  const uint32_t flags = Flags(deed, 12) & SHALE_SYNC;
  const shale_status status = shale_delete(db_, key.data(), key.size(), flags, &err);
  if (status == SHALE_NOT_FOUND) deed->durable = false;   // nothing was written
  Ended(deed, status, &err);
}

// A touch: the value stays where it is.
void Life::Expire(int i) {
  const std::string key = PlainName(i);
  Deed* const deed = Begin("expire " + key.substr(0, 8));
  shale_error* err = nullptr;
  void* value = nullptr;
  size_t size = 0;
  shale_status status = shale_get(db_, key.data(), key.size(), &value, &size, nullptr, 0, &err);
  if (status == SHALE_OK) {
    deed->changes.push_back({key, StateOf(std::string(static_cast<const char*>(value), size), true)});
    const uint32_t flags = Flags(deed, 12) & SHALE_SYNC;
    status = shale_expire(db_, key.data(), key.size(), 90'000'000, flags, &err);
  }
  shale_mem_free(value);
  Ended(deed, status, &err);
}

void Life::Add(int i) {
  const std::string key = CounterName(i);
  Deed* const deed = Begin("incr " + key);
  shale_error* err = nullptr;
  int64_t count = 0;
  const uint32_t flags = Flags(deed, 12) & SHALE_SYNC;
  const shale_status status = shale_incr(db_, key.data(), key.size(), 1, &count, flags, &err);
  counts_[i] = status == SHALE_OK ? static_cast<uint64_t>(count) : counts_[i] + 1;
  deed->changes.push_back({key, StateOf(std::to_string(counts_[i]), false)});
  Ended(deed, status, &err);
}

void Life::Batch(int group) {
  Deed* const deed = Begin("batch " + std::to_string(group));
  shale_batch* batch = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_batch_new(&batch), nullptr, "batch_new");
  for (int m = 0; m < kMembers; m++) {
    const std::string key = MemberName(group, m);
    if (dice_.OneIn(4)) {
      deed->changes.push_back({key, KeyState()});
      Want(SHALE_OK, shale_batch_delete(batch, key.data(), key.size(), &err), &err, "batch_delete");
      continue;
    }
    const std::string value = ValueFor(key, dice_.OneIn(3) ? dice_.Below(9000) : dice_.Below(200));
    deed->changes.push_back({key, StateOf(value, false)});
    Want(SHALE_OK,
         shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, &err),
         &err, "batch_put");
  }
  const uint32_t flags = Flags(deed, 6) & SHALE_SYNC;
  Ended(deed, shale_write(db_, batch, flags, &err), &err);
  shale_batch_free(batch);
}

void Life::DropGroup(int group) {
  Deed* const deed = Begin("drop group " + std::to_string(group));
  const std::string prefix = "group" + std::to_string(group) + "/";
  for (int m = 0; m < kMembers; m++) deed->changes.push_back({MemberName(group, m), KeyState()});
  shale_error* err = nullptr;
  const uint32_t flags = Flags(deed, 3) & SHALE_SYNC;
  Ended(deed, shale_delete_range(db_, prefix.data(), prefix.size(), nullptr, 0, SHALE_PREFIX | flags, &err),
        &err);
}

void Life::Mixed(int count) {
  for (int n = 0; n < count * plan_.scale; n++) {
    const auto plain = static_cast<int>(dice_.Below(kPlainKeys));
    switch (dice_.Below(12)) {
      case 0:
        Delete(plain);
        break;
      case 1:
        Expire(plain);
        break;
      case 2:
        Add(static_cast<int>(dice_.Below(kCounters)));
        break;
      case 3:
      case 4:
        Batch(static_cast<int>(dice_.Below(kGroups)));
        break;
      case 5:
        if (dice_.OneIn(2)) DropGroup(static_cast<int>(dice_.Below(kGroups)));
        break;
      default:
        Put(plain);
    }
  }
}

// Segments fill, and most of what they hold is overwritten.
void Life::Large(int count) {
  for (int n = 0; n < count * plan_.scale; n++) {
    Put(static_cast<int>(dice_.Below(kPlainKeys / 4)) * 4);
    if (dice_.OneIn(3)) Mixed(1);
  }
}

void Life::Barrier(const char* what, shale_status (*call)(shale_db*, shale_error**), bool durable) {
  Deed* const deed = Begin(what);
  deed->barrier = durable;
  shale_error* err = nullptr;
  Ended(deed, call(db_, &err), &err);
}

void Life::Reclaim() {
  Deed* const deed = Begin("reclaim");
  shale_error* err = nullptr;
  Ended(deed, shale_reclaim(db_, nullptr, nullptr, 0, &err), &err);
}

void Life::Backup() {
  Deed* const deed = Begin("backup");
  deed->backup = BackupPath(root_);
  shale_error* err = nullptr;
  Ended(deed, shale_backup(db_, deed->backup.c_str(), nullptr, nullptr, nullptr, nullptr, 0, &err), &err);
}

void Life::ReadAll() {
  shale_status error = SHALE_OK;
  const StoreState seen = ReadStore(db_, &error);
  if (error != SHALE_OK) return;
  if (const std::string wrong = history_->JudgeAfterErrors(seen); !wrong.empty())
    Fatal("read back while open: %s", wrong.c_str());
}

void Life::Session(const std::function<void()>& work) {
  Options options;
  SetSmall(&options, plan_);
  Deed* const deed = Begin("open");
  shale_error* err = nullptr;
  const shale_status status = shale_open(StorePath(root_).c_str(), options.get(), &db_, &err);
  if (!Ended(deed, status, &err)) return;
  work();
  ReadAll();
  int64_t collected = 0;
  if (shale_stat(db_, "gc.segments", &collected, nullptr) == SHALE_OK)
    segments_collected_ += static_cast<uint64_t>(collected);
  Barrier("close", shale_close, true);
  shale_free(db_);
  db_ = nullptr;
}

void Life::Run() {
  Session([this] {
    Mixed(25);
    Barrier("sync", shale_sync, true);
    Mixed(10);
    Barrier("flush", shale_flush, false);
    Large(30);
    Barrier("flush", shale_flush, false);
    Large(30);
    Reclaim();
    Mixed(10);
    Barrier("flush", shale_flush, false);
    Mixed(15);
    Backup();
    Mixed(15);
  });
  Session([this] {
    Mixed(20);
    Reclaim();
    Mixed(5);
  });
}

void Life::KnowCounters(const StoreState& held) {
  for (int i = 0; i < kCounters; i++) {
    const auto found = held.find(CounterName(i));
    counts_[i] = found == held.end() ? 0 : std::stoull(found->second);
  }
}

void Life::RunLater() {
  Session([this] { Mixed(10); });
}

}   // namespace shale_test
