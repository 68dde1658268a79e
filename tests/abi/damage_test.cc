// Damaged stores: an open is refused and has changed no byte, or every read gives the right bytes or says
// CORRUPT. Wrong bytes with OK, and keys that silently are not there, are failures. FLIPS=n sets the number
// of flipped bytes for each kind of file, SEED=n replays.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "abi/damage_kit.h"
#include "abi/store_files.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

namespace fs = std::filesystem;

uint64_t Flips() {
  return EnvNumber("FLIPS", kSanitized ? 8 : 40);
}

// ---- superblock and shard directories
// -------------------------------------------------------------------------------

void HarmSuperblock(const std::string& file, uint64_t way) {
  if (way == 0)
    fs::remove(file);
  else if (way == 1)
    fs::resize_file(file, 0);
  else if (way == 2)
    fs::resize_file(file, fs::file_size(file) / 2);
  else if (way == 3)
    WriteAll(file, std::string(fs::file_size(file), '\0'));
  else
    FlipByte(file, fixture->dice.Below(DataEnd(file)),
             static_cast<unsigned char>(1u << fixture->dice.Below(8)));
}

TEST(the_copies_are_served_undamaged) {
  WantServed(Damage(fixture->clean, "a copy", [](const std::string&) {}), "a copy");
  WantServed(Damage(fixture->unclean, "a copy of an unclean store", [](const std::string&) {}),
             "an unclean copy");
}

TEST(one_good_superblock_is_enough) {
  for (const TempDir* store : {&fixture->clean, &fixture->unclean}) {
    for (const char* name : {"/SHALE-A", "/SHALE-B"}) {
      for (uint64_t way = 0; way < 12; way++) {
        const std::string damage = std::string(name) + " harmed in way " + std::to_string(way);
        WantServed(Damage(*store, damage, [&](const std::string& work) { HarmSuperblock(work + name, way); }),
                   damage);
      }
    }
  }
}

TEST(no_good_superblock_is_refused) {
  for (uint64_t way = 0; way < 12; way++) {
    const std::string damage = "both superblocks harmed in way " + std::to_string(way);
    WantRefused(Damage(fixture->clean, damage,
                       [&](const std::string& work) {
                         HarmSuperblock(work + "/SHALE-A", way);
                         HarmSuperblock(work + "/SHALE-B", way);
                       }),
                damage);
  }
}

TEST(a_missing_shard_is_refused) {
  for (const uint64_t shard : {0u, 1u, 31u, 63u}) {
    const std::string damage = "without shard " + std::to_string(shard);
    WantRefused(Damage(fixture->clean, damage,
                       [&](const std::string& work) { fs::remove_all(ShardDir(work, shard)); }),
                damage);
    WantRefused(Damage(fixture->clean, damage + ", an empty directory in its place",
                       [&](const std::string& work) {
                         fs::remove_all(ShardDir(work, shard));
                         fs::create_directory(ShardDir(work, shard));
                       }),
                damage);
    WantRefused(Damage(fixture->clean, damage + ", a file in its place",
                       [&](const std::string& work) {
                         fs::remove_all(ShardDir(work, shard));
                         WriteAll(ShardDir(work, shard), "a file");
                       }),
                damage);
  }
}

TEST(swapped_shards_are_refused) {
  for (int i = 0; i < 6; i++) {
    const uint64_t one = fixture->dice.Below(64);
    const uint64_t other = (one + 1 + fixture->dice.Below(63)) % 64;
    const std::string damage = "shards " + std::to_string(one) + " and " + std::to_string(other) + " swapped";
    WantRefused(Damage(fixture->clean, damage,
                       [&](const std::string& work) {
                         fs::rename(ShardDir(work, one), work + "/kept");
                         fs::rename(ShardDir(work, other), ShardDir(work, one));
                         fs::rename(work + "/kept", ShardDir(work, other));
                       }),
                damage);
  }
}

