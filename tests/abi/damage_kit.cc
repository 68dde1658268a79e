#include "abi/damage_kit.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "abi/store_files.h"

extern char** environ;

namespace shale_test {

DamageFixture* fixture = nullptr;

namespace {

namespace fs = std::filesystem;
using Rows = std::map<std::string, std::string>;

constexpr uint64_t kKeys = 1500;

// ---- the stores that are damaged
// ------------------------------------------------------------------------------------

std::string KeyOf(uint64_t i) {
  return "key/" + std::to_string(i);
}

std::string ValueOf(uint64_t i, uint64_t round) {
  Dice dice(i * 1000 + round);
  std::string value = KeyOf(i) + " of round " + std::to_string(round) + ":";
  const size_t size = value.size() + (i % 3 == 0 ? 1500 : 40) + dice.Below(200);
  while (value.size() < size) value += static_cast<char>(dice.Below(256));
  return value;
}

// Rows of a store after its rounds: the second one overwrote half of the keys and deleted some.
Rows RowsWritten() {
  Rows rows;
  for (uint64_t i = 0; i < kKeys; i++) {
    if (i % 10 != 9) rows[KeyOf(i)] = ValueOf(i, i % 2);
  }
  return rows;
}

void WriteRounds(shale_db* db) {
  shale_error* err = nullptr;
  for (uint64_t round = 0; round < 2; round++) {
    for (uint64_t i = 0; i < kKeys; i++) {
      const std::string key = KeyOf(i), value = ValueOf(i, round);
      if (round == 1 && i % 10 == 9) {
        Want(SHALE_OK, shale_delete(db, key.data(), key.size(), 0, &err), &err, "delete");
      } else if (round == 0 || i % 2 == 1) {
        Want(SHALE_OK,
             shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0,
                       &err),
             &err, "put");
      }
    }
    if (round == 0) Want(SHALE_OK, shale_flush(db, &err), &err, "flush");
  }
}

// Several segments a shard, and less to copy.
struct SmallSegments : Options {
  SmallSegments() { Set("log.segment_bytes", OptionMinimum("log.segment_bytes").c_str()); }
};

shale_db* OpenNew(const std::string& path) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), SmallSegments().get(), &db, &err), &err, "open of a new store");
  return db;
}

void CloseAndFree(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

void MakeUnclean(const std::string& path) {
  std::string words[] = {"damage_test", "--write-and-die", path};
  char* args[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t pid = 0;
  if (posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, args, environ) != 0)
    Fatal("cannot start a child");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) Fatal("the child did not get to its end");
}

// ---- what a damaged store does
// --------------------------------------------------------------------------------------

bool IsReport(shale_status status) {
  return status == SHALE_E_CORRUPT || status == SHALE_E_IO;
}

// An older value of a key is what a lost last record leaves behind; anything else must be the value itself.
void JudgeValue(const std::string& key, const std::string& wanted, std::string_view seen,
                const std::string& damage, Outcome* outcome) {
  if (seen == wanted) return;
  const uint64_t i = std::stoull(key.substr(4));
  if (seen != ValueOf(i, 0)) Fatal("%s: wrong bytes with OK for %s", damage.c_str(), key.c_str());
  outcome->missing.push_back(key);
}

void ReadAllKeys(shale_db* db, const std::string& damage, Outcome* outcome) {
  for (uint64_t i = 0; i < kKeys; i++) {
    const std::string key = KeyOf(i);
    const auto row = fixture->rows.find(key);
    void* value = nullptr;
    size_t size = 0;
    shale_error* err = nullptr;
    const shale_status status = shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, &err);
    if (status == SHALE_NOT_FOUND) {
      if (row != fixture->rows.end()) outcome->missing.push_back(key);
    } else if (status == SHALE_OK) {
      if (row == fixture->rows.end())
        outcome->missing.push_back(key);   // its delete is missing
      else
        JudgeValue(key, row->second, {static_cast<const char*>(value), size}, damage, outcome);
      shale_mem_free(value);
    } else {
      if (!IsReport(status)) Fatal("%s: a get says %s", damage.c_str(), shale_status_name(status));
      outcome->reported++;
    }
    shale_error_free(err);
  }
}

