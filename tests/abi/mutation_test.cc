// Every kind of file of a store, harmed in every way, one harm at a time:
//  (1) verify changes nothing and names every file whose content mattered: where an open refuses or a read
//      fails or misses a key, the harmed file is in the report
//  (2) an open or a read never crashes and never gives wrong bytes with OK
//  (3) salvage gives back every key but those whose value lay in the harmed bytes alone, no wrong one, and no
//      deleted one
// MUTATIONS=n sets how many, SEED=n replays.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "abi/damage_kit.h"
#include "abi/store_files.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKinds[][2] = {
    {"", ".seg"}, {"", ".ldb"}, {"MANIFEST-", ""}, {"CURRENT", ""}, {"SHALE-", ""}};
enum Way { kFlip, kZero, kTruncate, kExtend, kDelete, kSwap, kWays };
constexpr const char* kWayNames[] = {"a bit flipped", "512 bytes of zeros",          "cut", "bytes appended",
                                     "deleted",       "swapped with another shard's"};

uint64_t Mutations() {
  return EnvNumber("MUTATIONS", kSanitized ? 20 : 60);
}

struct Mutation {
  std::string what;
  std::vector<std::string> files;         // "/07/00000001.seg", whose content is not what it was
  uint64_t from = 0, upto = UINT64_MAX;   // bytes of files[0] that are not what they were
};

std::vector<std::string> FilesOfKind(const std::string& store, size_t kind) {
  if (std::string(kKinds[kind][0]) == "SHALE-") return {store + "/SHALE-A", store + "/SHALE-B"};
  return FindFiles(store, kKinds[kind][0], kKinds[kind][1]);
}

// Decides on a mutation of the store and does it to the copy.
Mutation Mutate(const TempDir& store, const std::string& work, size_t kind, Way way) {
  Dice& dice = fixture->dice;
  const std::vector<std::string> files = FilesOfKind(store.path(), kind);
  if (files.empty()) Fatal("the store has no file %s*%s", kKinds[kind][0], kKinds[kind][1]);
  const std::string file = files[dice.Below(files.size())];
  const std::string name = file.substr(store.path().size());
  const std::string target = work + name;
  const uint64_t size = fs::file_size(file), end = DataEnd(file);
  Mutation m;
  m.files.push_back(name);
  m.from = dice.Below(end);
  if (way == kFlip) {
    FlipByte(target, m.from, static_cast<unsigned char>(1u << dice.Below(8)));
    m.upto = m.from + 1;
  } else if (way == kZero) {
    std::string bytes = ReadAll(target);
    m.upto = std::min<uint64_t>(m.from + 512, size);
    std::fill(bytes.begin() + static_cast<long>(m.from), bytes.begin() + static_cast<long>(m.upto), '\0');
    WriteAll(target, bytes);
  } else if (way == kTruncate) {
    fs::resize_file(target, m.from);
  } else if (way == kExtend) {
    std::string bytes = ReadAll(target);
    m.from = bytes.size();
    for (uint64_t i = dice.Between(1, 600); i > 0; i--) bytes += static_cast<char>(dice.Below(256));
    WriteAll(target, bytes);
  } else if (way == kDelete) {
    fs::remove(target);
    m.from = 0;
  } else {
    std::string other;
    do other = files[dice.Below(files.size())].substr(store.path().size());
    while (other == name);
    const std::string bytes = ReadAll(target), others = ReadAll(work + other);
    m.from = m.upto = 0;   // every record says where it belongs: nothing need be lost
    if (bytes == others) m.files.clear();
    if (bytes != others) m.files.push_back(other);
    WriteAll(target, others);
    WriteAll(work + other, bytes);
  }
  m.what = name + ", " + kWayNames[way] + " (" + std::to_string(m.from) + " to " +
           std::to_string(std::min(m.upto, size)) + " of " + std::to_string(end) + ")" +
           (m.files.size() > 1 ? " with " + m.files[1] : "");
  return m;
}

// ---- verify

// Names of the files with a problem, from the report.
std::set<std::string> NamedFiles(const std::string& report) {
  std::set<std::string> named;
  for (size_t at = 0; (at = report.find("{\"name\":\"", at)) != std::string::npos;) {
    at += 9;
    const size_t end = report.find('"', at);
    const size_t state = report.find("\"state\":\"", end) + 9;
    if (report.compare(state, 7, "damaged") == 0 || report.compare(state, 10, "suspicious") == 0)
      named.insert("/" + report.substr(at, end - at));
  }
  return named;
}