TEST(a_shard_of_another_store_is_refused) {
  for (const uint64_t shard : {0u, 17u, 63u}) {
    const std::string damage = "foreign shard " + std::to_string(shard);
    WantRefused(Damage(fixture->clean, damage,
                       [&](const std::string& work) {
                         fs::remove_all(ShardDir(work, shard));
                         CopyStore(ShardDir(fixture->other.path(), shard), ShardDir(work, shard));
                       }),
                damage);
  }
}

TEST(superblocks_of_another_store_are_refused) {
  const std::string damage = "foreign superblocks";
  WantRefused(Damage(fixture->clean, damage,
                     [&](const std::string& work) {
                       for (const char* name : {"/SHALE-A", "/SHALE-B"})
                         WriteAll(work + name, ReadAll(fixture->other.path() + name));
                     }),
              damage);
}

TEST(a_directory_that_is_no_store_is_refused_unchanged) {
  fixture->work.Clear();
  fs::create_directory(fixture->work.path());
  WriteAll(fixture->work.path() + "/letter.txt", "not a store");
  const Outcome outcome = OpenAndRead("a directory with a letter");
  assert_int_equal(outcome.open, SHALE_E_INCOMPATIBLE);
}

// ---- bytes
// ----------------------------------------------------------------------------------------------------------

// Flips bytes of files of one kind in a cleanly closed store.
void FlipInClean(const char* begin, const char* end) {
  Tally tally;
  const std::vector<std::string> files = FindFiles(fixture->clean.path(), begin, end);
  if (files.empty()) Fatal("the store has no file %s*%s", begin, end);
  for (uint64_t i = 0; i < Flips(); i++) {
    const std::string& file = files[fixture->dice.Below(files.size())];
    const std::string name = file.substr(fixture->clean.path().size());
    const uint64_t offset = fixture->dice.Below(DataEnd(file));
    const auto mask = static_cast<unsigned char>(1u << fixture->dice.Below(8));
    const std::string damage =
        name + " with byte " + std::to_string(offset) + " flipped by " + std::to_string(mask);
    const Outcome outcome =
        Damage(fixture->clean, damage, [&](const std::string& work) { FlipByte(work + name, offset, mask); });
    WantNothingMissing(outcome, damage);
    if (outcome.open != SHALE_OK && outcome.shard != ShardOf(file)) {
      Fatal("%s: the error names shard %d", damage.c_str(), outcome.shard);
    }
    tally.Add(outcome);
  }
  tally.Print(*begin != '\0' ? begin : end);
}

TEST(a_flipped_byte_of_a_log_is_never_read_as_good) {
  FlipInClean("", ".seg");
}
TEST(a_flipped_byte_of_a_table_is_never_read_as_good) {
  FlipInClean("", ".ldb");
}
TEST(a_flipped_byte_of_a_manifest_is_never_read_as_good) {
  FlipInClean("MANIFEST-", "");
}
TEST(a_flipped_byte_of_current_is_never_read_as_good) {
  FlipInClean("CURRENT", "");
}

// A process was killed, the machine ran on: the log is whole. So damage before its last record must not be
// taken for the end of the log, and damage in the last record may cost that record only.
TEST(a_flipped_byte_of_an_unclean_log_costs_the_last_record_at_most) {
  Tally tally;
  uint64_t torn = 0;
  const std::vector<std::string> files = FindFiles(fixture->unclean.path(), "", ".seg");
  for (uint64_t i = 0; i < 3 * Flips(); i++) {
    const std::string& file = files[fixture->dice.Below(files.size())];
    const std::string name = file.substr(fixture->unclean.path().size());
    const uint64_t end = DataEnd(file);
    // Half of them near the end, where records wait to be replayed.
    const uint64_t offset =
        fixture->dice.OneIn(2) ? fixture->dice.Below(end) : end - 1 - fixture->dice.Below(end / 4 + 1);
    const std::string damage = name + " (unclean, " + std::to_string(end) + " bytes) with byte " +
                               std::to_string(offset) + " flipped";
    const Outcome outcome = Damage(fixture->unclean, damage,
                                   [&](const std::string& work) { FlipByte(work + name, offset, 0x10); });
    tally.Add(outcome);
    if (outcome.missing.empty()) continue;
    torn++;
    // get and scan both tell it: the same key, twice at most.
    for (const std::string& key : outcome.missing) {
      if (key != outcome.missing[0])
        Fatal("%s: more than one key is lost: %s, %s", damage.c_str(), key.c_str(),
              outcome.missing[0].c_str());
    }
    const auto row = fixture->rows.find(outcome.missing[0]);
    const uint64_t record_bytes_max = 128 + 16 + (row != fixture->rows.end() ? row->second.size() : 0);
    if (offset + record_bytes_max < end)
      Fatal("%s: %s is lost, and was not last", damage.c_str(), outcome.missing[0].c_str());
  }
  tally.Print("log of an unclean store");
  std::printf("  torn last records: %llu\n", static_cast<unsigned long long>(torn));
}