void ScanAll(shale_db* db, const std::string& damage, Outcome* outcome) {
  shale_iter* iter = nullptr;
  shale_status status = shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, nullptr);
  size_t rows = 0;
  while (status == SHALE_OK) {
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    status = shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr);
    if (status != SHALE_OK) break;
    rows++;
    const std::string name(static_cast<const char*>(key), key_len);
    const auto row = fixture->rows.find(name);
    if (row != fixture->rows.end()) {
      JudgeValue(name, row->second, {static_cast<const char*>(value), value_len}, damage, outcome);
    }
  }
  shale_iter_free(iter);
  if (IsReport(status))
    outcome->reported++;
  else if (status != SHALE_END)
    Fatal("%s: a scan says %s", damage.c_str(), shale_status_name(status));
  else if (rows != fixture->rows.size() && outcome->missing.empty()) {
    Fatal("%s: a scan shows %zu of %zu rows and says END", damage.c_str(), rows, fixture->rows.size());
  }
}

}   // namespace

[[noreturn]] void WriteAndDie(const char* path) {
  WriteRounds(OpenNew(path));
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

Outcome Damage(const TempDir& store, const std::string& what,
               const std::function<void(const std::string& work)>& harm) {
  fixture->work.Clear();
  CopyStore(store.path(), fixture->work.path());
  harm(fixture->work.path());
  return OpenAndRead(what);
}

void WantRefused(const Outcome& outcome, const std::string& damage) {
  if (outcome.open == SHALE_OK) Fatal("%s: the store was opened", damage.c_str());
}

void WantNothingMissing(const Outcome& outcome, const std::string& damage) {
  if (!outcome.missing.empty()) {
    Fatal("%s: %zu keys are missing or older, and nobody says so; the first is %s", damage.c_str(),
          outcome.missing.size(), outcome.missing[0].c_str());
  }
}

void WantServed(const Outcome& outcome, const std::string& damage) {
  if (outcome.open != SHALE_OK) Fatal("%s: open says %s", damage.c_str(), shale_status_name(outcome.open));
  if (outcome.reported != 0)
    Fatal("%s: %llu reads fail", damage.c_str(), static_cast<unsigned long long>(outcome.reported));
  WantNothingMissing(outcome, damage);
}

int32_t ShardOf(const std::string& file) {
  return static_cast<int32_t>(std::stoi(fs::path(file).parent_path().filename().string()));
}

Outcome OpenAndRead(const std::string& damage) {
  Outcome outcome;
  const uint64_t before = HashStore(fixture->work.path());
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  outcome.open = shale_open(fixture->work.path().c_str(), SmallSegments().get(), &db, &err);
  if (outcome.open != SHALE_OK) {
    outcome.shard = shale_error_shard(err);
    if (outcome.open != SHALE_E_CORRUPT && outcome.open != SHALE_E_INCOMPATIBLE &&
        outcome.open != SHALE_E_IO) {
      Fatal("%s: open says %s: %s", damage.c_str(), shale_status_name(outcome.open),
            shale_error_message(err));
    }
    if (HashStore(fixture->work.path()) != before) {
      Fatal("%s: open was refused (%s), but bytes have changed", damage.c_str(), shale_error_message(err));
    }
    shale_error_free(err);
    return outcome;
  }
  ReadAllKeys(db, damage, &outcome);
  ScanAll(db, damage, &outcome);
  // A damaged shard may report itself once more here.
  const shale_status status = shale_close(db, nullptr);
  if (status != SHALE_OK && !IsReport(status))
    Fatal("%s: close says %s", damage.c_str(), shale_status_name(status));
  shale_free(db);
  return outcome;
}

DamageFixture::DamageFixture(uint64_t seed) : rows(RowsWritten()), dice(seed) {
  SetFatalSeed(seed);
  for (const TempDir* dir : {&clean, &other}) {
    shale_db* db = OpenNew(dir->path());
    WriteRounds(db);
    Want(SHALE_OK, shale_flush(db, nullptr), nullptr, "flush");
    CloseAndFree(db);
  }
  MakeUnclean(unclean.path());
}

void Tally::Add(const Outcome& outcome) {
  if (outcome.open != SHALE_OK)
    refused++;
  else if (outcome.reported != 0)
    reported++;
  else
    served++;
}

void Tally::Print(const std::string& what) const {
  std::printf("  %s: %llu refused, %llu reported by a read, %llu served rightly\n", what.c_str(),
              static_cast<unsigned long long>(refused), static_cast<unsigned long long>(reported),
              static_cast<unsigned long long>(served));
}

}   // namespace shale_test