std::set<std::string> Verify(const std::string& path, const std::string& damage, std::string* text) {
  const uint64_t before = HashStore(path);
  int64_t problems = 0;
  char* report = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_verify(path.c_str(), nullptr, nullptr, &problems, &report, 0, &err), &err,
       damage.c_str());
  if (HashStore(path) != before) Fatal("%s: verify has changed bytes", damage.c_str());
  *text = report;
  shale_mem_free(report);
  const std::set<std::string> named = NamedFiles(*text);
  if (static_cast<int64_t>(named.size()) != problems)
    Fatal("%s: %lld problems, %zu files named", damage.c_str(), static_cast<long long>(problems),
          named.size());
  return named;
}

// ---- salvage

// May the value be lost? Only if it lies in the log alone, and its record in the harmed bytes.
bool MayBeLost(const TempDir& store, const Mutation& m, const std::string& key) {
  const std::string& value = fixture->rows.at(key);
  if (value.size() <= 512) return false;   // in the index too
  for (const std::string& name : m.files) {
    if (!name.ends_with(".seg")) continue;
    const std::string bytes = ReadAll(store.path() + name);
    const size_t at = bytes.find(value);
    if (at == std::string::npos) continue;
    const uint64_t begin = at - key.size() - 32, end = at + value.size();
    if (begin < m.upto && end > m.from) return true;
  }
  return false;
}

void CheckSalvage(const TempDir& store, const Mutation& m) {
  const TempDir rescued("mutation-rescued");
  const std::string& work = fixture->work.path();
  const uint64_t before = HashStore(work);
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_salvage(work.c_str(), rescued.path().c_str(), nullptr, nullptr, &recovered, &suspicious,
                     &dropped, nullptr, 0, &err),
       &err, m.what.c_str());
  if (HashStore(work) != before) Fatal("%s: salvage has changed bytes", m.what.c_str());
  shale_db* db = nullptr;
  Want(SHALE_OK, shale_open(rescued.path().c_str(), nullptr, &db, &err), &err, m.what.c_str());
  shale_iter* iter = nullptr;
  Want(SHALE_OK, shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, &err), &err, "iterator");
  const void* key = nullptr;
  const void* value = nullptr;
  size_t key_len = 0, value_len = 0;
  std::set<std::string> seen;
  while (shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr) == SHALE_OK) {
    const std::string name(static_cast<const char*>(key), key_len);
    const auto row = fixture->rows.find(name);
    if (row == fixture->rows.end()) Fatal("%s: salvage brings %s back", m.what.c_str(), name.c_str());
    if (row->second != std::string_view(static_cast<const char*>(value), value_len))
      Fatal("%s: salvage gives wrong or old bytes for %s", m.what.c_str(), name.c_str());
    seen.insert(name);
  }
  shale_iter_free(iter);
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
  if (static_cast<int64_t>(seen.size()) != recovered)
    Fatal("%s: %lld recovered, %zu there", m.what.c_str(), static_cast<long long>(recovered), seen.size());
  for (const auto& [name, unused] : fixture->rows) {
    if (!seen.contains(name) && !MayBeLost(store, m, name))
      Fatal("%s: %s is lost, and its bytes are not", m.what.c_str(), name.c_str());
  }
  if (dropped + recovered != static_cast<int64_t>(fixture->rows.size()))
    Fatal("%s: %lld dropped, %lld recovered", m.what.c_str(), static_cast<long long>(dropped),
          static_cast<long long>(recovered));
}

// ---- the tests

TEST(good_stores_are_found_good) {
  std::string report;
  for (const TempDir* store : {&fixture->clean, &fixture->unclean}) {
    const auto named = Verify(store->path(), "a good store", &report);
    if (!named.empty()) Fatal("verify of a good store: %s", report.substr(0, 4000).c_str());
  }
}

TEST(what_matters_is_named_and_what_is_left_is_salvaged) {
  uint64_t mattered = 0, harmless_named = 0, total = 0;
  for (uint64_t i = 0; i < Mutations(); i++) {
    const size_t kind = i % std::size(kKinds);
    const Way way = static_cast<Way>(i / std::size(kKinds) % kWays);
    fixture->work.Clear();
    CopyStore(fixture->clean.path(), fixture->work.path());
    const Mutation m = Mutate(fixture->clean, fixture->work.path(), kind, way);
    std::string report;
    const std::set<std::string> named = Verify(fixture->work.path(), m.what, &report);
    CheckSalvage(fixture->clean, m);
    const Outcome outcome = OpenAndRead(m.what);
    total++;
    const bool matters = outcome.open != SHALE_OK || outcome.reported != 0 || !outcome.missing.empty();
    mattered += matters;
    harmless_named += !matters && !named.empty();
    for (const std::string& file : m.files) {
      if (matters && !named.contains(file))
        Fatal("%s: %s is not named by verify: %s", m.what.c_str(), file.c_str(),
              report.substr(0, 400).c_str());
    }
  }
  std::printf("  %llu mutations, %llu mattered and were named, %llu harmless ones were named\n",
              static_cast<unsigned long long>(total), static_cast<unsigned long long>(mattered),
              static_cast<unsigned long long>(harmless_named));
}

