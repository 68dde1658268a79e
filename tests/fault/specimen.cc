#include "fault/specimen.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "fault/file_layer.h"

extern char** environ;

namespace shale_test {

namespace {

constexpr uint64_t kKeys = 48, kGroups = 3, kMembers = 5, kSessions = 3;
constexpr int64_t kFarMs = 365LL * 24 * 3600 * 1000;

bool Sealed(uint64_t seed) {
  return seed % 4 == 3;
}

std::string InlineMax(uint64_t seed) {
  return seed / 4 % 3 == 0 ? "0" : seed / 4 % 3 == 1 ? "512" : "4096";
}

std::string NameOfKey(uint64_t i) {
  const std::string name = "key/" + std::to_string(i);
  return i % 12 == 11 ? name + std::string(700 + 40 * i, 'k') : name;
}

}   // namespace

// The same for one seed whether there is a store or not: what a killed child wrote is drawn again here.
struct Specimen::Draft {
  Draft(uint64_t seed, std::map<std::string, std::string>* rows_now,
        std::map<std::string, std::set<std::string>>* rows_ever)
      : dice(seed), rows(rows_now), ever(rows_ever) {}

  std::string Value(const std::string& key) {
    std::string value = key.substr(0, 12) + " has " + std::to_string(dice.Next()) + ":";
    const size_t more = dice.OneIn(12) ? dice.Below(9000) : dice.OneIn(3) ? dice.Below(1500) : dice.Below(90);
    const bool plain = dice.OneIn(2);   // which zstd can make smaller
    for (size_t i = 0; i < more; i++)
      value += plain ? static_cast<char>('a' + i % 7) : static_cast<char>(dice.Below(256));
    (*ever)[key].insert(value);
    (*rows)[key] = value;
    return value;
  }

  void Put(const std::string& key) {
    const int64_t ttl = dice.OneIn(6) ? kFarMs : SHALE_TTL_NEVER;
    const std::string value = Value(key);
    if (db == nullptr) return;
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_put(db, key.data(), key.size(), value.data(), value.size(), ttl, nullptr, 0, &err),
         &err, "put");
  }

  void Delete(const std::string& key) {
    rows->erase(key);
    shale_error* err = nullptr;
    if (db != nullptr) Want(SHALE_OK, shale_delete(db, key.data(), key.size(), 0, &err), &err, "delete");
  }

  void Batch(const std::string& group) {
    shale_batch* batch = nullptr;
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_batch_new(&batch), nullptr, "batch_new");
    for (uint64_t m = 0; m < kMembers; m++) {
      const std::string key = group + std::to_string(m);
      if (dice.OneIn(5)) {
        rows->erase(key);
        Want(SHALE_OK, shale_batch_delete(batch, key.data(), key.size(), &err), &err, "batch_delete");
      } else {
        const std::string value = Value(key);
        Want(
            SHALE_OK,
            shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, &err),
            &err, "batch_put");
      }
    }
    if (db != nullptr) Want(SHALE_OK, shale_write(db, batch, 0, &err), &err, "write");
    shale_batch_free(batch);
  }

  void DropGroup(const std::string& group) {
    for (uint64_t m = 0; m < kMembers; m++) rows->erase(group + std::to_string(m));
    shale_error* err = nullptr;
    if (db != nullptr)
      Want(SHALE_OK, shale_delete_range(db, group.data(), group.size(), nullptr, 0, SHALE_PREFIX, &err), &err,
           "delete_range");
  }

  void Session(uint64_t number) {
    for (uint64_t i = 0; i < kKeys; i++) {
      if (number == 0 || dice.OneIn(3))
        Put(NameOfKey(i));
      else if (dice.OneIn(8))
        Delete(NameOfKey(i));
      if (i == kKeys / 2 && db != nullptr) Want(SHALE_OK, shale_flush(db, nullptr), nullptr, "flush");
      if (i % 16 == 15) Batch("group" + std::to_string(dice.Below(kGroups)) + "/");
    }
    if (number == 1) DropGroup("group0/");
  }

  void Open(const char* path, const shale_options* options) {
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(path, options, &db, &err), &err, "open of a specimen");
  }

  void Close() {
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_close(db, &err), &err, "close of a specimen");
    shale_free(db);
    db = nullptr;
  }

  Dice dice;
  std::map<std::string, std::string>* const rows;
  std::map<std::string, std::set<std::string>>* const ever;
  shale_db* db = nullptr;
};

Specimen::OwnOptions::OwnOptions(uint64_t seed) {
  Want(SHALE_OK, shale_options_new(&text), nullptr, "options_new");
  Set("memory.budget", OptionMinimum("memory.budget").c_str());
  Set("cache.shards", "1");
  Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str());
  Set("index.write_buffer_bytes", "64KiB");
  Set("background.threads", "2");
  Set("gc.background", "false");
  Set("value.inline_max", InlineMax(seed).c_str());
  if (!Sealed(seed)) return;
  Set("compression.threshold", "64");
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_options_set_key(text, kTestKey, sizeof kTestKey - 1, &err), &err, "key");
}

void Specimen::OwnOptions::Set(const char* name, const char* value) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_options_set(text, name, value, &err), &err, name);
}

void Specimen::WriteAndDie(const char* path, uint64_t seed) {
  std::map<std::string, std::string> rows;
  std::map<std::string, std::set<std::string>> ever;
  Draft draft(seed, &rows, &ever);
  const OwnOptions options(seed);
  SetSystemRandomSeed(seed + 1);
  for (uint64_t session = 0; session < kSessions; session++) {
    draft.Open(path, options.text);
    draft.Session(session);
    if (session + 1 < kSessions) draft.Close();
  }
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

Specimen::Specimen(uint64_t seed, bool unclean) : seed_(seed), options_(seed), read_only_(seed) {
  read_only_.Set("open.read_only", "true");
  if (unclean) read_only_.Set("open.recover_in_memory", "true");
  SetSystemRandomSeed(seed + 1);   // the same hash secret, so the same shards
  const TempDir home("specimen");
  Draft draft(seed, &rows_, &ever_);
  for (uint64_t session = 0; session < kSessions; session++) {
    if (!unclean) draft.Open(home.path().c_str(), options());
    draft.Session(session);
    if (!unclean) draft.Close();
  }
  if (unclean) {
    std::string words[] = {"corruption_test", "--write-and-die", home.path(), std::to_string(seed)};
    char* args[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
    pid_t pid = 0;
    int status = 0;
    if (posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, args, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
      Fatal("the child that leaves an unclean specimen did not get to its end");
  }
  bytes_ = StoreBytes::Of(home.path());
}

bool Specimen::WasEver(const std::string& key, std::string_view value) const {
  const auto found = ever_.find(key);
  return found != ever_.end() && found->second.contains(std::string(value));
}

bool Specimen::LiesIn(const std::string& key, const std::string& file, uint64_t from, uint64_t upto) const {
  const std::string& value = rows_.at(key);
  if (!file.ends_with(".seg")) return false;
  // What is compressed and encrypted cannot be looked for; it may be shorter than it was.
  if (Sealed(seed_)) return true;
  if (value.size() <= std::stoull(InlineMax(seed_))) return false;   // in the index too
  const std::string& bytes = bytes_.files.at(file).data;
  const size_t at = bytes.find(value);
  if (at == std::string::npos) return false;
  const uint64_t begin = at - key.size() - 32, end = at + value.size();
  return begin < upto && end > from;
}

}   // namespace shale_test