// ---- files
// ----------------------------------------------------------------------------------------------------------

using Harm = std::function<void(const std::string& file)>;

// Each harm on one file of each kind: nothing may be missing silently.
void HarmFiles(const char* begin, const char* end, const char* what, const Harm& harm) {
  Tally tally;
  const std::vector<std::string> files = FindFiles(fixture->clean.path(), begin, end);
  if (files.empty()) Fatal("the store has no file %s*%s", begin, end);
  for (int i = 0; i < 4; i++) {
    const std::string name = files[fixture->dice.Below(files.size())].substr(fixture->clean.path().size());
    const std::string damage = name + " " + what;
    const Outcome outcome =
        Damage(fixture->clean, damage, [&](const std::string& work) { harm(work + name); });
    WantNothingMissing(outcome, damage);
    tally.Add(outcome);
  }
  tally.Print((std::string(*begin != '\0' ? begin : end) + " " + what).c_str());
}

TEST(a_file_that_is_gone_cut_or_zeroed_is_noticed) {
  const std::pair<const char*, const char*> kinds[] = {
      {"", ".seg"}, {"", ".ldb"}, {"MANIFEST-", ""}, {"CURRENT", ""}};
  for (const auto& [begin, end] : kinds) {
    HarmFiles(begin, end, "deleted", [](const std::string& file) { fs::remove(file); });
    HarmFiles(begin, end, "emptied", [](const std::string& file) { fs::resize_file(file, 0); });
    HarmFiles(begin, end, "cut in half",
              [](const std::string& file) { fs::resize_file(file, DataEnd(file) / 2); });
    HarmFiles(begin, end, "cut by one byte",
              [](const std::string& file) { fs::resize_file(file, DataEnd(file) - 1); });
    HarmFiles(begin, end, "zeroed for 512 bytes", [](const std::string& file) {
      std::string bytes = ReadAll(file);
      const size_t at = fixture->dice.Below(DataEnd(file));
      bytes.replace(at, std::min<size_t>(512, bytes.size() - at), std::min<size_t>(512, bytes.size() - at),
                    '\0');
      WriteAll(file, bytes);
    });
  }
}

// The bytes of the same kind of file from another shard of the same store: all checksums inside may be right.
TEST(a_file_of_another_shard_is_noticed) {
  const std::pair<const char*, const char*> kinds[] = {{"", ".seg"}, {"", ".ldb"}, {"MANIFEST-", ""}};
  for (const auto& [begin, end] : kinds) {
    const std::vector<std::string> files = FindFiles(fixture->clean.path(), begin, end);
    HarmFiles(begin, end, "with bytes of another shard", [&](const std::string& file) {
      std::string other;
      do other = files[fixture->dice.Below(files.size())];
      while (ShardOf(other) == ShardOf(file));
      WriteAll(file, ReadAll(other));
    });
  }
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  if (argc == 3 && std::strcmp(argv[1], "--write-and-die") == 0) WriteAndDie(argv[2]);
  fixture = new DamageFixture(TestSeed());
  const int failed = RunTests("damage_test");
  delete fixture;
  if (shale_live_handles() != 0) Fatal("handles are left");
  return failed;
}