// The first table of an index may hold nothing but rows that every index has. Two of one length, swapped: the
// manifests fit, both opens refuse. Verify blamed the directories until it read the row that says whose index
// it is.
TEST(swapped_tables_without_a_key_are_both_named) {
  const std::string& work = fixture->work.path();
  std::map<uint64_t, std::string> by_size;
  uint64_t swapped = 0;
  for (const std::string& file : FindFiles(fixture->clean.path(), "", ".ldb")) {
    const auto [twin, first] = by_size.try_emplace(fs::file_size(file), file);
    if (first || ReadAll(file) == ReadAll(twin->second) || swapped == 10) continue;
    swapped++;
    const std::string name = file.substr(fixture->clean.path().size());
    const std::string other = twin->second.substr(fixture->clean.path().size());
    fixture->work.Clear();
    CopyStore(fixture->clean.path(), work);
    fs::copy_file(file, work + other, fs::copy_options::overwrite_existing);
    fs::copy_file(twin->second, work + name, fs::copy_options::overwrite_existing);
    std::string report;
    const std::set<std::string> named = Verify(work, name + " swapped with " + other, &report);
    if (!named.contains(name) || !named.contains(other))
      Fatal("%s swapped with %s: not named: %s", name.c_str(), other.c_str(), report.substr(0, 400).c_str());
  }
  if (swapped == 0) Fatal("no two tables of one length");
}

// Zeros behind the first record of a manifest pass for space that a power cut left unwritten, and an older
// index for the newest. A store that was closed has none: verify took them for the end, and named a segment.
TEST(a_manifest_that_ends_in_zeros_is_named) {
  const std::string& work = fixture->work.path();
  for (const std::string& file : FindFiles(fixture->clean.path(), "MANIFEST-", "")) {
    const std::string name = file.substr(fixture->clean.path().size());
    if (fixture->dice.Below(8) != 0) continue;
    fixture->work.Clear();
    CopyStore(fixture->clean.path(), work);
    std::string bytes = ReadAll(work + name);
    const size_t record_end =
        7 + static_cast<unsigned char>(bytes[4]) + 256 * static_cast<unsigned char>(bytes[5]);
    if (record_end >= bytes.size()) Fatal("%s has one record only", name.c_str());
    std::fill(bytes.begin() + static_cast<long>(record_end), bytes.end(), '\0');
    WriteAll(work + name, bytes);
    std::string report;
    if (!Verify(work, name + " ends in zeros", &report).contains(name))
      Fatal("%s ends in zeros and is not named: %s", name.c_str(), report.substr(0, 400).c_str());
  }
}

// After a kill the end of the log may look as if it had been written less far; wrong bytes are never read.
TEST(an_unclean_store_never_gives_wrong_bytes) {
  uint64_t served = 0, total = 0;
  for (uint64_t i = 0; i < Mutations() / 4; i++) {
    const size_t kind = i % std::size(kKinds);
    const Way way = static_cast<Way>(i / std::size(kKinds) % kWays);
    fixture->work.Clear();
    CopyStore(fixture->unclean.path(), fixture->work.path());
    const Mutation m = Mutate(fixture->unclean, fixture->work.path(), kind, way);
    std::string report;
    Verify(fixture->work.path(), m.what, &report);
    total++;
    served += OpenAndRead(m.what).open == SHALE_OK;
  }
  std::printf("  %llu mutations of an unclean store, %llu were opened\n",
              static_cast<unsigned long long>(total), static_cast<unsigned long long>(served));
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  if (argc == 3 && std::strcmp(argv[1], "--write-and-die") == 0) WriteAndDie(argv[2]);
  fixture = new DamageFixture(TestSeed());
  const int failed = RunTests("mutation_test");
  delete fixture;
  if (shale_live_handles() != 0) Fatal("handles are left");
  return failed;
}
